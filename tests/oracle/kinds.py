"""What one judged sample says to a condition of each kind over one point: level, digital, rate.

No delays, no times but those a kind looks back over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from pipeline.site import Alarm, Rate
from tests.oracle.condition import Says

LEVELS = ("high", "low")
ABOUT = 1 - Fraction(1, 10**9)
"""Computed quantities meet their limit with a relative tolerance of 1e-9 in favour of starting."""
RATE_ENDS = Fraction(9, 10)


class Kind(Protocol):
    """Looks at judged samples in order."""

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """The alarm's attributes are those in force now."""
        ...


def limit_with_deadband(setpoint: float, deadband: float, sign: int) -> float:
    """`setpoint + sign * deadband` in decimals, rounded once."""
    return float(Decimal(repr(setpoint)) + sign * Decimal(repr(deadband)))


def starts_level(alarm: Alarm, value: float) -> bool:
    """High: at or above the setpoint; low: at or below."""
    assert alarm.setpoint is not None
    return value >= alarm.setpoint if alarm.kind == "high" else value <= alarm.setpoint


class Level:
    """high, low (HH H L LL too)."""

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """Starts at the setpoint, ends strictly past the deadband."""
        assert alarm.setpoint is not None
        if starts_level(alarm, value):
            return Says.START
        if alarm.kind == "high":
            ends = value < limit_with_deadband(alarm.setpoint, alarm.deadband, -1)
        else:
            ends = value > limit_with_deadband(alarm.setpoint, alarm.deadband, +1)
        return Says.END if ends else Says.NEITHER


class Digital:
    """In the state named, or not in it."""

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """`when` is the state's number."""
        return Says.START if value == alarm.when else Says.END


def slope(samples: list[tuple[int, float]]) -> Fraction:
    """Least-squares slope per ms of (time, value), exact."""
    n = len(samples)
    mean_t = Fraction(sum(time for time, _ in samples), n)
    values = [Fraction(value) for _, value in samples]
    mean_v = sum(values, Fraction(0)) / n
    across = sum(((time - mean_t) * (v - mean_v) for (time, _), v in zip(samples, values, strict=True)), Fraction(0))
    return across / sum(((time - mean_t) ** 2 for time, _ in samples), Fraction(0))


def in_window(samples: list[tuple[int, float]], time: int, window: int) -> list[tuple[int, float]] | None:
    """The judged samples with time in (time - window, time]; None unless at least 3 span at least half of it."""
    inside = [one for one in samples if time - window < one[0] <= time]
    if len(inside) < 3 or 2 * (inside[-1][0] - inside[0][0]) < window:
        return None
    return inside


@dataclass(slots=True)
class RateKind:
    """Straight line through the window's judged samples."""

    samples: list[tuple[int, float]] = field(default_factory=list)

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """Undecided below the minimum of samples."""
        rate = alarm.rate
        assert rate is not None
        self.samples = [one for one in self.samples if one[0] > time - rate.window_ms]
        self.samples.append((time, value))
        inside = in_window(self.samples, time, rate.window_ms)
        if inside is None:
            return Says.UNDECIDED
        per = slope(inside) * rate.per_ms
        if any(reached >= limit * ABOUT for reached, limit in _sides(rate, per)):
            return Says.START
        # Ends below 90 %; the tolerance in favour of starting is in favour of staying on.
        if all(reached < RATE_ENDS * limit * ABOUT for reached, limit in _sides(rate, per)):
            return Says.END
        return Says.NEITHER


def _sides(rate: Rate, per: Fraction) -> list[tuple[Fraction, Fraction]]:
    """(what is reached, its limit) of each side that is judged; limits as the decimals that were written."""
    sides = []
    if rate.rising is not None:
        sides.append((per, Fraction(repr(rate.rising))))
    if rate.falling is not None:
        sides.append((-per, Fraction(repr(rate.falling))))
    return sides


def own_side(alarm: Alarm) -> int:
    """On which side of the live zone a bad sample does not end a start's hold."""
    return {"high": 1, "low": -1}.get(alarm.kind, 0)
