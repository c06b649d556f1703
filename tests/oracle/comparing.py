"""discrepancy and balance over several points, from their pages in docs/rules."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fractions import Fraction

from pipeline.site import Alarm
from tests.oracle.condition import Condition, Delays, Says
from tests.oracle.kinds import ABOUT
from tests.oracle.sensor import Sensor
from tests.oracle.trends import exact

Changes = list[tuple[bool, int]]
STAYS = Fraction(9, 10)


def longest(sensors: list[Sensor]) -> int | None:
    """The longest stale_after; None is for ever."""
    every = [sensor.point.stale_after_ms for sensor in sensors]
    return None if None in every else max(one for one in every if one is not None)


def disturbed(alarm: Alarm, condition: Condition, sensors: list[Sensor], time: int, received: int) -> Changes:
    """What a bad sample of any of them does: it ends the hold, and trips where the site says so."""
    turns = [turn.what for sensor in sensors for turn in sensor.turns]
    changes: Changes = []
    if any(what != "judged" for what in turns):
        lengths = Delays(alarm.on_delay_ms, alarm.off_delay_ms, longest(sensors))
        changes += condition.sample(Says.BAD, time, received, lengths)
    if alarm.on_bad == "trip" and "lost" in turns:
        changes += condition.trip(time)
    return changes


def comparable(sensors: list[Sensor]) -> list[tuple[int, float]] | None:
    """The latest judged values while all are fresh and good and near enough in time."""
    judged = [sensor.judged for sensor in sensors if sensor.judged is not None and not sensor.lost]
    if len(judged) < len(sensors):
        return None
    times = [time for time, _ in judged]
    apart = longest(sensors)
    return judged if apart is None or max(times) - min(times) <= apart else None


@dataclass(slots=True)
class DiscrepancyRule:
    """`ordered` is the command that was looked at last."""

    command: Sensor
    feedback: Sensor
    condition: Condition = field(default_factory=Condition)
    ordered: float | None = None

    @property
    def sensors(self) -> list[Sensor]:
        """Both."""
        return [self.command, self.feedback]

    def delays(self, alarm: Alarm) -> Delays:
        """`within` is the on-delay."""
        return Delays(alarm.on_delay_ms, alarm.off_delay_ms, longest(self.sensors))

    def value(self) -> float | None:
        """The feedback, once both were judged."""
        return None if self.command.judged is None or self.feedback.judged is None else self.feedback.judged[1]

    def at(self, alarm: Alarm, time: int, received: int, *, bypassed: bool) -> Changes:
        """Once per accepted time of either."""
        lengths = self.delays(alarm)
        changes = disturbed(alarm, self.condition, self.sensors, time, received)
        both = comparable(self.sensors)
        if both is None:
            return changes
        assert alarm.discrepancy is not None
        later = max(one for one, _ in both)
        order, state = both[0][1], both[1][1]
        fits = state in alarm.discrepancy.agree.get(order, ())
        says = Says.UNDECIDED if bypassed else Says.END if fits else Says.START
        if self.ordered is not None and order != self.ordered:
            changes += self.condition.lasted(later, lengths)  # what had lasted long enough before; the rest is over
        self.ordered = order
        return changes + self.condition.sample(says, later, received, lengths)


@dataclass(slots=True)
class BalanceRule:
    """`moments`: (time, level in m, net inflow in m3/h) of every time it was asked since the window began anew."""

    level: Sensor
    flows: list[Sensor]
    condition: Condition = field(default_factory=Condition)
    moments: list[tuple[int, Fraction, Fraction]] = field(default_factory=list)
    imbalance: Fraction | None = None

    @property
    def sensors(self) -> list[Sensor]:
        """All."""
        return [self.level, *self.flows]

    def delays(self, alarm: Alarm) -> Delays:
        """It holds at most the longest stale_after."""
        return Delays(alarm.on_delay_ms, alarm.off_delay_ms, longest(self.sensors))

    def value(self) -> float | None:
        """m3, to the litre."""
        known = self.imbalance is not None and all(sensor.judged is not None for sensor in self.sensors)
        return round(float(self.imbalance), 3) if known and self.imbalance is not None else None

    def at(self, alarm: Alarm, time: int, received: int, *, bypassed: bool) -> Changes:
        """Once per accepted time of any of them."""
        changes = disturbed(alarm, self.condition, self.sensors, time, received)
        judged = comparable(self.sensors)
        if judged is None:
            return changes
        later = max(one for one, _ in judged)
        self.imbalance = self._balanced(alarm, later, [exact(value) for _, value in judged])
        says = Says.UNDECIDED if bypassed else self._says(alarm)
        return changes + self.condition.sample(says, later, received, self.delays(alarm))

    def _balanced(self, alarm: Alarm, now: int, values: list[Fraction]) -> Fraction | None:
        of = alarm.balance
        assert of is not None
        apart = longest(self.sensors)
        if self.moments and apart is not None and now - self.moments[-1][0] > apart:
            self.moments = []
        net = sum((exact(size) * value for size, value in zip(of.flows.values(), values[1:], strict=True)), Fraction(0))
        self.moments.append((now, values[0] * exact(of.level_factor), net))
        before = [at for at, moment in enumerate(self.moments) if moment[0] <= now - of.window_ms]
        if not before:
            return None
        inside = self.moments[before[-1] :]
        flowed = sum(
            (one[2] * Fraction(other[0] - one[0], 3_600_000) for one, other in itertools.pairwise(inside)),
            Fraction(0),
        )
        return exact(of.area) * (inside[-1][1] - inside[0][1]) - flowed

    def _says(self, alarm: Alarm) -> Says:
        if self.imbalance is None:
            return Says.UNDECIDED
        assert alarm.setpoint is not None
        limit = exact(alarm.setpoint) * ABOUT
        if abs(self.imbalance) >= limit:
            return Says.START
        return Says.END if abs(self.imbalance) < STAYS * limit else Says.NEITHER
