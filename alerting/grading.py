"""Which graded warning level an installation's standing alarms make, by the rules of the site file. Pure.

It knows neither the warning's life (alerting.warning) nor people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from pipeline.model import Event, State
from pipeline.site import PRIORITIES, WARNING_LEVELS, Alarm, Installation, WarningRule

_NO_CHANGE = {"refused", "late_excursion"}


class On(msgspec.Struct, kw_only=True):
    """An alarm whose condition is on and shown. `since` log time, ms; `taken_by` who acknowledged it."""

    since: int
    taken: bool = False
    taken_by: str | None = None


class Grade(NamedTuple):
    """The gravest level whose rule holds, and the alarms that make it; (None, ()) when none holds."""

    level: str | None
    alarms: tuple[str, ...]


class Standing(msgspec.Struct, kw_only=True):
    """The alarms of one installation that count for its warning: on, and in no suppression."""

    on: dict[str, On] = msgspec.field(default_factory=dict)

    def event(self, event: Event) -> bool:
        """One more event, in order. Whether it may have changed the grade."""
        if event.state is None or event.event in _NO_CHANGE:
            return False
        known = self.on.get(event.alarm)
        if event.state not in {State.UNACK, State.ACKED}:
            self.on.pop(event.alarm, None)
            return known is not None
        if known is None or event.event == "raised":
            known = self.on[event.alarm] = On(since=event.decided)
        known.taken = event.state == State.ACKED
        known.taken_by = event.actor if event.event == "acknowledged" else known.taken_by if known.taken else None
        return True


class Grader:
    """The rules of one installation, each alarm fitted once."""

    def __init__(self, rules: Iterable[WarningRule], installation: Installation | None) -> None:
        self._rules: list[tuple[WarningRule, frozenset[str]]] = []
        if installation is None:
            return
        alarms = [*installation.alarms, *(alarm for point in installation.points for alarm in point.alarms)]
        for rule in sorted(rules, key=lambda one: WARNING_LEVELS.index(one.level)):
            if not rule.installations or installation.id in rule.installations:
                self._rules.append((rule, frozenset(alarm.id for alarm in alarms if _fits(rule, alarm))))

    @property
    def timed(self) -> bool:
        """Whether the passing of time alone may change the grade."""
        return any(rule.lasting_ms for rule, _ in self._rules)

    def grade(self, on: Mapping[str, On], now: int) -> Grade:
        """By the alarms that are on at `now`, ms."""
        level, found = None, []
        for rule, fitting in self._rules:
            if level is not None and rule.level != level:
                break
            held = [
                alarm
                for alarm, one in on.items()
                if alarm in fitting and now - one.since >= rule.lasting_ms and not (rule.unacknowledged and one.taken)
            ]
            if len(held) >= rule.count:
                level = rule.level
                found += [alarm for alarm in held if alarm not in found]
        return Grade(level, tuple(found))


def _fits(rule: WarningRule, alarm: Alarm) -> bool:
    urgent = rule.priority is None or PRIORITIES.index(alarm.priority) <= PRIORITIES.index(rule.priority)
    classed = not rule.classes or alarm.alarm_class in rule.classes
    named = not rule.alarms or any(fnmatchcase(alarm.id, pattern) for pattern in rule.alarms)
    near = rule.time_to_limit_ms is None or (
        alarm.time_to_limit is not None and alarm.time_to_limit.within_ms <= rule.time_to_limit_ms
    )
    return urgent and classed and named and near
