"""How data is printed: JSON for programs; tables for people."""

from __future__ import annotations

from typing import Any

import typer


def print_json(data: Any) -> None:
    """One JSON document on stdout, UTF-8, indented."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def print_csv(head: list[str], rows: list[list[str]]) -> None:
    """Comma-separated values on stdout; no text in it becomes a formula in a spreadsheet."""
    import csv
    import io

    from hazardwatch.alarm_list.csv_files import escaped

    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head, *([escaped(cell) for cell in row] for row in rows)])
    typer.echo(out.getvalue(), nl=False)


def print_table(head: list[str], rows: list[list[str]], styles: list[str] | None = None) -> None:
    """A table that fits the terminal, one style per row; in a pipe as wide as it needs."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=500)
    table = Table(*head, box=None, pad_edge=False, header_style="bold")
    for row, style in zip(rows, styles or [""] * len(rows), strict=True):
        table.add_row(*map(Text, row), style=style)
    console.print(table)
