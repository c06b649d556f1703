"""Where a place of the files is in their trees: installations[0].points[2].alarms.H. It knows nothing of plants."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from typing import Any

from pipeline.sitefile.tree import Mapping, Mark, Place, Sequence


class Paths:
    """Of `trees`, each file as it was read, by name; the main file first. Worked out when first asked for."""

    def __init__(self, trees: Lookup[str, Mapping | None]) -> None:
        self._trees = trees
        self._order = {file: index for index, file in enumerate(trees)}
        self._paths: dict[str, dict[Place, str]] = {}

    def file(self, mark: Mark) -> str:
        """The name of its file; the main file where it is no place at all."""
        return mark.file or next(iter(self._trees), "")

    def order(self, mark: Mark) -> tuple[int, int, int]:
        """Sorts marks as the files were read, then from top to bottom."""
        return self._order.get(self.file(mark), 0), mark.line, mark.column

    def at(self, mark: Mark) -> str:
        """The path of the key or item at `mark`, in its own file; empty where none stands there."""
        file = self.file(mark)
        if file not in self._paths:
            self._paths[file] = {}
            _walk(self._trees.get(file), "", self._paths[file])
        return self._paths[file].get((file, mark.line, mark.column), "")

    def words(self, mark: Mark) -> str:
        """The place in words: by its line alone in the main file."""
        file = self.file(mark)
        return f"line {mark.line}" if self._order.get(file, 0) == 0 else f"{file}:{mark.line}"


def _walk(node: Any, path: str, paths: dict[Place, str]) -> None:
    if isinstance(node, Mapping):
        for key, value in node.items():
            below = f"{path}.{key}" if path else str(key)
            paths.setdefault(node.marks[key].place, below)  # a row of a table begins where its first cell does
            _walk(value, below, paths)
    elif isinstance(node, Sequence):
        for index, value in enumerate(node):
            below = f"{path}[{index}]"
            paths[node.marks[index].place] = below
            _walk(value, below, paths)
