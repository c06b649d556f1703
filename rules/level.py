"""HH, H, `type: high` and L, LL, `type: low`: a value against a setpoint with a deadband."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.rings import Floats, Lanes


class _Level:
    """What high and low share: nothing is remembered between samples."""

    windowed: ClassVar[bool] = False
    side: ClassVar[int]

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        self._setpoint: list[float] = []
        self._end: list[float] = []
        for _, alarm in alarms:
            assert alarm.setpoint is not None, f"{alarm.id}: a level alarm has a setpoint"
            self._setpoint.append(alarm.setpoint)
            # In decimals and rounded once: 13.2 - 0.1 must be 13.1, not 13.0999...
            deadband = self.side * Decimal(repr(alarm.deadband))
            self._end.append(float(Decimal(repr(alarm.setpoint)) - deadband))

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Not windowed: never called."""
        raise NotImplementedError

    def snapshot(self, lane: int) -> object:
        """Nothing to keep."""
        return None

    def restore(self, lane: int, state: object) -> None:
        """Nothing was kept."""


class High(_Level):
    """Starts at v >= setpoint; once on, ends at v < setpoint - deadband (contract, "Conditions")."""

    side = 1

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Off: below the setpoint. On: not below the end."""
        return (self._end[lane], np.inf) if on else (-np.inf, np.nextafter(self._setpoint[lane], -np.inf))

    def signal(self, lane: int, value: float) -> Signal:
        """See the class."""
        return Signal(starts=value >= self._setpoint[lane], ends=value < self._end[lane])


class Low(_Level):
    """Starts at v <= setpoint; once on, ends at v > setpoint + deadband."""

    side = -1

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Off: above the setpoint. On: not above the end."""
        return (-np.inf, self._end[lane]) if on else (np.nextafter(self._setpoint[lane], np.inf), np.inf)

    def signal(self, lane: int, value: float) -> Signal:
        """See the class."""
        return Signal(starts=value <= self._setpoint[lane], ends=value > self._end[lane])
