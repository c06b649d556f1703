"""`hazardwatch alarms`: what stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": ""}


def alarms(
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    installation: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this installation.")] = None,
    json: flags.Json = False,
) -> None:
    """The alarms that stand (all that are not NORMAL), the most urgent first, with what to do.

    With --json: a list of each alarm's latest event.

    Example: hazardwatch alarms --data /var/lib/hazardwatch
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file)) as service:
        answer = service.get("/api/v1/alarms", installation=installation)
    found = answer["alarms"]
    if json:
        print_json([one["event"] for one in found])
        return
    for text in answer["warnings"]:
        typer.echo(f"warning: {text}", err=True)
    if not found:
        typer.echo("no alarm stands", err=True)
        return
    language = answer["language"]
    print_table(
        ["state", "priority", "alarm", "since", "value", "reason", "text", "action"],
        [_row(one, language) for one in found],
        [_STYLES.get(one["event"]["priority"], "") for one in found],
    )


def _row(one: dict[str, Any], language: str) -> list[str]:
    event, guidance = one["event"], one["guidance"]
    value = "" if event["value"] is None else f"{event['value']:.6g} {event['unit'] or ''}".strip()
    action = guidance["action"][language] if guidance["action"] else ""
    since = one["since"] or event["time"]
    said = [event["alarm"], since, value, event["reason"] or "", one["name"][language], action]
    return [event["state"], event["priority"] or "", *said]
