"""What a process of hazardwatch says of itself to all others, and what follows from what all have said. Pure.

Who puts and reads it is hazardwatch.processes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

SILENT_S = 10.0
"""Every process says how it is each two seconds; one not heard of for so long is silent."""
FORGOTTEN_S = 24 * 3600.0
"""A process that was killed and never came back is not shown any more after this."""


class ProcessState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One process. Fields are only ever added, with defaults: processes of two versions read each other's.

    `id`: host and data folder, so that a restart takes the place of the process before it. `said` (ms) is its own
    clock and differs each time. `roles`: None, or why one does not work. `owns`: role -> installations.
    `hops`: rows as of hazardwatch.api.hops. `lags_s`: role -> how far it is behind the log. `values`: points of SYSTEM
    it knows of. `url`: where its API answers, if it has one. `broker`: counts of its sessions at a broker.
    """

    id: str
    host: str
    pid: int
    version: str
    started: int
    said: int
    roles: dict[str, str | None]
    owns: dict[str, list[str]] = {}
    hops: list[dict[str, Any]] = []
    lags_s: dict[str, float] = {}
    values: dict[str, float | None] = {}
    url: str | None = None
    broker: dict[str, int | None] = {}


@dataclass(frozen=True, slots=True)
class Heard:
    """The newest of a process, and how long ago (s) that was heard."""

    state: ProcessState
    quiet_s: float

    @property
    def silent(self) -> bool:
        """Whether it is to be taken for dead."""
        return self.quiet_s > SILENT_S


_WORST: dict[str, Callable[[float, float], float]] = {
    "history": min,
    "delivery": min,
    "disk-free": min,
    "config-file": min,
    "config-approval": min,
    "config-override": min,
    "reviews-overdue": lambda one, other: one + other,  # each engine counts its own
}
"""Of all other points (counts, seconds, as each process sees them) the largest is the worst."""


def readings(heard: Sequence[Heard], expected: Collection[str]) -> dict[str, float]:
    """SYSTEM's readings from all that was heard, the worst of each point. `expected`: roles that somebody must run.

    NaN, a bad sample, where a value cannot be had and no other process has one.
    """
    alive = [one.state for one in heard if not one.silent]
    run = {role for state in alive for role in state.roles}
    found = _worst([state.values for state in alive])
    lags = _worst([{f"{role}-lag": lag for role, lag in state.lags_s.items()} for state in alive])
    # What nobody is asked for is well: no broker drops anything where none is used.
    found.setdefault("broker-drops", 0.0)
    return (
        found
        | lags
        | {
            "processes-silent": float(sum(one.silent for one in heard)),
            "roles-missing": float(len(set(expected) - run)),
        }
    )


def _worst(each: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for values in each:
        for point, value in values.items():
            if value is None or math.isnan(value):
                found.setdefault(point, math.nan)
            else:
                before = found.get(point, math.nan)
                found[point] = value if math.isnan(before) else _WORST.get(point, max)(before, value)
    return found
