"""A change of a graded warning -> who is to be told of it. Pure.

Told once: the alarms behind a warning climb their own escalations until somebody takes them.
"""

from __future__ import annotations

from alerting.routing import Routes
from alerting.telling import Bundled, Kind, Telling
from pipeline.model import Event, WarningEvent

TOLD = {"issued", "raised", "cleared"}


def tellings(routes: Routes, installation: str, change: WarningEvent) -> list[tuple[Telling, tuple[str, ...]]]:
    """Each person once, with the channels. A clearing is told to those of the level it had."""
    level = change.level or change.from_level
    told = routes.site.warnings.tell.get(level) if level is not None and change.event in TOLD else None  # type: ignore[call-overload]  # a level of another version is in no table
    if told is None:
        return []
    event = Event(
        event_id=f"{change.warning}-{change.seq}",
        seq=change.seq,
        time=change.time,
        decided=change.time,
        alarm=f"{installation}/warning",
        occurrence=change.warning,
        event=change.event,
        from_state=None,
        state=None,
        priority=None,
        value=None,
        setpoint=None,
        unit=None,
        actor=change.actor,
        note=change.cause,
        reason=level,
        position=change.position,
        ordinal=change.ordinal,
    )
    people: dict[str | None, str | None] = {}
    for to in told.to:
        found, problem = routes.recipients(to)
        for person in found or (None,):
            people.setdefault(person, problem)
    alarms = [Bundled(alarm, None, None) for alarm in change.alarms]
    return [
        (
            Telling(kind=Kind.WARNING, event=event, state=None, person=one, step=0, problem=problem, bundled=alarms),
            told.by,
        )
        for one, problem in people.items()
    ]
