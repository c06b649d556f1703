"""Changing the configuration of a running service: propose, approve, reject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.differences import show_differences
from hazardwatch.verbs.lengths import length_ms
from hazardwatch.verbs.output import print_json

if TYPE_CHECKING:
    from hazardwatch.local_access import LocalAccess

Change = Annotated[int, typer.Argument(metavar="CHANGE", help="Its number (`hazardwatch config history`).")]


def apply(
    site: flags.SiteFile,
    by: flags.By = None,
    note: flags.Note = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Nobody else is there: in force at once, for a time. It is an alarm.")
    ] = False,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="With --emergency: how long, 8h at most.")
    ] = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Put a site file in force in a running service; the difference is shown first, alarm by alarm.

    What only tightens, or changes nothing that protects, is in force at once. If anything loosens it waits for
    somebody else: `hazardwatch approve`. Exit code 1 when it was refused, or is not decided.

    Example: hazardwatch apply plant.yaml --by zhao.min --note "MOC 2026-114"
    """
    from hazardwatch.client import Client, access
    from hazardwatch.sites import site_to_send

    if emergency != (for_ is not None) and not dry_run:
        raise typer.BadParameter("--emergency and --for TIME belong together", param_hint="--emergency")
    length_ms(for_)
    if not dry_run and not note:
        raise typer.BadParameter("say why", param_hint="--note")
    body = {"site": site_to_send(site), "name": str(site)}
    with Client(access(data, url, token_file), wait_s=300) as service:
        seen = service.post("/api/v1/config/preview", body)
        if not json:
            for text in seen["warnings"]:
                typer.echo(f"warning: {text}", err=True)
            show_differences(seen["differences"])
        if dry_run:
            _would(seen, json=json)
            return
        asked = body | {"by": by, "note": note, "emergency_for": for_}
        answer = service.post("/api/v1/config/changes", asked, accept=(200, 202, 409))
    _tell(answer, json=json)


def _would(seen: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(seen)
    elif seen["differences"]:
        loose = "a second person would have to approve it" if seen["loosens"] else "it would be in force at once"
        typer.echo(f"nothing was done; {loose}", err=True)


def approve(
    change: Change,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Approve what somebody else proposed: it is in force then. An emergency override holds for good then.

    See what it changes first: `hazardwatch config diff CHANGE`.

    Example: hazardwatch approve 17 --by chen.jie
    """
    from hazardwatch.client import access

    _second("approve", change, (by, note), access(data, url, token_file), json=json)


def reject(
    change: Change,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Reject a proposal, or end an emergency override: the former configuration holds again.

    Example: hazardwatch reject 17 --by chen.jie --note "HH is for the overflow, not for the noise"
    """
    from hazardwatch.client import access

    _second("reject", change, (by, note), access(data, url, token_file), json=json)


def _second(ask: str, change: int, who: tuple[str | None, str | None], where: LocalAccess, *, json: bool) -> None:
    from hazardwatch.client import Client

    by, note = who
    with Client(where) as service:
        answer = service.post(
            f"/api/v1/config/changes/{change}/{ask}", {"by": by, "note": note}, accept=(200, 202, 409)
        )
    _tell(answer, json=json)


def _tell(answer: dict[str, Any], *, json: bool) -> None:
    decision = answer["decision"]
    if json:
        print_json(decision)
    typer.echo(answer["message"], err=json)
    if decision is None or decision["outcome"] == "refused":
        raise typer.Exit(1)
