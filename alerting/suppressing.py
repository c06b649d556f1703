"""The three suppressions of one alarm: what beginning and lifting them makes of its facts, rows 14 to 20. Pure.

Who may ask, when one ends by itself and which rule of the site file holds is decided elsewhere.
"""

from __future__ import annotations

from alerting.facts import ByDesign, Facts, Outage, Shelf, state_of
from alerting.transitions import Step, begin_occurrence, call, end_occurrence
from pipeline.model import State
from pipeline.site import Alarm


def shelve(facts: Facts, shelf: Shelf) -> Step:
    """Row 14. Shelving again replaces the end."""
    before = _begin(facts)
    facts.shelf = shelf
    return Step("shelved", before, facts.occurrence)


def take_out(facts: Facts, outage: Outage) -> Step:
    """Row 18. Out of service and bypass are one fact per alarm: the later end holds, with who asked for it."""
    before, held = _begin(facts), facts.out_of_service
    if held is None:
        facts.out_of_service = outage
    elif outage.until >= held.until:
        facts.out_of_service = Outage(
            outage.until, held.since, outage.by, outage.note, outage.permit or held.permit, outage.review or held.review
        )
    return Step("out_of_service", before, facts.occurrence)


def suppress(facts: Facts, rule: ByDesign) -> Step | None:
    """Row 16. One event when the first rule begins."""
    before, first = _begin(facts), not facts.by_design
    facts.by_design = (*facts.by_design, rule)
    return Step("suppressed", before, facts.occurrence) if first else None


def unshelve(facts: Facts, alarm: Alarm, time: int) -> Step:
    """Row 15: by a person, by its time, or by the condition's going off."""
    before, facts.shelf = state_of(facts), None
    return _lifted(facts, alarm, "unshelved", before, time)


def put_back(facts: Facts, alarm: Alarm, time: int) -> Step:
    """Row 19. Time out of service does not count for the latch; from now on it does."""
    before, facts.out_of_service = state_of(facts), None
    facts.latched |= alarm.latching and facts.condition
    return _lifted(facts, alarm, "in_service", before, time)


def unsuppress(facts: Facts, alarm: Alarm, key: str, time: int, received: int) -> Step | None:
    """Row 17. One event when the last rule ends; `received`: of the record or second that lifts it (ms)."""
    before = state_of(facts)
    facts.by_design = tuple(one for one in facts.by_design if one.key != key)
    return None if facts.by_design else _lifted(facts, alarm, "unsuppressed", before, time, by_design=received)


def waited(facts: Facts, alarm: Alarm, second: int) -> Step:
    """The condition has stayed on for the on-delay after the lifting."""
    before = state_of(facts)
    begin_occurrence(facts, alarm, second)
    call(facts, alarm)
    return Step("raised", before, facts.occurrence)


def wait_due(facts: Facts, alarm: Alarm) -> int | None:
    """From which second on (ms) `waited` is so; None: nothing waits."""
    return None if facts.waiting is None else facts.waiting + alarm.on_delay_ms


def _begin(facts: Facts) -> State:
    """A wait after an earlier suppression is over; what is unacknowledged now is so since before."""
    before = state_of(facts)
    if not facts.suppressed:
        facts.unacked_before = facts.occurrence is not None and not facts.acked
        facts.began_suppressed = facts.waiting is not None
        facts.waiting = None
    return before


def _lifted(facts: Facts, alarm: Alarm, event: str, before: State, time: int, *, by_design: int | None = None) -> Step:
    """Row 20, the next in precedence; or, when the last one is lifted, what the condition makes."""
    occurrence = facts.occurrence
    if not facts.suppressed:
        if facts.condition:
            _still_on(facts, alarm, time, by_design)
        elif not (facts.latched or facts.unacked_before):
            end_occurrence(facts)
        facts.unacked_before = facts.began_suppressed = False
    return Step(event, before, occurrence or facts.occurrence)


def _still_on(facts: Facts, alarm: Alarm, time: int, by_design: int | None) -> None:
    """UNACK like a new one, but for what suppression by design, lifted last, says otherwise."""
    if by_design is not None:
        if facts.acked_at is not None and facts.occurrence is not None:
            return  # ACKED: a person acknowledged it after it last went on
        if facts.began_suppressed and alarm.on_delay_ms > 0 and not alarm.latching:
            end_occurrence(facts)
            facts.waiting = by_design
            return
    if facts.occurrence is None:
        begin_occurrence(facts, alarm, time)
    call(facts, alarm)
