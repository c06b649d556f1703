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
    """Per hop: received, passed on, refused, waiting, lag; and which parts are alive. Exit code 1 when one is not.

    Example: hazardwatch status --json
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file)) as service:
        answer = service.get("/api/v1/status")
    if json:
        print_json(answer)
    else:
        show(answer)
    if not all(role["works"] for role in answer["roles"]):
        raise typer.Exit(1)


def show(answer: dict[str, Any]) -> None:
    """Tables of the parts, the hops and the installations; under the hops why they refused what they did."""
    roles = [
        [one["role"], "works" if one["works"] else f"DOES NOT WORK: {' '.join(one['why'].split())}"]
        for one in answer["roles"]
    ]
    print_table(["part", "state"], roles, ["" if one["works"] else "bold red" for one in answer["roles"]])
    typer.echo()
    print_table(["hop", "received", "passed on", "refused", "waiting", "lag"], [_hop(one) for one in answer["hops"]])
    for one in answer["hops"]:
        for reason, count in sorted(one["refused"].items(), key=lambda each: -each[1]):
            if count:
                typer.echo(f"{one['hop']} refused {count:,}: {reason}")
    typer.echo()
    print_table(
        ["installation", "judged up to", "standing alarms"],
        [
            [one["installation"], one["judged"] or "nothing yet", str(one["standing"])]
            for one in answer["installations"]
        ],
    )


def _hop(one: dict[str, Any]) -> list[str]:
    refused = f"{sum(one['refused'].values()):,}"
    lag = "" if one["lag_s"] is None else f"{one['lag_s']:.3f} s"
    return [one["hop"], f"{one['received']:,}", f"{one['passed']:,}", refused, f"{one['waiting']:,}", lag]
