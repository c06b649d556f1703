"""Suppression by design: which rules of the site file hold, and since which change. Pure.

Suppresses nothing itself: it says which rules begin and which end, in the site file's order. Rules have no circles
(`check` refuses them), so each is looked at after those that may suppress its cause.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from alerting.facts import ByDesign
from pipeline.site import Suppress


class Turned(NamedTuple):
    """A rule that begins or ends to hold, its alarms, and the time of the change that made it (ms)."""

    rule: ByDesign
    alarms: tuple[str, ...]


class Circumstances(NamedTuple):
    """What rules are asked of. `in_mode`: an equipment's mode. `causes`: whether an alarm's condition is on, itself
    neither shelved nor out of service, its points neither STALE nor BAD. `about`: the alarms that this hangs on.
    """

    in_mode: Callable[[str], str | None]
    causes: Callable[[str], bool]
    about: Callable[[str], tuple[str, ...]]


class Designs:
    """All rules of one installation; `holding`: numbers of those that hold."""

    def __init__(self, rules: tuple[Suppress, ...], known: frozenset[str], circumstances: Circumstances) -> None:
        self._rules = rules
        self._alarms = [tuple(id_ for id_ in rule.alarms if id_ in known) for rule in rules]
        self._circumstances = circumstances
        self.holding: set[int] = set()
        self._suppressing: dict[str, list[int]] = defaultdict(list)
        self._causing: dict[str, list[int]] = defaultdict(list)
        self._watching: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            for alarm in rule.alarms:
                self._suppressing[alarm].append(number)
            if rule.cause is not None:
                self._causing[rule.cause].append(number)
            for name in self._about(rule):
                self._watching[name].append(number)
        self._depth: dict[int, int] = {}
        for number in range(len(rules)):
            self._deep(number)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _about(self, rule: Suppress) -> tuple[str, ...]:
        """Names of equipment and alarms on whose changes a rule hangs."""
        if rule.cause is None:
            return (rule.equipment or "",)
        return self._circumstances.about(rule.cause)

    def _deep(self, number: int) -> int:
        """How many rules stand above: it comes after all that may suppress its cause."""
        if number not in self._depth:
            above = self._suppressing.get(self._rules[number].cause or "", [])
            self._depth[number] = 1 + max((self._deep(other) for other in above), default=0)
        return self._depth[number]

    def key(self, number: int) -> str:
        """A rule's own name: templates repeat ids, but never with the same `when`."""
        rule = self._rules[number]
        return "|".join((rule.id, rule.equipment or "", rule.mode or "", rule.cause or ""))

    def keep(self, keys: Iterable[str]) -> None:
        """Go on from the rules of these keys."""
        held = set(keys)
        self.holding = {number for number in range(len(self._rules)) if self.key(number) in held}

    def held(self) -> list[Turned]:
        """The rules that hold, with their alarms."""
        return [self._told(number, 0) for number in sorted(self.holding)]

    def turn(self, moments: Mapping[str, int], now: int) -> tuple[list[Turned], list[Turned]]:
        """Those that begin and those that end. `moments`: times of the changes of alarms and equipment, in order."""
        return self._turn({number for name in moments for number in self._watching.get(name, ())}, moments, now)

    def turn_all(self, now: int) -> tuple[list[Turned], list[Turned]]:
        """The same, asking every rule."""
        return self._turn(set(range(len(self._rules))), {}, now)

    def _turn(self, asked: set[int], moments: Mapping[str, int], now: int) -> tuple[list[Turned], list[Turned]]:
        todo = [(self._depth[number], number) for number in asked]
        heapq.heapify(todo)
        turned: dict[int, int] = {}
        while todo:
            _, number = heapq.heappop(todo)
            if number in turned or self._holds(number) == (number in self.holding):
                continue
            self.holding ^= {number}
            turned[number] = self._since(number, turned, moments, now)
            for alarm in self._rules[number].alarms:
                for below in self._causing.get(alarm, ()):
                    heapq.heappush(todo, (self._depth[below], below))
        told = [(number, self._told(number, time)) for number, time in sorted(turned.items())]
        begin = [one for number, one in told if number in self.holding]
        return begin, [one for number, one in told if number not in self.holding]

    def _holds(self, number: int) -> bool:
        """A cause that is itself suppressed causes nothing."""
        rule = self._rules[number]
        if rule.cause is None:
            return rule.mode is not None and self._circumstances.in_mode(rule.equipment or "") == rule.mode
        suppressed = any(above in self.holding for above in self._suppressing.get(rule.cause, ()))
        return not suppressed and self._circumstances.causes(rule.cause)

    def _since(self, number: int, turned: dict[int, int], moments: Mapping[str, int], now: int) -> int:
        """Time of the last change that can have made it; where another rule made it, that rule's."""
        rule = self._rules[number]
        about = self._about(rule)
        times = [time for name, time in moments.items() if name in about]
        if times:
            return times[-1]
        above = [turned[other] for other in self._suppressing.get(rule.cause or "", ()) if other in turned]
        return above[-1] if above else now

    def _told(self, number: int, time: int) -> Turned:
        return Turned(ByDesign(self.key(number), self._rules[number].id, time), self._alarms[number])
