"""`hazardwatch alarms`: what stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import choosing, configured_alarms, flags, holds
from hazardwatch.verbs.output import print_csv, print_json, print_table

_HEAD = ["state", "priority", "alarm", "since", "value", "reason", "text", "also", "action"]
_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": ""}


def alarms(
    site: Annotated[
        Path | None,
        typer.Argument(metavar="[SITE]", help="A site file: its alarms as configured.", show_default=False),
    ] = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    installation: choosing.Installation = None,
    equipment: choosing.Equipment = None,
    gateway: choosing.Gateway = None,
    alarm_class: choosing.Class = None,
    priority: choosing.Priority = None,
    preset: choosing.Preset = None,
    text: choosing.Text = None,
    json: flags.Json = False,
    csv: choosing.Csv = False,
) -> None:
    """The alarms that stand (all that are not NORMAL), the most urgent first, with what to do.

    With SITE: the alarms that a site file configures, whether they stand or not. With --json those of
    `check --expand`, with --csv the list of `table export`.

    What another alarm suppresses by design is listed under it; what lies beneath a lost gateway is counted. Says who
    suppressed what, why and for how long, and who is in an alarm flood.

    Of a service --json is a list of each alarm's latest event.

    Example: hazardwatch alarms --data /var/lib/hazardwatch
    """
    from hazardwatch.client import Client, access
    from hazardwatch.selection import Selection

    asked = Selection(installation, equipment, gateway, alarm_class, priority, preset, text)
    if site is not None:
        configured_alarms.show(site, asked, json=json, csv=csv)
        return
    with Client(access(data, url, token_file)) as service:
        answer = service.get("/api/v1/alarms", (200,), **choosing.query(asked))
    found = answer["alarms"]
    if json:
        print_json([one["event"] for one in found])
        return
    for warning in answer["warnings"]:
        typer.echo(f"warning: {warning}", err=True)
    for one in answer["load"]:
        if one["flood"]:
            typer.echo(f"alarm flood: {one['annunciations']} alarms in 10 min for {one['position']}", err=True)
    for one in answer["modes"]:
        typer.echo(f"mode: {one['equipment']} is in {one['mode']}{holds.span_of(one)}", err=True)
    if not found and not csv:
        typer.echo("no alarm stands", err=True)
        return
    language = answer["language"]
    if csv:
        print_csv(_HEAD, [_row(one | {"beneath": 0}, language) for one in found])
        return
    found = [one | {"indent": _indent(one)} for one in _under_causes(_beneath_gateways(found))]
    styles = [_STYLES.get(one["event"]["priority"], "") for one in found]
    print_table(_HEAD, [_row(one, language) for one in found], styles)


def _beneath_gateways(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows without those that only lie beneath a lost gateway; its own says how many they are."""
    beneath = Counter(one["marks"]["consequence_of"] for one in found if _is_beneath(one))
    return [one | {"beneath": beneath[one["event"]["alarm"]]} for one in found if not _is_beneath(one)]


def _is_beneath(one: dict[str, Any]) -> bool:
    return str(one["marks"]["consequence_of"]).endswith("/GATEWAY-LOST")


def _under_causes(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, each consequence right below its cause where that is listed."""
    listed = {one["event"]["alarm"] for one in found}
    below: dict[str, list[dict[str, Any]]] = {}
    first = []
    for one in found:
        cause = one["marks"]["consequence_of"]
        if cause in listed and cause != one["event"]["alarm"]:
            below.setdefault(cause, []).append(one)
        else:
            first.append(one)
    rows: list[dict[str, Any]] = []
    waiting = first[::-1]
    while waiting:
        one = waiting.pop()
        rows.append(one)
        waiting += below.pop(one["event"]["alarm"], [])[::-1]
    return rows


def _also(marks: dict[str, Any], alarm: str) -> str:
    told = []
    if marks["first_out"]:
        told.append(f"first of {marks['first_out']}")
    if marks["consequence_of"]:
        told.append(f"consequence of {marks['consequence_of']}")
    if marks["rose_from"]:
        told.append(f"rose from {marks['rose_from']}")
    if marks["chattering"]:
        told.append(f"chattering: hazardwatch shelve {alarm}")
    return "; ".join(told)


def _beside(one: dict[str, Any]) -> str:
    told = [holds.told(hold) for hold in one["suppressions"]]
    if one["beneath"]:
        told.append(f"{one['beneath']} alarms of its points lie beneath (--json lists them)")
    return "; ".join([*told, *filter(None, [_also(one["marks"], one["event"]["alarm"])])])


def _indent(one: dict[str, Any]) -> str:
    return "  " if one["marks"]["consequence_of"] else ""


def _row(one: dict[str, Any], language: str) -> list[str]:
    event, guidance = one["event"], one["guidance"]
    value = "" if event["value"] is None else f"{event['value']:.6g} {event['unit'] or ''}".strip()
    action = guidance["action"][language] if guidance["action"] else ""
    since = one["since"] or event["time"]
    said = [one.get("indent", "") + event["alarm"], since, value, event["reason"] or "", one["name"][language]]
    return [event["state"], event["priority"] or "", *said, _beside(one), action]
