"""The installation's own alarms, over several points: who is asked when, in the site file's order.

How a deviation and a vote are judged stands in `across`.
"""

from __future__ import annotations

from pipeline.site import Alarm
from tests.oracle.across import DeviationRule, Member, VoteRule
from tests.oracle.comparing import BalanceRule, DiscrepancyRule
from tests.oracle.records import Change
from tests.oracle.sensor import Sensor, Turn, Watched


class Across:
    """`watched`: all of them, in order; a vote's degraded alarm is `NAME-degraded` of kind degraded, if listed."""

    def __init__(self, alarms: tuple[Alarm, ...], by_point: dict[str, Sensor]) -> None:
        self.watched = [Watched(alarm) for alarm in alarms]
        self.by_point = by_point
        self.alarms = {alarm.id: alarm for alarm in alarms}
        self.deviations = {alarm.id: rule for alarm in alarms if (rule := _comparison(alarm, by_point)) is not None}
        self.vote_rules = {
            alarm.id: VoteRule(alarm.vote, {member: Member() for member in alarm.vote.of})
            for alarm in alarms
            if alarm.vote is not None
        }
        self.member_turns: list[tuple[str, Turn]] = []

    def shift(self, by: int) -> None:
        """Held received times move."""
        for rule in self.deviations.values():
            rule.condition.shift(by)

    def at(self, points: set[str], time: int, received: int, bypassed: dict[str, int]) -> list[Change]:
        """After all samples of an accepted time: the deviations of the points that had one."""
        changes = []
        for name, rule in self.deviations.items():
            pair = {sensor.point.id for sensor in rule.sensors}
            if not pair & points:
                continue
            rule.condition.tripped = []
            for change in rule.at(self.alarms[name], time, received, bypassed=bool(pair & bypassed.keys())):
                why = "lost" if change in rule.condition.tripped else "limit"
                changes.append(Change(name, *change, received, rule.value(), why))
        return changes

    def stale(self, second: int) -> list[Change]:
        """What STALE of any of its points trips."""
        changes = []
        for name, rule in self.deviations.items():
            lost = [turn.time for sensor in rule.sensors for turn in sensor.turns if turn.what == "lost"]
            if lost and self.alarms[name].on_bad == "trip":
                changes += [
                    Change(name, on, at, second, rule.value(), "lost") for on, at in rule.condition.trip(min(lost))
                ]
        return changes

    def second(self, second: int) -> list[Change]:
        """Delays of deviations."""
        changes = []
        for name, rule in self.deviations.items():
            found = rule.condition.second(second, rule.delays(self.alarms[name]))
            changes += [Change(name, on, at, second, rule.value(), "limit") for on, at in found]
        return changes

    def turn(self, alarm: str, turn: Turn) -> None:
        """A member was taken out of service or put back."""
        self.member_turns.append((alarm, turn))

    def votes(self, changes: list[Change], decided: int) -> list[Change]:
        """What the members' changes make of the votes; forgets what has been told of points and members."""
        if not self.vote_rules:
            self._forget()
            return []
        turns = self.member_turns + [(one.alarm, Turn(one.time, "on" if one.on else "off")) for one in changes]
        made: list[Change] = []
        for name, rule in self.vote_rules.items():
            mine = [(member, turn) for member, turn in turns if member in rule.members]
            mine += [
                (member, turn)
                for member in rule.members
                for sensor in self.judged_from(member)
                for turn in sensor.turns
                if turn.what in ("lost", "judged")
            ]
            votes, degrades = rule.turns(mine)
            found = [Change(name, on, at, decided, None, "limit") for on, at in votes]
            turns += [(name, Turn(one.time, "on" if one.on else "off")) for one in found]  # of votes over votes
            made += found
            if f"{name}-degraded" in self.alarms:
                made += [Change(f"{name}-degraded", on, at, decided, None, "degraded") for on, at in degrades]
        self._forget()
        return made

    def _forget(self) -> None:
        self.member_turns = []
        for sensor in self.by_point.values():
            sensor.turns.clear()

    def value(self, alarm: Alarm) -> float | None:
        """The latest: of a deviation the deviation; a vote has none."""
        rule = self.deviations.get(alarm.id)
        return rule.value() if rule is not None else None

    def judged_from(self, alarm: str) -> list[Sensor]:
        """The points an alarm is judged from."""
        if alarm in self.deviations:
            return self.deviations[alarm].sensors
        if alarm in self.vote_rules:
            return [sensor for member in self.vote_rules[alarm].members for sensor in self.judged_from(member)]
        return [one for one in self.by_point.values() if any(each.now.id == alarm for each in one.watched)]


def _comparison(alarm: Alarm, by_point: dict[str, Sensor]) -> DeviationRule | DiscrepancyRule | BalanceRule | None:
    if alarm.deviation is not None:
        return DeviationRule(by_point[alarm.deviation.point], by_point[alarm.deviation.reference])
    if alarm.discrepancy is not None:
        return DiscrepancyRule(by_point[alarm.discrepancy.command], by_point[alarm.discrepancy.feedback])
    if alarm.balance is not None:
        return BalanceRule(by_point[alarm.balance.level], [by_point[one] for one in alarm.balance.flows])
    return None
