"""How differences of two configurations are printed: one row each, what loosens in red."""

from __future__ import annotations

from typing import Any

import typer

from hazardwatch.verbs.output import print_table

_STYLES = {"loosening": "red", "tightening": "green", "neutral": ""}


def show_differences(found: list[dict[str, Any]], more: int = 0) -> None:
    """A table on stdout; `more` are not listed."""
    from hazardwatch.difference_words import attribute, shown

    if not found:
        typer.echo("no difference")
        return
    rows = [
        [
            one["effect"],
            one["where"],
            attribute(one["what"]),
            *(shown(one["what"], one[side]) for side in ("before", "after")),
            one["reason"],
        ]
        for one in found
    ]
    head = ["effect", "where", "what", "before", "after", "because"]
    print_table(head, rows, [_STYLES[one["effect"]] for one in found])
    if more:
        typer.echo(f"... and {more} more")
