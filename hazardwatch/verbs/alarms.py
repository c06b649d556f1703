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
    for one in answer["modes"]:
        typer.echo(f"mode: {one['equipment']} is in {one['mode']}{_held(one)}", err=True)
    if not found:
        typer.echo("no alarm stands", err=True)
        return
    language = answer["language"]
    print_table(
        ["state", "priority", "alarm", "since", "value", "reason", "text", "suppressed", "action"],
        [_row(one, language) for one in found],
        [_STYLES.get(one["event"]["priority"], "") for one in found],
    )


def _row(one: dict[str, Any], language: str) -> list[str]:
    event, guidance = one["event"], one["guidance"]
    value = "" if event["value"] is None else f"{event['value']:.6g} {event['unit'] or ''}".strip()
    action = guidance["action"][language] if guidance["action"] else ""
    since = one["since"] or event["time"]
    said = [event["alarm"], since, value, event["reason"] or "", one["name"][language]]
    said += ["; ".join(_hold(hold) for hold in one["suppressions"]), action]
    return [event["state"], event["priority"] or "", *said]


def _hold(hold: dict[str, Any]) -> str:
    """`shelved by li.wei for 25 min, 5 min left: gauge being cleaned`."""
    kind = f"by design ({hold['rule']})" if hold["kind"] == "by_design" else hold["kind"].replace("_", " ")
    more = f", permit {hold['permit']}" if hold["permit"] else ""
    if hold["overdue"]:
        more += f", review overdue since {hold['review']}"
    return f"{kind}{more}{_held(hold)}"


def _held(hold: dict[str, Any]) -> str:
    by = f" by {hold['by']}" if hold["by"] else ""
    left = "" if hold["left_s"] is None else f", {span(hold['left_s'])} left"
    return f"{by} for {span(hold['age_s'])}{left}" + (f": {hold['note']}" if hold["note"] else "")


def span(seconds: float) -> str:
    """A length of time in the two units that matter: `2 h 5 min`."""
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{int(seconds)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
