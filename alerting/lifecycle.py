"""Findings and commands -> events: the life of every alarm of one installation. Pure.

Told what the rules found, what people asked for and which seconds passed; returns events in order. Knows no log,
no channel, no clock. The numbers in comments are rows of the transition table in docs/alarm-states.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from alerting.facts import Facts, identifier, state_of
from pipeline.model import Change, Command, Event, Finding, State
from pipeline.site import Alarm, Site

Latest = Callable[[Alarm], float | None]
"""The latest value an alarm is about; what an event shows when no sample decided it."""

SUPPORTED = frozenset({"acknowledge", "reset"})
"""The others of the contract are refused, plainly, in this version."""
_OF_TARGETS = frozenset({"bypass", "mode"})
_OF_ALARM_OR_TARGET = frozenset({"in_service", "out_of_service"})


class Lifecycle:
    """Facts of all alarms of one installation, in the site file's order."""

    def __init__(self, site: Site, installation: str, latest: Latest) -> None:
        self.installation = installation
        self._latest = latest
        self.facts: dict[str, Facts] = {}
        self.seq = 0
        self._configure(site)

    def _configure(self, site: Site) -> None:
        self.people = frozenset(person.id for person in site.people)
        self.alarms, self.units = _alarms(site, self.installation)
        self.targets = _targets(site, self.installation)
        self._order = {id_: number for number, id_ in enumerate(self.alarms)}

    def found(self, findings: Iterable[Finding]) -> list[Event]:
        """What the rules found, in their order."""
        events = []
        for finding in findings:
            alarm = self.alarms[finding.alarm]
            facts = self.facts.setdefault(alarm.id, Facts())
            if finding.change is Change.LATE_EXCURSION:
                events.append(self._excursion(alarm, facts, finding))
            elif finding.change is Change.ON and not facts.condition:
                events.append(self._on(alarm, facts, finding))
            elif finding.change is Change.OFF and facts.condition:
                events.append(self._off(alarm, facts, finding))
        return events

    def _on(self, alarm: Alarm, facts: Facts, finding: Finding) -> Event:
        """Rows 1, 8, 10, 12: a latched or unacknowledged occurrence goes on, anything else begins a new one."""
        before = state_of(facts)
        kind = "reraised" if facts.occurrence else "raised"
        if not facts.occurrence:
            facts.occurrences += 1
            facts.occurrence = identifier(alarm.id, "occurrence", facts.occurrences, finding.time)
            facts.last_occurrence = facts.occurrence
        facts.condition, facts.latched = True, alarm.latching
        facts.acked, facts.acked_at = not alarm.ack_required, None
        return self._event(alarm, facts, kind, before, finding)

    def _off(self, alarm: Alarm, facts: Facts, finding: Finding) -> Event:
        """Rows 3 to 6."""
        before = state_of(facts)
        facts.condition = False
        facts.acked_at = None
        closes = facts.acked and not facts.latched
        return self._event(alarm, facts, "cleared" if closes else "returned", before, finding, closes=closes)

    def _excursion(self, alarm: Alarm, facts: Facts, finding: Finding) -> Event:
        return self._event(alarm, facts, "late_excursion", state_of(facts), finding)

    def command(self, command: Command, received: int) -> list[Event]:
        """What a person asked for at `received` (ms). A refusal is an event with its reason."""
        alarm = self.alarms.get(command.alarm or "")
        facts = self.facts.setdefault(alarm.id, Facts()) if alarm else None
        reason = self._objection(command, alarm, facts)
        if reason is None and command.command == "acknowledge" and alarm and facts:
            return self._acknowledge(alarm, facts, command, received)
        if reason is None and command.command == "reset" and alarm and facts:
            reason = _cannot_reset(facts)
            if reason is None:
                return [self._reset(alarm, facts, command, received)]
        return [self._refused(command, alarm, reason or "unknown_command", received)]

    def _objection(self, command: Command, alarm: Alarm | None, facts: Facts | None) -> str | None:
        """Why nothing is done, in the contract's order."""
        of_either = command.command in _OF_ALARM_OR_TARGET and command.alarm is None
        if command.command in _OF_TARGETS or of_either:
            if command.target not in self.targets:
                return "unknown_target"
        elif alarm is None:
            return "unknown_alarm"
        if command.by not in self.people:
            return "unknown_person"
        if command.command not in SUPPORTED:
            return "not_supported"
        if facts is not None and command.occurrence is not None:
            seen = facts.occurrence or facts.last_occurrence
            if command.occurrence != seen:
                return "other_occurrence"
        return None

    def _acknowledge(self, alarm: Alarm, facts: Facts, command: Command, received: int) -> list[Event]:
        """Rows 2, 7, 9; row 22 (nothing to acknowledge) is no event and no error."""
        before = state_of(facts)
        if facts.acked or facts.occurrence is None:
            return []
        facts.acked = True
        facts.acked_at = received if facts.condition else None
        closes = not facts.condition and not facts.latched
        return [self._by_person(alarm, facts, "acknowledged", before, command, received, closes=closes)]

    def _reset(self, alarm: Alarm, facts: Facts, command: Command, received: int) -> Event:
        """Row 11."""
        before = state_of(facts)
        facts.latched = False
        return self._by_person(alarm, facts, "reset", before, command, received, closes=True)

    def second(self, second: int) -> list[Event]:
        """Row 13: an acknowledged alarm that is still on is told again."""
        events = []
        for alarm, due in self._realarms():
            facts = self.facts[alarm.id]
            if second >= due and state_of(facts) is State.ACKED:
                facts.acked, facts.acked_at = False, None
                again = Finding(
                    alarm.id, Change.ON, due, second, second, self._latest(alarm), alarm.setpoint, "realarm"
                )
                events.append(self._event(alarm, facts, "reraised", State.ACKED, again))
        return events

    def next_timer(self) -> int | None:
        """The earliest second (ms) at which `second` has something to say."""
        return min((due for _, due in self._realarms()), default=None)

    def _realarms(self) -> list[tuple[Alarm, int]]:
        """Acknowledged alarms with a re-alarm, and when it is due, in the site file's order."""
        due = []
        for id_, facts in self.facts.items():
            alarm = self.alarms[id_]
            if facts.acked_at is not None and alarm.realarm_ms is not None:
                due.append((alarm, facts.acked_at + alarm.realarm_ms))
        return sorted(due, key=lambda each: self._order[each[0].id])

    def configured(self, site: Site, received: int) -> list[Event]:
        """A new configuration: state is kept by alarm id; a standing alarm that is gone is cleared, and says so."""
        events = []
        kept, _ = _alarms(site, self.installation)
        for id_, alarm in self.alarms.items():
            facts = None if id_ in kept else self.facts.pop(id_, None)
            if facts is not None and facts.occurrence is not None:
                before = state_of(facts)
                facts.condition, facts.latched, facts.acked = False, False, True
                gone = Finding(id_, Change.OFF, received, received, received, None, alarm.setpoint, "removed")
                events.append(self._event(alarm, facts, "cleared", before, gone, closes=True))
        self._configure(site)
        return events

    def _by_person(
        self,
        alarm: Alarm,
        facts: Facts,
        event: str,
        before: State,
        command: Command,
        received: int,
        *,
        closes: bool,
    ) -> Event:
        asked = Finding(alarm.id, Change.OFF, received, received, received, self._latest(alarm), alarm.setpoint, "")
        return self._event(alarm, facts, event, before, asked, closes=closes, command=command)

    def _event(
        self,
        alarm: Alarm,
        facts: Facts,
        event: str,
        before: State,
        cause: Finding,
        *,
        closes: bool = False,
        command: Command | None = None,
    ) -> Event:
        """One line of the record. `closes`: the occurrence ends with it."""
        self.seq += 1
        facts.events += 1
        occurrence = facts.occurrence
        if closes:
            facts.occurrence = None
        return Event(
            event_id=identifier(alarm.id, facts.events, event, cause.time),
            seq=self.seq,
            time=cause.time,
            decided=cause.decided,
            alarm=alarm.id,
            occurrence=occurrence,
            event=event,
            from_state=before,
            state=state_of(facts),
            priority=alarm.priority,
            value=cause.value,
            setpoint=cause.setpoint,
            unit=self.units[alarm.id],
            actor=command.by if command else None,
            note=command.note if command else None,
            reason=cause.reason or None,
        )

    def _refused(self, command: Command, alarm: Alarm | None, reason: str, received: int) -> Event:
        """A command that could not be done; states are null where the alarm is unknown."""
        if alarm is not None:
            facts = self.facts.setdefault(alarm.id, Facts())
            state = state_of(facts)
            asked = Finding(
                alarm.id, Change.OFF, received, received, received, self._latest(alarm), alarm.setpoint, reason
            )
            return self._event(alarm, facts, "refused", state, asked, command=command)
        self.seq += 1
        named = command.alarm or command.target or self.installation
        return Event(
            event_id=identifier(named, self.seq, "refused", received),
            seq=self.seq,
            time=received,
            decided=received,
            alarm=named,
            occurrence=None,
            event="refused",
            from_state=None,
            state=None,
            priority=None,
            value=None,
            setpoint=None,
            unit=None,
            actor=command.by,
            note=command.note,
            reason=reason,
        )

    def standing(self) -> list[str]:
        """Ids of the alarms that are not NORMAL."""
        return [id_ for id_, facts in self.facts.items() if state_of(facts) is not State.NORMAL]

    def snapshot(self) -> bytes:
        """All facts, as MessagePack."""
        return msgspec.msgpack.encode((self.seq, self.facts))

    def restore(self, data: bytes) -> None:
        """Continue from a snapshot; facts of alarms this configuration does not know are left out."""
        self.seq, facts = msgspec.msgpack.decode(data, type=tuple[int, dict[str, Facts]])
        self.facts = {id_: one for id_, one in facts.items() if id_ in self.alarms}


def _cannot_reset(facts: Facts) -> str | None:
    """Row 21. Only LATCH_ACKED can be reset."""
    if facts.condition:
        return "condition_on"
    if facts.latched and not facts.acked:
        return "not_acknowledged"
    return None if facts.latched else "not_latched"


def _targets(site: Site, installation: str) -> frozenset[str]:
    """What commands may name besides alarms: points and equipment."""
    here = site.installation(installation)
    if here is None:
        return frozenset()
    ids = [one.id for one in here.points] + [one.id for one in here.equipment]
    return frozenset(f"{here.id}/{id_}" for id_ in ids)


def _alarms(site: Site, installation: str) -> tuple[dict[str, Alarm], dict[str, str | None]]:
    """Alarms of the enabled points and of the installation, in order, and their units (a deviation's: its point's)."""
    here = site.installation(installation)
    if here is None:
        return {}, {}
    of_points = [(alarm, point.unit or None) for point in here.points if point.enabled for alarm in point.alarms]
    alarms = {alarm.id: alarm for alarm, _ in of_points} | {alarm.id: alarm for alarm in here.alarms}
    units: dict[str, str | None] = dict.fromkeys(alarms) | {alarm.id: unit for alarm, unit in of_points}
    unit_of = {point.id: point.unit or None for point in here.points}
    units |= {alarm.id: unit_of.get(alarm.deviation.point) for alarm in here.alarms if alarm.deviation is not None}
    units |= {alarm.id: "m3" for alarm in here.alarms if alarm.balance is not None}
    return alarms, units
