"""Cells of a CSV table of points or equipment set and emptied, with every other character as it was.

A key that has no column gets one behind the others; the rows that do not write it stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.site import LANGUAGES
from pipeline.sitefile.amend import REMOVED, Patch, Removed, amended, shown
from pipeline.sitefile.csv_text import Cell, records
from pipeline.sitefile.layout import Place
from pipeline.sitefile.table_rows import head_of

Steps = tuple[str | int, ...]
Leaf = str | float | bool | Removed | Patch
_FIELD = re.compile(r'"[^"]*(?:""[^"]*)*"|[^",\r\n]*')
_KEY = "k: "


class _Span(NamedTuple):
    start: int
    end: int
    text: str


def amended_table(text: str, patches: Mapping[Place, Patch]) -> str:
    """The table with each patch laid on the row whose first cell stands there. Raises KeyError where none does."""
    begins = [0, *(found.end() for found in re.finditer("\n", text))]
    lines = list(records(text, ""))
    rows = [[_span(cell, text, begins) for cell in line] for line in lines]
    places = {line[0].mark.place[1:]: row for line, row in zip(lines, rows, strict=True)}
    heads = [_steps(cell) for cell in lines[0]]
    added: list[Steps] = []
    edits = [_Span(rows[0][at].start, rows[0][at].end, _heading(heads[at])) for at in _parted(patches, heads)]
    for place, patch in patches.items():
        edits += _row(places[place], patch, heads, added)
    if added:
        edits.append(_Span(rows[0][-1].end, rows[0][-1].end, "".join(f",{_heading(steps)}" for steps in added)))
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _span(cell: Cell, text: str, begins: list[int]) -> _Span:
    start = begins[cell.mark.line - 1] + cell.mark.column - 1
    found = _FIELD.match(text, start)
    assert found is not None  # a field may be empty
    return _Span(start, found.end(), cell.text)


def _parted(patches: Mapping[Place, Patch], heads: list[Steps]) -> set[int]:
    """Columns of a text in both languages that is to differ now: they become the English one, which means the same."""
    found = set()
    for patch in patches.values():
        for steps, _ in _leaves((), patch, heads):
            if steps[-1] in LANGUAGES and steps[:-1] in heads:
                at = heads.index(steps[:-1])
                heads[at] = (*steps[:-1], LANGUAGES[0])
                found.add(at)
    return found


def _steps(cell: Cell) -> Steps:
    head = head_of(cell)
    if head is None:
        return ()
    return (*map(str, head.keys), *(() if head.item is None else (head.item,)))


def _row(cells: list[_Span], patch: Patch, heads: list[Steps], added: list[Steps]) -> Iterator[_Span]:
    """Cells that are there are replaced; those behind the last one are put after it, with the commas between."""
    behind: dict[int, str] = {}
    inside: dict[int, Patch] = {}
    for steps, value in _leaves((), patch, heads):
        at = next((index for index, head in enumerate(heads) if head and steps[: len(head)] == head), None)
        if at is None and value is REMOVED:
            continue
        if at is None:
            added += [steps] if steps not in added else []
            at = len(heads) + added.index(steps)
        elif heads[at] != steps:
            _nest(inside.setdefault(at, {}), steps[len(heads[at]) :], value)
            continue
        yield from _cell(cells, at, _field(value), behind)
    for at, below in inside.items():
        yield from _cell(cells, at, _quoted(_amended_cell(cells[at].text if at < len(cells) else "", below)), behind)
    if behind:
        last = max(behind)
        text = "".join(f",{behind.get(at, '')}" for at in range(len(cells), last + 1))
        yield _Span(cells[-1].end, cells[-1].end, text)


def _cell(cells: list[_Span], at: int, text: str, behind: dict[int, str]) -> Iterator[_Span]:
    if at < len(cells):
        yield _Span(cells[at].start, cells[at].end, text)
    else:
        behind[at] = text


def _leaves(steps: Steps, patch: Patch, heads: list[Steps]) -> Iterator[tuple[Steps, Leaf]]:
    """The values with their paths; a text for both languages goes into the columns of both where they stand apart."""
    for key, value in patch.items():
        here = (*steps, key)
        below = [head for head in heads if head[: len(here)] == here and len(head) > len(here)]
        if isinstance(value, dict):
            yield from _leaves(here, value, heads)
        elif below:
            yield from ((head, value) for head in below)
        else:
            yield here, value


def _nest(patch: Patch, steps: Steps, value: Leaf) -> None:
    for step in steps[:-1]:
        below = patch.setdefault(str(step), {})
        assert isinstance(below, dict)  # leaves of one patch do not lie inside each other
        patch = below
    patch[str(steps[-1])] = value


def _amended_cell(text: str, patch: Patch) -> str:
    """A cell that holds a mapping in one line, or is to."""
    if not text.startswith("{"):
        return shown(patch)
    return amended(f"a: 0\n{_KEY}{text}", {(2, 1): patch}).partition("\n")[2].removeprefix(_KEY)


def _heading(steps: Steps) -> str:
    return _quoted(".".join(map(str, steps)))


def _field(value: Leaf) -> str:
    if isinstance(value, Removed):
        return ""
    return _quoted(value if isinstance(value, str) else shown(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]|^\s|\s$', text) else text
