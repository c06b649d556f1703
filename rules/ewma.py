"""`type: ewma`: small shifts that last, by an exponentially weighted moving average. Counts samples, not time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes

_TOLERANCE = 1e-9  # relative, in favour of starting, as for every computed quantity
_ENDS = 0.5
_FURTHEST = 2.0


class ExponentialAverage:
    """z = lambda v + (1 - lambda) z, from z = reference; all in the point's unit.

    Starts at |z - reference| >= h = L sigma sqrt(lambda / (2 - lambda)), ends below h / 2. z goes no further than 2 h,
    so that one wild sample is forgotten a few later. (Roberts, Technometrics 1 (1959) 239; NIST/SEMATECH e-Handbook
    6.3.2.4, with the limits of the settled chart.)
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        of = [alarm.ewma for _, alarm in alarms if alarm.ewma is not None]
        self._reference = np.array([each.reference for each in of])
        self._weight = np.array([each.weight for each in of])
        self._limit = np.array([each.width * each.sigma for each in of]) * np.sqrt(self._weight / (2 - self._weight))
        self._off = np.zeros(len(of))  # z - reference

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of an average."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: off and nearer than the limit, or on and not yet back."""
        weight, limit = self._weight[lanes], self._limit[lanes]
        off = weight * (value - self._reference[lanes]) + (1 - weight) * self._off[lanes]
        self._off[lanes] = off = np.clip(off, -_FURTHEST * limit, _FURTHEST * limit)
        held, near = np.abs(off) >= _ENDS * limit * (1 - _TOLERANCE), np.abs(off) < limit * (1 - _TOLERANCE)
        quiet: NDArray[np.bool_] = (on & held) | (~on & near)
        return quiet

    def signal(self, lane: int, value: float) -> Signal:
        """From the average."""
        off, limit = abs(float(self._off[lane])), float(self._limit[lane]) * (1 - _TOLERANCE)
        return Signal(starts=off >= limit, ends=off < _ENDS * limit)

    def snapshot(self) -> Mapping[int, object]:
        """Where the averages are, where they are off their reference."""
        return {lane: float(self._off[lane]) for lane in np.flatnonzero(self._off).tolist()}

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        self._off[lane] = cast("float", state)
