"""What an engine holds of one alarm, for people who ask why. It changes nothing; the one place that looks inside."""

from __future__ import annotations

import math
from typing import NamedTuple

from alerting.facts import Facts
from hazardwatch.engine import Engine
from pipeline.site import Alarm, Point
from rules.judge import Judge
from rules.point import FOREVER


class PointView(NamedTuple):
    """A point's health. `heard`: received time (ms) of its last accepted sample, or since when it is configured."""

    id: str
    value: float | None
    heard: int
    stale: bool
    bad: bool
    late: bool
    clock: int


class ConditionView(NamedTuple):
    """An alarm's condition. `pending` (device time, ms): a change waits since then; `due`: when it is confirmed.

    `broken`: a bad sample ended the hold, nothing confirms until a judged one.
    """

    on: bool
    pending: int | None
    due: int | None
    broken: bool


class View(NamedTuple):
    """All of it. `condition` None: an alarm over several points, or STALE, BAD ... (`points` say it)."""

    alarm: Alarm
    points: list[PointView]
    condition: ConditionView | None
    members: dict[str, bool]
    shelved_until: int | None
    out_of_service_until: int | None


def look(engine: Engine, id_: str) -> View | None:
    """None when the configuration in force has no such alarm (or its point is disabled)."""
    lifecycle = engine._lifecycle  # noqa: SLF001  # see the module's first line
    judge: Judge = engine._judge  # noqa: SLF001  # as above
    alarm = lifecycle.alarms.get(id_)
    if alarm is None or engine.site is None:
        return None
    here = engine.site.installation(engine.installation)
    points = {} if here is None else {point.id: point for point in here.points}
    facts = lifecycle.facts.get(id_, Facts())
    named = [points[name] for name in alarm.judged_from if name in points and points[name].enabled]
    return View(
        alarm=alarm,
        points=[_point(judge, row, point) for point in named for row in [_row(judge, point.id)]],
        condition=None if alarm.point is None else _condition(judge, alarm),
        members={member: _on(judge, lifecycle.alarms.get(member)) for member in alarm.vote.of} if alarm.vote else {},
        shelved_until=facts.shelf.until if facts.shelf else None,
        out_of_service_until=facts.out_of_service.until if facts.out_of_service else None,
    )


def _row(judge: Judge, point: str) -> int:
    return next(row for row, one in enumerate(judge.points) if one.point.id == point)


def _point(judge: Judge, row: int, point: Point) -> PointView:
    rules = judge.unsettle(row)
    value = rules.last_value
    health = (rules.stale, rules.bad, rules.late, rules.clock)
    return PointView(point.id, value if math.isfinite(value) else None, int(judge.heard[row]), *health)


def _condition(judge: Judge, alarm: Alarm) -> ConditionView | None:
    assert alarm.point is not None
    rules = judge.unsettle(_row(judge, alarm.point))
    for watched in rules.watched:
        if watched.alarm.id == alarm.id:
            condition, delays = watched.condition, watched.delays
            pending = condition.pending
            due = None if pending is None else pending + (delays.off if condition.on else delays.on)
            on = watched.counted.lasting.on if watched.counted is not None else condition.on
            return ConditionView(on, pending, due if due is None or due < FOREVER else None, condition.broken)
    return None


def _on(judge: Judge, alarm: Alarm | None) -> bool:
    condition = _condition(judge, alarm) if alarm is not None and alarm.point is not None else None
    return condition is not None and condition.on
