"""time_to_limit, flatline and cusum: what one judged sample says to them.

No delays; undecided comes before everything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from pipeline.site import Alarm
from tests.oracle.condition import Says
from tests.oracle.kinds import ABOUT, in_window, slope

OVER = 1 + Fraction(1, 10**9)
THERE = Fraction(1, 10**9)
STILL_COMING = Fraction(5, 4)


def exact(value: float) -> Fraction:
    """The decimal that was written."""
    return Fraction(repr(value))


@dataclass(slots=True)
class TimeToLimitKind:
    """Straight line as for `rate`. `limit_side`: 1 where the limit is a high alarm's, -1 a low one's, 0 a number.
    `side` of the limit (1 above, -1 below) from which it came when it started."""

    limit_side: int = 0
    samples: list[tuple[int, float]] = field(default_factory=list)
    side: int | None = None
    left: Fraction | None = None

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """Starts at ttl <= within; ends past 1.25 x within, no longer toward, or at or beyond the limit."""
        to = alarm.time_to_limit
        assert to is not None
        self.samples = [one for one in self.samples if one[0] > time - to.window_ms]
        self.samples.append((time, value))
        inside = in_window(self.samples, time, to.window_ms)
        self.left = None
        if inside is None:
            return Says.UNDECIDED
        side = (value > to.limit) - (value < to.limit)
        if side == 0 or self._beyond(side):
            self.side = None
            return Says.END
        steep = slope(inside)
        toward = -side * steep
        if not self._toward(inside, steep, toward, exact(to.min_rate) / to.per_ms):
            self.side = None
            return Says.END
        left = self.left = (exact(to.limit) - _fitted(inside, steep, time)) / steep - (received - time)
        if left <= to.within_ms * OVER:
            self.side = side
            return Says.START
        if left > STILL_COMING * to.within_ms * OVER:
            self.side = None
            return Says.END
        return Says.NEITHER

    def _beyond(self, side: int) -> bool:
        """Beyond a level alarm's limit is the alarm's side; beyond a number, the side it did not come from."""
        if self.limit_side:
            return side == self.limit_side
        return self.side is not None and side != self.side

    @staticmethod
    def _toward(inside: list[tuple[int, float]], steep: Fraction, toward: Fraction, min_rate: Fraction) -> bool:
        """The slope exceeds three times its standard error and `min_rate`."""
        if toward <= 0 or toward < min_rate * ABOUT:
            return False
        n = len(inside)
        mean_t = Fraction(sum(time for time, _ in inside), n)
        mean_v = sum((Fraction(value) for _, value in inside), Fraction(0)) / n
        spread = sum(((time - mean_t) ** 2 for time, _ in inside), Fraction(0))
        rest = sum((Fraction(value) - mean_v - steep * (time - mean_t)) ** 2 for time, value in inside)
        return toward**2 * spread * (n - 2) >= 9 * rest * ABOUT**2


def _fitted(inside: list[tuple[int, float]], steep: Fraction, time: int) -> Fraction:
    n = len(inside)
    mean_t = Fraction(sum(at for at, _ in inside), n)
    return sum((Fraction(value) for _, value in inside), Fraction(0)) / n + steep * (time - mean_t)


@dataclass(slots=True)
class FlatlineKind:
    """max - min over [t - for, t] and the last sample before it."""

    samples: list[tuple[int, float]] = field(default_factory=list)

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """At least 3 samples spanning 90 % of `for`, else undecided."""
        flat = alarm.flatline
        assert flat is not None
        self.samples.append((time, value))
        before = [number for number, one in enumerate(self.samples) if one[0] < time - flat.for_ms]
        self.samples = self.samples[before[-1] if before else 0 :]
        # Silent: the one before counts for the span and the number too, it belongs to what is looked at.
        if len(self.samples) < 3 or 10 * (time - self.samples[0][0]) < 9 * flat.for_ms:
            return Says.UNDECIDED
        values = [exact(value) for _, value in self.samples]
        return Says.START if max(values) - min(values) <= exact(flat.band) * OVER else Says.END


@dataclass(slots=True)
class CusumKind:
    """Two-sided sums; they count samples, not time."""

    up: Fraction = Fraction(0)
    down: Fraction = Fraction(0)

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """Starts when one reaches `threshold`, ends when both are 0."""
        of = alarm.cusum
        assert of is not None
        high = exact(of.threshold)
        off = exact(value) - exact(of.reference)
        self.up = _clipped(self.up + off - exact(of.slack), high)
        self.down = _clipped(self.down - off - exact(of.slack), high)
        if high in (self.up, self.down):
            return Says.START
        return Says.END if self.up == self.down == 0 else Says.NEITHER


def _clipped(total: Fraction, high: Fraction) -> Fraction:
    """Between 0 and the threshold; within 1e-9 of either it is there."""
    if total <= THERE:
        return Fraction(0)
    return high if total >= high - THERE else total
