"""How differences of two configurations are printed: one row each, what loosens in red."""

from __future__ import annotations

from json import dumps
from typing import Any

import typer

from hazardwatch.verbs.output import print_table

_STYLES = {"loosening": "red", "tightening": "green", "neutral": ""}
_MS = {"d": 86_400_000, "h": 3_600_000, "min": 60_000, "s": 1000}


def show_differences(found: list[dict[str, Any]], more: int = 0) -> None:
    """A table on stdout; `more` are not listed."""
    if not found:
        typer.echo("no difference")
        return
    rows = [
        [one["effect"], one["where"], _what(one["what"]), _value(one, "before"), _value(one, "after"), one["reason"]]
        for one in found
    ]
    head = ["effect", "where", "what", "before", "after", "because"]
    print_table(head, rows, [_STYLES[one["effect"]] for one in found])
    if more:
        typer.echo(f"... and {more} more")


def _what(name: str) -> str:
    return name.removesuffix("_ms")


def _value(one: dict[str, Any], side: str) -> str:
    value = one[side]
    if value is None:
        return "-"
    if one["what"].endswith("_ms") and isinstance(value, int):
        return _length(value)
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False)


def _length(ms: int) -> str:
    """As a site file writes it."""
    for unit, size in _MS.items():
        if ms and ms % size == 0:
            return f"{ms // size}{unit}"
    return f"{ms}ms"
