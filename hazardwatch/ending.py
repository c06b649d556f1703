"""Ctrl-C and SIGTERM: noted from the first moment on, acted on once there is a task to end. It ends nothing itself."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Whether the end was asked for."""

    def __init__(self) -> None:
        self.asked = False

    def note(self) -> None:
        """From now on a signal is noted and does nothing else.

        A KeyboardInterrupt in the midst of an import can pass through `exec` of a text (dataclasses do that), and
        then Python ends with the signal, whoever catches it.
        """
        for one in _SIGNALS:
            signal.signal(one, self._noted)

    def ends(self, task: asyncio.Task[None]) -> None:
        """From now on, and for one noted before, a signal cancels `task`: once, a second must not cut that short.

        Both are taken explicitly, as a shell starts what it puts into the background with SIGINT ignored.
        """
        loop = asyncio.get_running_loop()

        def end() -> None:
            if not task.cancelling():
                task.cancel()

        for one in _SIGNALS:
            loop.add_signal_handler(one, end)
        if self.asked:
            end()

    def _noted(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
