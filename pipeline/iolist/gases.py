"""The names of gases on I/O lists -> the name a site file gives them. Numbers of gases are elsewhere."""

from __future__ import annotations

import re

from pipeline.iolist.sheet import fold

_NAMES: dict[str, tuple[str, ...]] = {
    "hydrogen sulfide": ("h2s", "硫化氢", "hydrogen sulphide"),
    "carbon monoxide": ("co", "一氧化碳"),
    "ammonia": ("nh3", "氨", "氨气", "液氨"),
    "chlorine": ("cl2", "氯", "氯气", "液氯"),
    "sulfur dioxide": ("so2", "二氧化硫", "sulphur dioxide"),
    "nitrogen dioxide": ("no2", "二氧化氮"),
    "hydrogen chloride": ("hcl", "氯化氢"),
    "hydrogen fluoride": ("hf", "氟化氢"),
    "hydrogen cyanide": ("hcn", "氰化氢"),
    "phosgene": ("cocl2", "光气"),
    "methanol": ("ch3oh", "meoh", "甲醇"),
    "benzene": ("c6h6", "苯"),
    "toluene": ("c7h8", "甲苯"),
    "xylene": ("c8h10", "二甲苯"),
    "acrylonitrile": ("丙烯腈",),
    "vinyl chloride": ("vcm", "氯乙烯"),
    "ozone": ("o3", "臭氧"),
    "phenol": ("苯酚",),
    "carbon dioxide": ("co2", "二氧化碳"),
    "ethylene oxide": ("eo", "环氧乙烷"),
    "bromine": ("br2", "溴"),
    "phosphine": ("ph3", "磷化氢"),
    "arsine": ("ash3", "砷化氢"),
    "formaldehyde": ("hcho", "甲醛"),
    "oxygen": ("o2", "氧", "氧气", "氧含量"),
    "hydrogen": ("h2", "氢", "氢气"),
    "methane": ("ch4", "甲烷"),
}
_GAS_OF = {spelling: gas for gas, spellings in _NAMES.items() for spelling in (gas, *spellings)}
_OXYGEN = re.compile(r"\bo2\b|氧气|氧含量|氧浓度|缺氧|oxygen")


def gas_named(text: str) -> str:
    """The site file's name of the gas that the whole text names; other names stay as they are."""
    return _GAS_OF.get(fold(text).casefold(), text)


def gas_within(text: str) -> str | None:
    """The one toxic gas (or oxygen) that a description speaks of; None where there is none, or several."""
    folded = fold(text).casefold()
    if _OXYGEN.search(folded):
        return "oxygen"
    latin = {_GAS_OF[word] for word in re.findall(r"[a-z]+[0-9][a-z0-9]*", folded) if word in _GAS_OF}
    latin |= {gas for gas in _NAMES if re.search(rf"\b{gas}\b", folded)}
    longest: set[str] = set()
    for spelling in sorted((one for one in _GAS_OF if not one.isascii() and len(one) > 1), key=len, reverse=True):
        if spelling in folded:
            longest.add(_GAS_OF[spelling])
            folded = folded.replace(spelling, " ")
    found = latin | longest
    return found.pop() if len(found) == 1 else None
