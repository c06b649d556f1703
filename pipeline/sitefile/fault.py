"""A fault: where in the file, what was found, what was expected; and the gathering of all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.sitefile.tree import Mapping, Mark, Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` and `column` count from 1 (0: the file as a whole).

    `path` is like installations[0].points[2].alarms.H.setpoint.

    A warning is one without `expected`: `found` says all of it.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    nearest: str | None = None


def render_fault(fault: Fault) -> str:
    """One line for people: file, line, path, found, expected, nearest valid name."""
    where = f"{fault.file}:{fault.line}: " if fault.line else f"{fault.file}: "
    path = f"{fault.path}: " if fault.path else ""
    hint = f" (did you mean {fault.nearest}?)" if fault.nearest else ""
    if not fault.expected:
        return f"{where}{path}{fault.found}"
    return f"{where}{path}found {fault.found}; expected {fault.expected}{hint}"


def nearest(word: object, valid: Iterable[str]) -> str | None:
    """The valid name that looks most like the word, if any does."""
    text = str(word)
    names = [str(one) for one in valid]
    folded = {name.casefold(): name for name in names}
    if text.casefold() in folded:
        return folded[text.casefold()]
    close = difflib.get_close_matches(text, names, n=1, cutoff=0.5)
    return close[0] if close else None


def listing(valid: Iterable[str], most: int = 12) -> str:
    """Names for an "expected": all of them, or the first few and how many more."""
    names = list(valid)
    if not names:
        return "none is defined"
    more = f" ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shown(value: Any) -> str:
    """A value as it stands in the file, cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | dict):
        return "a mapping"
    if isinstance(value, Sequence | list):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + '..."'


@dataclass(frozen=True, slots=True)
class _Noted:
    mark: Mark
    key: str | None
    found: str
    expected: str
    nearest: str | None
    path_of: Mark


class Faults:
    """Gathers faults. The same rule at the same place is one fault, however many equipments share the template."""

    def __init__(self) -> None:
        self._noted: dict[tuple[int, int, str | None, str], _Noted] = {}

    def __len__(self) -> int:
        return len(self._noted)

    def add(
        self,
        mark: Mark,
        found: str,
        expected: str,
        *,
        near: str | None = None,
        key: str | None = None,
        rule: str | None = None,
        path_of: Mark | None = None,
    ) -> None:
        """`key` is a key that is missing at `mark`; `rule` makes faults one that are worded differently.

        `path_of`: where the path is taken from, when nothing of the tree stands at `mark`.
        """
        self._noted.setdefault(
            (mark.line, mark.column, key, rule or expected), _Noted(mark, key, found, expected, near, path_of or mark)
        )

    def unknown(self, mark: Mark, word: object, what: str, valid: Iterable[str]) -> None:
        """A reference to something that is not there."""
        names = list(valid)
        expected = f"{what}: {listing(names)}"
        self.add(mark, shown(word), expected, near=nearest(word, names), rule=f"unknown {what} {word}")

    def finish(self, file: str, tree: Mapping | None) -> list[Fault]:
        """All faults in the order of the file, each with its path."""
        if not self._noted:
            return []
        paths = paths_of(tree) if tree is not None else {}
        noted = sorted(self._noted.values(), key=lambda one: (one.mark.line, one.mark.column))
        return [_fault(one, file, paths) for one in noted]


def _fault(one: _Noted, file: str, paths: dict[tuple[int, int], str]) -> Fault:
    path = paths.get((one.path_of.line, one.path_of.column), "")
    if one.key is not None:
        path = f"{path}.{one.key}" if path else one.key
    return Fault(file, one.mark.line, one.mark.column, path, one.found, one.expected, one.nearest)


def paths_of(tree: Mapping) -> dict[tuple[int, int], str]:
    """(line, column) -> path, for every key and item of the file."""
    paths: dict[tuple[int, int], str] = {}
    _walk(tree, "", paths)
    return paths


def _walk(node: Any, path: str, paths: dict[tuple[int, int], str]) -> None:
    if isinstance(node, Mapping):
        for key, value in node.items():
            below = f"{path}.{key}" if path else str(key)
            mark = node.marks[key]
            paths[mark.line, mark.column] = below
            _walk(value, below, paths)
    elif isinstance(node, Sequence):
        for index, value in enumerate(node):
            below = f"{path}[{index}]"
            mark = node.marks[index]
            paths[mark.line, mark.column] = below
            _walk(value, below, paths)
