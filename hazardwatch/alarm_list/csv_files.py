"""The alarm list as CSV. The columns that say where values come from stand behind the others."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

from hazardwatch.alarm_list.cells import Cell, Found
from hazardwatch.alarm_list.columns import ALARM, COLUMNS, EDITED, FROM
from hazardwatch.alarm_list.read_list import Sheet
from hazardwatch.alarm_list.rows import Row
from pipeline.errors import ConfigError
from pipeline.iolist.files import decoded

_FORMULA = tuple("=+-@\t\r'")
"""A spreadsheet takes a text that begins so for a formula, or hides its apostrophe."""


def csv_of(rows: Sequence[Row]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*(one.title for one in COLUMNS), *(one.title + FROM for one in EDITED)])
    for row in rows:
        values = [escaped(row.cells[one.title]) for one in COLUMNS]
        writer.writerow([*values, *(escaped(row.sources.get(one.title)) for one in EDITED)])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def escaped(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _unescaped(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def sheet_of_csv(data: bytes, name: str) -> Sheet:
    """The list of a CSV file, whatever a spreadsheet saved it as: UTF-8, UTF-16 or GB 18030; , ; or tab.

    Raises ConfigError when it is none.
    """
    text = decoded(Path(name), data)
    rows = next((rows for mark in ",;\t" if _has_heading(rows := _rows(text, mark))), None)
    if rows is None:
        raise ConfigError(f"{name}: the first row has no heading {ALARM.title!r}: is it a list of `table export`?")
    columns: dict[str, int] = {}
    for at, title in enumerate(rows[0][1]):
        if title.strip():
            columns.setdefault(title.strip(), at)
    found = [
        (line, [Found(_unescaped(cell)) for cell in cells]) for line, cells in rows[1:] if any(map(str.strip, cells))
    ]
    return Sheet(name, columns, found)


def _rows(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """With the number of each row as a spreadsheet counts, where a cell may hold several lines.

    Empty where this separator leaves a cell larger than any.
    """
    try:
        return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1))
    except csv.Error:
        return []


def _has_heading(rows: list[tuple[int, list[str]]]) -> bool:
    return bool(rows) and ALARM.title in (cell.strip() for cell in rows[0][1]) and len(rows[0][1]) > 1
