"""All rows of the sheets -> points, titles of sections, and what was not understood, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.iolist.cells import Cells
from pipeline.iolist.columns import Columns, columns_of
from pipeline.iolist.headings import Role
from pipeline.iolist.numbers import NotUnderstood
from pipeline.iolist.row import Imported, point_of
from pipeline.iolist.sheet import Sheet, filled_down, fold, is_blank
from pipeline.iolist.tag import id_of, looks_like_tag

_TAG = Role("tag")


class Unclear(NamedTuple):
    """A row that made no point, or of which something was left out (`tag`, `where`), and why."""

    where: str
    tag: str
    reason: str
    whole: bool
    """Whether nothing of the row came through."""

    def words(self) -> str:
        """One line for people."""
        what = "" if self.whole else "imported without "
        return f"{self.where}{', ' if self.tag else ''}{self.tag}: {what}{self.reason}"


class Entry(NamedTuple):
    """A point with where its row stands and the title of the section it is under ("" without one)."""

    point: Imported
    where: str
    section: str


class Understood(NamedTuple):
    """What one sheet gave. `rows`: rows of data that were not blank and no titles."""

    sheet: Sheet
    columns: Columns
    entries: list[Entry]
    unclear: list[Unclear]
    rows: int


class _Row(NamedTuple):
    cells: Cells
    where: str
    section: str


def understood(sheet: Sheet, given: Mapping[Role, int], seen: dict[str, str]) -> Understood | None:
    """The sheet's points; None where it has no headings of a list. `seen`: where each tag stood first, kept up."""
    columns = columns_of(sheet, given)
    if columns is None:
        return None
    rows = list(_rows(sheet, columns))
    entries: list[Entry] = []
    unclear: list[Unclear] = []
    for group in _grouped(rows, columns):
        first = group[0]
        tag = first.cells.text("tag")
        try:
            _only_once(tag, first.where, seen)
            point = point_of([one.cells for one in group])
        except NotUnderstood as error:
            unclear += [Unclear(one.where, tag, str(error), True) for one in group]
            continue
        entries.append(Entry(point, first.where, first.section))
        unclear += [Unclear(first.where, tag, reason, False) for reason in point.left_out]
    return Understood(sheet, columns, entries, unclear, len(rows))


def _only_once(tag: str, where: str, seen: dict[str, str]) -> None:
    """Tags that differ in case or signs only would be taken for one another too."""
    key = id_of(tag)[0].casefold()
    if key in seen:
        raise NotUnderstood(f"this tag stands a second time (first in {seen[key]})")
    seen[key] = where


def _rows(sheet: Sheet, columns: Columns) -> Iterator[_Row]:
    """Rows of data: no blank ones, no headings again on a new page, no titles."""
    section = ""
    headings = {_shape(sheet.rows[row]) for row in columns.headings}
    for index, filled in enumerate(filled_down(sheet)):
        said = [text for text in sheet.rows[index] if text]
        if index < columns.first or not said or _shape(sheet.rows[index]) in headings:
            continue
        tag = columns.text(filled, _TAG)
        if len(set(said)) == 1 and (is_blank(tag) or not looks_like_tag(tag)):
            section = said[0]
        elif any(not is_blank(text) for text in said):
            yield _Row(Cells(columns, filled), sheet.where(index), section)


def _shape(row: list[str]) -> tuple[str, ...]:
    return tuple(fold(text) for text in row if text)


def _grouped(rows: list[_Row], columns: Columns) -> list[list[_Row]]:
    """Rows of one point together: where a column says which alarm a row is, the rows of one tag; else each alone."""
    if Role("alarm_type") not in columns.of or Role("setpoint") not in columns.of:
        return [[one] for one in rows]
    groups: dict[str, list[_Row]] = {}
    for index, one in enumerate(rows):
        tag = fold(one.cells.text("tag")).casefold() or f"\n{index}"
        groups.setdefault(tag, []).append(one)
    return list(groups.values())
