"""All alarms of one point, sample by sample: the exact path (contract, "How a sample is judged"). Pure.

`rules.judge` comes here only with points where something may happen. Order within a sample: STALE, CLOCK, LATE,
BAD, then the process alarms in the site file's order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.model import Change, Finding, Quality
from pipeline.site import Alarm, Point
from rules import quality
from rules.condition import Signal
from rules.counted import Turn
from rules.watched import REMEMBERED_SPELLS, Watched

FOREVER = 2**61
CLOCK_REASONS = ("", "ahead", "back")
EXCURSION_APART_MS = 600_000


class Sample(NamedTuple):
    """One accepted sample. `judged_as` is NaN where it is not judged. Times ms."""

    time: int
    received: int
    value: float
    quality: int
    clock: int
    judged_as: float


class Seen(NamedTuple):
    """What happened to a point that alarms over several points look at: a sample, or STALE.

    `lost`: judging it ends here (STALE, or bad without being judged, begins). `value` NaN where not judged.
    """

    point: str
    time: int
    judged: bool
    lost: bool
    value: float


@dataclass(slots=True)
class PointRules:
    """State of one point beyond what `rules.judge` keeps in columns. `zone`: its live zone.

    `about`: the point's own STALE, BAD, LATE and CLOCK alarms by kind. `clock`: as in Admitted. `bad_reason`: of the
    latest bad sample. `lost`: the latest sample was not judged. `judged_time`: device time of the last judged sample.
    """

    point: Point
    zone: tuple[float, float]
    watched: list[Watched]
    about: dict[str, Alarm]
    stale: bool = False
    bad: bool = False
    late: bool = False
    clock: int = 0
    lost: bool = False
    bad_reason: str = ""
    first_uncertain: int | None = None
    judged_time: int = -FOREVER
    last_value: float = math.nan
    last_judged_as: float = math.nan

    @property
    def stale_after(self) -> int:
        """ms; FOREVER where the site says never."""
        return FOREVER if self.point.stale_after_ms is None else self.point.stale_after_ms

    @property
    def holds_until(self) -> int:
        """Device time until which the last judged value holds."""
        return self.judged_time + self.stale_after

    @property
    def calm(self) -> bool:
        """Whether a good sample inside the quiet band changes nothing here."""
        odd = self.stale or self.bad or self.late or self.clock or self.lost or self.first_uncertain is not None
        return not odd and all(watched.calm for watched in self.watched)

    def band(self) -> tuple[float, float]:
        """Judged values that surely change nothing now: inside the live zone and every alarm's own band."""
        if self.point.states:  # a state that stays the same is always quiet, whatever lies between two states
            return self.last_judged_as, self.last_judged_as
        low, high = self.zone
        for watched in self.watched:
            from_, to = watched.kind.band(watched.lane, watched.condition.on)
            low, high = max(low, from_), min(high, to)
        return low, high

    @property
    def shown(self) -> float:
        """The latest sample as process alarms value it."""
        return self.last_value if math.isnan(self.last_judged_as) else self.last_judged_as

    def sample(self, sample: Sample, signal: Callable[[Watched, float], Signal]) -> Iterator[Finding]:
        """Judge one accepted sample. `signal` gives a kind's verdict on it."""
        self.last_value, self.last_judged_as = sample.value, sample.judged_as
        yield from self._heard(sample)
        wrong = quality.fault(self.point, self.zone, sample.value, sample.quality)
        yield from self._bad(sample, wrong)
        judged = not math.isnan(sample.judged_as)
        lost_now = not judged and not self.lost
        self.lost = not judged
        further_out = wrong.side if wrong is not None else 0
        for watched in self.watched:
            verdict = signal(watched, sample.judged_as) if judged else None
            beyond = further_out != 0 and further_out == watched.kind.side
            turns = watched.sample(sample.time, sample.received, verdict, self.holds_until, further_out=beyond)
            yield from self._told(watched, turns, sample.received, sample.time, "limit")
            if lost_now:
                yield from self._trip(watched, sample.time, sample.received, sample.time)
        if judged:
            self.judged_time = sample.time

    def _heard(self, sample: Sample) -> Iterator[Finding]:
        """STALE ends at the received time; CLOCK and LATE change at the accepted time."""
        if self.stale:
            self.stale = False
            yield self._about("stale", Change.OFF, sample.received, sample, "stale")
        if bool(sample.clock) != bool(self.clock):
            change = Change.ON if sample.clock else Change.OFF
            yield self._about("clock", change, sample.time, sample, CLOCK_REASONS[sample.clock or self.clock])
        self.clock = sample.clock
        lateness = sample.received - sample.time
        if not self.late and lateness > self.point.late_after_ms:
            self.late = True
            yield self._about("late", Change.ON, sample.time, sample, "late")
        elif self.late and 2 * lateness <= self.point.late_after_ms:
            self.late = False
            yield self._about("late", Change.OFF, sample.time, sample, "late")

    def _bad(self, sample: Sample, wrong: quality.Fault | None) -> Iterator[Finding]:
        reason = wrong.reason if wrong else ""
        if wrong is None and sample.quality == Quality.GOOD:
            self.first_uncertain = None
        elif wrong is None:
            if self.first_uncertain is None:
                self.first_uncertain = sample.time
            if sample.time - self.first_uncertain > self.stale_after:
                reason = "uncertain"
        self.bad_reason = reason or self.bad_reason
        if bool(reason) != self.bad:
            self.bad = bool(reason)
            change = Change.ON if reason else Change.OFF
            yield self._about("bad", change, sample.time, sample, self.bad_reason)

    def _trip(self, watched: Watched, time: int, decided: int, at: int) -> Iterator[Finding]:
        """`on_bad: trip`: what is no longer judged counts as on, from this moment."""
        if watched.alarm.on_bad == "trip":
            yield from self._told(watched, watched.trip(time), decided, at, "lost")

    def went_stale(self, heard: int, second: int) -> Iterator[Finding]:
        """STALE at a second, with what it trips."""
        self.stale = True
        time = heard + self.stale_after
        shown = _shown(self.last_value)
        yield Finding(self.about["stale"].id, Change.ON, time, second, second, shown, None, "stale")
        for watched in self.watched:
            yield from self._trip(watched, time, second, second)

    def second(self, second: int) -> Iterator[Finding]:
        """Delays that are due at a second."""
        for watched in self.watched:
            yield from self._told(watched, watched.second(second, self.holds_until), second, second, "limit")

    def late_excursions(self, time: int, received: int, judged_as: float) -> Iterator[Finding]:
        """A backfill sample beyond a level when that alarm was not on: told, changes nothing."""
        for watched in self.watched:
            beyond = watched.kind.side and watched.kind.signal(watched.lane, judged_as).starts
            told = any(abs(time - before) <= EXCURSION_APART_MS for before in watched.excursions)
            if beyond and not told and not watched.was_on(time):
                watched.excursions.append(time)
                del watched.excursions[:-REMEMBERED_SPELLS]
                alarm = watched.alarm
                yield Finding(
                    alarm.id, Change.LATE_EXCURSION, time, received, received, judged_as, alarm.setpoint, "limit"
                )

    def _told(self, watched: Watched, turns: list[Turn], decided: int, at: int, reason: str) -> Iterator[Finding]:
        alarm = watched.alarm
        for turn in turns:
            if watched.kind.side:
                watched.remember(turn)
            change = Change.ON if turn.on else Change.OFF
            left = watched.time_left_s if turn.on and reason == "limit" else None
            yield Finding(alarm.id, change, turn.time, decided, at, _shown(self.shown), alarm.setpoint, reason, left)

    def _about(self, kind: str, change: Change, time: int, sample: Sample, reason: str) -> Finding:
        shown = _shown(sample.value)
        return Finding(self.about[kind].id, change, time, sample.received, sample.time, shown, None, reason)


def _shown(value: float) -> float | None:
    return value if math.isfinite(value) else None
