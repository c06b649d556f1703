"""A CSV table of points or equipment -> rows as if they were written in YAML, each cell with its place.

Its headings are paths of keys as faults show them: `id`, `range[0]`, `name.en`, `alarms.H.setpoint`.
What the keys mean is checked where points and equipment are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.sitefile.comparisons import POINT
from pipeline.sitefile.context import EVERYTHING, Context
from pipeline.sitefile.fault import shown
from pipeline.sitefile.plant_alarms import ALARM, POINT_ALARM
from pipeline.sitefile.scalars import plain
from pipeline.sitefile.tree import Mapping, Mark, Sequence, parse_cell

_FIELD = re.compile(r'"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)')
_STEP = re.compile(r"[^.\[\]\s]+\Z")
_LAST = re.compile(r"([^.\[\]\s]+)(?:\[([0-9])\])?\Z")
_TEXTS = frozenset({"id", "name", "en", "zh-CN", "alias", "why", "cause", "consequence", "action", "gas"})
"""Keys whose cells are texts, also where they read like a number."""
_REQUIRED = {"points": ("id", "quantity"), "equipment": ("id",)}
Steps = tuple[str | int, ...]


class Cell(NamedTuple):
    """A field of the table and where it begins."""

    text: str
    mark: Mark


class Rows(NamedTuple):
    """`key`: what the rows are in an installation, points or equipment; `tree`: the rows by id, for their paths."""

    key: str
    rows: list[Mapping]
    tree: Mapping


class _Broken(Exception):
    def __init__(self, mark: Mark, found: str, expected: str) -> None:
        self.fault = (mark, found, expected)


def read_rows(text: str, file: str, context: Context) -> Rows:
    """All rows. With a column `use` they are equipment, and the further columns its template's variables."""
    tree = Mapping(Mark(1, 1, file))
    try:
        records = list(_records(text, file))
    except _Broken as broken:
        context.faults.add(*broken.fault)
        note_rows_unread(context)
        return Rows("points", [], tree)
    wrong = _no_table(records, file)
    if wrong is not None:
        context.faults.add(*wrong)
        note_rows_unread(context)
        return Rows("points", [], tree)
    heads = _heads(records[0], context)
    names = [cell.text for cell in records[0]]
    key = "equipment" if "use" in names else "points"
    missing = [name for name in _REQUIRED[key] if name not in names]
    for name in missing:
        context.faults.add(records[0][0].mark, "nothing", f"the column {name}", key=name)
    if missing:
        note_rows_unread(context)
        return Rows(key, [], tree)
    rows = [_row(cells, heads, context) for cells in records[1:]]
    for row in rows:
        id_ = str(row.get("id", f"line {row.mark.line}"))
        tree.put(f"{id_} (line {row.mark.line})" if id_ in tree else id_, row, row.mark)
    return Rows(key, rows, tree)


def note_rows_unread(context: Context) -> None:
    """Rows that cannot be read might be any points: references to them are no further faults."""
    names = (POINT, POINT_ALARM, ALARM, "an equipment")
    context.broken |= {(what, EVERYTHING) for what in names}


def _records(text: str, file: str) -> Iterator[list[Cell]]:
    """Lines with their fields (RFC 4180), without those that hold nothing."""
    position, line, begins = 0, 1, 0
    record: list[Cell] = []
    while True:
        match = _FIELD.match(text, position)
        assert match is not None  # a field may be empty
        mark = Mark(line, position - begins + 1, file)
        quoted = match[1]
        record.append(Cell(match[2].strip() if quoted is None else quoted.replace('""', '"').strip(), mark))
        breaks = match[0].count("\n")
        if breaks:
            line, begins = line + breaks, position + match[0].rindex("\n") + 1
        position = match.end()
        after = text[position : position + 1]
        if after not in {"", ",", "\r", "\n"}:
            raise _quotes(match, after, mark)
        position += 2 if text.startswith("\r\n", position) else 1
        if after == ",":
            continue
        if any(cell.text for cell in record):
            yield record
        if not after:
            return
        record, line, begins = [], line + 1, position


def _quotes(match: re.Match[str], after: str, mark: Mark) -> _Broken:
    if match[1] is not None:
        return _Broken(mark, f"{shown(after)} after a closing quotation mark", "a comma, or the end of the line")
    if not match[2]:
        return _Broken(mark, "a quotation mark that is not closed", "a second one")
    return _Broken(mark, f"a quotation mark behind {shown(match[2])}", 'the cell in quotes, and the mark doubled: ""')


def _no_table(records: list[list[Cell]], file: str) -> tuple[Mark, str, str] | None:
    if not records:
        return Mark(1, 1, file), "no rows", "a table: headings in its first line, such as id, quantity"
    first = records[0][0]
    if len(records[0]) == 1 and re.search(r"[;\t]", first.text):
        return first.mark, f"the headings {shown(first.text)}", "commas between the columns (CSV UTF-8)"
    return None


def _heads(cells: list[Cell], context: Context) -> list[tuple[Steps, Mark] | None]:
    """The path of keys of each column; None for one that cannot be used."""
    heads: list[tuple[Steps, Mark] | None] = []
    seen: dict[Steps, Mark] = {}
    for cell in cells:
        steps = _steps(cell.text)
        clash = [one for one in seen if steps and (one[: len(steps)] == steps or steps[: len(one)] == one)]
        if steps is None and cell.text:
            expected = "a key or a path of keys: id, range[0], name.en, alarms.H.setpoint"
            context.faults.add(cell.mark, f"the heading {shown(cell.text)}", expected)
        elif steps and clash:
            found = f"the heading {cell.text} beside another of the same key, in column {seen[clash[0]].column}"
            context.faults.add(cell.mark, found, "each key in one column")
            steps = None
        elif steps and isinstance(last := steps[-1], int) and last and (*steps[:-1], last - 1) not in seen:
            context.faults.add(cell.mark, f"the heading {cell.text}", f"[{last - 1}] in a column before it")
            steps = None
        if steps:
            seen[steps] = cell.mark
        heads.append((steps, cell.mark) if steps else None)
    return heads


def _steps(heading: str) -> Steps | None:
    *parts, last = heading.split(".")
    match = _LAST.match(last)
    if match is None or not all(_STEP.match(part) for part in parts):
        return None
    return (*parts, match[1]) if match[2] is None else (*parts, match[1], int(match[2]))


def _row(cells: list[Cell], heads: list[tuple[Steps, Mark] | None], context: Context) -> Mapping:
    row = Mapping(cells[0].mark)
    for index, cell in enumerate(cells):
        if not cell.text:
            continue
        if index >= len(heads):
            context.faults.add(cell.mark, shown(cell.text), "no cell beyond the last heading")
        elif (head := heads[index]) is not None:
            steps, place = head
            mark = cell.mark._replace(via=place)
            _put(row, steps, _value(cell.text, steps[-1], mark, context), mark)
    return row


def _value(text: str, key: str | int, mark: Mark, context: Context) -> Any:
    if text[0] == "{" or (text[0] == "[" and key not in _TEXTS):
        value, troubles = parse_cell(text, mark)
        for trouble in troubles:
            context.faults.add(*trouble[:3])
        return value
    value = text if key in _TEXTS else plain(text)
    return text if value is None else value


def _put(row: Mapping, steps: Steps, value: Any, mark: Mark) -> None:
    node: Any = row
    for step, below in itertools.pairwise(steps):
        inner = node.get(step)
        if inner is None:
            inner = Sequence(mark) if isinstance(below, int) else Mapping(mark)
            node.put(step, inner, mark)
        node = inner
    if isinstance(node, Sequence):
        node.put(value, mark)
    else:
        node.put(steps[-1], value, mark)
