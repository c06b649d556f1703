"""The whole way from the sheets of a list to the text of a site file that has no faults. Opens no file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pipeline.errors import ConfigError
from pipeline.iolist.frame import Frame
from pipeline.iolist.gather import Entry, Headed, Unclear, Understood, understood
from pipeline.iolist.headings import Role
from pipeline.iolist.repeats import Plant, with_templates, written_out
from pipeline.iolist.sheet import Sheet
from pipeline.iolist.written import Heading, part_text, site_text
from pipeline.sitefile.expand import expanded
from pipeline.sitefile.fault import Fault
from pipeline.sitefile.loaded import Loaded

Judge = Callable[[str], Loaded]
"""`hazardwatch check` on a text."""
_POINT = re.compile(r"installations\[0\]\.points\[(\d+)\]")
_ALARM = re.compile(r"\.alarms\.([A-Z]+)(?:\.([a-z_]+))?")
_APART = frozenset(("deadband", "on_delay", "off_delay", "response_time"))
"""What an alarm can do without; without the rest it is left out whole."""


class Asked(NamedTuple):
    """What the person asked for. `columns`: given by hand, they win over the headings."""

    installation: str
    name: str
    source: str
    columns: Mapping[Role, int]
    sheet: str | None
    part: bool


class Made(NamedTuple):
    """`text` is None where no row came through. `points`, `alarms` (of limits and switches), `templates`: how many."""

    text: str | None
    sheets: list[Headed]
    unclear: list[Unclear]
    points: int
    alarms: int
    templates: int
    rows: int


def imported(sheets: list[Sheet], asked: Asked, frame: Frame | None, judge: Judge) -> Made:
    """The site file. Without `frame` one is made from the list. Raises ConfigError where no sheet is a list."""
    of = understood(_chosen(sheets, asked), asked.columns)
    if not of.sheets:
        raise ConfigError(_no_headings(sheets, asked))
    frame = frame or _frame(asked, of.entries)
    of = _without_faults(of, asked, frame, judge)
    bodies = [entry.point.body for entry in of.entries]
    if not bodies:
        return Made(None, of.sheets, of.unclear, 0, 0, 0, of.rows)
    plant = with_templates(bodies, asked.installation)
    if not _same(_text(of, asked, frame, written_out(bodies)), _text(of, asked, frame, plant), judge):
        plant = written_out(bodies)
    text = part_text(_heading(asked), of, plant) if asked.part else _text(of, asked, frame, plant)
    alarms = sum(len(body.get("alarms", ())) for body in bodies)
    return Made(text, of.sheets, of.unclear, len(bodies), alarms, len(plant.templates), of.rows)


def _chosen(sheets: list[Sheet], asked: Asked) -> list[Sheet]:
    """All sheets, or the one asked for."""
    if asked.sheet is None:
        return sheets
    chosen = [one for one in sheets if one.name == asked.sheet]
    if not chosen:
        raise ConfigError(f"{asked.source} has no sheet {asked.sheet}: {', '.join(one.name for one in sheets)}")
    return chosen


def _no_headings(sheets: list[Sheet], asked: Asked) -> str:
    names = ", ".join(one.name for one in sheets if one.name)
    return (
        f"{asked.source}{f' (sheets {names})' if names else ''}: no row of headings with a tag and anything else. "
        "Say which column is which: --columns 'tag=A,name=B,unit=C,HH=F'. "
        "(An alarm list of `table export` goes back with `table apply`.)"
    )


def _frame(asked: Asked, entries: list[Entry]) -> Frame:
    """A list in Chinese is read by people in China."""
    names = [entry.point.body.get("name", {}) for entry in entries]
    is_chinese = sum("zh-CN" in name for name in names) > len(names) / 2
    language, zone = ("zh-CN", "Asia/Shanghai") if is_chinese else ("en", "UTC")
    return Frame(asked.installation, "", zone, language)


def _heading(asked: Asked) -> Heading:
    return Heading(asked.source, asked.installation, asked.name)


def _text(of: Understood, asked: Asked, frame: Frame, plant: Plant) -> str:
    return site_text(_heading(asked), frame, of, plant)


def _without_faults(of: Understood, asked: Asked, frame: Frame, judge: Judge) -> Understood:
    """Until `check` finds no fault: what it finds in a point is left out of it, or the point as a whole.

    One fault of a point at a time: what is left out may take others with it.
    """
    while True:
        plain = written_out([entry.point.body for entry in of.entries])
        first = {_index(fault): fault for fault in reversed(judge(_text(of, asked, frame, plain)).faults)}
        if not first:
            return of
        mended = {index: _mended(of.entries[index], fault) for index, fault in sorted(first.items())}
        kept = [mended[index][0] if index in mended else entry for index, entry in enumerate(of.entries)]
        unclear = [*of.unclear, *(told for _, told in mended.values())]
        of = of._replace(entries=[entry for entry in kept if entry is not None], unclear=unclear)


def _index(fault: Fault) -> int:
    """Which point has it. Raises ConfigError: none, so what was asked for is wrong (the installation's id ...)."""
    place = _POINT.match(fault.path)
    if place is None:
        raise ConfigError(f"{fault.path}: found {fault.found}; expected {fault.expected}")
    return int(place[1])


def _mended(entry: Entry, fault: Fault) -> tuple[Entry | None, Unclear]:
    """The point without what has the fault; None where nothing is left of it."""
    body: dict[str, Any] = entry.point.body
    reason = f"found {fault.found}; expected {fault.expected}"
    alarm, key = _ALARM.findall(fault.path)[0] if _ALARM.search(fault.path) else ("", "")
    if alarm not in body.get("alarms", {}):
        return None, Unclear(entry.where, entry.point.id, reason, True)
    kept = dict(body["alarms"])
    if key in _APART:
        kept[alarm] = {name: value for name, value in kept[alarm].items() if name != key}
    else:
        del kept[alarm]
    mended = {name: value for name, value in (body | {"alarms": kept}).items() if name != "alarms" or kept}
    part = f"{alarm}.{key}" if key in _APART else alarm
    return entry._replace(point=replace(entry.point, body=mended)), Unclear(
        entry.where, entry.point.id, f"{part}: {reason}", False
    )


def _same(one: str, other: str, judge: Judge) -> bool:
    """Whether both texts mean the same points and alarms, whatever equipment the points are grouped under."""
    sites = [judge(text) for text in (one, other)]
    return not sites[1].faults and _meaning(sites[0]) == _meaning(sites[1])


def _meaning(loaded: Loaded) -> list[dict[str, Any]]:
    shown = expanded(loaded)
    told = [*shown["points"], *shown["alarms"]]
    bare = [{key: value for key, value in one.items() if key not in {"origin", "equipment"}} for one in told]
    return sorted(bare, key=lambda one: str(one.get("alarm", one.get("point"))))
