"""Reads the statements of a .sql file by their names (`-- name: x` above each).

It does not run them and knows nothing of what they say.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import LiteralString

_HEADER = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load(filename: str) -> dict[str, LiteralString]:
    """Name -> statement of `historian/<filename>`. Raises ValueError when a name stands twice."""
    _, *parts = _HEADER.split((files("historian") / filename).read_text(encoding="utf-8"))
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{filename}: a name stands twice")
    return {name: body.strip() for name, body in zip(names, parts[1::2], strict=True)}
