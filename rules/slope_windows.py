"""Sliding windows of judged samples with a running straight-line fit, for many alarms at once. Pure.

The running sums are a filter only: they tell, with a bound on their own error, that a slope is surely on one
side of a limit. Whatever decides an alarm is computed from the ring itself (`fit`), so results depend neither on
batching nor on drift, and a spike of 1e12 widens the bound until the sums are rebased. Knows no alarms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.rings import Floats, Lanes, Rings

_REBASE_EVERY = 64  # samples; keeps the sums' error near 1e-14 of their size
_ERROR = 2e-13  # relative rounding error of at most ~600 additions, rounded up
_CHUNK = 1_000_000  # samples gathered at once when rebasing


class Fit(NamedTuple):
    """Least squares over one window: `slope` per ms, its standard error, `value` of the line at the newest sample."""

    slope: float
    error: float
    value: float


class Estimate(NamedTuple):
    """What the sums say of some lanes. `error` bounds that of `slope`; `value` is the line's at the newest sample."""

    slope: Floats
    error: Floats
    value: Floats
    decided: NDArray[np.bool_]


class SlopeWindows:
    """`window_ms` per lane; a window is (t - window, t]."""

    def __init__(self, window_ms: NDArray[np.int64]) -> None:
        size = len(window_ms)
        self.window = window_ms
        self.rings = Rings(size)
        self._origin_time = np.zeros(size, np.int64)
        self._origin_value = np.zeros(size, np.float64)
        self._sums = np.zeros((4, size), np.float64)  # x, y, xx, xy about the origin
        self._peak = np.zeros(size, np.float64)  # largest |y| since the last rebase
        self._pushed = np.arange(size, dtype=np.int64) % _REBASE_EVERY  # staggered, so that rebases spread

    def push(self, lanes: Lanes, time: NDArray[np.int64], value: Floats) -> None:
        """Take one sample for each lane (no lane twice), times not falling; drop what left the window."""
        rings = self.rings
        self._evict(lanes, time - self.window[lanes])
        rings.add(lanes, time, value)
        x = (time - self._origin_time[lanes]).astype(np.float64)
        y = value - self._origin_value[lanes]
        self._add(lanes, x, y, 1.0)
        self._peak[lanes] = np.maximum(self._peak[lanes], np.abs(y))
        self._pushed[lanes] += 1
        self._rebase(lanes[(self._pushed[lanes] >= _REBASE_EVERY) | (rings.head[lanes] - rings.tail[lanes] == 1)])

    def estimate(self, lanes: Lanes) -> Estimate:
        """Decided: at least 3 samples span at least half the window."""
        rings = self.rings
        count = (rings.head[lanes] - rings.tail[lanes]).astype(np.float64)
        x, y, xx, xy = self._sums[:, lanes]
        newest = rings.time[rings.slot(lanes, rings.head[lanes] - 1)]
        oldest = rings.time[rings.slot(lanes, rings.tail[lanes])]
        decided = (count >= 3) & (2 * (newest - oldest) >= self.window[lanes])
        spread = np.where(decided, count * xx - x * x, 1.0)
        reach = np.maximum(np.abs(newest - self._origin_time[lanes]), np.abs(oldest - self._origin_time[lanes]))
        slope = (count * xy - x * y) / spread
        rounding = _ERROR * count * count * self._peak[lanes] * np.maximum(reach, 1) / np.abs(spread)
        run = (newest - self._origin_time[lanes]) - x / count
        value = self._origin_value[lanes] + y / count + slope * run
        return Estimate(slope, rounding + 1e-8 * np.abs(slope), value, decided)

    def fit(self, lane: int) -> Fit | None:
        """The exact straight line, or None when fewer than 3 samples span less than half the window."""
        if not self._decided(lane):
            return None
        times, values = self.rings.samples(lane)
        x = (times - times[-1]).astype(np.float64)
        x = x - (x_mean := x.mean())
        y = values - (y_mean := values.mean())
        spread = np.square(x).sum()
        slope = float((x * y).sum() / spread)
        error = float(np.sqrt(np.square(y - slope * x).sum() / (len(times) - 2) / spread))
        return Fit(slope, error, float(y_mean - slope * x_mean))

    def _decided(self, lane: int) -> bool:
        """Without looking at the samples between: a device whose clock stands still has very many at one time."""
        rings = self.rings
        head, tail = rings.head[lane], rings.tail[lane]
        if head - tail < 3:
            return False
        ends = rings.time[rings.slot(np.array([lane, lane]), np.array([tail, head - 1]))]
        return bool(2 * (ends[1] - ends[0]) >= self.window[lane])

    def put_back(self, lane: int, taken: list[bytes]) -> None:
        """Begin a lane with what `rings.taken` gave; its sums are made from the ring at the next push."""
        self.rings.put_back(lane, taken)
        self._pushed[lane] = _REBASE_EVERY

    def _add(self, lanes: Lanes, x: Floats, y: Floats, sign: float) -> None:
        self._sums[:, lanes] += sign * np.stack([x, y, x * x, x * y])

    def _evict(self, lanes: Lanes, until: NDArray[np.int64]) -> None:
        """One by one, oldest first."""
        rings = self.rings
        while len(lanes):
            slot = rings.slot(lanes, rings.tail[lanes])
            old = (rings.tail[lanes] < rings.head[lanes]) & (rings.time[slot] <= until)
            lanes, until, slot = lanes[old], until[old], slot[old]
            x = (rings.time[slot] - self._origin_time[lanes]).astype(np.float64)
            self._add(lanes, x, rings.value[slot] - self._origin_value[lanes], -1.0)
            rings.tail[lanes] += 1

    def _rebase(self, lanes: Lanes) -> None:
        """Sums anew from the ring. Lanes of about one length together: one with very many samples holds up no other."""
        size = np.frexp((self.rings.head[lanes] - self.rings.tail[lanes]).astype(np.float64))[1]
        for each in np.unique(size).tolist():
            self._rebase_alike(lanes[size == each])

    def _rebase_alike(self, lanes: Lanes) -> None:
        """About the newest sample; as many lanes at once as the longest leaves room for."""
        rings = self.rings
        longest = int((rings.head[lanes] - rings.tail[lanes]).max())
        rows = max(1, _CHUNK // longest)
        for start in range(0, len(lanes), rows):
            some = lanes[start : start + rows, None]
            number = rings.tail[some] + np.arange(longest)
            held = number < rings.head[some]
            slot = rings.slot(some, number)
            newest = rings.slot(some, rings.head[some] - 1)
            x = np.where(held, rings.time[slot] - rings.time[newest], 0).astype(np.float64)
            y = np.where(held, rings.value[slot] - rings.value[newest], 0.0)
            flat = some[:, 0]
            self._sums[:, flat] = np.stack([x.sum(1), y.sum(1), (x * x).sum(1), (x * y).sum(1)])
            self._origin_time[flat], self._origin_value[flat] = rings.time[newest[:, 0]], rings.value[newest[:, 0]]
            self._peak[flat] = np.abs(y).max(1)
            self._pushed[flat] = 0
