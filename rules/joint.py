"""Alarms over several points of one installation: when comparisons and votes are asked, and in which order. Pure.

How each is judged stands in rules.compared with its kinds, and in rules.vote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from pipeline.model import Change, Finding
from pipeline.site import Alarm, Installation
from rules.balance import Balance
from rules.compared import Compared, Comparison, Gauge
from rules.condition import Condition
from rules.counted import Turn
from rules.deviation import Deviation
from rules.discrepancy import Discrepancy
from rules.point import FOREVER, PointRules, Seen
from rules.vote import Member, MemberTurn, VoteRule, What

COMPARISONS: dict[str, type[Comparison]] = {"deviation": Deviation, "discrepancy": Discrepancy, "balance": Balance}
JOINT_KINDS = frozenset(COMPARISONS) | {"vote", "degraded"}


class JointState(msgspec.Struct):
    """What a snapshot keeps, by point or alarm id."""

    gauges: dict[str, tuple[tuple[int, float] | None, bool]]
    deviations: dict[str, tuple[Condition, int]]
    votes: dict[str, tuple[dict[str, Member], bool, bool]]
    of_kind: dict[str, tuple[str, Any]] = {}


class Joint:
    """`compared` and `votes` by alarm id, in the site file's order; `gauged`: points whose every
    sample counts for a comparison; `looked_at`: those and the points votes are judged from; `bypassed`: points that
    are being worked on, so that a comparison with them says nothing.
    """

    def __init__(self, installation: Installation, points: list[PointRules]) -> None:
        self._gauges = {point.point.id: Gauge(point.stale_after) for point in points}
        self._alarms = {alarm.id: alarm for alarm in installation.alarms}
        self._point_of = {watched.alarm.id: point.point.id for point in points for watched in point.watched}
        self._watched = {watched.alarm.id: watched for point in points for watched in point.watched}
        self.compared = _compared(installation, self._gauges)
        self.votes = {alarm.id: VoteRule(alarm.vote) for alarm in installation.alarms if alarm.vote is not None}
        self.bypassed: frozenset[str] = frozenset()
        self._past: dict[str, list[tuple[int, float | None]]] = {}
        self._of_gauge: dict[str, list[str]] = {}
        for id_ in self.compared:
            for point in self._points_of(id_):
                self._of_gauge.setdefault(point, []).append(id_)
        self.gauged = frozenset(point for id_ in self.compared for point in self._points_of(id_))
        self.looked_at = self.gauged.union(*(self._points_of(id_) for id_ in self.votes))

    def _points_of(self, alarm: str) -> set[str]:
        """The points an alarm is judged from."""
        if alarm in self.compared:
            return set(self.compared[alarm].alarm.compared)
        if alarm in self.votes:
            return {point for member in self.votes[alarm].members for point in self._points_of(member)}
        return {self._point_of[alarm]} if alarm in self._point_of else set()

    def after_samples(self, at: int, received: int, seen: list[Seen], findings: list[Finding]) -> list[Finding]:
        """After all samples of the accepted time `at`; `findings` are the points' own of that time."""
        found: list[Finding] = []
        touched = {id_ for one in seen for id_ in self._of_gauge.get(one.point, ())}
        for id_ in touched - self._past.keys():
            self._past[id_] = [(-FOREVER, self.compared[id_].value())]
        self._take(seen)
        for id_, rule in self.compared.items():
            if id_ in touched:
                points = self._points_of(id_)
                here = [one for one in seen if one.point in points]
                turns = rule.after_samples(at, received, here, bypassed=not points.isdisjoint(self.bypassed))
                value = rule.value()
                self._past[id_].append((at, value))
                found += _findings(rule.alarm, turns, received, at, value, "limit")
        return found + self._vote(seen, [*findings, *found], received, at)

    def after_second(self, second: int, seen: list[Seen], findings: list[Finding]) -> list[Finding]:
        """After the points' own STALE and delays of a whole second."""
        found: list[Finding] = []
        self._take(seen)
        for id_, rule in self.compared.items():
            lost = [one.time for one in seen if one.point in self._points_of(id_)]
            tripped = rule.trip(lost[0]) if lost else []
            found += _findings(rule.alarm, tripped, second, second, rule.value(), "lost")
            found += _findings(rule.alarm, rule.by_second(second), second, second, rule.value(), "limit")
        return found + self._vote(seen, [*findings, *found], second, second)

    def turned(self, turns: Iterable[tuple[str, int, bool]], decided: int) -> list[Finding]:
        """Alarms (id, time) were taken out of service (True) or put back (False): what votes make of it."""
        told = [MemberTurn(alarm, time, What.OUT if out else What.BACK) for alarm, time, out in turns]
        return self._vote([], [], decided, decided, told)

    def _take(self, seen: list[Seen]) -> None:
        for one in seen:
            self._gauges[one.point].take(one)

    def _vote(
        self, seen: list[Seen], findings: list[Finding], decided: int, at: int, told: Iterable[MemberTurn] = ()
    ) -> list[Finding]:
        turns = [*told] + [
            MemberTurn(one.alarm, one.time, What.ON if one.change is Change.ON else What.OFF)
            for one in findings
            if one.change is not Change.LATE_EXCURSION
        ]
        found: list[Finding] = []
        for id_, rule in self.votes.items():
            points = {member: self._points_of(member) for member in rule.members}
            happened = [
                MemberTurn(member, one.time, What.JUDGED if one.judged else What.LOST)
                for member, of in points.items()
                for one in seen
                if one.point in of and (one.judged or one.lost)
            ]
            votes, degrades = rule.take([*turns, *happened])
            found += _findings(self._alarms[id_], votes, decided, at, None, "limit")
            turns += [MemberTurn(id_, turn.time, What.ON if turn.on else What.OFF) for turn in votes]
            degraded = self._alarms.get(f"{id_}-degraded")
            if degraded is not None:
                found += _findings(degraded, degrades, decided, at, None, "degraded")
        return found

    def awaited(self) -> set[str]:
        """Points with a member that counts on until it is judged again, and those of votes whose members changed."""
        kept = [
            id_ for rule in self.votes.values() for id_, member in rule.members.items() if member.keeps or rule.changed
        ]
        return {point for id_ in kept for point in self._points_of(id_)}

    def end_record(self) -> None:
        """Nobody asks for values of its accepted times any more."""
        self._past.clear()

    def latest(self, alarm: Alarm, at: int | None = None) -> float | None:
        """What a comparison shows, or what it was at accepted time `at` of the record judged last; a vote has none."""
        if alarm.id not in self.compared:
            return None
        if at is not None and alarm.id in self._past:
            return [value for time, value in self._past[alarm.id] if time <= at][-1]
        return self.compared[alarm.id].value()

    def snapshot(self) -> JointState:
        """Everything."""
        return JointState(
            gauges={id_: (gauge.judged, gauge.failing) for id_, gauge in self._gauges.items() if id_ in self.gauged},
            deviations={id_: (rule.condition, rule.last) for id_, rule in self.compared.items()},
            votes={id_: (rule.members, rule.on, rule.degraded) for id_, rule in self.votes.items()},
            of_kind=self._of_kind(),
        )

    def _of_kind(self) -> dict[str, tuple[str, Any]]:
        kept = {kind: kind.snapshot() for kind in {rule.kind for rule in self.compared.values()}}
        return {
            id_: (rule.alarm.kind, kept[rule.kind][rule.lane])
            for id_, rule in self.compared.items()
            if rule.lane in kept[rule.kind]
        }

    def restore(self, state: JointState) -> None:
        """Continue from a snapshot; what this configuration does not know is left out."""
        for id_, (judged, failing) in state.gauges.items():
            if id_ in self._gauges:
                self._gauges[id_].judged, self._gauges[id_].failing = judged, failing
        for id_, (condition, last) in state.deviations.items():
            if id_ in self.compared:
                rule = self.compared[id_]
                rule.condition, rule.last = condition, last
                word, of_kind = state.of_kind.get(id_, ("", None))
                if word == rule.alarm.kind:
                    rule.kind.restore(rule.lane, of_kind)
        for id_, vote in self.votes.items():
            members, on, degraded = state.votes.get(id_, ({}, False, False))
            vote.members = {id_: members.get(id_) or self._member(id_) for id_ in vote.members}
            vote.on, vote.degraded = on, degraded
            vote.changed = members.keys() != vote.members.keys()

    def _member(self, alarm: str) -> Member:
        """One that the vote did not know: as its condition is."""
        watched = self._watched.get(alarm)
        on = watched is not None and watched.on
        return Member(condition=on, counts=on)

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move."""
        for rule in self.compared.values():
            rule.condition.pending_received += by_ms


def _compared(installation: Installation, gauges: dict[str, Gauge]) -> dict[str, Compared]:
    """All comparisons in the site file's order, each kind's in lanes of one object."""
    made: dict[str, Compared] = {}
    for word, kind in COMPARISONS.items():
        alarms = [alarm for alarm in installation.alarms if alarm.kind == word]
        of = [tuple(gauges[point] for point in alarm.compared) for alarm in alarms]
        longest = [max(gauge.stale_after for gauge in each) for each in of]
        together = kind(list(zip(alarms, longest, strict=True))) if alarms else None
        for lane, (alarm, each) in enumerate(zip(alarms, of, strict=True)):
            assert together is not None
            made[alarm.id] = Compared(alarm, together, lane, each)
    return {alarm.id: made[alarm.id] for alarm in installation.alarms if alarm.id in made}


def _findings(
    alarm: Alarm, turns: Iterable[Turn], decided: int, at: int, value: float | None, reason: str
) -> list[Finding]:
    return [
        Finding(alarm.id, Change.ON if turn.on else Change.OFF, turn.time, decided, at, value, alarm.setpoint, reason)
        for turn in turns
    ]
