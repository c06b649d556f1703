"""Alarms over several points: deviation, vote, and the vote's degraded alarm.

They are told what happened to points and members; they know no states of alarms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pipeline.site import Alarm, Vote
from tests.oracle.condition import Condition, Delays, Says
from tests.oracle.kinds import ABOUT, limit_with_deadband
from tests.oracle.sensor import Sensor, Turn


def longer(one: int | None, other: int | None) -> int | None:
    """The longer stale_after; None is for ever."""
    return None if one is None or other is None else max(one, other)


@dataclass(slots=True)
class DeviationRule:
    """|point - reference| of the latest judged values."""

    point: Sensor
    reference: Sensor
    condition: Condition = field(default_factory=Condition)

    @property
    def sensors(self) -> list[Sensor]:
        """Both."""
        return [self.point, self.reference]

    def delays(self, alarm: Alarm) -> Delays:
        """It holds at most the longer stale_after."""
        stale_after = longer(self.point.point.stale_after_ms, self.reference.point.stale_after_ms)
        return Delays(alarm.on_delay_ms, alarm.off_delay_ms, stale_after)

    def value(self) -> float | None:
        """The deviation itself, in decimals; None before both were judged once."""
        if self.point.judged is None or self.reference.judged is None:
            return None
        return float(abs(Decimal(repr(self.point.judged[1])) - Decimal(repr(self.reference.judged[1]))))

    def at(self, alarm: Alarm, time: int, received: int, *, bypassed: bool) -> list[tuple[bool, int]]:
        """Once per accepted time of either, after all samples of that time."""
        lengths = self.delays(alarm)
        changes: list[tuple[bool, int]] = []
        turns = self.point.turns + self.reference.turns
        if any(turn.what != "judged" for turn in turns):  # ended by a bad sample of either
            changes += self.condition.sample(Says.BAD, time, received, lengths)
        if alarm.on_bad == "trip" and any(turn.what == "lost" for turn in turns):
            changes += self.condition.trip(time)
        both = (self.point.judged, self.reference.judged)
        if both[0] is None or both[1] is None or self.point.lost or self.reference.lost:
            return changes  # while both are fresh and good
        if lengths.stale_after is not None and abs(both[0][0] - both[1][0]) > lengths.stale_after:
            return changes  # and their times within the longer stale_after
        later = max(both[0][0], both[1][0])
        says = Says.UNDECIDED if bypassed else self._says(alarm)
        return changes + self.condition.sample(says, later, received, lengths)

    def _says(self, alarm: Alarm) -> Says:
        value = self.value()
        assert value is not None
        assert alarm.setpoint is not None
        if Fraction(repr(value)) >= Fraction(repr(alarm.setpoint)) * ABOUT:
            return Says.START
        end = limit_with_deadband(alarm.setpoint, alarm.deadband, -1)
        return Says.END if Fraction(repr(value)) < Fraction(repr(end)) * ABOUT else Says.NEITHER


@dataclass(slots=True)
class Member:
    """`counts`: whether it counts as on now. `keeps`: lost or taken out while the vote was on, until judged again."""

    condition: bool = False
    lost: bool = False
    out: bool = False
    counts: bool = False
    keeps: bool = False
    as_it_was: bool = False

    def turn(self, what: str, on_fault: str, *, vote_on: bool) -> None:
        """Apply one turn."""
        if what == "lost" and not self.lost:
            self.as_it_was = self.condition
        if what in ("on", "off"):
            self.condition = what == "on"
        elif what in ("lost", "judged"):
            self.lost = what == "lost"
        else:
            self.out = what == "out"
        if what == "judged":
            self.keeps = False
        if what in ("lost", "out") and vote_on and self.counts:
            self.keeps = True
        if not self.keeps:
            self.counts = self._counts(on_fault)

    def _counts(self, on_fault: str) -> bool:
        if self.out:
            return False
        if not self.lost:
            return self.condition
        return self.as_it_was if on_fault == "hold" else on_fault == "trip"


@dataclass(slots=True)
class VoteRule:
    """On while at least `need` members count as on; degraded while any is lost or out of service."""

    vote: Vote
    members: dict[str, Member]
    on: bool = False
    degraded: bool = False

    def turns(self, turns: list[tuple[str, Turn]]) -> tuple[list[tuple[bool, int]], list[tuple[bool, int]]]:
        """Changes of the vote and of its degraded alarm, from the turns of one accepted time, second or command."""
        votes: list[tuple[bool, int]] = []
        degrades: list[tuple[bool, int]] = []
        # Judging and losing first at one time: what a lost member's condition then does no longer counts.
        rank = {"judged": 0, "back": 0, "lost": 0, "out": 0, "on": 1, "off": 1}
        for member, turn in sorted(turns, key=lambda one: (one[1].time, rank[one[1].what])):
            self.members[member].turn(turn.what, self.vote.on_fault, vote_on=self.on)
            on = sum(one.counts for one in self.members.values()) >= self.vote.need
            if on != self.on:
                self.on = on
                votes.append((on, turn.time))
            degraded = any(one.lost or one.out for one in self.members.values())
            if degraded != self.degraded:
                self.degraded = degraded
                degrades.append((degraded, turn.time))
        return votes, degrades
