"""An edited list held against the site: which attributes of which alarms changed, and every fault of the list. Pure."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from typing import NamedTuple

from hazardwatch.alarm_list.attributes import LISTS, Misread, read_back
from hazardwatch.alarm_list.cells import Found, Value, cell_of, same, value_of
from hazardwatch.alarm_list.columns import (
    ABOUT,
    ALARM,
    BY_TITLE,
    EDITED,
    EXPORTED,
    FROM,
    NOTIFY,
    Column,
    Path,
    column_of,
)
from hazardwatch.alarm_list.rows import Row
from pipeline.sitefile.context import NOWHERE, Context
from pipeline.sitefile.fault import Fault, nearest, shown
from pipeline.sitefile.measures import Measured, in_units
from pipeline.sitefile.scalars import percent, share_of_range
from pipeline.sitefile.tree import Mapping


class Sheet(NamedTuple):
    """A list as it was read: where each column stands (from 0), and the cells of each row by its number in the file."""

    file: str
    columns: dict[str, int]
    rows: list[tuple[int, list[Found]]]


class Change(NamedTuple):
    """One attribute of an alarm, edited; None: there was none, or it was emptied."""

    row: Row
    path: Path
    before: Value | None
    after: Value | None
    line: int
    """Of the list."""

    @property
    def attribute(self) -> str:
        """As people name it: shelving.max."""
        return ".".join(self.path)

    @property
    def column(self) -> Column:
        """In which it stands."""
        return column_of(self.path)


class Reading(NamedTuple):
    """`missing`: alarms of the site that the list does not have; `ignored`: its columns that are none of ours.

    `notified`: alarms of which it says that others are told than the site file does; that is not read back.
    """

    changes: list[Change]
    faults: list[Fault]
    missing: list[str]
    ignored: list[str]
    notified: list[str]
    lines: dict[str, int]
    """Of each alarm of the list, in which row it stands."""


def read_list(sheet: Sheet, rows: Sequence[Row]) -> Reading:
    """What the list changes, against the rows of the site as it is now."""
    ours = {title for title in sheet.columns if title in BY_TITLE}
    others = [one for one in sheet.columns if one not in ours and one.removesuffix(FROM) not in BY_TITLE]
    faults = [
        cell_fault(sheet, 1, one, "a heading that is none of the list", "its heading as exported", meant)
        for one in others
        if (meant := nearest(one, BY_TITLE)) is not None and meant not in ours
    ]
    by_id = {row.alarm: row for row in rows}
    changes: list[Change] = []
    lines: dict[str, int] = {}
    notified: list[str] = []
    for line, found in sheet.rows:
        cells = {title: found[at] if at < len(found) else Found(None) for title, at in sheet.columns.items()}
        id_ = str(value_of(cells[ALARM.title], "words") or "")
        if id_ in lines:
            words = f"{id_} a second time (first in row {lines[id_]})"
            faults.append(cell_fault(sheet, line, ALARM.title, words, "each alarm once"))
        elif id_ not in by_id:
            words = shown(id_) if id_ else "nothing"
            expected = "an alarm of the site (rows are not added here: write the alarm in the site file)"
            faults.append(cell_fault(sheet, line, ALARM.title, words, expected, nearest(id_, by_id) if id_ else None))
        else:
            lines[id_] = line
            changes += _of_row(sheet, line, cells, by_id[id_], faults)
            if _differs(cells, by_id[id_], NOTIFY):
                notified.append(id_)
    missing = [one for one in by_id if one not in lines]
    ignored = [one for one in others if nearest(one, BY_TITLE) in ours | {None}]
    return Reading(changes, faults, missing, ignored, notified, lines)


def cell_fault(
    sheet: Sheet, line: int, title: str, found: str, expected: str, meant: str | None = None, alarm: str = ""
) -> Fault:
    """A fault of a cell: the line is its row, the path names the alarm, the column and the cell as a sheet does."""
    at = sheet.columns.get(title)
    cell = "" if at is None else f" (cell {letters(at)}{line})"
    return Fault(
        sheet.file, line, 0 if at is None else at + 1, f"{alarm} {title}{cell}".strip(), found, expected, meant
    )


def letters(at: int) -> str:
    """The letters of a column, counted from 0."""
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _of_row(sheet: Sheet, line: int, cells: AnyMapping[str, Found], row: Row, faults: list[Fault]) -> list[Change]:
    there = {one.title: cells.get(one.title, Found(row.cells[one.title])) for one in EDITED}
    after, wrong = read_back(there)
    faults += [_misread(sheet, line, row, one) for one in wrong]
    unread = {one.column for one in wrong}
    paths = [*row.attributes, *(path for path in after if path not in row.attributes)]
    changes = [
        Change(row, path, row.attributes.get(path), after.get(path), line)
        for path in paths
        if not _is_same(row, path, after.get(path)) and column_of(path) not in unread
    ]
    exported = value_of(cells.get(EXPORTED.title, Found(None)), "words")
    if exported is not None and exported != row.cells[EXPORTED.title]:
        if changes:
            expected = "a list exported from the site file as it is: it changed this alarm meanwhile"
            faults.append(cell_fault(sheet, line, EXPORTED.title, shown(exported), expected, alarm=row.alarm))
        return []
    faults += [_not_here(sheet, line, cells, row, one) for one in ABOUT[1:] if _differs(cells, row, one)]
    return [one for one in changes if not _is_list(sheet, one, faults)]


def _is_same(row: Row, path: Path, after: Value | None) -> bool:
    before = row.attributes.get(path)
    if isinstance(before, float) and isinstance(after, str) and row.measured is not None:
        return same(before, in_unit(after, path[-1], row.measured))
    return same(before, after)


def in_unit(text: str, key: str, of: Measured) -> Value:
    """A number with a unit of its own, or in % of the range, in the point's unit; any other text as it is."""
    part = percent(text)
    if part is not None and key == "deadband" and of.span is not None:
        return share_of_range(part, *of.span)
    body = Mapping(NOWHERE)
    body.put(key, text, NOWHERE)
    there = in_units(body, of, Context(frozenset(), frozenset()))
    value = text if there is None else there[key]
    return value if isinstance(value, float) else text


def _misread(sheet: Sheet, line: int, row: Row, one: Misread) -> Fault:
    return cell_fault(sheet, line, one.column.title, one.found, one.expected, alarm=row.alarm)


def _differs(cells: AnyMapping[str, Found], row: Row, column: Column) -> bool:
    """Whether what only informs says something else than the site."""
    there = cells.get(column.title)
    return there is not None and value_of(there, "words") != value_of(Found(row.cells[column.title]), "words")


def _not_here(sheet: Sheet, line: int, cells: AnyMapping[str, Found], row: Row, column: Column) -> Fault:
    value, was = value_of(cells[column.title], "words"), row.cells[column.title]
    expected = f"{'nothing' if was is None else shown(was)}: it is changed in the site file, not here"
    found = "nothing" if value is None else shown(value)
    return cell_fault(sheet, line, column.title, found, expected, alarm=row.alarm)


def _is_list(sheet: Sheet, change: Change, faults: list[Fault]) -> bool:
    if change.path[0] not in LISTS:
        return False
    was = cell_of(change.before)
    expected = f"{change.attribute}: {was}, as it is: several names are changed in the site file"
    faults.append(
        cell_fault(sheet, change.line, change.column.title, str(change.after), expected, alarm=change.row.alarm)
    )
    return True
