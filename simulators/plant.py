"""The simulated plant on a wall clock: which ticks are due, what its instruments read then, and what happened.

It publishes nothing and asks no clock: the time is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.site import Text
from simulators import scenario
from simulators.instruments import measure
from simulators.tank_farm import step

TICK_MS = 100
_LONGEST_PAUSE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Tick:
    """One moment of the plant: device time (epoch ms), every reading, and what somebody there would have seen."""

    time_ms: int
    readings: dict[str, float]
    told: tuple[Text, ...]


class Plant:
    """The story from its beginning at `start_ms`; one seed, one plant."""

    def __init__(self, start_ms: int, seed: int) -> None:
        self._start_ms = start_ms
        self._ticks = 0
        self._skipped_ms = 0
        self._farm = scenario.beginning()
        self._rng = np.random.default_rng(seed)

    @property
    def story_s(self) -> float:
        """Seconds of the story that have been played."""
        return self._ticks * TICK_MS / 1000

    def due(self, now_ms: int) -> Iterator[Tick]:
        """Every tick up to `now_ms` not played yet.

        After more than a minute without a call (the machine slept) the plant has slept too: it goes on from now.
        """
        behind = now_ms - self._time_ms(self._ticks)
        if behind > _LONGEST_PAUSE_MS:
            self._skipped_ms += behind
        while self._time_ms(self._ticks + 1) <= now_ms:
            yield self._next()

    def _time_ms(self, ticks: int) -> int:
        return self._start_ms + self._skipped_ms + ticks * TICK_MS

    def _next(self) -> Tick:
        before = self.story_s
        self._ticks += 1
        steps = scenario.due(before, self.story_s)
        for one in steps:
            self._farm = scenario.apply(self._farm, one.action)
        self._farm = step(self._farm, TICK_MS / 1000, self._rng)
        readings = measure(self._farm, self._rng)
        return Tick(self._time_ms(self._ticks), readings, tuple(one.told for one in steps))
