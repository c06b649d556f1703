"""Where the program's own log lines go: stderr, so that what a verb prints on stdout is its answer and nothing else."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog

_FIRST = ("timestamp", "level", "event")


class Lenient:
    """A logger whose lines may be lost: one that cannot be written (a full disk, a reader that went) ends nothing.

    How many were lost is said as soon as a line can be written again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost = 0

    def msg(self, message: str) -> None:
        """Write one line."""
        lines = [message] if not self.lost else [f"{self.lost} lines of this log could not be written", message]
        try:
            self._stream.write("".join(line + "\n" for line in lines))
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: closed
            self.lost += 1
        else:
            self.lost = 0

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


def to_stderr() -> None:
    """One line per entry: coloured on a terminal, else `key=value` behind an ISO time (UTC). From level info on."""
    on_terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.LogfmtRenderer(key_order=_FIRST)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: Lenient(sys.stderr),  # as it is then: tests put others in its place
    )
