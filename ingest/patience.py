"""Where the intake waits out a log that cannot take records now. Decides nothing about what may be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pipeline.errors import Transient


async def until_done(action: Callable[[], Awaitable[None]], *, most_s: float = 5.0) -> None:
    """Try `action` until it does not raise Transient; the wait doubles from 0.1 s up to `most_s`."""
    wait_s = 0.1
    while True:
        try:
            return await action()
        except Transient:
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, most_s)
