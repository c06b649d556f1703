"""`hazardwatch status`: what went through each hop, and which parts are alive."""

from __future__ import annotations

from typing import Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

_SYSTEM = "SYSTEM"  # as in pipeline.model, whose import takes as long as the whole verb


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
    _show_troubles(processes, names, alone=alone)
    if not alone:
        _table(
            ["data folder", "pid", "version", "since"],
            [
                [names[one["process"]], one["process"], str(one["pid"]), one["version"], one["started"]]
                for one in processes
            ],
            alone,
        )
    rows = [
        ("" if alone else names[one["process"]], hop) for one in processes if not one["silent"] for hop in one["hops"]
    ]
    columns = ["hop", "received", "passed on", "refused", "waiting", "lag"]
    _table(columns, [[who, *_hop(hop)] for who, hop in rows], alone)
    for who, hop in rows:
        for reason, count in sorted(hop["refused"].items(), key=lambda each: -each[1]):
            if count:
                typer.echo(f"{who} {hop['hop']} refused {count:,}: {reason}".lstrip())
    for one in processes:
        if one["broker"] and not one["silent"]:
            typer.echo(f"{'' if alone else names[one['process']]} {_at_broker(one['broker'])}".lstrip())
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
        state = "works" if one["works"] else "DOES NOT WORK"
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


def _show_troubles(processes: list[dict[str, Any]], names: dict[str, str], *, alone: bool) -> None:
    """Why a part does not work, in a line of its own: beside the table it would widen every row."""
    troubles = [
        f"{'' if alone else names[process['process']]} {one['role']}: {' '.join(one['why'].split())}".lstrip()
        for process in processes
        for one in process["roles"]
        if not process["silent"] and not one["works"]
    ]
    for one in troubles:
        typer.echo(one)
    if troubles:
        typer.echo()


def _at_broker(counts: dict[str, Any]) -> str:
    """`2 sessions at the broker, 0 messages on their way to the log; it keeps 3 and has dropped 0`."""
    sessions = "1 session" if counts["sessions"] == 1 else f"{counts['sessions']} sessions"
    told = f"{sessions} at the broker, {counts['in_flight']:,} messages on their way to the log"
    more = [f"keeps {counts['stored']:,}"] if counts["stored"] is not None else []
    more += [f"has dropped {counts['dropped']:,}"] if counts["dropped"] is not None else []
    return f"{told}; it {' and '.join(more)}" if more else told


def _many(installations: int) -> str:
    return "1 installation" if installations == 1 else f"{installations} installations"


def _short_names(processes: list[dict[str, Any]]) -> dict[str, str]:
    """The host alone where that says it, with its data folder's name where that does; else all of it."""
    named: dict[str, str] = {}
    for form in (_whole_name, _folder_name, _host_name):
        formed = [form(one) for one in processes]
        named |= {one["process"]: name for one, name in zip(processes, formed, strict=True) if formed.count(name) == 1}
    return named


def _whole_name(process: dict[str, Any]) -> str:
    return str(process["process"])


def _folder_name(process: dict[str, Any]) -> str:
    return f"{process['host']}/{process['process'].rstrip('/').rpartition('/')[2]}"


def _host_name(process: dict[str, Any]) -> str:
    return str(process["host"])


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
                *(_owner(owner, role, one["installation"]) for role in roles),
            ]
            for one in answer["installations"]
        ],
    )


def _owner(owner: dict[tuple[str, str], str], role: str, installation: str) -> str:
    nothing_to_collect = role == "collector" and installation == _SYSTEM
    return owner.get((role, installation), "" if nothing_to_collect else "NOBODY")


def _hop(one: dict[str, Any]) -> list[str]:
    refused = f"{sum(one['refused'].values()):,}"
    lag = "" if one["lag_s"] is None else f"{one['lag_s']:.3f} s"
    return [one["hop"], f"{one['received']:,}", f"{one['passed']:,}", refused, f"{one['waiting']:,}", lag]
