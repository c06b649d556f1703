"""Board and counters -> the shapes of the HTTP interface. Pure but for the counters it reads."""

from __future__ import annotations

from collections.abc import Sequence

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
    "not_supported": "this version does not do that yet",
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
        recent=[event_out(one) for one in panel.recent if one.alarm == id_],
    )


def urgency(event: Event) -> tuple[bool, int, int]:
    """Sorts what nobody has taken first, then by priority, then the newest first."""
    rank = PRIORITIES.index(event.priority) if event.priority in PRIORITIES else len(PRIORITIES)
    return event.state not in _UNTAKEN, rank, -event.time


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
