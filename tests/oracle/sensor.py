"""One point: its samples over its alarms, its seconds, its late excursions.

It tells changes of conditions; states are made of them elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import NamedTuple

from pipeline.site import Alarm, Point
from tests.oracle.admission import PointAdmission, Sample
from tests.oracle.condition import Delays, Says
from tests.oracle.counted import Counted
from tests.oracle.instruments import Instruments
from tests.oracle.kinds import LEVELS, Kind, own_side, starts_level
from tests.oracle.lifecycle import Life
from tests.oracle.records import Change
from tests.oracle.tell import INSTRUMENT_KINDS
from tests.oracle.trends import TimeToLimitKind
from tests.oracle.valuing import Worth, shown, worth

EXCURSION_APART_MS = 600_000
HALF = Fraction(1, 2) - Fraction(1, 10**6)
"""Seconds: the time left is told in whole ones."""


class Turn(NamedTuple):
    """What happened to a point, or to a vote's member: on, off, lost, judged, out, back; at a time."""

    time: int
    what: str


@dataclass(slots=True)
class Watched:
    """One alarm. `now` has the attributes in force; `kind` None: an instrument alarm, one over several points, or
    one that is not judged."""

    now: Alarm
    kind: Kind | None = None
    condition: Counted = field(default_factory=lambda: Counted(None))
    history: list[tuple[int, bool]] = field(default_factory=list)  # the condition's changes, as told
    excursions: list[int] = field(default_factory=list)  # device times told
    life: Life = field(default_factory=Life)

    def was_on(self, time: int) -> bool:
        """Whether the condition was on at a device time: the last told change that is not later says."""
        return next((on for changed, on in reversed(self.history) if changed <= time), False)


@dataclass(slots=True)
class Sensor:
    """One enabled point and its alarms in the site file's order."""

    index: int
    point: Point
    instruments: Instruments
    watched: list[Watched]
    admission: PointAdmission = field(default_factory=PointAdmission)
    latest: tuple[float, Worth] | None = None  # of the latest accepted sample: its own value, and how it counts
    judged: tuple[int, float] | None = None  # time and value of the latest judged sample
    turns: list[Turn] = field(default_factory=list)  # lost (STALE or BAD not judged begins), bad, judged: since asked

    @property
    def lost(self) -> bool:
        """STALE, or bad without being judged."""
        return self.instruments.stale or self.instruments.lost

    def shift(self, by: int) -> None:
        """Held received times move."""
        self.instruments.heard += by
        self.admission.shift(by)
        for one in self.watched:
            one.condition.shift(by)

    def value(self, alarm: Alarm) -> float | None:
        """The latest value as this alarm shows it: a process alarm as judged, an instrument's own as it came."""
        if self.latest is None:
            return None
        own, counts = self.latest
        return shown(own) if alarm.kind in INSTRUMENT_KINDS or counts.judged is None else counts.judged

    def sample(self, sample: Sample) -> list[Change]:
        """One accepted sample, over the alarms in their order."""
        assert sample.time is not None
        counts = worth(self.point, sample)
        begins = counts.judged is None and not self.instruments.lost
        self.instruments.lost = counts.judged is None
        self.turns.append(Turn(sample.time, "lost" if begins else "bad" if counts.judged is None else "judged"))
        self.latest = (sample.value, counts)
        if counts.judged is not None:
            self.judged = (sample.time, counts.judged)
        instruments = self.instruments.sample(self.point, sample, counts)
        changes: list[Change] = []
        about = {one.now.kind: one.now for one in self.watched if one.kind is None}
        for kind in ("stale", "clock", "late", "bad"):  # silent on the order: what the reading is, then what it trips
            if kind in instruments:
                on, time, reason = instruments[kind]
                changes.append(Change(about[kind].id, on, time, sample.received, self.value(about[kind]), reason))
        for one in self.watched:
            if one.kind is not None:
                changes += self._process(one, sample, counts)
                if begins:  # BAD (not judged) begins
                    changes += self._trip(one, sample.time, sample.received)
        return changes

    def stale(self, second: int) -> list[Change]:
        """STALE with what it trips."""
        time = self.instruments.second(second, self.point)
        if time is None:
            return []
        self.turns.append(Turn(time, "lost"))
        changes = [
            Change(one.now.id, True, time, second, self.value(one.now), "stale")
            for one in self.watched
            if one.now.kind == "stale"
        ]
        for one in self.watched:
            if one.kind is not None:
                changes += self._trip(one, time, second)
        return changes

    def delays(self, second: int) -> list[Change]:
        """What this second confirms."""
        changes: list[Change] = []
        for one in self.watched:
            found = one.condition.second(second, self._lengths(one.now))
            changes += self._changes(one, found, second, "limit")
        return changes

    def late_excursions(self, sample: Sample) -> list[tuple[Watched, float]]:
        """A backfill sample beyond a level setpoint at a time when that condition was not on; once in 10 minutes."""
        value = worth(self.point, sample).judged
        if value is None or sample.time is None:
            return []
        found = []
        for one in self.watched:
            if one.now.kind not in LEVELS or not starts_level(one.now, value) or one.was_on(sample.time):
                continue
            if any(abs(sample.time - told) <= EXCURSION_APART_MS for told in one.excursions):
                continue
            one.excursions.append(sample.time)
            found.append((one, value))
        return found

    def _process(self, one: Watched, sample: Sample, counts: Worth) -> list[Change]:
        assert sample.time is not None
        says = _says(one, counts, sample.time, sample.received)
        if not says.judged and isinstance(one.kind, TimeToLimitKind):
            one.kind.left = None
        found = one.condition.sample(says, sample.time, sample.received, self._lengths(one.now))
        return self._changes(one, found, sample.received, "limit")

    def _trip(self, one: Watched, time: int, decided: int) -> list[Change]:
        """The condition goes on at that moment, whatever was pending."""
        if one.now.on_bad != "trip":
            return []
        return self._changes(one, one.condition.trip(time), decided, "lost")

    def _changes(self, one: Watched, found: list[tuple[bool, int]], decided: int, reason: str) -> list[Change]:
        value = self.value(one.now)
        left = one.kind.left if isinstance(one.kind, TimeToLimitKind) and reason == "limit" else None
        said = None if left is None else max(0, floor(left / 1000 + HALF))
        return [Change(one.now.id, on, time, decided, value, reason, said if on else None) for on, time in found]

    def _lengths(self, alarm: Alarm) -> Delays:
        return Delays(alarm.on_delay_ms, alarm.off_delay_ms, self.point.stale_after_ms)


def _says(one: Watched, counts: Worth, time: int, received: int) -> Says:
    if counts.judged is None:
        side = own_side(one.now)
        return Says.BAD_OWN_SIDE if side and counts.side == side else Says.BAD
    assert one.kind is not None
    return one.kind.says(one.now, counts.judged, time, received)
