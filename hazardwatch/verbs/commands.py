"""What a person may ask of an alarm, a point or an equipment: each verb sends one command and tells what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.lengths import length_ms
from hazardwatch.verbs.output import print_json

if TYPE_CHECKING:
    from hazardwatch.client import Client  # brings httpx

OneShot = Annotated[bool, typer.Option("--one-shot", help="Ends when the condition ends, at the latest after --for.")]
ShelfTime = Annotated[
    str | None, typer.Option("--for", metavar="TIME", help="How long: 30min, 2h; else the longest its class allows.")
]
Permit = Annotated[str | None, typer.Option("--permit", metavar="TEXT", help="The permit of the work.")]
Review = Annotated[
    str | None,
    typer.Option("--review", metavar="TIME", help="When somebody must look at it again: ISO 8601 with zone."),
]
AlarmOrPoint = Annotated[str, typer.Argument(metavar="ALARM|POINT", help="An alarm, or a point with all its alarms.")]


@dataclass(frozen=True, slots=True)
class _Where:
    data: Path
    url: str | None
    token_file: Path | None
    json: bool

    def service(self) -> Client:
        from hazardwatch.client import Client, access

        return Client(access(self.data, self.url, self.token_file))


def ack(
    alarm: flags.AlarmId,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Acknowledge an alarm: the occurrence that stands now, and no later one.

    Example: hazardwatch ack TF1/LT-101/HH --by li.wei --note "valve closed"
    """
    _of_occurrence("acknowledge", alarm, by, note, _Where(data, url, token_file, json))


def reset(
    alarm: flags.AlarmId,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Reset a latched alarm, once its condition is gone and it is acknowledged.

    Example: hazardwatch reset TF1/GT-101/HH --by li.wei
    """
    _of_occurrence("reset", alarm, by, note, _Where(data, url, token_file, json))


def shelve(
    alarm: flags.AlarmId,
    for_: ShelfTime = None,
    by: flags.By = None,
    note: flags.Note = None,
    one_shot: OneShot = False,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Shelve an alarm for a time; it is still judged and recorded.

    Example: hazardwatch shelve TF1/LT-101/H --for 30min --by li.wei --note "gauge being cleaned"
    """
    more = {"alarm": alarm, "for": for_, "one_shot": one_shot}
    _send("shelve", more, by, note, _Where(data, url, token_file, json))


def unshelve(
    alarm: flags.AlarmId,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """End a shelf before its time.

    Example: hazardwatch unshelve TF1/LT-101/H --by li.wei
    """
    _send("unshelve", {"alarm": alarm}, by, note, _Where(data, url, token_file, json))


def out_of_service(
    alarm: flags.AlarmId,
    for_: flags.For,
    by: flags.By = None,
    note: flags.Note = None,
    permit: Permit = None,
    review: Review = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Take an alarm out of service for a time; it is still judged and recorded, and nobody is called.

    Example: hazardwatch out-of-service TF1/LT-101/H --for 24h --by li.wei --note "gauge removed" --permit 4711
    """
    more = {"alarm": alarm, "for": for_, "permit": permit, "review": _moment(review)}
    _send("out_of_service", more, by, note, _Where(data, url, token_file, json))


def in_service(
    what: AlarmOrPoint,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Put an alarm, or all alarms of a point, back into service.

    Example: hazardwatch in-service TF1/LT-101/H --by li.wei
    """
    where = _Where(data, url, token_file, json)
    with where.service() as service:
        is_alarm = service.get(f"/api/v1/alarms/{quote(what)}", accept=(200, 404)) is not None
    _send("in_service", {"alarm" if is_alarm else "target": what}, by, note, where)


def bypass(
    point: Annotated[str, typer.Argument(metavar="POINT", help="The point: INSTALLATION/POINT.")],
    for_: flags.For,
    by: flags.By = None,
    note: flags.Note = None,
    permit: Permit = None,
    review: Review = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Take every alarm of a point out of service for a time, as for calibration; it ends by itself.

    Example: hazardwatch bypass TF1/LT-101 --for 2h --by li.wei --note "calibration" --permit 4711
    """
    more = {"target": point, "for": for_, "permit": permit, "review": _moment(review)}
    _send("bypass", more, by, note, _Where(data, url, token_file, json))


def mode(
    equipment: Annotated[str, typer.Argument(metavar="EQUIPMENT", help="The equipment: INSTALLATION/EQUIPMENT.")],
    to: Annotated[str, typer.Argument(metavar="MODE", help="One of its modes in the site file.")],
    for_: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long; else until the next.")] = None,
    by: flags.By = None,
    note: flags.Note = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Set the mode of an equipment.

    Example: hazardwatch mode TF1/T-101 cleaning --for 4h --by li.wei --note "tank empty"
    """
    more = {"target": equipment, "mode": to, "for": for_}
    _send("mode", more, by, note, _Where(data, url, token_file, json))


def _moment(text: str | None) -> str | None:
    """A time as typed. Raises typer.BadParameter."""
    from pipeline.outside import ms_of

    if text is not None:
        try:
            ms_of(text)
        except ValueError:
            expected = "a time with zone such as 2026-11-23T08:00:00+08:00"
            raise typer.BadParameter(f"{text!r} is not {expected}", param_hint="--review") from None
    return text


def _of_occurrence(command: str, alarm: str, by: str | None, note: str | None, where: _Where) -> None:
    """A command for the occurrence that stands: it is asked for first and sent along."""
    with where.service() as service:
        known = service.get(f"/api/v1/alarms/{quote(alarm)}", accept=(200, 404))
        standing = known["event"] if known else None
        if command == "acknowledge" and known and standing is None:
            typer.echo(f"{alarm} is NORMAL: there is nothing to acknowledge", err=True)
            return
        occurrence = standing["occurrence"] if standing else None
        _ask(service, command, {"alarm": alarm, "occurrence": occurrence, "by": by, "note": note}, where)


def _send(command: str, more: dict[str, Any], by: str | None, note: str | None, where: _Where) -> None:
    length_ms(more.get("for"))
    with where.service() as service:
        _ask(service, command, more | {"by": by, "note": note}, where)


def _ask(service: Client, command: str, body: dict[str, Any], where: _Where) -> None:
    given = {key: value for key, value in body.items() if value is not None}
    answer = service.post("/api/v1/commands", {"command": command, **given}, accept=(200, 202, 409))
    if where.json:
        print_json(answer["events"])
    typer.echo(answer["message"], err=where.json)
    if answer["outcome"] not in ("done", "nothing to do"):
        raise typer.Exit(1)
