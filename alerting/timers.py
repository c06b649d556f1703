"""Whole seconds -> events: waits after suppression, ends of suppressions and modes, re-alarms. Pure; knows no clock."""

from __future__ import annotations

from collections.abc import Iterator

from alerting import suppressing, transitions
from alerting.lifecycle import Lifecycle
from pipeline.model import Event, Finding
from pipeline.site import Alarm

_NEVER = 2**62


def second(life: Lifecycle, now: int, findings: list[Finding]) -> list[Event]:
    """One whole second (ms); `findings`: what it made stale and which delays it ended.

    Those first; then waits after suppression; suppressions; ends of bypasses, shelves and modes; re-alarms.
    """
    if life.due is None:
        life.due = _next_due(life)
    if now < life.due:
        return life.settle(findings, now, now) if findings else []
    events = life.settle(findings, now, now, waits=lambda: list(_waited(life, now)))
    events += _ends(life, now)
    life.due = None
    return events + list(_realarms(life, now))


def next_due(life: Lifecycle) -> int | None:
    """The earliest second (ms) at which time alone changes something; None: never, as things are."""
    due = _next_due(life)
    return None if due == _NEVER else due


def _next_due(life: Lifecycle) -> int:
    due = [life.modes.next_end(), *life.bypassed.values()]
    for id_, facts in life.facts.items():
        if not facts.timed:
            continue
        alarm = life.alarms[id_]
        due += (suppressing.wait_due(facts, alarm), transitions.realarm_due(facts, alarm))
        due += (one.until for one in (facts.shelf, facts.out_of_service) if one is not None)
    return min((one for one in due if one is not None), default=_NEVER)


def _alarms(life: Lifecycle, wanted: list[str]) -> Iterator[Alarm]:
    """In the site file's order."""
    for id_ in sorted(wanted, key=life.order.__getitem__):
        yield life.alarms[id_]


def _waited(life: Lifecycle, now: int) -> Iterator[Event]:
    """Alarms that stayed on for their on-delay after suppression by design was lifted."""
    for alarm in _alarms(life, [id_ for id_, facts in life.facts.items() if facts.waiting is not None]):
        due = suppressing.wait_due(life.of(alarm.id), alarm)
        if due is not None and now >= due:
            yield from life.tell(alarm, suppressing.waited(life.of(alarm.id), alarm, now), now, now, "limit")


def _ends(life: Lifecycle, now: int) -> list[Event]:
    """Bypasses and other times out of service, then shelves, then modes; then what follows from them."""
    events: list[Event] = []
    turns = []
    moments: dict[str, int] = {}
    if any(until <= now for until in life.bypassed.values()):
        life.bypassed = {point: until for point, until in life.bypassed.items() if until > now}
        life.judging.bypassed(frozenset(life.bypassed))
    for alarm in _alarms(life, [id_ for id_, facts in life.facts.items() if facts.out_of_service is not None]):
        facts = life.of(alarm.id)
        if facts.out_of_service is not None and (end := facts.out_of_service.until) <= now:
            events += life.tell(alarm, suppressing.put_back(facts, alarm, end), end, now, "expired")
            turns.append((alarm.id, end, False))
            moments[alarm.id] = end
    for alarm in _alarms(life, [id_ for id_, facts in life.facts.items() if facts.shelf is not None]):
        facts = life.of(alarm.id)
        if facts.shelf is not None and (end := facts.shelf.until) <= now:
            events += life.tell(alarm, suppressing.unshelve(facts, alarm, end), end, now, "expired")
            moments[alarm.id] = end
    for equipment, end in life.modes.ended(now).items():
        life.mode_changed(equipment)
        moments[equipment] = end
    found = life.judging.turned(turns, now) if turns else []
    return events + (life.settle(found, now, now, moments=moments) if moments else [])


def _realarms(life: Lifecycle, now: int) -> Iterator[Event]:
    """Row 13: an acknowledged alarm that is still on is told again."""
    for alarm in _alarms(life, [id_ for id_, facts in life.facts.items() if facts.acked_at is not None]):
        facts = life.of(alarm.id)
        due = transitions.realarm_due(facts, alarm)
        if due is not None and now >= due:
            yield from life.tell(alarm, transitions.realarm(facts), due, now, "realarm")
