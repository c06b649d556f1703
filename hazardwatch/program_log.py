"""Where the program's own log lines go: stderr, so that what a verb prints on stdout is its answer and nothing else."""

from __future__ import annotations

import logging
import sys

import structlog

_FIRST = ("timestamp", "level", "event")


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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is then: tests put others in its place
    )
