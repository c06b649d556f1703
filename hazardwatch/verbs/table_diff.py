"""`hazardwatch table diff` and how the changes of a list are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

if TYPE_CHECKING:
    from hazardwatch.alarm_list.cells import Value
    from hazardwatch.alarm_list.files import Edited

ListFile = Annotated[Path, typer.Argument(metavar="LIST", help="The edited list of `table export` (*.xlsx, *.csv).")]


def diff(site: flags.SiteFile, list_: ListFile, json: flags.Json = False) -> None:
    """What an edited list changes: alarm, attribute, before, after, and where `table apply` would write it.

    Every fault of the list at once: row, cell, what was found, what was expected. Exit code 1 when something differs.

    Example: hazardwatch table diff plant.yaml alarms.xlsx
    """
    from hazardwatch.alarm_list.files import edited

    found = edited(site, list_, "the reason given to `table apply`")
    show(found, json=json)
    if found.outcome.faults or found.outcome.placed:
        raise typer.Exit(1)


def show(found: Edited, *, json: bool) -> None:
    """Changes, what follows from them, faults."""
    from pipeline.sitefile import render_fault

    outcome = found.outcome
    for title in outcome.reading.ignored:
        typer.echo(f"ignored: the column {title}, which is none of the list", err=True)
    if outcome.reading.missing:
        many = f"{len(outcome.reading.missing)} alarms of the site are not in the list: nothing changes for them"
        typer.echo(f"{many} ({', '.join(outcome.reading.missing[:3])} ...)", err=True)
    if outcome.reading.notified:
        many = f"the column notify of {len(outcome.reading.notified)} alarms says otherwise than the site file"
        typer.echo(f"{many}, and is not read back: who is told follows from priority and class", err=True)
    if json:
        print_json(_json(found))
        return
    rows = [
        [
            one.change.row.alarm,
            one.change.attribute,
            _shown(one.change.before),
            _shown(one.change.after),
            _where(one, found),
        ]
        for one in outcome.placed
    ]
    rows += [
        [one.alarm, ".".join(one.path), _shown(one.before), _shown(one.after), "follows from what is changed"]
        for one in outcome.follows
    ]
    if rows:
        print_table(["alarm", "attribute", "before", "after", "written"], rows)
    elif not outcome.faults:
        typer.echo("no difference")
    for fault in outcome.faults:
        typer.echo(render_fault(fault))


def _where(one: Any, found: Edited) -> str:
    return f"{one.mark.file or found.site}:{one.mark.line}: {one.words}"


def _shown(value: Value | None) -> str:
    from hazardwatch.alarm_list.cells import cell_of

    return "-" if value is None else str(cell_of(value))


def _json(found: Edited) -> dict[str, Any]:
    from dataclasses import asdict

    outcome = found.outcome
    changes = [
        {
            "alarm": one.change.row.alarm,
            "attribute": one.change.attribute,
            "before": one.change.before,
            "after": one.change.after,
            "file": one.mark.file or str(found.site),
            "line": one.mark.line,
            "written": one.words,
        }
        for one in outcome.placed
    ]
    follows = [
        {"alarm": one.alarm, "attribute": ".".join(one.path), "before": one.before, "after": one.after}
        for one in outcome.follows
    ]
    return {
        "changes": changes,
        "follows": follows,
        "faults": [asdict(one) for one in outcome.faults],
        "missing": outcome.reading.missing,
        "ignored": outcome.reading.ignored,
    }
