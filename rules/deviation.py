"""`deviation`: how far two gauges of the same thing are apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.site import Alarm
from rules.condition import UNDECIDED, Condition, Delays, Signal
from rules.counted import Turn, turn_of
from rules.point import FOREVER, Seen

_TOLERANCE = 1e-9  # relative, in favour of starting (contract, "Conditions")


@dataclass(slots=True)
class Gauge:
    """One of the two points as it was at the accepted time that is looked at.

    `judged`: time and value of its latest judged sample; `earlier`: of those before it in the record that is judged;
    `failing`: STALE, or bad without being judged.
    """

    stale_after: int
    judged: tuple[int, float] | None = None
    failing: bool = False
    earlier: list[tuple[int, float] | None] = field(default_factory=list)

    def take(self, seen: Seen) -> None:
        """What happened to the point next."""
        self.failing = not seen.judged
        if seen.judged:
            self.earlier.append(self.judged)
            self.judged = (seen.time, seen.value)

    def judged_at(self, at: int | None) -> tuple[int, float] | None:
        """The latest judged sample, of the record that is judged none later than `at` (ms; None: the latest)."""
        if at is None or self.judged is None or not self.earlier or self.judged[0] <= at:
            return self.judged
        return next((one for one in self.earlier[:0:-1] if one is not None and one[0] <= at), self.earlier[0])


@dataclass(slots=True)
class DeviationRule:
    """|point - reference| of the latest judged values, in the point's unit, as a high alarm.

    Asked once per accepted time of either, after all samples of that time, while both are fresh and good and their
    times within the longer `stale_after`; the deviation's time is the later of the two. `last`: that of the latest one.
    """

    alarm: Alarm
    point: Gauge
    reference: Gauge
    condition: Condition = field(default_factory=Condition)
    last: int = -FOREVER

    @property
    def delays(self) -> Delays:
        """Ms."""
        return Delays(self.alarm.on_delay_ms, self.alarm.off_delay_ms)

    @property
    def holds_until(self) -> int:
        """A deviation holds at most the longer stale_after."""
        return self.last + max(self.point.stale_after, self.reference.stale_after)

    def value(self, at: int | None = None) -> float | None:
        """The deviation, in decimals (12.3 - 12.0 is 0.3); None before both were judged. `at`: as Gauge.judged_at."""
        point, reference = self.point.judged_at(at), self.reference.judged_at(at)
        if point is None or reference is None:
            return None
        return float(abs(Decimal(repr(point[1])) - Decimal(repr(reference[1]))))

    def after_samples(self, time: int, received: int, seen: list[Seen], *, bypassed: bool = False) -> list[Turn]:
        """All samples of accepted time `time` are in; `seen` tells of both points. Bypassed: undecided."""
        turns: list[Turn] = []
        if any(not one.judged for one in seen):
            turns += turn_of(self.condition, self.condition.held_past(time, self.delays, self.holds_until))
            self.condition.broken = True
        if any(one.lost for one in seen):
            turns += self.trip(time)
        point, reference = self.point.judged, self.reference.judged
        if point is None or reference is None or self.point.failing or self.reference.failing:
            return turns
        if abs(point[0] - reference[0]) > max(self.point.stale_after, self.reference.stale_after):
            return turns
        later = max(point[0], reference[0])
        turns += turn_of(self.condition, self.condition.held_past(later, self.delays, self.holds_until))
        signal = UNDECIDED if bypassed else self._signal()
        changed = self.condition.by_sample(later, received, signal, self.delays, self.holds_until)
        self.last = later
        return turns + turn_of(self.condition, changed)

    def trip(self, time: int) -> list[Turn]:
        """`on_bad: trip`, by the loss of either."""
        if self.alarm.on_bad != "trip":
            return []
        return turn_of(self.condition, self.condition.trip(time))

    def by_second(self, second: int) -> list[Turn]:
        """Log time passed `second`."""
        return turn_of(self.condition, self.condition.by_second(second, self.delays, self.holds_until))

    def _signal(self) -> Signal:
        value, setpoint = self.value(), self.alarm.setpoint
        assert value is not None
        assert setpoint is not None, f"{self.alarm.id}: a deviation has a setpoint"
        end = float(Decimal(repr(setpoint)) - Decimal(repr(self.alarm.deadband)))
        favour = 1 - _TOLERANCE
        return Signal(starts=value >= setpoint * favour, ends=value < end * favour)
