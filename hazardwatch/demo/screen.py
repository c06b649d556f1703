"""The screen of the demo: drawn four times a second on a terminal, told in plain lines anywhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.live import Live

from hazardwatch.demo.news import news
from hazardwatch.demo.state import DemoState
from hazardwatch.demo.texts import Words
from hazardwatch.demo.view import draw

_DRAW_S = 0.25
_TELL_S = 0.5
PICTURE = (132, 44)


async def show(snapshot: Callable[[], DemoState], words: Words, console: Console) -> None:
    """For ever, until cancelled; then the terminal is as it was."""
    if console.is_terminal and not console.is_dumb_terminal:
        await _live(snapshot, words, console)
    else:
        await _lines(snapshot, words, console)


async def _live(snapshot: Callable[[], DemoState], words: Words, console: Console) -> None:
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            width, height = console.size
            live.update(draw(snapshot(), words, width, height), refresh=True)
            await asyncio.sleep(_DRAW_S)


async def _lines(snapshot: Callable[[], DemoState], words: Words, console: Console) -> None:
    before: DemoState | None = None
    try:
        while True:
            before = _tell(before, snapshot(), words, console)
            await asyncio.sleep(_TELL_S)
    finally:
        _tell(before, snapshot(), words, console)


def _tell(before: DemoState | None, now: DemoState, words: Words, console: Console) -> DemoState:
    for line in news(before, now, words):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.file.flush()
    return now


def picture(state: DemoState, words: Words, file: Path) -> None:
    """The screen as an SVG file, for the README."""
    width, height = PICTURE
    console = Console(
        record=True, width=width, height=height, force_terminal=True, color_system="truecolor", file=StringIO()
    )
    console.print(draw(state, words, width, height))
    console.save_svg(str(file), title="hazardwatch demo")
