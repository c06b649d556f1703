"""Recent judged samples of many alarms: one ring per lane in shared flat arrays. Pure; knows no formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 64  # samples; a power of two, like every capacity, so that `& (capacity - 1)` wraps

Lanes = NDArray[np.int64]
Floats = NDArray[np.float64]


class Rings:
    """`head` and `tail` count samples ever added and dropped; sample number n is at `slot(lane, n)`."""

    def __init__(self, size: int) -> None:
        self.capacity = np.full(size, _FIRST_CAPACITY, np.int64)
        self.offset = np.arange(size, dtype=np.int64) * _FIRST_CAPACITY
        self.head = np.zeros(size, np.int64)
        self.tail = np.zeros(size, np.int64)
        self.time = np.zeros(size * _FIRST_CAPACITY, np.int64)
        self.value = np.zeros(size * _FIRST_CAPACITY, np.float64)
        self._used = len(self.time)

    def slot(self, lanes: Lanes, number: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where sample `number` of each lane is in `time` and `value`."""
        return self.offset[lanes] + (number & (self.capacity[lanes] - 1))

    def add(self, lanes: Lanes, time: NDArray[np.int64], value: Floats) -> None:
        """One sample for each lane (no lane twice); a full ring grows."""
        full = lanes[self.head[lanes] - self.tail[lanes] == self.capacity[lanes]]
        if len(full):
            self._grow(full)
        slot = self.slot(lanes, self.head[lanes])
        self.time[slot], self.value[slot] = time, value
        self.head[lanes] += 1

    def samples(self, lane: int) -> tuple[NDArray[np.int64], Floats]:
        """A lane's times and values, oldest first."""
        slot = self.slot(np.array(lane), np.arange(self.tail[lane], self.head[lane]))
        return self.time[slot], self.value[slot]

    def taken(self) -> dict[int, list[bytes]]:
        """Every lane that is not empty, for a snapshot: times and values in bytes. All gathered at once."""
        count = self.head - self.tail
        lanes = np.repeat(np.arange(len(count)), count)
        begin = np.cumsum(count) - count
        slot = self.slot(lanes, np.arange(len(lanes)) - begin[lanes] + self.tail[lanes])
        times, values = self.time[slot].tobytes(), self.value[slot].tobytes()
        ends = zip((8 * begin).tolist(), (8 * (begin + count)).tolist(), strict=True)
        return {lane: [times[first:end], values[first:end]] for lane, (first, end) in enumerate(ends) if end > first}

    def put_back(self, lane: int, taken: list[bytes]) -> None:
        """Begin a lane with what `taken` gave."""
        times, values = np.frombuffer(taken[0], np.int64), np.frombuffer(taken[1], np.float64)
        size = len(times)
        if size > self.capacity[lane]:
            room = 1 << (size - 1).bit_length()
            self.offset[lane], self.capacity[lane] = self._used, room
            self._used += room
            if self._used > len(self.time):
                self._extend(max(self._used, len(self.time) * 3 // 2))
        first = int(self.offset[lane])
        self.time[first : first + size], self.value[first : first + size] = times, values
        self.tail[lane], self.head[lane] = 0, size

    def _grow(self, lanes: Lanes) -> None:
        """Twice the room for these lanes (none twice), behind all others; the old room is given up."""
        count = self.head[lanes] - self.tail[lanes]
        number = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        old = self.slot(np.repeat(lanes, count), np.repeat(self.tail[lanes], count) + number)
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
