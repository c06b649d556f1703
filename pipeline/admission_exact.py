"""Admission of one point, sample by sample: the contract's text in code. Pure.

`pipeline.admission` sends a point here when anything in the record is odd: a repeat, disorder, a clock ahead
or set back, a retained copy. It is rare, so exactness beats speed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model import NO_STAMP, QUALITY_MASK, RETAINED

if TYPE_CHECKING:
    from pipeline.admission import Admission

NEVER = -(2**62)
REMEMBERED = 256
"""How many accepted stamped samples of a point are remembered, to know a redelivery."""
AHEAD_ON_MS = 60_000
AHEAD_OFF_MS = 30_000
RUN_SAMPLES = 3
RUN_MS = 10_000

Sample = tuple[int, float, int]
"""Stamp (ms), value, flags."""
Answer = tuple[int, bool, int]
"""Accepted (or backfill) time, backfill, CLOCK."""


class PointClock:
    """One point's row of the admission columns, by name."""

    def __init__(self, columns: Admission, row: int) -> None:
        self.columns = columns
        self.row = row

    @property
    def newest(self) -> int:
        """Newest accepted time."""
        return int(self.columns.newest[self.row])

    def is_repeat(self, stamp: int, value: float, quality: int) -> bool:
        """Whether one of the last accepted stamped samples was the same."""
        columns, row = self.columns, self.row
        if stamp > columns.max_sent[row]:
            return False
        size = min(int(columns.count[row]), REMEMBERED)
        for slot in np.flatnonzero(columns.sent[row, :size] == stamp).tolist():
            same = columns.value[row, slot] == value or (math.isnan(value) and math.isnan(columns.value[row, slot]))
            if same and columns.quality[row, slot] == quality:
                return True
        return False

    def accept(self, time: int, ahead_by: int | None) -> Answer:
        """The sample counts at `time`. CLOCK changes only here. `ahead_by`: the record's d, None without stamps."""
        columns, row = self.columns, self.row
        columns.newest[row] = time
        columns.run_count[row] = 0
        if ahead_by is None:  # nothing was said of the clock, so nothing is known better
            return time, False, int(columns.clock[row])
        if ahead_by > AHEAD_ON_MS:
            columns.ahead[row] = True
        elif ahead_by <= AHEAD_OFF_MS:
            columns.ahead[row] = False
        clock = 2 if columns.back[row] else int(columns.ahead[row])
        columns.clock[row] = clock
        return time, False, clock

    def remember(self, stamp: int, value: float, quality: int) -> None:
        """Keep an accepted stamped sample as sent."""
        columns, row = self.columns, self.row
        slot = int(columns.count[row]) % REMEMBERED
        columns.sent[row, slot], columns.value[row, slot], columns.quality[row, slot] = stamp, value, quality
        columns.count[row] += 1
        columns.last_sent[row] = stamp
        # Taken anew each time, so that one stamp of the year 2099 does not keep the point off the fast path for ever.
        columns.max_sent[row] = columns.sent[row, : min(int(columns.count[row]), REMEMBERED)].max()


def admit(clock: PointClock, samples: list[Sample], received: int) -> list[Answer | None]:
    """One record's samples of one point in order of arrival; None for a repeat."""
    stamps = [
        stamp
        for stamp, value, flags in samples
        if not flags & (NO_STAMP | RETAINED) and not clock.is_repeat(stamp, value, flags & QUALITY_MASK)
    ]
    ahead_by = max(stamps) - received if stamps else None
    return [_admit_one(clock, sample, received, ahead_by) for sample in samples]


def _admit_one(clock: PointClock, sample: Sample, received: int, ahead_by: int | None) -> Answer | None:
    stamp, value, flags = sample
    quality = flags & QUALITY_MASK
    if flags & NO_STAMP:
        if flags & RETAINED:
            return received, True, int(clock.columns.clock[clock.row])
        return clock.accept(max(received, clock.newest), ahead_by)
    if clock.is_repeat(stamp, value, quality):
        return None
    if flags & RETAINED:
        return min(stamp, received), True, int(clock.columns.clock[clock.row])
    time = stamp if ahead_by is None or ahead_by <= 0 else stamp - ahead_by
    if time >= clock.newest:
        clock.columns.back[clock.row] = False
    elif time != stamp and stamp >= clock.columns.last_sent[clock.row]:
        clock.columns.back_last[clock.row] = stamp
        time = clock.newest
    elif not _set_back(clock, stamp, received):
        return time, True, int(clock.columns.clock[clock.row])
    else:
        time = max(received, clock.newest)
    answer = clock.accept(time, ahead_by)
    clock.remember(stamp, value, quality)
    return answer


def _set_back(clock: PointClock, stamp: int, received: int) -> bool:
    """Whether this stamp, older than the newest accepted time, comes from a clock that was set back."""
    columns, row = clock.columns, clock.row
    if columns.back[row]:
        if stamp >= columns.back_last[row]:
            columns.back_last[row] = stamp
            return True
        columns.back[row] = False
    if columns.run_count[row] == 0 or stamp < columns.run_last[row]:
        columns.run_count[row], columns.run_first[row], columns.run_received[row] = 1, stamp, received
        columns.run_last[row] = stamp
        return False
    if stamp == columns.run_last[row]:
        return False
    columns.run_count[row] += 1
    columns.run_last[row] = stamp
    waited = received - int(columns.run_received[row])
    advanced = stamp - int(columns.run_first[row])
    if columns.run_count[row] >= RUN_SAMPLES and waited >= RUN_MS and waited <= 2 * advanced <= 4 * waited:
        columns.back[row] = True
        columns.back_last[row] = stamp
        return True
    return False
