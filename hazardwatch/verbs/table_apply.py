"""`hazardwatch table apply`: an edited alarm list back into the site file."""

from __future__ import annotations

from typing import Annotated

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.table_diff import ListFile, show

By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who changes it: the id of a person of the site file.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; written beside each value that is overridden.")]


def apply(site: flags.SiteFile, list_: ListFile, by: By, note: Note, json: flags.Json = False) -> None:
    """Write what an edited list changes into the site file; all other characters of it stay as they are.

    A value that the alarm has of its own is changed in place. One that a template, a class or a preset gives is
    overridden, with the reason. Faults of the list are told all at once, and then nothing is written (exit code 1).
    A running service takes the file with `hazardwatch apply`.

    Example: hazardwatch table apply plant.yaml alarms.xlsx --by zhao.min --note "annual review 2026"
    """
    from hazardwatch.alarm_list.files import edited

    reason = " ".join(note.split())
    if not reason:
        raise typer.BadParameter("say why", param_hint="--note")
    found = edited(site, list_, f"{reason} ({by})", by)
    show(found, json=json)
    if found.outcome.faults:
        typer.echo(f"{site}: nothing was written", err=True)
        raise typer.Exit(1)
    if found.outcome.placed:
        files = found.write()
        typer.echo(f"{', '.join(files)}: {len(found.outcome.placed)} changes written", err=True)
