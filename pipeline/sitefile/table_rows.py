"""A CSV table of points or equipment -> rows as if they were written in YAML, each cell with its place.

Its headings are paths of keys as faults show them: `id`, `range[0]`, `name.en`, `alarms.H.setpoint`.
What the keys mean is checked where points and equipment are.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from pipeline.sitefile.comparisons import POINT
from pipeline.sitefile.context import EVERYTHING, Context
from pipeline.sitefile.csv_text import Cell, NoTable, records
from pipeline.sitefile.fault import shown
from pipeline.sitefile.plant_alarms import ALARM, POINT_ALARM
from pipeline.sitefile.scalars import plain
from pipeline.sitefile.tree import Mapping, Mark, Sequence, parse_cell

_KEY = re.compile(r"[^.\[\]\s]+\Z")
_INDEX = re.compile(r"(.+)\[([0-9])\]\Z")
_TEXTS = frozenset({"id", "name", "en", "zh-CN", "alias", "why", "cause", "consequence", "action", "gas"})
"""Keys whose cells are texts, also where they read like a number."""


class Head(NamedTuple):
    """What a column says: the value of a key, or (`item`) of an item of its list."""

    keys: tuple[Any, ...]
    item: int | None
    mark: Mark

    def same(self, other: Head) -> bool:
        """Whether both would say the same thing, or one a part of the other."""
        short = min(len(self.keys), len(other.keys))
        if self.keys[:short] != other.keys[:short]:
            return False
        return self.keys != other.keys or None in (self.item, other.item) or self.item == other.item


class Row(Mapping):
    """A row; what its table has no column for is missing at the headings, once for all rows."""

    __slots__ = ("_columns", "_headings")

    def __init__(self, mark: Mark, columns: frozenset[Any], headings: Mark) -> None:
        super().__init__(mark)
        self._columns = columns
        self._headings = headings

    def missing(self, key: str) -> Mark:
        """The row where its cell is empty, the headings where there is no such column."""
        return self.mark if key in self._columns else self._headings


class Rows(NamedTuple):
    """`key`: what the rows are in an installation, points or equipment; `tree`: the rows by id, for their paths."""

    key: str
    rows: list[Row]
    tree: Mapping


def read_rows(text: str, file: str, context: Context) -> Rows:
    """All rows. With a column `use` they are equipment, and the further columns its template's variables."""
    tree = Mapping(Mark(1, 1, file))
    try:
        first, *lines = _lines(text, file)
    except NoTable as broken:
        context.faults.add(*broken.fault)
        note_rows_unread(context)
        return Rows("points", [], tree)
    heads = _heads(first, context)
    columns = frozenset(head.keys[0] for head in heads if head is not None)
    rows = [_row(cells, heads, Row(cells[0].mark, columns, first[0].mark), context) for cells in lines]
    for row in rows:
        id_ = " ".join(str(row.get("id", f"line {row.mark.line}")).split())
        tree.put(f"{id_} (line {row.mark.line})" if id_ in tree else id_, row, row.mark)
    return Rows("equipment" if "use" in columns else "points", rows, tree)


def note_rows_unread(context: Context) -> None:
    """Rows that cannot be read might be any points: references to them are no further faults."""
    names = (POINT, POINT_ALARM, ALARM, "an equipment")
    context.broken |= {(what, EVERYTHING) for what in names}


def _lines(text: str, file: str) -> list[list[Cell]]:
    """The headings and the rows. Raises NoTable."""
    lines = list(records(text, file))
    if not lines:
        raise NoTable(Mark(1, 1, file), "no rows", "a table: headings in its first line, such as id, quantity")
    first = lines[0][0]
    if len(lines[0]) == 1 and re.search(r"[;\t]", first.text):
        raise NoTable(first.mark, f"the headings {shown(first.text)}", "commas between the columns (CSV UTF-8)")
    return lines


def _heads(cells: list[Cell], context: Context) -> list[Head | None]:
    """What each column says; None for one that cannot be used."""
    heads: list[Head | None] = []
    for cell in cells:
        head = head_of(cell)
        others = [one for one in heads if one is not None]
        clash = next((one for one in others if head is not None and head.same(one)), None)
        if head is None and cell.text:
            expected = "a key or a path of keys: id, range[0], name.en, alarms.H.setpoint"
            context.faults.add(cell.mark, f"the heading {shown(cell.text)}", expected)
        elif clash is not None:
            found = f"the heading {cell.text} beside another of the same key, in column {clash.mark.column}"
            context.faults.add(cell.mark, found, "each key in one column")
        elif head and head.item and not any(one[:2] == (head.keys, head.item - 1) for one in others):
            context.faults.add(cell.mark, f"the heading {cell.text}", f"[{head.item - 1}] in a column before it")
        else:
            heads.append(head)
            continue
        heads.append(None)
    return heads


def head_of(cell: Cell) -> Head | None:
    """What a heading says; None for one that cannot be used."""
    match = _INDEX.match(cell.text)
    path = match[1] if match else cell.text
    keys = path.split(".")
    if not all(_KEY.match(key) for key in keys):
        return None
    # names of states may be numbers
    typed = tuple(key if plain(key) is None else plain(key) for key in keys)
    return Head(typed, int(match[2]) if match else None, cell.mark)


def _row(cells: list[Cell], heads: list[Head | None], row: Row, context: Context) -> Row:
    for index, cell in enumerate(cells):
        if not cell.text:
            continue
        if index >= len(heads):
            context.faults.add(cell.mark, shown(cell.text), "no cell beyond the last heading")
        elif (head := heads[index]) is not None:
            mark = cell.mark._replace(via=head.mark)
            _put(row, head, _value(cell.text, head.keys[-1], mark, context), mark)
    return row


def _value(text: str, key: Any, mark: Mark, context: Context) -> Any:
    if key in _TEXTS:
        return text
    if text[0] in "[{":
        value, troubles = parse_cell(text, mark._replace(via=None))
        for trouble in troubles:
            context.faults.add(*trouble[:3])
        return value
    value = plain(text)
    return text if value is None else value


def _put(row: Mapping, head: Head, value: Any, mark: Mark) -> None:
    node = row
    *above, last = head.keys
    for key in above:
        if key not in node:
            node.put(key, Mapping(mark), mark)
        node = node[key]
    if head.item is None:
        node.put(last, value, mark)
        return
    if last not in node:
        node.put(last, Sequence(mark), mark)
    node[last].put(value, mark)
