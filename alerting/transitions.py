"""What condition, acknowledgement, reset and re-alarm make of one alarm's facts: rows 1 to 13, 21, 22. Pure.

Row numbers are those of docs/alarm-states.md. Suppression is in alerting.suppressing; who may ask, elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

from alerting.facts import Facts, identifier, state_of
from pipeline.model import State
from pipeline.site import Alarm


class Step(NamedTuple):
    """One event to be: its word, the state before it, the occurrence it belongs to."""

    event: str
    before: State
    occurrence: str | None


def begin_occurrence(facts: Facts, alarm: Alarm, time: int) -> None:
    """A new occurrence, from `time` (ms) on."""
    facts.occurrences += 1
    facts.occurrence = facts.last_occurrence = identifier(alarm.id, "occurrence", facts.occurrences, time)
    facts.began_suppressed, facts.waiting = facts.suppressed, None


def end_occurrence(facts: Facts) -> None:
    """Nothing of it waits for anybody."""
    facts.occurrence, facts.acked, facts.acked_at = None, True, None


def call(facts: Facts, alarm: Alarm) -> None:
    """Somebody is to acknowledge it, unless the alarm asks nobody."""
    facts.acked, facts.acked_at = not alarm.ack_required, None


def goes_on(facts: Facts, alarm: Alarm, time: int) -> Step:
    """Rows 1, 8, 10, 12: an open occurrence goes on, anything else begins a new one; while suppressed too."""
    before = state_of(facts)
    event = "reraised" if facts.occurrence else "raised"
    if not facts.occurrence:
        begin_occurrence(facts, alarm, time)
    facts.condition = True
    facts.latched = alarm.latching and (facts.latched or facts.out_of_service is None)
    call(facts, alarm)
    return Step(event, before, facts.occurrence)


def goes_off(facts: Facts, alarm: Alarm) -> Step | None:
    """Rows 3 to 6. None: it waited after a suppression; nobody was told that it is on, so nothing returns."""
    before, occurrence = state_of(facts), facts.occurrence
    facts.condition, facts.acked_at, facts.waiting = False, None, None
    if occurrence is None:
        return None
    if facts.suppressed:
        if not (alarm.latching or facts.latched or facts.unacked_before):
            end_occurrence(facts)
        return Step("returned", before, occurrence)
    if facts.acked and not facts.latched:
        end_occurrence(facts)
        return Step("cleared", before, occurrence)
    return Step("returned", before, occurrence)


def acknowledge(facts: Facts, now: int) -> Step | None:
    """Rows 2, 7, 9, and while suppressed. Row 22, nothing to acknowledge, is no event and no error."""
    before, occurrence = state_of(facts), facts.occurrence
    if facts.acked or occurrence is None:
        return None
    facts.acked, facts.unacked_before = True, False
    facts.acked_at = now if facts.condition else None
    if before is State.RTN_UNACK:
        end_occurrence(facts)
    return Step("acknowledged", before, occurrence)


def cannot_reset(facts: Facts) -> str | None:
    """Row 21. Only LATCH_ACKED can be reset."""
    if facts.suppressed:
        return "suppressed"
    if facts.condition:
        return "condition_on"
    if facts.latched and not facts.acked:
        return "not_acknowledged"
    return None if facts.latched else "not_latched"


def reset(facts: Facts) -> Step:
    """Row 11."""
    before, occurrence = state_of(facts), facts.occurrence
    facts.latched = False
    end_occurrence(facts)
    return Step("reset", before, occurrence)


def realarm_due(facts: Facts, alarm: Alarm) -> int | None:
    """When an acknowledged alarm that is still on is told again (ms); None: never, as things are."""
    if alarm.realarm_ms is None or facts.acked_at is None or state_of(facts) is not State.ACKED:
        return None
    return facts.acked_at + alarm.realarm_ms


def realarm(facts: Facts) -> Step:
    """Row 13."""
    before = state_of(facts)
    facts.acked, facts.acked_at = False, None
    return Step("reraised", before, facts.occurrence)


def remove(facts: Facts) -> Step:
    """The alarm is no longer in the site file: nothing of it stands."""
    before, occurrence = state_of(facts), facts.occurrence
    facts.condition = facts.latched = False
    facts.shelf, facts.by_design, facts.out_of_service, facts.waiting = None, (), None, None
    end_occurrence(facts)
    return Step("cleared", before, occurrence)
