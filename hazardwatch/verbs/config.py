"""`hazardwatch config`: what is in force, how it came there, and what would differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.differences import show_differences
from hazardwatch.verbs.output import print_json, print_table

if TYPE_CHECKING:
    from hazardwatch.client import Client
    from pipeline.site import Site

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=(
        "The configuration in force: show, history, diff.\n\n"
        "Example: hazardwatch config history --data /var/lib/hazardwatch"
    ),
)
SIDES = ("running", "approved", "file")
_STYLES = {"refused": "dim", "pending": "yellow", "found": "red"}


@app.command()
def show(
    whole: Annotated[bool, typer.Option("--whole", help="Every point and alarm, as JSON.")] = False,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Which configuration is in force, whether it is approved and says what the site file says, and what waits.

    Example: hazardwatch config show --whole > running.json
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file), wait_s=60) as service:
        if whole:
            print_json(service.get("/api/v1/config/site"))
            return
        answer = service.get("/api/v1/config")
    if json:
        print_json(answer)
        return
    print_table(["installation", "configuration"], [[id_, digest] for id_, digest in answer["in_force"].items()])
    typer.echo(f"applied or approved by people: {_yes(answer['approved'])}")
    typer.echo(f"the site file says the same: {_yes(answer['same_as_file'])}")
    for one in answer["open"]:
        what = "emergency override in force" if one["override"] else "waits for a second person"
        typer.echo(f"change {one['change']} of {one['by']}: {what}, until {one['until']}: {one['note']}")


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "NO", None: "not known yet"}[value]


@app.command()
def history(
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Every change of the configuration: who, when, why, what came of it. Differences: --json, or `config diff CHANGE`.

    Example: hazardwatch config history --json
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file)) as service:
        found = service.get("/api/v1/config/history")["decisions"]
    if json:
        print_json(found)
        return
    rows = [history_row(one) for one in found]
    head = ["time", "change", "outcome", "by", "second person", "note", "in words"]
    print_table(head, rows, [_STYLES.get(one["outcome"], "") for one in found])


def history_row(decision: dict[str, Any]) -> list[str]:
    """Cells of one line. Who was refused to approve is no second person: the last cell names them."""
    told = decision | ({"second": None} if decision["outcome"] == "refused" else {})
    columns = ("time", "change", "outcome", "by", "second", "note", "message")
    return ["" if told[key] is None else str(told[key]) for key in columns]


@app.command()
def diff(
    a: Annotated[
        str | None,
        typer.Argument(metavar="[A]", help="CHANGE, a site file, `running`, `approved`, `file`.", show_default=False),
    ] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="As A, but no CHANGE.", show_default=False)] = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """What differs from A to B, alarm by alarm. Without B: from what is running to A. Without both: to the site file.

    A number shows what that change did. Two site files need no service. Exit code 1 when something differs.

    Example: hazardwatch config diff approved running
    """
    from hazardwatch.client import Client, access

    if a is not None and a.isdigit() and not Path(a).exists() and b is None:
        with Client(access(data, url, token_file)) as service:
            found, more = _of_change(service, int(a))
    else:
        sides = ("running", "file") if a is None else ("running", a) if b is None else (a, b)
        found, more = _of_sides(sides, lambda: Client(access(data, url, token_file), wait_s=60)), 0
    if json:
        print_json(found)
    else:
        show_differences(found, more)
    if found:
        raise typer.Exit(1)


def _of_change(service: Client, number: int) -> tuple[list[dict[str, Any]], int]:
    from pipeline.errors import ConfigError

    decisions = service.get("/api/v1/config/history")["decisions"]
    of_number = [one for one in decisions if one["change"] == number and one["outcome"] != "refused"]
    if not of_number:
        raise ConfigError(f"there is no change {number} (`hazardwatch config history`)")
    first = of_number[0]
    return first["differences"], first["more_differences"]


def _of_sides(sides: tuple[str, str], service: Any) -> list[dict[str, Any]]:
    import msgspec

    from hazardwatch.config_diff import differences

    one, other = (_site(side, service) for side in sides)
    found: list[dict[str, Any]] = msgspec.to_builtins(differences(one, other))
    return found


def _site(side: str, service: Any) -> Site:
    import msgspec

    from pipeline.site import Site

    if side not in SIDES:
        from hazardwatch.gateway_points import with_gateways
        from hazardwatch.sites import sound_site
        from hazardwatch.system_site import with_system

        return with_system(with_gateways(sound_site(Path(side))[0]))
    with service() as client:
        return msgspec.convert(client.get("/api/v1/config/site", which=side), Site, str_keys=True)
