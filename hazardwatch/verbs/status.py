"""`hazardwatch status`: what went through each hop, and which parts are alive."""

from __future__ import annotations

from typing import Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table


def status(
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """All processes: which parts are alive, what each owns; per hop: received, passed on, refused, waiting, lag.

    Exit code 1 when a part does not work, or a process is silent.

    Example: hazardwatch status --json
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file)) as service:
        answer = service.get("/api/v1/status")
    if json:
        print_json(answer)
    else:
        show(answer)
    if not all(_works(one) for one in answer["processes"]) or not all(one["works"] for one in answer["roles"]):
        raise typer.Exit(1)


def _works(process: dict[str, Any]) -> bool:
    return not process["silent"] and all(role["works"] for role in process["roles"])


def show(answer: dict[str, Any]) -> None:
    """Tables of the processes with their parts, the hops, and the installations with whose they are."""
    processes = answer["processes"]
    names = _short_names(processes)
    alone = len(processes) == 1  # then nobody needs to be told which process
    parts = [row for one in processes for row in _parts(one, "" if alone else names[one["process"]])]
    _table(["part", "state", "its own", "lag"], [row[:5] for row in parts], alone, [row[5] for row in parts])
    if not alone:
        for one in processes:
            typer.echo(f"{names[one['process']]}: {one['process']}, process {one['pid']}, version {one['version']}")
        typer.echo()
    rows = [
        ("" if alone else names[one["process"]], hop) for one in processes if not one["silent"] for hop in one["hops"]
    ]
    columns = ["hop", "received", "passed on", "refused", "waiting", "lag"]
    _table(columns, [[who, *_hop(hop)] for who, hop in rows], alone)
    for who, hop in rows:
        for reason, count in sorted(hop["refused"].items(), key=lambda each: -each[1]):
            if count:
                typer.echo(f"{who} {hop['hop']} refused {count:,}: {reason}".lstrip())
    typer.echo()
    _show_installations(answer, names, alone=alone)


def _table(columns: list[str], rows: list[list[str]], alone: bool, styles: list[str] | None = None) -> None:
    """`rows` begin with the process, which is left out where there is one only."""
    print_table(columns if alone else ["process", *columns], [row[1:] if alone else row for row in rows], styles)
    typer.echo()


def _parts(process: dict[str, Any], name: str) -> list[list[str]]:
    """A row for each role of a process; the last cell is its style."""
    if process["silent"]:
        roles = ", ".join(one["role"] for one in process["roles"])
        return [[name, roles, f"SILENT for {process['quiet_s']:.0f} s", "", "", "bold red"]]
    rows = []
    for one in process["roles"]:
        state = "works" if one["works"] else f"DOES NOT WORK: {' '.join(one['why'].split())}"
        owns, lag = process["owns"].get(one["role"]), process["lags_s"].get(one["role"])
        rows.append(
            [
                name,
                one["role"],
                state,
                "" if owns is None else _many(len(owns)),
                "" if lag is None else f"{lag:.1f} s",
                "" if one["works"] else "bold red",
            ]
        )
    return rows


def _many(installations: int) -> str:
    return "1 installation" if installations == 1 else f"{installations} installations"


def _short_names(processes: list[dict[str, Any]]) -> dict[str, str]:
    """The host alone where that says it, else the host with a number."""
    hosts = [one["host"] for one in processes]
    return {
        one["process"]: one["host"]
        if hosts.count(one["host"]) == 1
        else f"{one['host']}/{hosts[: n + 1].count(one['host'])}"
        for n, one in enumerate(processes)
    }


def _show_installations(answer: dict[str, Any], names: dict[str, str], *, alone: bool) -> None:
    alive = [one for one in answer["processes"] if not one["silent"]]
    roles = [] if alone else sorted({role for one in alive for role in one["owns"]})
    owner = {
        (role, installation): names[one["process"]]
        for one in alive
        for role, installations in one["owns"].items()
        for installation in installations
    }
    print_table(
        ["installation", "judged up to", "standing alarms", *roles],
        [
            [
                one["installation"],
                one["judged"] or "nothing yet",
                str(one["standing"]),
                *(owner.get((role, one["installation"]), "NOBODY") for role in roles),
            ]
            for one in answer["installations"]
        ],
    )


def _hop(one: dict[str, Any]) -> list[str]:
    refused = f"{sum(one['refused'].values()):,}"
    lag = "" if one["lag_s"] is None else f"{one['lag_s']:.3f} s"
    return [one["hop"], f"{one['received']:,}", f"{one['passed']:,}", refused, f"{one['waiting']:,}", lag]
