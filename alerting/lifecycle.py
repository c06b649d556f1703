"""Findings -> events: the life of every alarm of one installation, and what suppresses by design. Pure.

Told what the rules found; returns events in order. Knows no log, no channel, no clock. What one step makes of one alarm
is in alerting.transitions and alerting.suppressing, commands are in alerting.orders, seconds in alerting.timers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Protocol

import msgspec

from alerting import suppressing, transitions
from alerting.book import Book, Cause
from alerting.catalogue import Catalogue, alarms_of
from alerting.designs import Circumstances, Designs, Turned
from alerting.facts import Facts, state_of
from alerting.modes import Mode, Modes, in_mode
from alerting.refusals import Known
from alerting.transitions import Step
from pipeline.model import Change, Event, Finding, State
from pipeline.site import Alarm, Installation, Site

Out = tuple[str, int, bool]
"""An alarm (id), when (ms), and whether it was taken out of service then or put back."""


class Judging(Protocol):
    """What the life of alarms asks of those who judge, and tells them."""

    def latest(self, alarm: Alarm, at: int | None) -> float | None:
        """The latest value an alarm is about, not later than accepted time `at` of the record judged last."""
        ...

    def turned(self, turns: list[Out], decided: int) -> list[Finding]:
        """Alarms were taken out of service or put back: what votes make of it at `decided` (ms)."""
        ...

    def changed(self, alarms: list[Alarm]) -> None:
        """Attributes of these alarms are others from now on."""
        ...

    def bypassed(self, points: frozenset[str]) -> None:
        """These points (ids), and no others, are bypassed from now on."""
        ...


class _Saved(msgspec.Struct):
    seq: int
    facts: dict[str, Facts]
    modes: dict[str, Mode]
    bypassed: dict[str, int]


class Lifecycle:
    """Facts of all alarms of one installation. `alarms`: with the attributes in force, in the site file's order.

    `bypassed`: point ids and until when (ms). `due`: the earliest second (ms) at which alerting.timers has something to
    do; None while that is not known.
    """

    def __init__(self, site: Site, here: Installation, judging: Judging) -> None:
        self.judging = judging
        self.book = Book()
        self.facts: dict[str, Facts] = {}
        self.bypassed: dict[str, int] = {}
        self.modes = Modes(())
        self.due: int | None = None
        self._ahead: dict[str, bool] = {}
        self._at: int | None = None
        self._configure(site, here)

    def _configure(self, site: Site, here: Installation) -> None:
        before, self.modes = self.modes, Modes(here.equipment)
        self.modes.keep(before.by_id)
        self.known = Known.of(site, here)
        self.catalogue = Catalogue.of(here)
        self._here = here
        self.alarms = alarms_of(self.in_force())
        self.book.units = self.catalogue.units
        self.order = {id_: number for number, id_ in enumerate(self.alarms)}
        circumstances = Circumstances(self.modes.now, self._causes, self._about)
        self.designs = Designs(here.suppress, frozenset(self.alarms), circumstances)
        self._hold_designs()

    def in_force(self) -> Installation:
        """The installation with every alarm as it is in its equipment's mode."""
        return self.modes.in_force(self._here)

    def _hold_designs(self) -> None:
        self.due = None
        self.designs.keep(one.key for facts in self.facts.values() for one in facts.by_design)

    def of(self, alarm: str) -> Facts:
        """Facts of one alarm."""
        return self.facts.setdefault(alarm, Facts())

    def found(self, findings: Iterable[Finding]) -> list[Event]:
        """What a record's samples made, accepted time by accepted time; late excursions come first."""
        events: list[Event] = []
        for (at, excursions), group in groupby(findings, lambda one: (one.at, one.change is Change.LATE_EXCURSION)):
            here, self._at = list(group), at
            events += map(self._excursion, here) if excursions else self.settle(here, at, here[0].decided)
        self._at = None
        return events

    def _excursion(self, one: Finding) -> Event:
        cause = Cause(one.time, one.decided, one.value, one.setpoint, one.reason)
        return self.book.unchanged("late_excursion", self.alarms[one.alarm], self.of(one.alarm), cause)

    def settle(
        self,
        findings: list[Finding],
        now: int,
        decided: int,
        *,
        moments: Mapping[str, int] | None = None,
        waits: Callable[[], list[Event]] = list,
    ) -> list[Event]:
        """What one accepted time, one second or one command changed, and what that suppresses.

        Conditions first; suppressions that begin take effect before the events, those that end after them. `moments`:
        times of what else changed (equipment, alarms shelved or put back). `waits`: what time alone makes.
        """
        self.due = None
        self._ahead = {one.alarm: one.change is Change.ON for one in findings}
        happened = dict(moments or {}) | {one.alarm: one.time for one in findings}
        begin, end = self.designs.turn(happened, now)
        self._ahead = {}
        return self._carry(begin, findings, waits, end, decided)

    def begin(self, received: int) -> list[Event]:
        """A configuration has just been put in force: what suppresses by design under it."""
        out = [(id_, received, True) for id_, facts in self.facts.items() if facts.out_of_service is not None]
        found = self.judging.turned(out, received) if out else []  # votes may have members they did not know
        self._ahead = {one.alarm: one.change is Change.ON for one in found}
        begin, end = self.designs.turn_all(received)
        self._ahead = {}
        return self._carry(begin, found, list, end + self._orphans(received), received)

    def _orphans(self, received: int) -> list[Turned]:
        """What still suppresses although no rule of this configuration says so."""
        said = {(one.rule.key, alarm) for one in self.designs.held() for alarm in one.alarms}
        return [
            Turned(msgspec.structs.replace(rule, since=received), (id_,))
            for id_, facts in self.facts.items()
            for rule in facts.by_design
            if (rule.key, id_) not in said
        ]

    def _carry(
        self,
        begin: list[Turned],
        findings: list[Finding],
        waits: Callable[[], list[Event]],
        end: list[Turned],
        decided: int,
    ) -> list[Event]:
        events = [event for turned in begin for event in self._suppress(turned, decided)]
        events += [event for one in findings for event in self._change(one)]
        events += waits()
        return events + [event for turned in end for event in self._unsuppress(turned, decided)]

    def _change(self, one: Finding) -> list[Event]:
        alarm, facts = self.alarms[one.alarm], self.of(one.alarm)
        on = one.change is Change.ON
        if on == facts.condition:
            return []
        step = transitions.goes_on(facts, alarm, one.time) if on else transitions.goes_off(facts, alarm)
        cause = Cause(one.time, one.decided, one.value, one.setpoint, one.reason, time_left_s=one.time_left_s)
        events = [] if step is None else [self.book.event(alarm, facts, step, cause)]
        if not on and facts.shelf is not None and facts.shelf.one_shot:
            lifted = suppressing.unshelve(facts, alarm, one.time)
            events += self.tell(alarm, lifted, one.time, one.decided, "one_shot")
        return events

    def _suppress(self, turned: Turned, decided: int) -> list[Event]:
        events = []
        for id_ in turned.alarms:
            facts = self.of(id_)
            if all(one.key != turned.rule.key for one in facts.by_design):
                step = suppressing.suppress(facts, turned.rule)
                events += self.tell(self.alarms[id_], step, turned.rule.since, decided, note=turned.rule.rule)
        return events

    def _unsuppress(self, turned: Turned, decided: int) -> list[Event]:
        events = []
        for id_ in turned.alarms:
            facts, time = self.of(id_), turned.rule.since
            if any(one.key == turned.rule.key for one in facts.by_design):
                step = suppressing.unsuppress(facts, self.alarms[id_], turned.rule.key, time, decided)
                events += self.tell(self.alarms[id_], step, time, decided, note=turned.rule.rule)
        return events

    def tell(
        self,
        alarm: Alarm,
        step: Step | None,
        time: int,
        decided: int,
        reason: str | None = None,
        *,
        actor: str | None = None,
        note: str | None = None,
    ) -> list[Event]:
        """The event of a step that no sample decided; none where there is no step."""
        if step is None:
            return []
        cause = Cause(time, decided, self.judging.latest(alarm, self._at), alarm.setpoint, reason, actor, note)
        return [self.book.event(alarm, self.of(alarm.id), step, cause)]

    def _causes(self, alarm: str) -> bool:
        """Whether an alarm can suppress others, but for its own suppression by design."""
        facts = self.facts.get(alarm, Facts())
        if facts.shelf is not None or facts.out_of_service is not None:
            return False
        return self._on(alarm) and not any(self._on(quality) for quality in self.catalogue.watched_for.get(alarm, ()))

    def _on(self, alarm: str) -> bool:
        facts = self.facts.get(alarm)
        return self._ahead.get(alarm, facts is not None and facts.condition)

    def _about(self, alarm: str) -> tuple[str, ...]:
        return (alarm, *self.catalogue.watched_for.get(alarm, ()))

    def mode_changed(self, equipment: str) -> None:
        """Attributes of alarms of its points may be others now."""
        mode = self.modes.now(equipment)
        others = []
        for now in in_mode((self.catalogue.alarms[id_] for id_ in self.catalogue.of_equipment[equipment]), mode):
            if now != self.alarms[now.id]:
                self.alarms[now.id] = now
                others.append(now)
        self.judging.changed(others)

    def configured(self, site: Site, here: Installation, received: int) -> list[Event]:
        """A new configuration: facts are kept by alarm id; a standing alarm that is gone is cleared, and says so.

        `begin` is to follow, once the new configuration is judged.
        """
        events = []
        kept = alarms_of(here)
        for id_ in [id_ for id_ in self.facts if id_ not in kept]:
            alarm, facts = self.alarms[id_], self.facts.pop(id_)
            if state_of(facts) is not State.NORMAL or facts.occurrence is not None:
                step = transitions.remove(facts)
                events.append(
                    self.book.event(alarm, facts, step, Cause(received, received, None, alarm.setpoint, "removed"))
                )
        points = {point.id for point in here.points if point.enabled}
        self.bypassed = {point: until for point, until in self.bypassed.items() if point in points}
        self._configure(site, here)
        return events

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move. Times of commands do not."""
        for facts in self.facts.values():
            if facts.waiting is not None:
                facts.waiting += by_ms
        self.due = None

    def standing(self) -> list[str]:
        """Ids of the alarms that are not NORMAL."""
        return [id_ for id_, facts in self.facts.items() if state_of(facts) is not State.NORMAL]

    def snapshot(self) -> bytes:
        """Everything, as MessagePack."""
        return msgspec.msgpack.encode(_Saved(self.book.seq, self.facts, self.modes.by_id, self.bypassed))

    def restore(self, data: bytes | memoryview) -> None:
        """Continue from a snapshot; what this configuration does not know is left out."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        self.book.seq = saved.seq
        self.facts = {id_: facts for id_, facts in saved.facts.items() if id_ in self.alarms}
        self.bypassed = saved.bypassed
        self.modes.keep(saved.modes)
        self.alarms = alarms_of(self.in_force())
        self._hold_designs()
