"""A point's body as a flat list of its values, so that points can be held against each other and put together again."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
FIXED = frozenset(("quantity", "unit", "gas", "states", "priority", "class", "type", "when", "gateway", "period"))
"""Keys whose values make two points different in kind; all other values may be variables of a template."""


def leaves(body: Any, path: Path = ()) -> dict[Path, Any]:
    """Every value by its path, in the order of the body."""
    if isinstance(body, dict):
        parts = [leaves(one, (*path, key)) for key, one in body.items()]
    elif isinstance(body, list):
        parts = [leaves(one, (*path, index)) for index, one in enumerate(body)]
    else:
        return {path: body}
    return {place: value for part in parts for place, value in part.items()}


def is_fixed(path: Path) -> bool:
    """Whether points with different values here are of different kinds."""
    return any(key in FIXED for key in path)


def put_back(body: Any, values: dict[Path, Any], path: Path = ()) -> Any:
    """The body with these values in the places of its own."""
    if isinstance(body, dict):
        return {key: put_back(one, values, (*path, key)) for key, one in body.items()}
    if isinstance(body, list):
        return [put_back(one, values, (*path, index)) for index, one in enumerate(body)]
    return values.get(path, body)
