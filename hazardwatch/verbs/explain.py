"""`hazardwatch explain`: why an alarm is in its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hazardwatch.explain import Found, Sample


def explain(
    alarm: flags.AlarmId,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="At that time (ISO 8601 with zone, or epoch ms); else now.")
    ] = None,
    data: flags.Data = DEFAULT_DATA,
    json: flags.Json = False,
) -> None:
    """Why an alarm is in its state: the samples, the setpoint in force, delays that run, who hid it and since when.

    Read from the log of the service in --data, with the same engine, whether the service runs or not. A time older than
    the engine's last snapshot (half a minute) is judged anew from the beginning of the log, which takes longer.

    Example: hazardwatch explain TF1/LT-101/HH --at 2026-11-22T03:00:00+08:00
    """
    from hazardwatch.explain import explanation
    from hazardwatch.explain_log import found_in
    from pipeline.clock import now_ms
    from pipeline.errors import ConfigError

    when = flags.time_ms(at, "--at")
    found = found_in(data, alarm, now_ms() if when is None else when)
    if found.view is None and not found.events:
        raise ConfigError(f"{alarm}: there was no such alarm at that time (`hazardwatch config show --whole`)")
    if json:
        print_json(explanation(found))
    else:
        _show(found)


def _show(found: Found) -> None:
    from hazardwatch.explain import sentences, story
    from pipeline.outside import iso

    for text in sentences(found):
        typer.echo(text)
    events = story(found)
    if events:
        typer.echo()
        rows = [
            [
                iso(one.time),
                one.event,
                str(one.state or ""),
                _number(one.value),
                _number(one.setpoint),
                *(text or "" for text in (one.reason, one.actor, one.note)),
            ]
            for one in events
        ]
        print_table(["time", "event", "state", "value", "setpoint", "reason", "by", "note"], rows)
    _samples("samples that decided it", found.deciding)
    _samples("latest samples", found.latest)


def _samples(title: str, samples: Sequence[Sample]) -> None:
    from hazardwatch.explain import sample_object

    if samples:
        typer.echo()
        typer.echo(f"{title}:")
        rows = [
            [row["received"], row["time"] or "", row["point"], _number(row["value"]), row["quality"]]
            for row in map(sample_object, samples)
        ]
        print_table(["received", "time", "point", "value", "quality"], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
