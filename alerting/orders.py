"""What people ask for -> events: commands carried out on the life of alarms. Pure.

Why one cannot be done is in alerting.refusals; what the log makes of it in between, nobody's business here.
"""

from __future__ import annotations

from alerting import suppressing, transitions
from alerting.book import asked
from alerting.facts import Facts, Outage, Shelf
from alerting.lifecycle import Lifecycle
from alerting.modes import Mode
from alerting.refusals import of_target
from alerting.transitions import Step
from pipeline.model import Command, Event
from pipeline.site import Alarm


def carry_out(life: Lifecycle, command: Command, received: int) -> list[Event]:
    """What a person asked for at `received` (ms). A refusal is an event with its reason."""
    alarm = None if of_target(command) else life.alarms.get(command.alarm or "")
    aimed = _aimed(life, command, alarm)
    reason = life.known.refusal(command, alarm, [life.of(one.id) for one in aimed])
    life.due = None
    if reason is not None:
        return [_refused(life, command, alarm, received, reason)]
    if command.command == "mode":
        return _set_mode(life, command, received)
    events = [event for one in aimed for event in _do(life, one, command, received)]
    if command.command in ("acknowledge", "reset"):
        return events
    if of_target(command):
        _bypass(life, command, received)
    taken = {"out_of_service": True, "bypass": True, "in_service": False}
    turns = [(one.id, received, taken[command.command]) for one in aimed if command.command in taken]
    found = life.judging.turned(turns, received) if turns else []
    return events + life.settle(found, received, received, moments=dict.fromkeys([one.id for one in aimed], received))


def _aimed(life: Lifecycle, command: Command, alarm: Alarm | None) -> list[Alarm]:
    if alarm is not None:
        return [alarm]
    return [life.alarms[id_] for id_ in life.known.points.get(command.target or "", ())] if of_target(command) else []


def _do(life: Lifecycle, alarm: Alarm, command: Command, received: int) -> list[Event]:
    step = _step(life.of(alarm.id), alarm, command, received)
    return life.tell(alarm, step, received, received, actor=command.by, note=command.note)


def _step(facts: Facts, alarm: Alarm, command: Command, received: int) -> Step | None:
    match command.command:
        case "acknowledge":
            return transitions.acknowledge(facts, received)
        case "reset":
            return transitions.reset(facts)
        case "shelve":
            length = alarm.shelving_max_ms if command.for_ms is None else command.for_ms
            shelf = Shelf(received + length, command.one_shot, received, command.by, command.note)
            return suppressing.shelve(facts, shelf)
        case "unshelve":
            return suppressing.unshelve(facts, alarm, received)
        case "in_service":
            return suppressing.put_back(facts, alarm, received) if facts.out_of_service is not None else None
        case _:
            until = received + (command.for_ms or 0)
            outage = Outage(until, received, command.by, command.note, command.permit, command.review)
            return suppressing.take_out(facts, outage)


def _bypass(life: Lifecycle, command: Command, received: int) -> None:
    """The point itself is bypassed, so that no deviation is judged from it; or in service again."""
    point = (command.target or "").partition("/")[2]
    if command.command == "bypass":
        life.bypassed[point] = max(life.bypassed.get(point, 0), received + (command.for_ms or 0))
    elif command.command == "in_service":
        life.bypassed.pop(point, None)
    life.judging.bypassed(frozenset(life.bypassed))


def _set_mode(life: Lifecycle, command: Command, received: int) -> list[Event]:
    """There is no event of a mode; those of what it suppresses, or no longer does, follow."""
    equipment = (command.target or "").partition("/")[2]
    assert command.mode is not None, "known before"
    mode = Mode(command.mode, by=command.by, note=command.note, since=received)
    if command.for_ms is not None:
        mode.timed, mode.until = command.mode, received + command.for_ms
    life.modes.set(equipment, mode)
    life.mode_changed(equipment)
    return life.settle([], received, received, moments={equipment: received})


def _refused(life: Lifecycle, command: Command, alarm: Alarm | None, received: int, reason: str) -> Event:
    if alarm is None:
        named = (command.target, command.alarm) if of_target(command) else (command.alarm, command.target)
        return life.book.refused(named[0] or named[1] or life.catalogue.installation, command, received, reason)
    cause = asked(command, alarm, received, life.judging.latest(alarm, None), reason)
    return life.book.unchanged("refused", alarm, life.of(alarm.id), cause)
