"""`type: flatline`: a value that no longer moves: a stuck gauge, a frozen transmitter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import UNDECIDED, Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes, Rings

_TOLERANCE = 1e-9  # relative, in favour of starting (contract, "Conditions")
_MINIMUM = 3
_SPAN = 0.9


class FlatLine:
    """Starts when max - min <= band, over the judged samples in [t - for, t] and the last one before them.

    At least 3 samples spanning 90 % of `for`, else undecided; ends when they move more than `band` (point's unit).
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        of = [alarm.flatline for _, alarm in alarms if alarm.flatline is not None]
        self._for = np.array([each.for_ms for each in of], np.int64)
        self._band = np.array([each.band for each in of]) * (1 + _TOLERANCE)
        self._rings = Rings(len(of))
        # The older of two samples known to lie more than `band` apart: nothing is flat while it is in the window.
        self._moved = np.full(len(of), -(2**62), np.int64)
        self._anchor_time = np.full(len(of), -(2**62), np.int64)
        self._anchor_value = np.zeros(len(of))

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of movement."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: off, and two samples inside the window are known to lie further apart than the band."""
        self._rings.add(lanes, time, value)
        begin = time - self._for[lanes]
        self._evict(lanes, begin)
        moved = np.abs(value - self._anchor_value[lanes]) > self._band[lanes]
        self._moved[lanes] = np.where(moved, self._anchor_time[lanes], self._moved[lanes])
        self._anchor_time[lanes] = np.where(moved, time, self._anchor_time[lanes])
        self._anchor_value[lanes] = np.where(moved, value, self._anchor_value[lanes])
        return ~on & (self._moved[lanes] >= begin)

    def _evict(self, lanes: Lanes, begin: NDArray[np.int64]) -> None:
        """Drop what came before the last sample before the window."""
        rings = self._rings
        while len(lanes):
            second = rings.time[rings.slot(lanes, rings.tail[lanes] + 1)]
            old = (rings.tail[lanes] + 1 < rings.head[lanes]) & (second < begin)
            lanes, begin = lanes[old], begin[old]
            rings.tail[lanes] += 1

    def signal(self, lane: int, value: float) -> Signal:
        """From the ring itself."""
        times, values = self._rings.samples(lane)
        if len(times) < _MINIMUM or times[-1] - times[0] < _SPAN * self._for[lane]:
            return UNDECIDED
        flat = bool(values.max() - values.min() <= self._band[lane])
        return Signal(starts=flat, ends=not flat)

    def snapshot(self) -> Mapping[int, object]:
        """The samples."""
        return self._rings.taken()

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot; what is known of movement is found again as samples come."""
        self._rings.put_back(lane, cast("list[bytes]", state))
