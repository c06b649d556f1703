"""`hazardwatch table apply`: an edited alarm list back into the site file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.table_diff import ListFile, show

if TYPE_CHECKING:
    from pipeline.site import Site

By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who changes it: the id of a person of the site file.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; written beside each value that is overridden.")]


def apply(site: flags.SiteFile, list_: ListFile, by: By, note: Note, json: flags.Json = False) -> None:
    """Write what an edited list changes into the site file; all other characters of it stay as they are.

    A value that the alarm has of its own is changed in place. One that a template, a class or a preset gives is
    overridden, with the reason. Faults of the list are told all at once, and then nothing is written (exit code 1).
    A running service takes the file with `hazardwatch apply`.

    Example: hazardwatch table apply plant.yaml alarms.xlsx --by zhao.min --note "annual review 2026"
    """
    from hazardwatch.alarm_list.files import edited, replaced
    from hazardwatch.sites import sound_site

    reason = " ".join(note.split())
    if not reason:
        raise typer.BadParameter("say why", param_hint="--note")
    _known(sound_site(site)[0], by)
    found = edited(site, list_, f"{reason} ({by})")
    show(found, json=json)
    if found.outcome.faults:
        typer.echo(f"{site}: nothing was written", err=True)
        raise typer.Exit(1)
    if found.outcome.placed:
        replaced(site, found.data)
        typer.echo(f"{site}: {len(found.outcome.placed)} changes written", err=True)


def _known(site: Site, by: str) -> None:
    from pipeline.errors import ConfigError
    from pipeline.sitefile.fault import listing, nearest

    people = [one.id for one in site.people]
    if people and by not in people:
        near = nearest(by, people)
        meant = f" (did you mean {near}?)" if near else ""
        raise ConfigError(f"the site has no person {by}: one of {listing(people)}{meant}")
