"""Why an alarm is in its state: what decided it, what is in force, what waits, who hid it. Pure.

Told events, decisions, samples and an engine's view of one moment; gives one object and sentences. It reads no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from hazardwatch.engine_view import ConditionView, PointView, View
from pipeline.config_records import ConfigDecision
from pipeline.model import Event, State
from pipeline.outside import event_object, iso
from pipeline.site import Alarm

_NO_CHANGE = frozenset({"refused", "late_excursion"})
_BEGIN = {"shelved": "SHELVED", "suppressed": "SUPPRESSED_BY_DESIGN", "out_of_service": "OUT_OF_SERVICE"}
_END = {"unshelved": "SHELVED", "unsuppressed": "SUPPRESSED_BY_DESIGN", "in_service": "OUT_OF_SERVICE"}
_QUALITY = ("good", "uncertain", "bad")
_CLOCK = ("right", "ahead", "set back")


class Sample(NamedTuple):
    """A reading as it came. `stamp` None: the payload had no time. Times ms."""

    point: str
    received: int
    stamp: int | None
    value: float | None
    quality: int


class Found(NamedTuple):
    """All that is known of one alarm at `at` (ms). `view` None: not configured then."""

    alarm: str
    at: int
    view: View | None
    events: Sequence[Event]
    decisions: Sequence[ConfigDecision]
    deciding: Sequence[Sample]
    latest: Sequence[Sample]


def state_of(found: Found) -> str | None:
    """Its state at that time; None when it was not configured."""
    if found.view is None:
        return None
    last = _changes(found)
    return str(last[-1].state) if last else State.NORMAL


def story(found: Found) -> list[Event]:
    """The events of the occurrence that is open, or of the last one; refusals since are among them."""
    changes = _changes(found)
    begin = next((n for n in range(len(found.events) - 1, -1, -1) if found.events[n].event == "raised"), None)
    if begin is None or not changes:
        return list(found.events[-5:])
    return list(found.events[begin:])


def hidden_by(found: Found) -> list[Event]:
    """The event that began each suppression that still holds."""
    held: dict[str, Event] = {}
    for one in found.events:
        if one.event in _BEGIN:
            held[_BEGIN[one.event]] = one
        elif one.event in _END:
            held.pop(_END[one.event], None)
    return list(held.values())


def _changes(found: Found) -> list[Event]:
    return [one for one in found.events if one.event not in _NO_CHANGE and one.state is not None]


def sentences(found: Found) -> list[str]:
    """In the order in which a person would ask."""
    if found.view is None:
        return [f"{found.alarm} was not configured at {iso(found.at)}"]
    said = [_why(found)]
    said += [_hidden(one, found.view) for one in hidden_by(found)]
    said.append(_judged(found.view.alarm))
    if found.view.condition is not None:
        said.append(_condition(found.view.condition))
    said += [f"member {member} is {'on' if on else 'off'}" for member, on in found.view.members.items()]
    said += [_point(one) for one in found.view.points]
    said += [_decision(one, found.alarm) for one in found.decisions[-5:]]
    return said


def _why(found: Found) -> str:
    state, changes = state_of(found), _changes(found)
    if not changes:
        return f"{state}: nothing has happened to it in what the log still holds"
    last = changes[-1]
    raised = next((one for one in reversed(found.events) if one.event in ("raised", "reraised")), None)
    said = f"{state} since {iso(last.time)}, by {_cause(last)}"
    if raised is not None and raised is not last and last.state != State.NORMAL:
        said += f"; on since {iso(raised.time)}, by {_cause(raised)}"
    return said


def _cause(event: Event) -> str:
    parts = [event.event]
    if event.value is not None:
        limit = "" if event.setpoint is None else f" against {event.setpoint:g}"
        parts.append(f"value {event.value:g}{limit} {event.unit or ''}".rstrip())
    if event.reason:
        parts.append(f"reason {event.reason}")
    if event.actor:
        parts.append(f"done by {event.actor}")
    if event.note:
        parts.append(f'"{event.note}"')
    return ", ".join(parts)


def _hidden(event: Event, view: View) -> str:
    kind = _BEGIN[event.event]
    until = {"SHELVED": view.shelved_until, "OUT_OF_SERVICE": view.out_of_service_until}.get(kind)
    ends = "" if until is None else f", until {iso(until)}"
    return f"hidden: {kind} since {iso(event.time)}{ends}, by {_cause(event)}"


def _judged(alarm: Alarm) -> str:
    parts = [f"{alarm.kind}, class {alarm.alarm_class}, {alarm.priority}"]
    if alarm.setpoint is not None:
        parts.append(f"setpoint {alarm.setpoint:g}, deadband {alarm.deadband:g}")
    parts += [
        f"{name} {length / 1000:g} s"
        for name, length in (("on-delay", alarm.on_delay_ms), ("off-delay", alarm.off_delay_ms))
        if length
    ]
    parts += [word for word, so in (("latching", alarm.latching), ("trips when lost", alarm.on_bad == "trip")) if so]
    return "in force: " + ", ".join(parts)


def _condition(condition: ConditionView) -> str:
    said = f"its condition is {'on' if condition.on else 'off'}"
    if condition.pending is not None and condition.due is not None:
        to = "off" if condition.on else "on"
        said += f"; a change to {to} waits since {iso(condition.pending)}, due {iso(condition.due)}"
    return said + ("; a bad sample ended the hold: nothing confirms until a good one" if condition.broken else "")


def _point(point: PointView) -> str:
    faults = [name for name, so in (("STALE", point.stale), ("BAD", point.bad), ("LATE", point.late)) if so]
    faults += [f"CLOCK {_CLOCK[point.clock]}"] if point.clock else []
    value = "no value yet" if point.value is None else f"latest value {point.value:g}"
    return f"point {point.id}: {value}, last heard {iso(point.heard)}, {', '.join(faults) or 'healthy'}"


def _decision(decision: ConfigDecision, alarm: str) -> str:
    changed = [f"{one.what} {one.before} -> {one.after}" for one in decision.differences if one.where in _places(alarm)]
    second = f", {decision.second}" if decision.second else ""
    said = (
        f"configuration change {decision.change} ({decision.outcome}) at {iso(decision.time)} by {decision.by}{second}"
    )
    return said + (": " + "; ".join(changed) if changed else "")


def _places(alarm: str) -> set[str]:
    """The alarm and its point."""
    return {alarm, alarm.rpartition("/")[0]}


def about(decisions: Iterable[ConfigDecision], alarm: str) -> list[ConfigDecision]:
    """Of these, what was decided of changes to this alarm or its point; refusals left out."""
    all_ = list(decisions)
    changes = {one.change for one in all_ if any(change.where in _places(alarm) for change in one.differences)}
    return [one for one in all_ if one.change in changes and one.outcome != "refused"]


def explanation(found: Found) -> dict[str, Any]:
    """For programs."""
    view = found.view
    return {
        "alarm": found.alarm,
        "at": iso(found.at),
        "state": state_of(found),
        "because": sentences(found),
        "settings": None if view is None else msgspec.to_builtins(view.alarm, str_keys=True),
        "condition": None if view is None or view.condition is None else _timed(view.condition, "pending", "due"),
        "points": [] if view is None else [_timed(one, "heard") for one in view.points],
        "members": {} if view is None else view.members,
        "hidden_by": [event_object(one) for one in hidden_by(found)],
        "shelved_until": None if view is None else _iso(view.shelved_until),
        "out_of_service_until": None if view is None else _iso(view.out_of_service_until),
        "events": [event_object(one) for one in story(found)],
        "configuration_changes": [msgspec.to_builtins(one) | {"time": iso(one.time)} for one in found.decisions],
        "deciding_samples": [sample_object(one) for one in found.deciding],
        "latest_samples": [sample_object(one) for one in found.latest],
    }


def _iso(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def _timed(one: NamedTuple | Any, *times: str) -> dict[str, Any]:
    plain: dict[str, Any] = one._asdict()
    return plain | {name: _iso(plain[name]) for name in times}


def sample_object(one: Sample) -> dict[str, Any]:
    """A reading with ISO 8601 times."""
    times = {"received": iso(one.received), "time": _iso(one.stamp)}
    return {"point": one.point, **times, "value": one.value, "quality": _QUALITY[one.quality]}
