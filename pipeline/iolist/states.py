"""Switches and contacts: what 0 and 1 mean, as far as the list says it, and the alarm that follows. Guesses neither."""

from __future__ import annotations

import re
from typing import Any

from pipeline.iolist.alarms import LEVELS
from pipeline.iolist.cells import Cells
from pipeline.iolist.quantity import alarm_named
from pipeline.iolist.sheet import LONGEST_WORDS, fold

_MEANING = re.compile(r"(?<![0-9])([01])\s*(?:[=:：]|是|为|表示|\s|-)\s*([^\s\d=:,;，；。、/()|]+)")
_REVERSED = re.compile(r"([^\s\d=:,;，；。、/()|]+)\s*(?:[=:]|为)\s*([01])(?![0-9])")
_ALARMED = re.compile(r"报警|动作|触发|异常|故障|超限|高高|低低|trip|alarm|abnormal|fault|\bact", re.IGNORECASE)
_UNKNOWN: dict[int, str] = {0: "off", 1: "on"}
"""Of the signal itself, whatever it means."""


def state_of(rows: list[Cells], tag: str, left_out: list[str]) -> dict[str, Any]:
    """`states`, and the digital alarm where the list says which state it is."""
    cells = rows[0]
    states = _states(cells)
    name, at = _asked(rows, tag, left_out)
    alarmed = [number for number, word in (states or {}).items() if _ALARMED.search(word)]
    if at is None and len(alarmed) == 1:
        at = alarmed[0]
    body: dict[str, Any] = {"states": states or dict(_UNKNOWN)}
    if at is None and name is not None:
        left_out.append(f"{name}: nothing says whether 0 or 1 is the alarm (a column of states such as 0=正常 1=报警)")
    elif at is not None:
        name = name or "ALARM"
        attributes = cells.attributes("", left_out) | cells.attributes(name, left_out)
        attributes.pop("deadband", None)
        body["alarms"] = {name: {"type": "digital", "when": body["states"][at], **attributes}}
    return body


def _states(cells: Cells) -> dict[int, str] | None:
    """Both meanings, where one cell gives both."""
    for text in (cells.text("states"), *cells.all("kind"), *cells.all("name"), cells.text("remark")):
        folded = fold(text[:LONGEST_WORDS])
        found = {int(number): word for number, word in _MEANING.findall(folded)}
        if len(found) < 2:
            found = {int(number): word for word, number in _REVERSED.findall(folded)}
        if len(found) == 2 and found[0] != found[1]:
            return {number: found[number] for number in sorted(found)}
    return None


def _asked(rows: list[Cells], tag: str, left_out: list[str]) -> tuple[str | None, int | None]:
    """The alarm that the tag's letters or a filled column of limits ask for, and the state where it says 0 or 1."""
    filled = {level: text for cells in rows for level in LEVELS if (text := fold(cells.text("setpoint", level)))}
    name = alarm_named(tag) or next(iter(filled), None)
    mine = name if name in filled else next(iter(filled), None)
    left_out += [
        f"{level}: {text!r} of a switch whose alarm is {name}" for level, text in filled.items() if level != mine
    ]
    said = filled.get(mine or "", "")
    return name, int(said) if said in {"0", "1"} else None
