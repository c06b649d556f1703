"""All rows of the sheets -> points, and what was not understood, each with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.iolist.columns import Columns, columns_of
from pipeline.iolist.headings import Role
from pipeline.iolist.numbers import NotMeasured, NotUnderstood
from pipeline.iolist.row import Imported, point_of
from pipeline.iolist.rows import Row, grouped, rows_of
from pipeline.iolist.sheet import Sheet


class Unclear(NamedTuple):
    """A row that made no point, or of which something was left out (`tag`, `where`), and why."""

    where: str
    tag: str
    reason: str
    whole: bool
    """Whether nothing of the row came through."""

    def words(self) -> str:
        """One line for people."""
        what = "not imported: " if self.whole else "imported, but "
        return f"{self.where}{', ' if self.tag else ''}{self.tag}: {what}{self.reason}"


class Entry(NamedTuple):
    """A point with where its row stands and the title of the section it is under ("" without one)."""

    point: Imported
    where: str
    section: str


class Headed(NamedTuple):
    """A sheet that is a list, by its name, and how its headings were read."""

    name: str
    columns: Columns


class Understood(NamedTuple):
    """What the sheets gave. `rows`: how many rows of data there were, blank ones and titles aside."""

    sheets: list[Headed]
    entries: list[Entry]
    unclear: list[Unclear]
    rows: int


def understood(sheets: list[Sheet], given: Mapping[Role, int]) -> Understood:
    """The points of all sheets that have headings of a list. A tag makes one point, whatever sheets it is on."""
    headed = [(sheet, columns) for sheet in sheets if (columns := columns_of(sheet, given)) is not None]
    rows = [row for sheet, columns in headed for row in rows_of(sheet, columns)]
    entries: list[Entry] = []
    unclear: list[Unclear] = []
    seen: dict[str, str] = {}
    for group in grouped(rows):
        first = group[0]
        made = _point(group, seen)
        if isinstance(made, str):
            unclear += [Unclear(one.where, one.cells.text("tag"), made, True) for one in group]
        else:
            entries.append(Entry(made, first.where, first.section))
            unclear += [Unclear(first.where, first.cells.text("tag"), reason, False) for reason in made.left_out]
    return Understood([Headed(sheet.name, columns) for sheet, columns in headed], entries, unclear, len(rows))


def _point(group: list[Row], seen: dict[str, str]) -> Imported | str:
    """The point, or why there is none. `seen`: where each tag stood first, kept up.

    A tag counts as seen also on a row that was not clear: the second one may be what is wrong.
    """
    first = group[0]
    try:
        point = point_of([one.cells for one in group])
    except NotMeasured as error:
        return str(error)
    except NotUnderstood as error:
        seen.setdefault(first.key, first.where)
        return str(error)
    where = seen.setdefault(first.key, first.where)
    return point if where == first.where else f"this tag stands a second time (first in {where})"
