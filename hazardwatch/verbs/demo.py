"""`hazardwatch demo`: everything on this machine, nothing to set up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hazardwatch.verbs.lengths import length_ms


def demo(
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="End after this long (90s); else it runs until ctrl-C.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", envvar="HAZARDWATCH_DATA", help="Where its log and history are kept."),
    ] = None,
) -> None:
    """A simulated tank farm with everything running: MQTT, log, alarms, database, a phone that shows the messages.

    The first alarm comes within a minute; it tells what to try next.

    Example: hazardwatch demo --for 90s
    """
    from hazardwatch.demo import run_demo

    length = length_ms(for_)
    try:
        run_demo(None if length is None else length / 1000, data)
    except KeyboardInterrupt:
        typer.echo("ended", err=True)
