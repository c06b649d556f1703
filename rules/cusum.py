"""`type: cusum`: small shifts that last, by two-sided cumulative sums (Page 1954). Counts samples, not time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes

_THERE = 1e-9  # a sum this near to 0 or the threshold is there (contract, "Conditions")


class CumulativeSum:
    """S+ = min(threshold, max(0, S+ + v - reference - slack)), S- its mirror; all in the point's unit.

    Starts when one reaches the threshold, ends when both are 0.
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        of = [alarm.cusum for _, alarm in alarms if alarm.cusum is not None]
        self._reference = np.array([each.reference for each in of])
        self._slack = np.array([each.slack for each in of])
        self._threshold = np.array([each.threshold for each in of])
        self._up = np.zeros(len(of))
        self._down = np.zeros(len(of))

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of a sum."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: off and no sum at the threshold, or on and a sum above 0."""
        off, slack, threshold = value - self._reference[lanes], self._slack[lanes], self._threshold[lanes]
        self._up[lanes] = _clipped(self._up[lanes] + off - slack, threshold)
        self._down[lanes] = _clipped(self._down[lanes] - off - slack, threshold)
        highest = np.maximum(self._up[lanes], self._down[lanes])
        return np.where(on, highest > 0, highest < threshold)

    def signal(self, lane: int, value: float) -> Signal:
        """From the sums."""
        highest = max(self._up[lane], self._down[lane])
        return Signal(starts=bool(highest == self._threshold[lane]), ends=bool(highest == 0))

    def snapshot(self) -> Mapping[int, object]:
        """Both sums, where one is not 0."""
        lanes = np.flatnonzero((self._up > 0) | (self._down > 0)).tolist()
        return {lane: [float(self._up[lane]), float(self._down[lane])] for lane in lanes}

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        self._up[lane], self._down[lane] = cast("list[float]", state)


def _clipped(total: Floats, threshold: Floats) -> Floats:
    total = np.where(total <= _THERE, 0.0, total)
    return np.where(total >= threshold - _THERE, threshold, total)
