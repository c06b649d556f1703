"""`hazardwatch replay`: recorded readings, or a service's own log, through the very same engine."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from hazardwatch.replay import Recorded
    from pipeline.model import Event

_T = TypeVar("_T")


def replay(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SITE FILE...",
            help="The site file, then recordings: .csv, .jsonl, .parquet, each also .gz.",
            show_default=False,
        ),
    ] = None,
    commands: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What people did meanwhile, as JSON lines.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(metavar="N", help="N times as fast as it was; else as fast as it goes.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the events there instead of stdout.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Judge up to this time (ISO 8601 with zone, or epoch ms).")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A service's own log, instead of SITE and FILE.")
    ] = None,
) -> None:
    """Recorded readings through the very same engine: alarm events as JSON lines, nothing sent to anybody.

    CSV has the columns time,installation,point,value and, if you like, quality and received.

    Example: hazardwatch replay plant.yaml shift.csv.gz --commands shift.jsonl --out events.jsonl
    """
    from hazardwatch.program_log import to_stderr

    to_stderr()
    end = _time(until)
    if speed is not None and not speed > 0:
        raise typer.BadParameter("a number greater than 0 is needed", param_hint="--speed")
    if data is not None:
        if commands is not None or len(paths or []) > 1:
            raise ConfigError("--data replays a service's own log with its own commands: leave FILE and --commands out")
        events = _of_log(data, end, speed)
    elif paths and len(paths) > 1:
        events = _of_files(paths[0], paths[1:], commands, end, speed)
    else:
        raise ConfigError(
            "replay needs a site file and at least one recording, or --data DIR; see `hazardwatch replay --help`"
        )
    _write(events, out, at_once=speed is not None)


def _of_files(
    site_file: Path, files: list[Path], commands: Path | None, until: int | None, speed: float | None
) -> Iterator[Event]:
    from hazardwatch.commands_files import merged, read_commands
    from hazardwatch.readings_files import read_readings
    from hazardwatch.recorded_faults import Faults
    from hazardwatch.replay import replay as replay_records
    from hazardwatch.sites import sound_site

    site, warnings = sound_site(site_file)
    faults = Faults()
    readings = read_readings(files, site, faults)
    orders = read_commands(commands, site, faults) if commands else []
    faults.raise_if_any()
    for text in [*warnings, *readings.warnings]:
        typer.echo(f"warning: {text}", err=True)
    total = len(readings) + len(orders)
    records: Iterable[Recorded] = merged(readings.blocks(), orders)
    if sys.stderr.isatty() and not sys.stdout.isatty():  # on one terminal the events themselves show how it goes
        records = _with_bar(records, total)
    return replay_records(site, _paced(records, speed, lambda one: one[0]), until)


def _of_log(data: Path, until: int | None, speed: float | None) -> Iterator[Event]:
    from hazardwatch.log_entries import plant_entries
    from hazardwatch.replay import replay_log
    from pipeline.clock import now_ms

    entries = plant_entries(data, now_ms() if until is None else until)
    return replay_log(_paced(entries, speed, lambda entry: entry.stamp))


def _paced(records: Iterable[_T], speed: float | None, received: Callable[[_T], int]) -> Iterable[_T]:
    if speed is None:
        return records
    from time import sleep

    from hazardwatch.pace import paced
    from pipeline.clock import monotonic_s

    return paced(records, speed, received, monotonic_s, sleep)


def _with_bar(records: Iterable[Recorded], total: int) -> Iterator[Recorded]:
    """A bar on stderr, as long as it runs; `total` counts readings and commands."""
    from rich.console import Console
    from rich.progress import Progress

    from pipeline.model import Block

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=total)
        waiting = 0
        for record in records:
            yield record
            waiting += len(record[2]) if isinstance(record[2], Block) else 1
            if waiting >= 1000:
                bar.advance(task, waiting)
                waiting = 0


def _write(events: Iterable[Event], out: Path | None, *, at_once: bool) -> None:
    from pipeline.outside import event_json

    with contextlib.ExitStack() as stack:
        stream: Any = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        for event in events:
            stream.write(event_json(event) + b"\n")
            if at_once:
                stream.flush()
        stream.flush()


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    from hazardwatch.recorded_fields import time_ms

    try:
        return time_ms(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not {error}", param_hint="--until") from None
