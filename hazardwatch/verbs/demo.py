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
        # No environment twin: the folder of a real service must not become a demo's by accident.
        typer.Option(metavar="DIR", help="Where its log and history are kept. Without it: ./hazardwatch-demo"),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh-CN", help="Of the screen, the messages and the site.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the last screen as a picture (SVG).")
    ] = None,
) -> None:
    """A make-believe tank farm with everything running: MQTT, log, alarms, database, a phone that shows messages.

    The first alarm comes within a minute; it tells what to try next. Ctrl-C ends it; exit code 1 when a reading is
    missing in the history or doubled.

    Example: hazardwatch demo --for 90s
    """
    from hazardwatch.demo import run_demo

    length = length_ms(for_)
    raise typer.Exit(run_demo(None if length is None else length / 1000, data, language, picture))
