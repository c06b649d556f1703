"""The simulated operator: what a person at the desk would do about the alarms that stand. Pure; it presses nothing.

A real person may be quicker: what is done already is not wanted again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulators.scenario import Reaction

OPERATOR = "li.wei"
"""Who sits at the desk of the demo site."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A standing alarm as the operator sees it; `since_ms` is when this state began."""

    alarm: str
    state: str
    occurrence: str | None
    since_ms: int


@dataclass(frozen=True, slots=True)
class Deed:
    """A command the operator gives now."""

    command: Literal["acknowledge", "reset"]
    alarm: str
    occurrence: str | None
    note: str


def deeds(standing: Iterable[Seen], now_ms: int, reaction: Reaction) -> list[Deed]:
    """What has waited long enough: unacknowledged alarms are acknowledged, latched and acknowledged ones reset."""
    wanted: list[Deed] = []
    for seen in standing:
        waited_s = (now_ms - seen.since_ms) / 1000
        if seen.state.endswith("UNACK") and waited_s >= reaction.acknowledge_s:
            wanted.append(Deed("acknowledge", seen.alarm, seen.occurrence, "seen, on it"))
        elif seen.state == "LATCH_ACKED" and waited_s >= reaction.reset_s:
            wanted.append(Deed("reset", seen.alarm, seen.occurrence, "checked on site, normal again"))
    return wanted
