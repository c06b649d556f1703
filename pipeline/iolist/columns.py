"""Where the headings of a sheet are, and which column holds what. It reads no rows below them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.iolist.headings import USED, Heading, Role, heading_of
from pipeline.iolist.sheet import Sheet, clean, filled_across, fold, letters

LOOKED_AT = 60
"""Rows from the top in which headings are looked for."""
MOST_HEADING_ROWS = 3
_TAG = Role("tag")
_ALIAS = Role("alias")
_BOUNDS = {Role("range_low"): Role("setpoint", "L"), Role("range_high"): Role("setpoint", "H")}
_BARE_BOUND = re.compile(r"[上下]限值?")


class Column(NamedTuple):
    """`at` counts from 0; `heading` as it stands; `unit` of its numbers where the heading names one."""

    at: int
    heading: str
    unit: str | None = None


class Columns(NamedTuple):
    """`first`: the first row of data. Several columns may hold what the instrument is; all else has one."""

    headings: tuple[int, ...]
    first: int
    of: dict[Role, list[Column]]
    unused: list[Column]

    def text(self, row: list[str], role: Role) -> str:
        """The cell of the role; "" where there is none."""
        return next((row[one.at] for one in self.of.get(role, []) if one.at < len(row)), "")

    def unit(self, role: Role) -> str | None:
        """The unit that the heading names."""
        return next((one.unit for one in self.of.get(role, [])), None)

    def words(self) -> list[str]:
        """The mapping for people, one line a column, in the order of the sheet."""
        used = [(one, role.key()) for role, columns in self.of.items() for one in columns]
        told = sorted([*used, *((one, "not used") for one in self.unused)], key=lambda pair: (pair[0].at, pair[1]))
        return [f"{key:16}{letters(one.at):4}{one.heading}" for one, key in told]


def columns_of(sheet: Sheet, given: Mapping[Role, int]) -> Columns | None:
    """The headings with the most columns understood. `given` wins over them; None where no column holds tags."""
    best: tuple[int, ...] = ()
    most = 1
    for top in range(min(LOOKED_AT, len(sheet.rows))):
        if len({text for text in sheet.rows[top] if text}) < 2:
            continue  # blank, or a title
        for rows in (tuple(range(top, top + many)) for many in range(1, MOST_HEADING_ROWS + 1)):
            if rows[-1] >= len(sheet.rows) or (len(rows) > 1 and not _may_be_heading(sheet, rows[-1])):
                break
            roles = {said.role for text in _texts(sheet, rows) if (said := heading_of(text)) and said.role.what in USED}
            if len(roles) > most and (roles | given.keys()) & {_TAG, _ALIAS}:
                best, most = rows, len(roles)
    found = _assigned(_texts(sheet, best) if best else [], best, given)
    return found if _TAG in found.of else None


def _may_be_heading(sheet: Sheet, row: int) -> bool:
    """Below the first row of headings: no number, and something to say."""
    texts = [fold(text) for text in sheet.rows[row] if text]
    return bool(texts) and not any(re.fullmatch(r"[<>≥≤]?[-+]?[0-9.,]+%?\S{0,6}", text) for text in texts)


def _texts(sheet: Sheet, rows: tuple[int, ...]) -> list[str]:
    """One heading a column, from top to bottom; what stands over several columns belongs to each."""
    levels = [filled_across(sheet, row) for row in rows]
    width = max(map(len, levels))
    levels = [[*level, *[""] * (width - len(level))] for level in levels]
    for upper, lower in itertools.pairwise(levels):
        for column in range(1, width):  # a list without merged cells: "setpoint" stands over the first column only
            if not upper[column] and lower[column] and lower[column - 1] and upper[column - 1] != lower[column - 1]:
                upper[column] = upper[column - 1]
    return [
        clean(" ".join(dict.fromkeys(level[column] for level in levels if level[column]))) for column in range(width)
    ]


def _assigned(texts: list[str], rows: tuple[int, ...], given: Mapping[Role, int]) -> Columns:
    of: dict[Role, list[Column]] = {}
    unused: list[Column] = []
    for role, index in given.items():
        heading = texts[index] if index < len(texts) else ""
        said = heading_of(heading)
        of[role] = [Column(index, heading or "(as given)", None if said is None else said.unit)]
    taken = set(given.values())
    for index, text in enumerate(texts):
        if index in taken or not text:
            continue
        said = heading_of(text)
        if said is not None and said.role.what in USED and said.role not in given and _is_free(said, of):
            of.setdefault(said.role, []).append(Column(index, text, said.unit))
        else:
            unused.append(Column(index, text))
    if _TAG not in of and _ALIAS in of:
        of[_TAG] = of.pop(_ALIAS)
    _name_besides(of, unused)
    _trips(of, unused)
    _bounds(of, unused)
    return Columns(rows, rows[-1] + 1 if rows else 0, of, unused)


def _is_free(said: Heading, of: dict[Role, list[Column]]) -> bool:
    """One column a role; but several may say what an instrument is, and two say a text in two languages."""
    many = {"kind": 6, "name": 2, "cause": 2, "consequence": 2, "action": 2}.get(said.role.what, 1)
    return len(of.get(said.role, [])) < many


def _name_besides(of: dict[Role, list[Column]], unused: list[Column]) -> None:
    """Without a description the place, or the instrument's own name, is what people call a point."""
    name = Role("name")
    place = of.pop(Role("location"), [])
    if name in of:
        unused.extend(place)
    elif place:
        of[name] = place
    if name not in of:
        named = [one for one in of.get(Role("kind"), []) if re.search(r"名称|name", one.heading, re.IGNORECASE)]
        if named:
            of[name] = named[:1]


def _trips(of: dict[Role, list[Column]], unused: list[Column]) -> None:
    """The setpoint of a trip is that of the alarm only where the list has no other for the level."""
    for role in [one for one in of if one.what == "trip"]:
        columns = of.pop(role)
        alarm = Role("setpoint", role.level)
        if alarm in of:
            unused.extend(columns)
        else:
            of[alarm] = columns


def _bounds(of: dict[Role, list[Column]], unused: list[Column]) -> None:
    """上限 and 下限 alone are the range's ends; beside a column of ranges, or of 上上限, the alarms H and L."""
    further = [one for role, columns in of.items() if role.level in {"HH", "LL"} for one in columns]
    are_alarms = Role("range") in of or any(re.search(r"上上|下下", one.heading) for one in further)
    for end, alarm in _BOUNDS.items():
        if end in of and are_alarms and all(_BARE_BOUND.fullmatch(fold(one.heading)) for one in of[end]):
            columns = of.pop(end)
            if alarm in of:
                unused.extend(columns)
            else:
                of[alarm] = columns
    if Role("range") in of:
        unused.extend(column for end in _BOUNDS for column in of.pop(end, []))
