"""Steps of an alarm's life -> events: running numbers, ids, and what stands beside each. Pure; decides nothing."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from alerting.facts import Facts, identifier, state_of
from alerting.transitions import Step
from pipeline.model import Command, Event
from pipeline.site import Alarm


class Cause(NamedTuple):
    """Why there is an event. Times ms; `setpoint` as it was when it was judged; `actor` and `note` of who asked;
    `time_left_s` until a limit is reached.
    """

    time: int
    decided: int
    value: float | None
    setpoint: float | None
    reason: str | None = None
    actor: str | None = None
    note: str | None = None
    time_left_s: int | None = None


def asked(command: Command, alarm: Alarm, received: int, value: float | None, reason: str | None = None) -> Cause:
    """A person's command at `received`, about an alarm whose latest value is `value`."""
    return Cause(received, received, value, alarm.setpoint, reason, command.by, command.note)


class Book:
    """`seq`: of the newest event of the installation. `units` by alarm."""

    def __init__(self, seq: int = 0) -> None:
        self.seq = seq
        self.units: dict[str, str | None] = {}

    def event(self, alarm: Alarm, facts: Facts, step: Step, cause: Cause) -> Event:
        """One line of the record."""
        self.seq += 1
        facts.events += 1
        return Event(
            event_id=identifier(alarm.id, facts.events, step.event, cause.time),
            seq=self.seq,
            time=cause.time,
            decided=cause.decided,
            alarm=alarm.id,
            occurrence=step.occurrence,
            event=step.event,
            from_state=step.before,
            state=state_of(facts),
            priority=alarm.priority,
            value=cause.value,
            setpoint=cause.setpoint,
            unit=self.units[alarm.id],
            actor=cause.actor,
            note=cause.note,
            reason=cause.reason or None,
            time_left_s=msgspec.UNSET if cause.time_left_s is None else cause.time_left_s,
        )

    def unchanged(self, event: str, alarm: Alarm, facts: Facts, cause: Cause) -> Event:
        """One that changes no state: a refusal, a late excursion."""
        return self.event(alarm, facts, Step(event, state_of(facts), facts.occurrence), cause)

    def refused(self, named: str, command: Command, received: int, reason: str) -> Event:
        """A command that could not be done, about something that is no alarm: there are no states."""
        self.seq += 1
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
