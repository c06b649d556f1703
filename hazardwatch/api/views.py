"""Board and counters -> the shapes of the HTTP interface. Pure but for the counters it reads."""

from __future__ import annotations

from collections.abc import Sequence

from alerting.flood import BEGINS_ABOVE
from alerting.texts import line
from hazardwatch.api import models
from hazardwatch.api.board import Board, Panel
from hazardwatch.api.desk import Answer
from hazardwatch.api.hops import hops
from hazardwatch.health import Health
from hazardwatch.process_state import Heard
from hazardwatch.processes import version_of_program
from pipeline.model import Command, Event
from pipeline.outside import event_object, iso
from pipeline.site import PRIORITIES, Text

_UNTAKEN = ("UNACK", "LATCH_UNACK", "RTN_UNACK")
_REASONS = {
    "unknown_alarm": "the site has no such alarm",
    "unknown_person": "the site has no such person",
    "other_occurrence": "another occurrence stands now; look again before you take it",
    "condition_on": "its condition is still on",
    "not_acknowledged": "acknowledge it first",
    "not_latched": "it is not latched, there is nothing to reset",
    "unknown_target": "the site has no such point, or no such equipment",
    "unknown_mode": "the equipment has no such mode",
    "note_missing": "say why (--note)",
    "for_missing": "say for how long (--for)",
    "too_long": "longer than alarms of its class may be shelved",
    "shelving_not_allowed": "alarms of its class may not be shelved",
    "not_shelved": "it is not shelved",
    "not_out_of_service": "it is in service",
    "suppressed": "it is suppressed; a reset waits until that is over",
}


def event_out(event: Event) -> models.EventOut:
    """The outside form."""
    return models.EventOut.model_validate(event_object(event))


def alarm_out(panel: Panel, event: Event) -> models.AlarmOut:
    """A standing alarm with its texts."""
    since = panel.since(event)
    return models.AlarmOut(
        event=event_out(event),
        since=None if since is None else iso(since),
        name=_name(panel, event.alarm),
        text=_texts(line(panel.routes, event, "en"), line(panel.routes, event, "zh-CN")),
        guidance=_guidance(panel, event.alarm),
        suppressions=_holds(panel, event.alarm),
        marks=_marks(panel, event.alarm),
    )


def alarm_detail(panel: Panel, id_: str) -> models.AlarmDetail:
    """An alarm that is configured, or was and is remembered."""
    event = panel.standing.get(id_)
    known = alarm_out(panel, event) if event else None
    return models.AlarmDetail(
        event=known.event if known else None,
        since=known.since if known else None,
        name=_name(panel, id_),
        text=known.text if known else None,
        guidance=_guidance(panel, id_),
        suppressions=_holds(panel, id_),
        marks=_marks(panel, id_),
        recent=[event_out(one) for one in panel.recent if one.alarm == id_],
    )


def _holds(panel: Panel, id_: str) -> list[models.HoldOut]:
    now = panel.judged.second if panel.judged else 0
    return [
        models.HoldOut(
            kind=one.kind,
            since=iso(one.since),
            age_s=_seconds(now - one.since),
            until=None if one.until is None else iso(one.until),
            left_s=None if one.until is None else _seconds(one.until - now),
            by=one.by,
            note=one.note,
            rule=one.rule,
            one_shot=one.one_shot,
            permit=one.permit,
            review=None if one.review is None else iso(one.review),
            overdue=one.review is not None and one.review < now,
        )
        for one in panel.held.alarms.get(id_, ())
    ]


def modes_out(panel: Panel) -> list[models.ModeOut]:
    """Equipment whose mode somebody set."""
    now = panel.judged.second if panel.judged else 0
    return [
        models.ModeOut(
            equipment=id_,
            mode=one.mode,
            since=iso(one.since),
            age_s=_seconds(now - one.since),
            until=None if one.until is None else iso(one.until),
            left_s=None if one.until is None else _seconds(one.until - now),
            by=one.by,
            note=one.note,
        )
        for id_, one in panel.held.modes.items()
    ]


def _seconds(ms: int) -> float:
    return max(0, ms) / 1000


def urgency(event: Event) -> tuple[bool, int, int]:
    """Sorts what nobody has taken first, then by priority, then the newest first."""
    rank = PRIORITIES.index(event.priority) if event.priority in PRIORITIES else len(PRIORITIES)
    return event.state not in _UNTAKEN, rank, -event.time


def load_out(board: Board) -> list[models.FloodOut]:
    """Each position's alarms of the last ten minutes over all its installations, the busiest first."""
    counts: dict[str, int] = {}
    floods = set()
    for panel in board.panels.values():
        owner = panel.routes.installation.owner if panel.routes.installation else None
        if owner is not None:
            counts[owner] = counts.get(owner, 0) + len(panel.situation.flood.times)
            if panel.situation.flood.since is not None or counts[owner] > BEGINS_ABOVE:
                floods.add(owner)
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    return [models.FloodOut(position=id_, annunciations=many, flood=id_ in floods) for id_, many in ranked]


def _marks(panel: Panel, id_: str) -> models.MarksOut:
    marks = panel.marks(id_)
    return models.MarksOut(
        first_out=marks.first_out,
        consequence_of=marks.consequence_of,
        rose_from=marks.rose_from,
        chattering=marks.chattering,
    )


def command_out(command: Command, answer: Answer) -> models.CommandOut:
    """What came of a command, in words."""
    return models.CommandOut(
        outcome=answer.outcome,
        message=_message(command, answer),
        events=[event_out(one) for one in answer.events],
        position=answer.position,
    )


def _message(command: Command, answer: Answer) -> str:
    what = command.alarm or command.target
    if not answer.judged:
        return f"recorded, but not judged yet: look at {what} again before you rely on it (`hazardwatch status`)"
    if answer.outcome == "nothing to do":
        return f"{what}: there was nothing to {command.command}"
    if answer.outcome == "refused":
        reasons = [event.reason or "" for event in answer.events if event.event == "refused"]
        return f"{what}: refused: " + "; ".join(_REASONS.get(reason, reason) for reason in reasons)
    if command.command == "mode":
        return f"{what}: the mode is {command.mode} now"
    return "; ".join(f"{event.alarm}: {event.event}, now {event.state}" for event in answer.events)


def health_out(health: Health) -> models.HealthOut:
    """Every role, and whether all work."""
    roles = [models.RoleOut(role=role, works=why is None, why=why) for role, why in health.report().items()]
    return models.HealthOut(works=all(role.works for role in roles), roles=roles)


def status_out(board: Board, health: Health, heard: Sequence[Heard]) -> models.StatusOut:
    """The service at a glance."""
    return models.StatusOut(
        site=board.site.id,
        version=version_of_program(),
        roles=health_out(health).roles,
        hops=[models.HopOut.model_validate(hop) for hop in hops()],
        installations=[
            models.InstallationOut(
                installation=id_,
                judged=iso(panel.judged.second) if panel.judged else None,
                standing=len(panel.standing),
            )
            for id_, panel in board.panels.items()
        ],
        processes=[_process_out(one) for one in heard],
    )


def _process_out(heard: Heard) -> models.ProcessOut:
    state = heard.state
    return models.ProcessOut(
        process=state.id,
        host=state.host,
        pid=state.pid,
        version=state.version,
        started=iso(state.started),
        silent=heard.silent,
        quiet_s=round(heard.quiet_s, 1),
        roles=[models.RoleOut(role=role, works=why is None, why=why) for role, why in sorted(state.roles.items())],
        owns=state.owns,
        lags_s=state.lags_s,
        hops=[models.HopOut.model_validate(hop) for hop in state.hops],
        broker=state.broker,
    )


def _name(panel: Panel, id_: str) -> models.Texts:
    named = panel.routes.alarm(id_)
    if named is None:
        return _texts(id_, id_)
    place = named.point.name if named.point else None
    if place is None and panel.routes.installation:
        place = panel.routes.installation.name
    name = named.alarm.name
    return _texts(f"{place.en} {name}", f"{place.zh} {name}") if place else _texts(name, name)


def _guidance(panel: Panel, id_: str) -> models.Guidance:
    named = panel.routes.alarm(id_)
    if named is None:
        return models.Guidance(cause=None, consequence=None, action=None)
    alarm = named.alarm
    return models.Guidance(cause=_both(alarm.cause), consequence=_both(alarm.consequence), action=_both(alarm.action))


def _both(text: Text | None) -> models.Texts | None:
    return _texts(text.en, text.zh) if text else None


def _texts(en: str, zh: str) -> models.Texts:
    return models.Texts.model_validate({"en": en, "zh-CN": zh})
