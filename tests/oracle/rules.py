"""Suppression by design: which rules hold, and since which change.

It suppresses nothing itself; it says which rules begin and which end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.site import Suppress


class Turned(NamedTuple):
    """A rule that begins (or ends) to hold, and the time of the change that made it."""

    rule: Suppress
    time: int


@dataclass(slots=True)
class Rules:
    """All rules of the installation in order; `holding` by their number: templates repeat ids.

    `in_mode` tells an equipment's mode; `causes` whether an alarm's condition is on, the alarm itself neither
    shelved nor out of service, and the points it is judged from neither STALE nor BAD (where that is asked);
    `points` the alarms whose changes can change that.
    """

    rules: tuple[Suppress, ...]
    in_mode: Callable[[str], str | None]
    causes: Callable[[str], bool]
    about: Callable[[str], list[str]]
    holding: set[int] = field(default_factory=set)

    def turn(self, moments: dict[str, int], now: int) -> tuple[list[Turned], list[Turned]]:
        """Those that begin and those that end. `moments`: times of the changes of alarms and equipment just now."""
        after = {number for number, rule in enumerate(self.rules) if self._holds(rule)}
        turned = after ^ self.holding
        told = {number: Turned(self.rules[number], self._since(number, turned, moments, now)) for number in turned}
        self.holding = after
        in_order = sorted(turned)
        return [told[one] for one in in_order if one in after], [told[one] for one in in_order if one not in after]

    def _holds(self, rule: Suppress) -> bool:
        """A cause that is itself suppressed causes nothing; rules have no cycles."""
        if rule.mode is not None:
            return rule.equipment is not None and self.in_mode(rule.equipment) == rule.mode
        if rule.cause is None or not self.causes(rule.cause):
            return False
        return not any(rule.cause in other.alarms and self._holds(other) for other in self.rules)

    def _since(self, number: int, turned: set[int], moments: dict[str, int], now: int) -> int:
        """Time of the last change that can have made it; where another rule made it, that rule's."""
        rule = self.rules[number]
        watched = [rule.equipment or ""] if rule.mode is not None else self.about(rule.cause or "")
        times = [time for name, time in moments.items() if name in watched]
        if times:
            return times[-1]
        made = [one for one in sorted(turned) if rule.cause in self.rules[one].alarms]
        return self._since(made[-1], turned, moments, now) if made else now
