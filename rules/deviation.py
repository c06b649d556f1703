"""`type: deviation`: how far two gauges of the same thing are apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm
from rules.condition import Signal
from rules.rings import Floats, Lanes

_TOLERANCE = 1e-9  # relative, in favour of starting (contract, "Conditions")
_ROUNDING = 1e-15  # of a difference of two floats, relative to their size, rounded up


class Deviation:
    """Starts at |point - reference| >= setpoint, ends below setpoint - deadband; in the point's unit."""

    def __init__(self, alarms: Sequence[tuple[Alarm, int]]) -> None:
        starts = [alarm.setpoint for alarm, _ in alarms if alarm.setpoint is not None]
        self._starts = np.array(starts) * (1 - _TOLERANCE)
        ends = [Decimal(repr(alarm.setpoint)) - Decimal(repr(alarm.deadband)) for alarm, _ in alarms]
        self._ends = np.array([float(end) for end in ends]) * (1 - _TOLERANCE)
        self._latest = np.zeros((len(alarms), 2))

    def push(self, lanes: Lanes, time: NDArray[np.int64], values: Floats, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Quiet: surely nearer than the setpoint, or on and surely not below the end."""
        self._latest[lanes] = values[:, :2]
        apart = np.abs(values[:, 0] - values[:, 1])
        blur = _ROUNDING * np.abs(values[:, :2]).sum(1)
        held, near = apart - blur > self._ends[lanes], apart + blur < self._starts[lanes]
        quiet: NDArray[np.bool_] = (on & held) | (~on & near)
        return quiet

    def signal(self, lane: int) -> Signal:
        """See the class."""
        value = self.value(lane, self._latest[lane].tolist())
        return Signal(starts=value >= float(self._starts[lane]), ends=value < float(self._ends[lane]))

    def afresh(self, lane: int) -> bool:
        """Never."""
        return False

    def value(self, lane: int, values: Sequence[float]) -> float:
        """The deviation, in decimals so that 12.3 - 12.0 is 0.3."""
        return float(abs(Decimal(repr(values[0])) - Decimal(repr(values[1]))))

    def snapshot(self) -> Mapping[int, object]:
        """Nothing to keep: the gauges keep their values."""
        return {}

    def restore(self, lane: int, state: object) -> None:
        """Nothing was kept."""
