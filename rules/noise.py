"""`type: noise`: a signal too quiet to be alive, or too loud to be sound, against the noise it always has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import UNDECIDED, Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes, Rings

_TOLERANCE = 1e-9  # relative, in favour of starting, as for every computed quantity
_SIGMA = 1.4826  # median of |x| -> standard deviation, for a normal distribution
_STAYS = 0.9  # once on, it ends beyond a tenth of the limit
_MINIMUM = 10  # residuals


class NoiseKind:
    """Starts at noise <= quiet or >= loud (point's unit), ends when above quiet / 0.9 and below 0.9 x loud.

    noise = 1.4826 x median |r| over the residuals whose sample is in (t - window, t]. A sample's residual is how far
    the one before it lies off the straight line between its two neighbours (at equal times: off their mean), divided
    by sqrt(1 + a^2 + b^2), a and b the weights of the neighbours on that line: so it has the spread of the noise
    itself, whatever the trend and the stamps (Gasser, Sroka, Jennen-Steinmetz, Biometrika 73 (1986) 625).
    At least 10 residuals that span half the window, else undecided. An even number has two medians; either counts.

    The median is never worked out: it is at most x when half the residuals are, so that counting them is exact.
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        of = [alarm.noise for _, alarm in alarms if alarm.noise is not None]
        quiet = np.array([-1.0 if each.quiet is None else each.quiet for each in of]) / _SIGMA * (1 + _TOLERANCE)
        loud = np.array([np.inf if each.loud is None else each.loud for each in of]) / _SIGMA * (1 - _TOLERANCE)
        self._limits = np.stack([quiet, quiet / _STAYS, -loud, -_STAYS * loud])  # a residual r, or -r, is at most that
        self._window = np.array([each.window_ms for each in of], np.int64)
        self._rings = Rings(len(of))
        self._within = np.zeros((4, len(of)), np.int64)  # residuals in the window inside each limit
        self._time = np.zeros((2, len(of)), np.int64)  # the last two samples, older first
        self._value = np.zeros((2, len(of)))
        self._seen = np.zeros(len(of), np.int64)

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of noise."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: undecided, or off and no limit reached, or on and one still held."""
        self._evict(lanes, time - self._window[lanes])
        third = self._seen[lanes] >= 2
        residual = self._residual(lanes[third], time[third], value[third])
        self._rings.add(lanes[third], time[third], residual)
        self._count(lanes[third], residual, 1)
        self._time[:, lanes] = self._time[1, lanes], time
        self._value[:, lanes] = self._value[1, lanes], value
        self._seen[lanes] += 1
        decided, starts, holds = self._say(lanes)
        return ~decided | np.where(on, holds, ~starts)

    def _residual(self, lanes: Lanes, time: NDArray[np.int64], value: Floats) -> Floats:
        (oldest, middle), (before, between) = self._time[:, lanes], self._value[:, lanes]
        span = time - oldest
        a = np.where(span > 0, (time - middle) / np.maximum(span, 1), 0.5)
        off: Floats = np.abs(between - a * before - (1 - a) * value) / np.sqrt(1 + a * a + (1 - a) * (1 - a))
        return off

    def _count(self, lanes: Lanes, residual: Floats, sign: int) -> None:
        signed = np.stack([residual, residual, -residual, -residual])
        self._within[:, lanes] += sign * (signed <= self._limits[:, lanes])

    def _evict(self, lanes: Lanes, until: NDArray[np.int64]) -> None:
        """One by one, oldest first."""
        rings = self._rings
        while len(lanes):
            slot = rings.slot(lanes, rings.tail[lanes])
            old = (rings.tail[lanes] < rings.head[lanes]) & (rings.time[slot] <= until)
            lanes, until, slot = lanes[old], until[old], slot[old]
            self._count(lanes, rings.value[slot], -1)
            rings.tail[lanes] += 1

    def _say(self, lanes: Lanes) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Decided, starts, holds."""
        rings = self._rings
        count = rings.head[lanes] - rings.tail[lanes]
        oldest, newest = rings.slot(lanes, rings.tail[lanes]), rings.slot(lanes, rings.head[lanes] - 1)
        spans = 2 * (rings.time[newest] - rings.time[oldest]) >= self._window[lanes]
        quiet, still_quiet, loud, still_loud = 2 * self._within[:, lanes] >= count
        return (count >= _MINIMUM) & spans, quiet | loud, still_quiet | still_loud

    def signal(self, lane: int, value: float) -> Signal:
        """From the counts, which are exact."""
        decided, starts, holds = self._say(np.array([lane]))
        return Signal(starts=bool(starts[0]), ends=not holds[0]) if decided[0] else UNDECIDED

    def snapshot(self) -> Mapping[int, object]:
        """The residuals of the window, and the last two samples."""
        taken = self._rings.taken()
        return {
            lane: [
                taken.get(lane, [b"", b""]), self._time[:, lane].tolist(), self._value[:, lane].tolist(),
                min(int(self._seen[lane]), 2),
            ]
            for lane in np.flatnonzero(self._seen).tolist()
        }  # fmt: skip

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot; what is inside the limits is counted anew, for they may have changed."""
        taken, times, values, seen = cast("tuple[list[bytes], list[int], list[float], int]", state)
        self._rings.put_back(lane, taken)
        self._time[:, lane], self._value[:, lane], self._seen[lane] = times, values, seen
        residual = self._rings.samples(lane)[1]
        signed = np.stack([residual, residual, -residual, -residual])
        self._within[:, lane] = (signed <= self._limits[:, lane, None]).sum(1)
