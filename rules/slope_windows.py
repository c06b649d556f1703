"""Sliding windows of judged samples with a running straight-line fit, for many alarms at once. Pure.

The running sums are a filter only: they tell, with a bound on their own error, that a slope is surely on one
side of a limit. Whatever decides an alarm is computed from the ring itself (`fit`), so results depend neither on
batching nor on drift, and a spike of 1e12 widens the bound until the sums are rebased. Knows no alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 64  # samples; a power of two, like every capacity, so that `& (capacity - 1)` wraps
_REBASE_EVERY = 64  # samples; keeps the sums' error near 1e-14 of their size
_ERROR = 2e-13  # relative rounding error of at most ~600 additions, rounded up
_CHUNK = 1_000_000  # samples gathered at once when rebasing

Lanes = NDArray[np.int64]
Floats = NDArray[np.float64]


class Fit(NamedTuple):
    """Least squares over one window: `slope` per ms, `value` of the line at the newest sample, `samples`, `span_ms`."""

    slope: float
    value: float
    samples: int
    span_ms: int


class SlopeWindows:
    """One ring per lane in shared flat arrays; `window_ms` per lane. A window is (t - window, t]."""

    def __init__(self, window_ms: NDArray[np.int64]) -> None:
        size = len(window_ms)
        self.window = window_ms
        self.capacity = np.full(size, _FIRST_CAPACITY, np.int64)
        self.offset = np.arange(size, dtype=np.int64) * _FIRST_CAPACITY
        self.head = np.zeros(size, np.int64)
        self.tail = np.zeros(size, np.int64)
        self.time = np.zeros(size * _FIRST_CAPACITY, np.int64)
        self.value = np.zeros(size * _FIRST_CAPACITY, np.float64)
        self._used = len(self.time)
        self.origin_time = np.zeros(size, np.int64)
        self.origin_value = np.zeros(size, np.float64)
        self.sums = np.zeros((4, size), np.float64)  # x, y, xx, xy about the origin
        self.peak = np.zeros(size, np.float64)  # largest |y| since the last rebase
        self.pushed = np.arange(size, dtype=np.int64) % _REBASE_EVERY  # staggered, so that rebases spread

    def push(self, lanes: Lanes, time: NDArray[np.int64], value: Floats) -> None:
        """Take one sample for each lane (no lane twice), times not falling; drop what left the window."""
        self._evict(lanes, time - self.window[lanes])
        full = lanes[self.head[lanes] - self.tail[lanes] == self.capacity[lanes]]
        if len(full):
            self._grow(full)
        slot = self._slot(lanes, self.head[lanes])
        self.time[slot], self.value[slot] = time, value
        self.head[lanes] += 1
        x = (time - self.origin_time[lanes]).astype(np.float64)
        y = value - self.origin_value[lanes]
        self._add(lanes, x, y, 1.0)
        self.peak[lanes] = np.maximum(self.peak[lanes], np.abs(y))
        self.pushed[lanes] += 1
        self._rebase(lanes[(self.pushed[lanes] >= _REBASE_EVERY) | (self.head[lanes] - self.tail[lanes] == 1)])

    def estimate(self, lanes: Lanes) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Slope per ms, a bound on its error, and whether at least 3 samples span at least half the window."""
        count = (self.head[lanes] - self.tail[lanes]).astype(np.float64)
        x, y, xx, xy = self.sums[:, lanes]
        newest = self.time[self._slot(lanes, self.head[lanes] - 1)]
        oldest = self.time[self._slot(lanes, self.tail[lanes])]
        decided = (count >= 3) & (2 * (newest - oldest) >= self.window[lanes])
        spread = np.where(decided, count * xx - x * x, 1.0)
        reach = np.maximum(np.abs(newest - self.origin_time[lanes]), np.abs(oldest - self.origin_time[lanes]))
        slope = (count * xy - x * y) / spread
        error = _ERROR * count * count * self.peak[lanes] * np.maximum(reach, 1) / np.abs(spread) + 1e-9 * np.abs(slope)
        return slope, error, decided

    def fit(self, lane: int) -> Fit | None:
        """The exact straight line, or None when fewer than 3 samples span less than half the window."""
        times, values = self.samples(lane)
        span = int(times[-1] - times[0]) if len(times) else 0
        if len(times) < 3 or 2 * span < self.window[lane]:
            return None
        x = (times - times[-1]).astype(np.float64)
        x_mean, y_mean = x.mean(), values.mean()
        slope = float(((x - x_mean) * (values - y_mean)).sum() / np.square(x - x_mean).sum())
        return Fit(slope, float(y_mean - slope * x_mean), len(times), span)

    def samples(self, lane: int) -> tuple[NDArray[np.int64], Floats]:
        """The window's times and values, oldest first."""
        slot = self._slot(np.array(lane), np.arange(self.tail[lane], self.head[lane]))
        return self.time[slot], self.value[slot]

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Lane, times and values (as `samples`, in bytes) of every window that is not empty; all gathered at once."""
        count = self.head - self.tail
        lanes = np.repeat(np.arange(len(count)), count)
        begin = np.cumsum(count) - count
        slot = self._slot(lanes, np.arange(len(lanes)) - begin[lanes] + self.tail[lanes])
        times, values = self.time[slot].tobytes(), self.value[slot].tobytes()
        ends = zip((8 * begin).tolist(), (8 * (begin + count)).tolist(), strict=True)
        for lane, (first, end) in enumerate(ends):
            if end > first:
                yield lane, times[first:end], values[first:end]

    def load(self, lane: int, times: NDArray[np.int64], values: Floats) -> None:
        """Begin a lane with these samples (oldest first)."""
        while self.capacity[lane] < len(times):
            self._grow(np.array([lane]))
        slot = self._slot(np.array(lane), np.arange(len(times)))
        self.time[slot], self.value[slot] = times, values
        self.tail[lane], self.head[lane] = 0, len(times)
        self.pushed[lane] = _REBASE_EVERY  # the sums are made from the ring at the next push

    def _slot(self, lanes: Lanes, number: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.offset[lanes] + (number & (self.capacity[lanes] - 1))

    def _add(self, lanes: Lanes, x: Floats, y: Floats, sign: float) -> None:
        self.sums[:, lanes] += sign * np.stack([x, y, x * x, x * y])

    def _evict(self, lanes: Lanes, until: NDArray[np.int64]) -> None:
        """One by one, oldest first."""
        while len(lanes):
            slot = self._slot(lanes, self.tail[lanes])
            old = (self.tail[lanes] < self.head[lanes]) & (self.time[slot] <= until)
            lanes, until, slot = lanes[old], until[old], slot[old]
            x = (self.time[slot] - self.origin_time[lanes]).astype(np.float64)
            self._add(lanes, x, self.value[slot] - self.origin_value[lanes], -1.0)
            self.tail[lanes] += 1

    def _grow(self, lanes: Lanes) -> None:
        """Twice the room for these lanes (none twice), behind all others; the old room is given up."""
        count = self.head[lanes] - self.tail[lanes]
        number = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        old = self._slot(np.repeat(lanes, count), np.repeat(self.tail[lanes], count) + number)
        room = 2 * self.capacity[lanes]
        start = self._used + np.cumsum(room) - room
        self._used += int(room.sum())
        times, values = self.time[old], self.value[old]
        if self._used > len(self.time):
            self._extend(max(self._used, len(self.time) * 3 // 2))
        new = np.repeat(start, count) + number
        self.time[new], self.value[new] = times, values
        self.offset[lanes], self.capacity[lanes] = start, room
        self.tail[lanes], self.head[lanes] = 0, count

    def _extend(self, size: int) -> None:
        """Longer flat arrays. Room in advance: lane by lane, copying everything each time took minutes."""
        time, value = np.zeros(size, np.int64), np.zeros(size, np.float64)
        time[: len(self.time)], value[: len(self.value)] = self.time, self.value
        self.time, self.value = time, value

    def _rebase(self, lanes: Lanes) -> None:
        """Sums anew from the ring, about the newest sample."""
        if not len(lanes):
            return
        longest = int((self.head[lanes] - self.tail[lanes]).max())
        rows = max(1, _CHUNK // longest)
        for start in range(0, len(lanes), rows):
            some = lanes[start : start + rows, None]
            number = self.tail[some] + np.arange(longest)
            held = number < self.head[some]
            slot = self._slot(some, number)
            newest = self._slot(some, self.head[some] - 1)
            x = np.where(held, self.time[slot] - self.time[newest], 0).astype(np.float64)
            y = np.where(held, self.value[slot] - self.value[newest], 0.0)
            flat = some[:, 0]
            self.sums[:, flat] = np.stack([x.sum(1), y.sum(1), (x * x).sum(1), (x * y).sum(1)])
            self.origin_time[flat], self.origin_value[flat] = self.time[newest[:, 0]], self.value[newest[:, 0]]
            self.peak[flat] = np.abs(y).max(1)
            self.pushed[flat] = 0
