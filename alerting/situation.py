"""What an operator wants to know beside an alarm: flood, chattering, first-out, cause, rising severity. Pure.

Folded from the events of one installation in order; the same events give the same answers after any restart.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from alerting.flood import Chatter, Flood
from alerting.relations import Relations
from pipeline.model import Event, State

_RAISES = {"raised", "reraised"}
_ANNOUNCES = {*_RAISES, "unshelved", "unsuppressed", "in_service"}
_SUPPRESSED = {State.SHELVED, State.SUPPRESSED_BY_DESIGN, State.OUT_OF_SERVICE}
_NO_CHANGE = {"refused", "late_excursion"}


class Marks(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What is said beside one alarm. `first_out`: the group in which it was first; the others are full alarm ids."""

    first_out: str | None = None
    consequence_of: str | None = None
    rose_from: str | None = None
    chattering: bool = False


class Situation(msgspec.Struct, kw_only=True):
    """One installation's. `on`: alarms that are not NORMAL; of each group that has any on, how many and the first."""

    flood: Flood = msgspec.field(default_factory=Flood)
    chatter: Chatter = msgspec.field(default_factory=Chatter)
    on: dict[str, str] = msgspec.field(default_factory=dict)
    sizes: dict[str, int] = msgspec.field(default_factory=dict)
    first: dict[str, str] = msgspec.field(default_factory=dict)

    def event(self, event: Event, relations: Relations) -> None:
        """One more event, in order, none twice."""
        if event.state is None or event.event in _NO_CHANGE:
            return
        raised = event.event in _RAISES
        if raised:
            self.chatter.raised(event.alarm, event.decided)
        if (event.state == State.UNACK and event.event in _ANNOUNCES) or (raised and event.state == State.ACKED):
            self.flood.annunciated(event.decided)
        if event.state == State.NORMAL:
            self._off(event.alarm, relations.group(event.alarm))
        else:
            self._on(event.alarm, event.state, relations.group(event.alarm))

    def standing(self, alarms: Mapping[str, Event], relations: Relations) -> None:
        """The engine's own word on what is not NORMAL."""
        for alarm in [one for one in self.on if one not in alarms]:
            self._off(alarm, relations.group(alarm))
        for alarm, event in alarms.items():
            if event.state is not None:
                self._on(alarm, event.state, relations.group(alarm))

    def shown(self, alarm: str) -> bool:
        """Not NORMAL, and in none of the suppressions."""
        return alarm in self.on and self.on[alarm] not in _SUPPRESSED

    def passed(self, now: int) -> None:
        """A second was judged: floods and chattering end in silence too."""
        self.flood.passed(now)
        self.chatter.passed(now)

    def marks(self, alarm: str, relations: Relations) -> Marks:
        """What is to be said beside the alarm now."""
        group = relations.group(alarm)
        leads = group is not None and self.first.get(group) == alarm and self.sizes[group] > 1
        return Marks(
            first_out=group if leads else None,  # being first is worth a word only where others followed
            consequence_of=next((cause for cause in relations.causes(alarm) if cause in self.on), None),
            rose_from=next((one for one in relations.milder(alarm) if self.shown(one)), None),
            chattering=alarm in self.chatter.chattered,
        )

    def _on(self, alarm: str, state: str, group: str | None) -> None:
        if group is not None and alarm not in self.on:
            self.sizes[group] = self.sizes.get(group, 0) + 1
            self.first.setdefault(group, alarm)
        self.on[alarm] = state

    def _off(self, alarm: str, group: str | None) -> None:
        if self.on.pop(alarm, None) is None or group is None:
            return
        self.sizes[group] = self.sizes.get(group, 1) - 1
        if not self.sizes[group]:
            del self.sizes[group]
            self.first.pop(group, None)
