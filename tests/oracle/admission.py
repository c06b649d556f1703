"""Which readings are accepted, at what time, and which are backfill, for one point.

It judges no value and raises nothing.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tests.oracle.records import Reading

REPEATS_KNOWN = 256
RUN_SAMPLES = 3
RUN_RECEIVED_MS = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """An admitted reading. `ahead` is d of its record (None: no stamps in it); `time` None: of unknown time."""

    point: int
    arrival: int
    time: int | None
    received: int
    value: float
    quality: int
    backfill: bool
    ahead: int | None = None
    set_back: bool = False


def _same(reading: Reading) -> tuple[int | None, float | None, int]:
    """What makes a repeat: stamp as sent, value (null equals null) and quality."""
    return reading.stamp, None if math.isnan(reading.value) else reading.value, reading.quality


@dataclass(slots=True)
class PointAdmission:
    """What admission remembers of one point."""

    newest: int | None = None  # newest accepted time
    sent: int | None = None  # stamp as sent of the sample accepted last (of those with a stamp)
    known: deque[tuple[int | None, float | None, int]] = field(default_factory=lambda: deque(maxlen=REPEATS_KNOWN))
    run: list[tuple[int, int]] = field(default_factory=list)  # (stamp, received) of backfill with none accepted between
    set_back: int | None = None  # last stamp accepted since the device's clock was found set back

    def admit(self, point: int, readings: list[tuple[int, Reading]], received: int) -> list[Sample]:
        """The point's readings of one record as (arrival, reading), in order of arrival; repeats are left out."""
        # Ahead by d: the newest stamp of the record, repeats left out, against the received time.
        # Silent: old retained copies say nothing of the clock now, so they do not count for d.
        stamps = [
            reading.stamp
            for _, reading in readings
            if reading.stamp is not None and not reading.retained and _same(reading) not in self.known
        ]
        ahead = max(stamps) - received if stamps else None
        admitted = []
        for arrival, reading in readings:
            if reading.stamp is not None and _same(reading) in self.known:
                continue  # the same stamp, value and quality as one of the last 256 accepted: an MQTT redelivery
            time, set_back = self._place(reading, received, ahead)
            backfill = time is None
            if backfill:
                time = self._backfill_time(reading, received, ahead)
            admitted.append(
                Sample(point, arrival, time, received, reading.value, reading.quality, backfill, ahead, set_back)
            )
        return admitted

    @staticmethod
    def _backfill_time(reading: Reading, received: int, ahead: int | None) -> int | None:
        if reading.stamp is None:
            return None  # a retained copy without a stamp: nobody knows when
        if reading.retained:
            return min(reading.stamp, received)  # silent: nothing was measured in the future
        return reading.stamp - max(ahead or 0, 0)

    def _place(self, reading: Reading, received: int, ahead: int | None) -> tuple[int | None, bool]:
        """Accepted time (None: backfill) and whether the clock counts as set back at this sample."""
        if reading.retained:
            return None, False  # a broker's old copy is kept as backfill; silent: it is part of no run
        if reading.stamp is None:
            # Without a stamp the received time serves, at least the newest accepted; it cannot be believed again.
            return self._accept(self._at_least_newest(received), None), self.set_back is not None
        moved = reading.stamp - max(ahead or 0, 0)
        if self.newest is None or moved >= self.newest:  # equal is accepted, in order of arrival
            self.set_back = None  # believed (again)
            return self._accept(moved, reading), False
        if ahead is not None and ahead > 0 and (self.sent is None or reading.stamp >= self.sent):
            # Only the moving back made it old: it is not older than what the device sent before.
            return self._accept(self.newest, reading), self.set_back is not None
        if self.set_back is not None and not (ahead or 0) > 0 and reading.stamp >= self.set_back:
            self.set_back = reading.stamp
            return self._accept(self._at_least_newest(received), reading), True
        self.set_back = None  # its stamps fell: what follows must prove itself anew
        if self._runs(reading.stamp, received):
            self.set_back = reading.stamp
            return self._accept(self._at_least_newest(received), reading), True
        return None, False

    def _at_least_newest(self, received: int) -> int:
        return received if self.newest is None else max(received, self.newest)

    def _accept(self, time: int, stamped: Reading | None) -> int:
        self.newest = time
        self.run.clear()  # a run has no accepted sample between
        if stamped is not None:
            self.sent = stamped.stamp
            self.known.append(_same(stamped))
        return time

    def _runs(self, stamp: int, received: int) -> bool:
        """Whether this backfill sample completes a run that shows a clock set back."""
        if self.run and stamp == self.run[-1][0]:
            return False  # an equal stamp neither counts nor breaks the run
        if self.run and stamp < self.run[-1][0]:
            self.run.clear()  # a lower one begins it anew
        self.run.append((stamp, received))
        stamps = stamp - self.run[0][0]
        took = received - self.run[0][1]
        return len(self.run) >= RUN_SAMPLES and took >= RUN_RECEIVED_MS and took <= 2 * stamps and stamps <= 2 * took

    def shift(self, by: int) -> None:
        """We were away: held received times move by the difference."""
        self.run = [(stamp, received + by) for stamp, received in self.run]
