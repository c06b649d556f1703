"""The alarms that a site file configures, for `hazardwatch alarms SITE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hazardwatch.verbs import choosing
from hazardwatch.verbs.output import print_json, print_table

if TYPE_CHECKING:
    from hazardwatch.alarm_list.rows import Row
    from hazardwatch.selection import Selection
    from pipeline.sitefile import Loaded

_COLUMNS = ("type", "class", "priority", "setpoint", "unit", "deadband", "on_delay", "off_delay", "response_time")


def show(site: Path, asked: Selection, *, json: bool, csv: bool) -> None:
    """A table; the objects of `check --expand`; the list of `table export`. Raises ConfigError."""
    from hazardwatch.alarm_list.csv_files import csv_of
    from hazardwatch.sites import load_sound

    loaded, whole = load_sound(site)
    choosing.check(asked, whole)
    chosen = {alarm.id for _, alarm in asked.alarms(whole.installations)}
    if json:
        print_json(_expanded(loaded, chosen))
        return
    rows = _rows(loaded, chosen)
    if csv:
        typer.echo(csv_of(rows), nl=False)
    elif rows:
        head = ["alarm", *(name.replace("_", " ") for name in _COLUMNS), "action"]
        print_table(head, [_cells(row, whole.language) for row in rows])
    else:
        typer.echo("no alarm is like that", err=True)


def _expanded(loaded: Loaded, chosen: set[str]) -> list[dict[str, Any]]:
    from pipeline.sitefile import expanded

    return [one for one in expanded(loaded)["alarms"] if one["alarm"] in chosen]


def _rows(loaded: Loaded, chosen: set[str]) -> list[Row]:
    from hazardwatch.alarm_list.rows import rows_of

    return [row for row in rows_of(loaded) if row.alarm in chosen]


def _cells(row: Row, language: str) -> list[str]:
    told = [row.cells[name] for name in _COLUMNS]
    return [
        row.alarm,
        *("" if cell is None else str(cell) for cell in told),
        str(row.cells[f"action {language}"] or ""),
    ]
