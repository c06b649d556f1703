"""HH, H, `type: high` and L, LL, `type: low`: a value against a setpoint with a deadband."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.rings import Floats, Lanes


@lru_cache(maxsize=4096)  # equipment comes in numbers, with the same limits
def _end(setpoint: float, deadband: float, side: int) -> float:
    """In decimals and rounded once: 13.2 - 0.1 must be 13.1, not 13.0999..."""
    return float(Decimal(repr(setpoint)) - side * Decimal(repr(deadband)))


class _Level:
    """What high and low share: nothing is remembered between samples."""

    windowed: ClassVar[bool] = False
    side: ClassVar[int]

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        self._setpoint = [0.0] * len(alarms)
        self._end = [0.0] * len(alarms)
        for lane, (_, alarm) in enumerate(alarms):
            self.tune(lane, alarm)

    def tune(self, lane: int, alarm: Alarm) -> None:
        """Setpoint and deadband from now on."""
        assert alarm.setpoint is not None, f"{alarm.id}: a level alarm has a setpoint"
        self._setpoint[lane] = alarm.setpoint
        self._end[lane] = _end(alarm.setpoint, alarm.deadband, self.side)

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Not windowed: never called."""
        raise NotImplementedError

    def snapshot(self) -> Mapping[int, object]:
        """Nothing to keep."""
        return {}

    def restore(self, lane: int, state: object) -> None:
        """Nothing was kept."""


class High(_Level):
    """Starts at v >= setpoint; once on, ends at v < setpoint - deadband (contract, "Conditions")."""

    side = 1

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Off: below the setpoint. On: not below the end."""
        return (self._end[lane], math.inf) if on else (-math.inf, math.nextafter(self._setpoint[lane], -math.inf))

    def signal(self, lane: int, value: float) -> Signal:
        """See the class."""
        return Signal(starts=value >= self._setpoint[lane], ends=value < self._end[lane])


class Low(_Level):
    """Starts at v <= setpoint; once on, ends at v > setpoint + deadband."""

    side = -1

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Off: above the setpoint. On: not above the end."""
        return (-math.inf, self._end[lane]) if on else (math.nextafter(self._setpoint[lane], math.inf), math.inf)

    def signal(self, lane: int, value: float) -> Signal:
        """See the class."""
        return Signal(starts=value <= self._setpoint[lane], ends=value > self._end[lane])
