"""STALE, BAD, LATE and CLOCK of one point.

It tells when they change; it knows nothing of alarm states.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Quality
from pipeline.site import Point
from tests.oracle.admission import Sample
from tests.oracle.valuing import Worth

CLOCK_ON_MS = 60_000
CLOCK_OFF_MS = 30_000


@dataclass(slots=True)
class Instruments:
    """`heard`: received time last heard, or since when the point is waited for."""

    heard: int
    stale: bool = False
    bad: str | None = None  # reason while on
    late: bool = False
    ahead: bool = False
    back: bool = False
    lost: bool = False  # the last accepted sample was not judged
    uncertain: int | None = None  # accepted time of the first uncertain sample since the last good one

    def second(self, second: int, point: Point) -> int | None:
        """Time at which STALE goes on, if it does at this second."""
        if self.stale or point.stale_after_ms is None or second - self.heard <= point.stale_after_ms:
            return None
        self.stale = True
        return self.heard + point.stale_after_ms

    def sample(self, point: Point, sample: Sample, worth: Worth) -> dict[str, tuple[bool, int, str]]:
        """Changes by kind: (on, time, reason). Bad samples are heard, late and ahead like any other."""
        assert sample.time is not None
        changes: dict[str, tuple[bool, int, str]] = {}
        if self.stale:
            changes["stale"] = (False, sample.received, "stale")
        self.heard, self.stale = sample.received, False
        was_bad, self.bad = self.bad, self._bad(point, sample, worth)
        if (was_bad is None) != (self.bad is None):
            changes["bad"] = (self.bad is not None, sample.time, self.bad or was_bad or "")
        lag = sample.received - sample.time
        was_late, self.late = self.late, lag > point.late_after_ms or (self.late and 2 * lag > point.late_after_ms)
        if was_late != self.late:
            changes["late"] = (self.late, sample.time, "late")
        was = self._clock()
        self._hear_clock(sample)
        if (was is None) != (self._clock() is None):
            changes["clock"] = (was is None, sample.time, self._clock() or was or "")
        return changes

    def _bad(self, point: Point, sample: Sample, worth: Worth) -> str | None:
        if worth.bad is not None:
            return worth.bad  # bad ones do not count for the uncertain ones around them
        if sample.quality != Quality.UNCERTAIN:
            self.uncertain = None
            return None
        assert sample.time is not None
        if self.uncertain is None:
            self.uncertain = sample.time
        if point.stale_after_ms is not None and sample.time - self.uncertain > point.stale_after_ms:
            return "uncertain"
        return None

    def _clock(self) -> str | None:
        if self.back:
            return "back"
        return "ahead" if self.ahead else None

    def _hear_clock(self, sample: Sample) -> None:
        if sample.set_back:
            self.back = True
        elif sample.ahead is not None:
            self.back = False  # believed again
        if sample.ahead is None:
            return  # silent: a record without stamps says nothing of the clock
        if sample.ahead > CLOCK_ON_MS:
            self.ahead = True
        elif sample.ahead <= CLOCK_OFF_MS:
            self.ahead = False
