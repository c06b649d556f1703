"""`hazardwatch warnings` and `hazardwatch warning ...`: graded warnings, and what people say of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

Place = Annotated[str, typer.Argument(metavar="INSTALLATION", help="Whose warning.")]
_STYLES = {"red": "bold red", "orange": "bold yellow", "yellow": "yellow", "blue": "blue"}

warning = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Say what you know of a graded warning.")


def warnings(
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """The graded warnings that are not cleared, and what each still waits for.

    Example: hazardwatch warnings --data /var/lib/hazardwatch
    """
    from hazardwatch.client import Client, access

    with Client(access(data, url, token_file)) as service:
        found = service.get("/api/v1/warnings")
    if json:
        print_json(found)
        return
    if not found:
        typer.echo("no warning stands", err=True)
        return
    head = ["level", "installation", "since", "signed by", "verdict", "cause", "done", "came of it", "alarms"]
    print_table(head, [_row(one) for one in found], [_STYLES.get(one["level"], "") for one in found])


def _row(one: dict[str, Any]) -> list[str]:
    asks = one["level"] in {"red", "orange"} and one["verdict"] is None
    said = [one["signed_by"] or "nobody yet", "wanted" if asks else one["verdict"] or "", one["cause"] or ""]
    return [
        one["level"],
        one["installation"],
        one["since"],
        *said,
        one["disposed"] or "",
        one["fed_back"] or "",
        ", ".join(one["alarms"]),
    ]


@warning.command("verify")
def verify(
    installation: Place,
    verdict: Annotated[str, typer.Option(metavar="true|false|maintenance", help="Was it real?")],
    cause: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; red and orange ask for it.")] = None,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Say whether a warning was real, and why it came. Red and orange are not cleared without it.

    Example: hazardwatch warning verify TF1 --verdict true --cause "MOV-101 stuck open" --by li.wei
    """
    if verdict not in {"true", "false", "maintenance"}:
        raise typer.BadParameter(f"{verdict!r} is none of true, false, maintenance", param_hint="--verdict")
    said = {"act": "verify", "verdict": verdict, "cause": cause, "note": note}
    _send(installation, said, by, flags.Service(data, url, token_file), json)


@warning.command("dispose")
def dispose(
    installation: Place,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was done.")],
    by: flags.By = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Say what was done about a warning.

    Example: hazardwatch warning dispose TF1 --note "transfer stopped, MOV-101 closed by hand" --by li.wei
    """
    _send(installation, {"act": "dispose", "note": note}, by, flags.Service(data, url, token_file), json)


@warning.command("feed-back")
def feed_back(
    installation: Place,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What came of it.")],
    by: flags.By = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Say what came of it, for the record.

    Example: hazardwatch warning feed-back TF1 --note "valve repaired, work order 4711" --by wang.fang
    """
    _send(installation, {"act": "feed_back", "note": note}, by, flags.Service(data, url, token_file), json)


def _send(installation: str, said: dict[str, Any], by: str | None, where: flags.Service, json: bool) -> None:
    from hazardwatch.client import Client, access

    with Client(access(where.data, where.url, where.token_file)) as service:
        body = {"installation": installation, "by": by, **said}
        answer = service.post("/api/v1/warnings/acts", body, accept=(200, 202, 409))
    if json:
        print_json(answer)
    else:
        typer.echo(answer["message"], err=answer["outcome"] != "done")
    if answer["outcome"] != "done":
        raise typer.Exit(1)
