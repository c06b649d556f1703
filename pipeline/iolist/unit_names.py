"""The many spellings of units on I/O lists -> the unit as a site file writes it. Converts nothing."""

from __future__ import annotations

import re

from pipeline.iolist.sheet import fold
from pipeline.units import UNITS

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "°C": ("c", "degc", "deg.c", "deg c", "℃", "oc", "celsius", "摄氏度", "度", "°c"),
    "°F": ("f", "degf", "deg.f", "deg f", "℉", "华氏度", "°f"),
    "K": ("k", "kelvin"),
    "Pa": ("pa", "帕"),
    "kPa": ("kpa", "千帕"),
    "MPa": ("mpa", "兆帕"),
    "mbar": ("mbar",),
    "bar": ("bar",),
    "psi": ("psi",),
    "mmH2O": ("mmh2o", "mmh20", "mmwc", "mmw.c.", "mmaq", "毫米水柱"),
    "m": ("m", "米", "meter", "metre"),
    "cm": ("cm", "厘米"),
    "mm": ("mm", "毫米"),
    "µm": ("μm", "um", "微米"),
    "%": ("%", "pct", "percent"),
    "%LEL": ("%lel", "lel%", "lel", "% lel", "lel %", "%lfl", "lfl", "%l.e.l"),
    "%VOL": ("%vol", "vol%", "% vol", "vol %", "vol", "%v/v", "v/v%", "%(v/v)", "%v"),
    "ppm": ("ppm", "ppmv"),
    "ppb": ("ppb", "ppbv"),
    "mg/m3": ("mg/m3", "mg/m^3", "mg/立方米"),
    "m3/h": ("m3/h", "m^3/h", "m3/hr", "m3h", "cmh", "方/小时", "立方米/小时", "m3/小时"),
    "m3/min": ("m3/min", "m^3/min"),
    "m3/s": ("m3/s", "m^3/s"),
    "Nm3/h": ("nm3/h", "nm^3/h", "nm3/hr", "nm3h", "标方/小时"),
    "L/h": ("l/h", "l/hr", "升/小时"),
    "L/min": ("l/min", "lpm", "升/分"),
    "L/s": ("l/s",),
    "t/h": ("t/h", "t/hr", "吨/小时", "吨/时"),
    "kg/h": ("kg/h", "kg/hr", "公斤/小时", "千克/小时"),
    "kg/s": ("kg/s",),
    "W": ("w", "瓦"),
    "kW": ("kw", "千瓦"),
    "MW": ("mw", "兆瓦"),
    "kVA": ("kva",),
}
_UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_GAUGE = re.compile(r"(?<=[a-z])[ .·]?(?:\(g\)|\[g\]|g|表压|\(表压\))\Z")
_ABSOLUTE = re.compile(r"(?:[ .·]*[(\[]?(?:a|abs|绝压)[)\]]?)\Z")
OF_RANGE = re.compile(r"%\s*(?:of\s+)?(?:fs|f\.s\.?|span|range|scale|fsd|量程|满量程)", re.IGNORECASE)
"""A share of the range, behind a number or in a heading."""
PRESSURES = frozenset(UNITS["pressure"])


def unit_of(text: str) -> str | None:
    """The unit that the whole text names, or None. Gauge pressures (MPaG, barg) are told in their plain unit."""
    folded = fold(text).casefold().replace("㎥", "m3").replace("*", "").strip("[]{}()'\" ")
    for spelling in (folded, folded.replace(" ", "")):
        if spelling in _UNIT_OF:
            return _UNIT_OF[spelling]
    plain = _GAUGE.sub("", fold(text).casefold().strip())
    return _UNIT_OF[plain] if _UNIT_OF.get(plain) in PRESSURES else None


def is_absolute(text: str) -> bool:
    """Whether the text names an absolute pressure (kPaA, bar(a)), which nothing here can tell in a gauge's unit."""
    folded = fold(text).casefold().strip()
    return bool(_ABSOLUTE.search(folded)) and _UNIT_OF.get(_ABSOLUTE.sub("", folded)) in PRESSURES


_IN_BRACKETS = re.compile(r"[(\[{（【]([^()\[\]{}（）【】]{1,16})[)\]}）】]")


def _unit_or_share(text: str) -> str | None:
    """As `unit_of`; % of the range, however it is said, is %."""
    return "%" if OF_RANGE.fullmatch(fold(text)) else unit_of(text)


def unit_within(text: str) -> str | None:
    """The unit in brackets, or behind the last space or comma: "液位(m)", "Tank level, m". None: none, or several."""
    found = {unit for one in _IN_BRACKETS.findall(text) if (unit := _unit_or_share(one)) is not None}
    if not found:
        last = re.split(r"[\s,;:，；：]|(?=[%％]\Z)", text.strip())
        return unit_of(last[-1]) if len(last) > 1 else None
    return found.pop() if len(found) == 1 else None


def quantities_of(unit: str) -> list[str]:
    """The quantities that are told in it."""
    return [quantity for quantity, units in UNITS.items() if unit in units]
