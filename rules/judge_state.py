"""Taking a Judge's state out and putting it back, also into a changed configuration. Pure.

State is kept by point and alarm id, so that a snapshot of yesterday's site file continues under today's.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
import numpy as np

from pipeline.site import Alarm, Installation
from rules.condition import Condition
from rules.judge import Judge
from rules.point import PointRules, Watched

_POINT_FIELDS = (
    "stale", "bad", "late", "clock", "lost", "bad_reason", "first_uncertain", "judged_time", "last_value",
    "last_judged_as",
)  # fmt: skip


class _Alarm(msgspec.Struct, array_like=True):
    """One process alarm's state. `attributes` is a digest of its configuration, to know a changed alarm."""

    attributes: bytes
    on: bool
    pending: int | None
    pending_received: int
    broken: bool
    spells: list[list[int | None]]
    excursions: list[int]
    kind: Any


class _State(msgspec.Struct):
    """Columns are in the order of `ids`. `alarms` by alarm id."""

    ids: list[str]
    heard: bytes
    points: list[list[Any]]
    alarms: dict[str, _Alarm]


def snapshot(judge: Judge) -> bytes:
    """Everything, as MessagePack."""
    points = [judge.unsettle(row) for row in range(len(judge.points))]
    state = _State(
        ids=[point.point.id for point in points],
        heard=judge.heard.tobytes(),
        points=[[getattr(point, name) for name in _POINT_FIELDS] for point in points],
        alarms={w.alarm.id: _taken(w) for point in points for w in point.watched},
    )
    return msgspec.msgpack.encode(state)


def restore(installation: Installation, data: bytes, since: int) -> Judge:
    """A Judge of `installation` that continues from `data`.

    Points it does not know count as heard at `since` (ms). Changed alarms keep their condition and lose what was
    pending (contract, "Configuration").
    """
    state = msgspec.msgpack.decode(data, type=_State)
    judge = Judge(installation, since)
    heard = np.frombuffer(state.heard, np.int64)
    old_row = {id_: row for row, id_ in enumerate(state.ids)}
    for row, point in enumerate(judge.points):
        was = old_row.get(point.point.id)
        if was is None:
            continue
        judge.heard[row] = heard[was]
        for name, value in zip(_POINT_FIELDS, state.points[was], strict=True):
            setattr(point, name, value)
        for watched in point.watched:
            if watched.alarm.id in state.alarms:
                _put_back(watched, state.alarms[watched.alarm.id])
        judge.settle(row)
    return judge


def quality_conditions(point: PointRules) -> dict[str, bool]:
    """Which of the point's own STALE, BAD, LATE, CLOCK are on, by kind."""
    return {"stale": point.stale, "bad": point.bad, "late": point.late, "clock": point.clock != 0}


def _attributes(alarm: Alarm) -> bytes:
    return msgspec.msgpack.encode(alarm)


def _taken(watched: Watched) -> _Alarm:
    condition = watched.condition
    return _Alarm(
        attributes=_attributes(watched.alarm),
        on=condition.on,
        pending=condition.pending,
        pending_received=condition.pending_received,
        broken=condition.broken,
        spells=watched.spells,
        excursions=watched.excursions,
        kind=watched.kind.snapshot(watched.lane),
    )


def _put_back(watched: Watched, state: _Alarm) -> None:
    watched.condition = Condition(state.on, state.pending, state.pending_received, state.broken)
    watched.spells, watched.excursions = state.spells, state.excursions
    changed = state.attributes != _attributes(watched.alarm)
    if changed:
        watched.condition.drop_pending()
    if state.kind is not None and (not changed or watched.alarm.kind == cast("Alarm", _decoded(state)).kind):
        watched.kind.restore(watched.lane, state.kind)


def _decoded(state: _Alarm) -> Alarm:
    return msgspec.msgpack.decode(state.attributes, type=Alarm)
