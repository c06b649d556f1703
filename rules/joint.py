"""Alarms over several points of one installation: when comparisons and votes are asked, and in which order. Pure.

How each is judged stands in rules.compared with its kinds, and in rules.vote; what is surely quiet in rules.together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from pipeline.model import Change, Finding
from pipeline.site import Alarm, Installation
from rules.balance import Balance
from rules.compared import Compared, Comparison, Gauge
from rules.condition import Condition, Signal
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


class Verdict(NamedTuple):
    """What the latest values of a comparison, of the time `later`, say; already taken by its kind."""

    later: int
    signal: Signal


class Joint:
    """`compared` and `votes` by alarm id, in the site file's order; `gauged`: points of comparisons; `looked_at`: those
    and the points votes are judged from; `bypassed`: points that are being worked on, so that a comparison with them
    says nothing; `touched`: comparisons whose exact state may have changed since somebody emptied it.
    """

    def __init__(self, installation: Installation, points: list[PointRules]) -> None:
        self.gauges = {point.point.id: Gauge(point.stale_after) for point in points}
        self._alarms = {alarm.id: alarm for alarm in installation.alarms}
        self._order = {id_: number for number, id_ in enumerate(self._alarms)}
        self._point_of = {watched.alarm.id: point.point.id for point in points for watched in point.watched}
        self._watched = {watched.alarm.id: watched for point in points for watched in point.watched}
        self.compared = _compared(installation, self.gauges)
        self.votes = {alarm.id: VoteRule(alarm.vote) for alarm in installation.alarms if alarm.vote is not None}
        self._bypassed: frozenset[str] = frozenset()
        self.touched: set[str] = set(self.compared)
        self._waiting: set[str] = set()
        self._past: dict[str, list[tuple[int, float | None]]] = {}
        self.of_point: dict[str, list[str]] = defaultdict(list)
        for id_, rule in self.compared.items():
            for point in rule.alarm.compared:
                self.of_point[point].append(id_)
        self._votes_of: dict[str, list[str]] = defaultdict(list)
        self._members_of: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for id_, vote in self.votes.items():
            for member in vote.members:
                self._votes_of[member].append(id_)
                for point in self._points_of(member):
                    self._members_of[point].append((id_, member))
        self.gauged = frozenset(self.of_point)
        self.looked_at = self.gauged | self._members_of.keys()

    @property
    def bypassed(self) -> frozenset[str]:
        """Points that are being worked on."""
        return self._bypassed

    @bypassed.setter
    def bypassed(self, points: frozenset[str]) -> None:
        self.touched.update(self.comparisons(self._bypassed ^ points))
        self._bypassed = points

    def _points_of(self, alarm: str) -> set[str]:
        """The points an alarm is judged from."""
        if alarm in self.compared:
            return set(self.compared[alarm].alarm.compared)
        if alarm in self.votes:
            return {point for member in self.votes[alarm].members for point in self._points_of(member)}
        return {self._point_of[alarm]} if alarm in self._point_of else set()

    def comparisons(self, points: Iterable[str]) -> list[str]:
        """Those that look at any of these points, in the site file's order."""
        return self._sorted({id_ for point in points for id_ in self.of_point.get(point, ())})

    def _sorted(self, ids: Iterable[str]) -> list[str]:
        return sorted(ids, key=self._order.__getitem__)

    def after_samples(
        self, at: int, received: int, seen: list[Seen], findings: list[Finding], judged: Mapping[str, Verdict | None]
    ) -> list[Finding]:
        """After all samples of the accepted time `at`; `findings` are the points' own of that time.

        `judged`: comparisons that rules.together has asked, with the verdict where one belongs to this time.
        """
        found: list[Finding] = []
        ready = {id_ for id_, verdict in judged.items() if verdict is not None}
        exact = {id_ for id_ in self.comparisons(one.point for one in seen) if id_ not in judged}
        for id_ in exact - self._past.keys():
            self._past[id_] = [(-FOREVER, self.compared[id_].value())]
        self._take(seen)
        for id_ in self._sorted(ready | exact):
            rule, verdict = self.compared[id_], judged.get(id_)
            points, before, tripped = rule.alarm.compared, list[Turn](), list[Turn]()
            if verdict is not None:
                turns = rule.decided(verdict.later, received, verdict.signal)
            else:
                before, tripped = rule.worsened(at, [one for one in seen if one.point in points])
                turns = rule.after_samples(received, bypassed=not self.bypassed.isdisjoint(points))
            self._note(id_)
            value = rule.value()
            if id_ in exact:
                self._past[id_].append((at, value))
            found += _findings(rule.alarm, before, received, at, value, "limit")
            found += _findings(rule.alarm, tripped, received, at, value, "lost")
            found += _findings(rule.alarm, turns, received, at, value, "limit")
        return found + self._vote(seen, [*findings, *found], received, at)

    def _note(self, id_: str) -> None:
        """The rule may have changed."""
        self.touched.add(id_)
        if self.compared[id_].condition.pending is not None:
            self._waiting.add(id_)
        else:
            self._waiting.discard(id_)

    def stale(self, second: int, seen: list[Seen]) -> list[Finding]:
        """What points that have just become STALE trip."""
        found: list[Finding] = []
        self._take(seen)
        for id_ in self.comparisons(one.point for one in seen):
            rule = self.compared[id_]
            tripped = rule.trip(min(one.time for one in seen if one.point in rule.alarm.compared))
            found += _findings(rule.alarm, tripped, second, second, rule.value(), "lost")
            self._note(id_)
        return found

    def after_second(self, second: int, seen: list[Seen], findings: list[Finding]) -> list[Finding]:
        """After STALE and the points' own delays of a whole second: delays of comparisons, then votes."""
        found: list[Finding] = []
        for id_ in self._sorted(self._waiting):
            rule = self.compared[id_]
            found += _findings(rule.alarm, rule.by_second(second), second, second, rule.value(), "limit")
            self._note(id_)
        return found + self._vote(seen, [*findings, *found], second, second)

    def turned(self, turns: Iterable[tuple[str, int, bool]], decided: int) -> list[Finding]:
        """Alarms (id, time) were taken out of service (True) or put back (False): what votes make of it."""
        told = [MemberTurn(alarm, time, What.OUT if out else What.BACK) for alarm, time, out in turns]
        return self._vote([], [], decided, decided, told)

    def _take(self, seen: list[Seen]) -> None:
        for one in seen:
            self.gauges[one.point].take(one)

    def _vote(
        self, seen: list[Seen], findings: list[Finding], decided: int, at: int, told: Iterable[MemberTurn] = ()
    ) -> list[Finding]:
        turns = self._turns(seen, findings, told)
        found: list[Finding] = []
        for id_ in self.votes if turns else ():
            if id_ not in turns:
                continue
            votes, degrades = self.votes[id_].take(turns[id_])
            found += _findings(self._alarms[id_], votes, decided, at, None, "limit")
            for above in self._votes_of.get(id_, ()):
                turns[above] += [MemberTurn(id_, one.time, What.ON if one.on else What.OFF) for one in votes]
            degraded = self._alarms.get(f"{id_}-degraded")
            if degraded is not None:
                found += _findings(degraded, degrades, decided, at, None, "degraded")
        return found

    def _turns(
        self, seen: list[Seen], findings: list[Finding], told: Iterable[MemberTurn]
    ) -> dict[str, list[MemberTurn]]:
        """What happened to members, by vote."""
        turns: dict[str, list[MemberTurn]] = defaultdict(list)
        given = [
            MemberTurn(one.alarm, one.time, What.ON if one.change is Change.ON else What.OFF)
            for one in findings
            if one.change is not Change.LATE_EXCURSION
        ]
        for turn in (*told, *given):
            for id_ in self._votes_of.get(turn.member, ()):
                turns[id_].append(turn)
        for one in seen:
            if one.judged or one.lost:
                for id_, member in self._members_of.get(one.point, ()):
                    turns[id_].append(MemberTurn(member, one.time, What.JUDGED if one.judged else What.LOST))
        return turns

    def awaited(self) -> set[str]:
        """Points with a member that counts on until it is judged again, and those of votes whose members changed."""
        kept = [
            id_ for rule in self.votes.values() for id_, member in rule.members.items() if member.keeps or rule.changed
        ]
        return {point for id_ in kept for point in self._points_of(id_)}

    def told_of(self, alarm: str) -> bool:
        """Whether it was judged sample by sample in the record judged last."""
        return alarm in self._past

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
            gauges={id_: (gauge.judged, gauge.failing) for id_, gauge in self.gauges.items() if id_ in self.gauged},
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

    def restore(self, state: JointState, same: frozenset[str]) -> None:
        """Continue from a snapshot; what this configuration does not know is left out.

        Comparisons that are not the `same` keep their condition and lose what was pending and what their kind kept.
        """
        for id_, (judged, failing) in state.gauges.items():
            if id_ in self.gauges:
                self.gauges[id_].judged, self.gauges[id_].failing = judged, failing
        for id_, (condition, last) in state.deviations.items():
            if id_ in self.compared:
                rule = self.compared[id_]
                rule.condition, rule.last = condition, last
                word, of_kind = state.of_kind.get(id_, ("", None))
                if id_ not in same:
                    condition.drop_pending()
                elif word == rule.alarm.kind:
                    rule.kind.restore(rule.lane, of_kind)
                self._note(id_)
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
