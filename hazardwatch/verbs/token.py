"""`hazardwatch token`: who may use the HTTP interface."""

from __future__ import annotations

from typing import Annotated

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=(
        "Tokens for the HTTP interface: create, list, revoke.\n\n"
        "Example: hazardwatch token create console --role viewer"
    ),
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is for: console, li.wei ...")]


@app.command()
def create(
    name: Name,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help="viewer, operator, engineer or admin; each may do what those before it may."),
    ],
    person: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help="The person of the site file whose token it is: its commands are theirs."),
    ] = None,
    data: flags.Data = DEFAULT_DATA,
) -> None:
    """Make a token and print it, this once. It counts at once, also for a service that runs.

    Example: hazardwatch token create li.wei --role operator --person li.wei
    """
    from hazardwatch.api.tokens import ROLES, Tokens
    from pipeline.clock import now_ms

    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is none of {', '.join(ROLES)}", param_hint="--role")
    typer.echo(Tokens(data).create(name, role, now_ms(), person))
    typer.echo(f"Keep it now: only its hash is stored. `hazardwatch token revoke {name}` ends it.", err=True)


@app.command("list")
def list_(data: flags.Data = DEFAULT_DATA, json: flags.Json = False) -> None:
    """The tokens there are; never what opens the door.

    Example: hazardwatch token list --json
    """
    from hazardwatch.api.tokens import Tokens
    from pipeline.outside import iso

    tokens = Tokens(data).all()
    if json:
        names = ("name", "role", "person")
        print_json([{key: getattr(one, key) for key in names} | {"created": iso(one.created)} for one in tokens])
    elif tokens:
        rows = [[one.name, one.role, one.person or "", iso(one.created)] for one in tokens]
        print_table(["name", "role", "person", "created"], rows)
    else:
        typer.echo("no tokens; `hazardwatch token create NAME --role viewer` makes one", err=True)


@app.command()
def revoke(name: Name, data: flags.Data = DEFAULT_DATA) -> None:
    """End a token; it counts at once.

    Example: hazardwatch token revoke console
    """
    from hazardwatch.api.tokens import Tokens

    Tokens(data).revoke(name)
    typer.echo(f"{name} opens nothing any more", err=True)
