"""The text of a CSV file -> its cells, each with its place (RFC 4180). It knows nothing of sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.sitefile.fault import shown
from pipeline.sitefile.tree import Mark

_FIELD = re.compile(r'"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)')


class Cell(NamedTuple):
    """A field of the table and where it begins."""

    text: str
    mark: Mark


class NoTable(Exception):
    """The text is no CSV: where, what was found, what was expected."""

    def __init__(self, mark: Mark, found: str, expected: str) -> None:
        super().__init__(found)
        self.fault = (mark, found, expected)


def records(text: str, file: str) -> Iterator[list[Cell]]:
    """Lines with their fields, without those that hold nothing. Raises NoTable."""
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


def _quotes(match: re.Match[str], after: str, mark: Mark) -> NoTable:
    if match[1] is not None:
        return NoTable(mark, f"{shown(after)} after a closing quotation mark", "a comma, or the end of the line")
    if not match[2]:
        return NoTable(mark, "a quotation mark that is not closed", "a second one")
    return NoTable(mark, f"a quotation mark behind {shown(match[2])}", 'the cell in quotes, and the mark doubled: ""')
