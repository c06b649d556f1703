"""What goes in and what comes out of the oracle, as plain values.

It knows nothing of judging.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.model import Command

Told = dict[str, Any]
"""One alarm event, as a plain dict with the contract's names; `occurrence` is a running number per alarm."""

NULL = math.nan
"""A value that was null, NaN or infinite."""


class Reading(NamedTuple):
    """One reading as sent: `stamp` None = the payload had no time; `quality` 0 good, 1 uncertain, 2 bad."""

    point: str
    stamp: int | None
    value: float
    quality: int = 0
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Readings:
    """One record of readings; an empty one only moves log time on (a tick)."""

    received: int
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Commanded:
    """One record of a command; `command.occurrence` is the alarm's running occurrence number as text."""

    received: int
    command: Command


Record = Readings | Commanded


@dataclass(frozen=True, slots=True)
class Change:
    """The confirmed condition of one alarm changed (before anybody asked what state that makes)."""

    alarm: str
    on: bool
    time: int
    decided: int
    value: float | None
    reason: str
    left_s: int | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What an event says of its cause: when, by which value, why, by whom."""

    time: int
    decided: int
    value: float | None
    reason: str | None
    actor: str | None = None
    note: str | None = None
    left_s: int | None = None
