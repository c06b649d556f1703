"""The rows of data of a sheet, with the titles of sections they are under; and which rows are of one point."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.iolist.cells import Cells
from pipeline.iolist.columns import Columns
from pipeline.iolist.headings import Role
from pipeline.iolist.sheet import Sheet, filled_down, fold, is_blank
from pipeline.iolist.tag import looks_like_tag

_TAG = Role("tag")


class Row(NamedTuple):
    """`where` it stands, for people; the title of the `section` it is under ("" without one)."""

    cells: Cells
    where: str
    section: str

    @property
    def key(self) -> str:
        """The tag, the same for tags that differ in case or signs only: they would be taken for one another."""
        return re.sub(r"[^0-9a-z]+", "-", fold(self.cells.text("tag")).casefold()).strip("-")

    @property
    def has_limits(self) -> bool:
        """Whether its sheet has a column of setpoints."""
        return any(role.what == "setpoint" for role in self.cells.columns.of)

    @property
    def says_which_alarm(self) -> bool:
        """Whether each row of its sheet is one alarm."""
        return Role("alarm_type") in self.cells.columns.of and Role("setpoint") in self.cells.columns.of


def rows_of(sheet: Sheet, columns: Columns) -> Iterator[Row]:
    """No blank ones, no headings again on a new page, no titles."""
    section = ""
    headings = [set(map(fold, sheet.rows[row])) for row in columns.headings]
    for index, filled in enumerate(filled_down(sheet)):
        said = [text for text in sheet.rows[index] if text]
        tag = columns.text(filled, _TAG)
        if index < columns.first or not said or _is_heading(said, tag, headings):
            continue
        if len(set(said)) == 1 and not _may_be_tag(tag):
            section = said[0]
        elif any(not is_blank(text) for text in said):
            yield Row(Cells(columns, filled), sheet.where(index), section)


def _is_heading(said: list[str], tag: str, headings: list[set[str]]) -> bool:
    """Whether the row is one of the headings again, or the part of it that fits a page."""
    return any(set(map(fold, said)) <= one for one in headings) and not _may_be_tag(tag)


def _may_be_tag(text: str) -> bool:
    return not is_blank(text) and looks_like_tag(text)


def grouped(rows: list[Row]) -> list[list[Row]]:
    """Rows of one point together; every other row alone, also where its tag stands a second time.

    Of one point are rows that say one alarm each, and a row of an alarm list whose tag is on a list without limits.
    """
    groups: list[list[Row]] = []
    by_key: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: one.has_limits):
        group = by_key.get(row.key) if row.key else None
        if group is not None and (_same_list(group[-1], row) or not any(one.has_limits for one in group)):
            group.append(row)
        else:
            groups.append([row])
            by_key.setdefault(row.key, groups[-1])
    order = {id(row): index for index, row in enumerate(rows)}
    return sorted(groups, key=lambda group: order[id(group[0])])


def _same_list(one: Row, other: Row) -> bool:
    return other.says_which_alarm and one.cells.columns is other.cells.columns
