"""Taking a Judge's state out and putting it back, also into a changed configuration. Pure.

State is kept by point and alarm id, so that a snapshot of yesterday's site file continues under today's. Only
what differs from a fresh start is written out by name; calm points travel as columns.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import numpy as np

from pipeline.site import Alarm, Installation
from rules.condition import Condition
from rules.gateway import GatewayState
from rules.joint import JointState
from rules.judge import Judge
from rules.point import PointRules
from rules.watched import Watched

_POINT_FIELDS = (
    "stale", "bad", "late", "clock", "lost", "bad_reason", "first_uncertain", "judged_time", "last_value",
    "last_judged_as",
)  # fmt: skip


class _Alarm(msgspec.Struct, array_like=True):
    """One process alarm's state. `attributes` is a digest of its configuration, to know a changed alarm."""

    attributes: bytes
    kind: str
    on: bool
    pending: int | None
    pending_received: int
    broken: bool
    spells: list[list[int | None]]
    excursions: list[int]
    of_kind: Any
    lasting: Condition | None
    starts: list[int]
    left_ms: float | None = None


class _State(msgspec.Struct):
    """Columns of the enabled points in the order of `ids`; `points` (those not calm) by point id, `alarms` by alarm id.
    `compared`: digests of the configuration of comparisons, as of an alarm's.

    A disabled point has no state: enabled again, it begins as a new one.
    """

    ids: list[str]
    heard: bytes
    judged_time: bytes
    value: bytes
    points: dict[str, list[Any]]
    alarms: dict[str, _Alarm]
    joint: JointState
    compared: dict[str, bytes]
    gateways: dict[str, GatewayState]


def snapshot(judge: Judge) -> bytes:
    """Everything, as MessagePack."""
    judge.bring_up()
    odd = [judge.points[row] for row in np.flatnonzero(~judge.calm & judge.enabled).tolist()]
    enabled = np.flatnonzero(judge.enabled)
    state = _State(
        ids=[judge.points[row].point.id for row in enabled.tolist()],
        heard=judge.heard[enabled].tobytes(),
        judged_time=judge.judged_time[enabled].tobytes(),
        value=judge.value[enabled].tobytes(),
        points={point.point.id: [getattr(point, name) for name in _POINT_FIELDS] for point in odd},
        alarms=_alarms(judge),
        joint=judge.joint.snapshot(),
        compared={id_: _digest(rule.alarm) for id_, rule in judge.joint.compared.items()},
        gateways=judge.gateways.snapshot(),
    )
    return msgspec.msgpack.encode(state)


def restore(installation: Installation, data: bytes | memoryview, since: int) -> Judge:
    """A Judge of `installation` that continues from `data`.

    Points it does not know count as heard at `since` (ms). Changed alarms keep their condition and lose what was
    pending (contract, "Configuration").
    """
    state = msgspec.msgpack.decode(data, type=_State)
    judge = Judge(installation, since)
    heard = np.frombuffer(state.heard, np.int64)
    judged_time = np.frombuffer(state.judged_time, np.int64)
    value = np.frombuffer(state.value)
    old_row = {id_: row for row, id_ in enumerate(state.ids)}
    for row, point in enumerate(judge.points):
        was = old_row.get(point.point.id)
        if was is None:
            continue
        judge.heard[row] = heard[was]
        point.judged_time = int(judged_time[was])
        point.last_value = point.last_judged_as = float(value[was])
        for name, field in zip(_POINT_FIELDS, state.points.get(point.point.id, ()), strict=False):
            setattr(point, name, field)
        _put_back(point, state.alarms)
        judge.settle(row)
    rules = judge.joint.compared
    same = frozenset(
        id_ for id_, digest in state.compared.items() if id_ in rules and digest == _digest(rules[id_].alarm)
    )
    judge.joint.restore(state.joint, same)
    judge.gateways.restore(state.gateways)
    judge.look_closely()
    return judge


def _digest(alarm: Alarm) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(alarm), digest_size=8).digest()


def _alarms(judge: Judge) -> dict[str, _Alarm]:
    """Those in which anything differs from a fresh start."""
    of_kinds = {kind: kind.snapshot() for kind in judge.kinds}
    found = {}
    for point in judge.points:
        for watched in point.watched:
            of_kind = of_kinds[watched.kind].get(watched.lane)
            if of_kind is not None or not watched.fresh:
                found[watched.alarm.id] = _taken(watched, of_kind)
    return found


def _taken(watched: Watched, of_kind: object) -> _Alarm:
    condition, counted = watched.condition, watched.counted
    return _Alarm(
        attributes=_digest(watched.alarm),
        kind=watched.alarm.kind,
        on=condition.on,
        pending=condition.pending,
        pending_received=condition.pending_received,
        broken=condition.broken,
        spells=watched.spells,
        excursions=watched.excursions,
        of_kind=of_kind,
        lasting=counted.lasting if counted else None,
        starts=counted.starts if counted else [],
        left_ms=watched.left_ms,
    )


def _put_back(point: PointRules, alarms: dict[str, _Alarm]) -> None:
    for watched in point.watched:
        state = alarms.get(watched.alarm.id)
        if state is None:
            continue
        watched.condition = Condition(state.on, state.pending, state.pending_received, state.broken)
        watched.spells, watched.excursions, watched.left_ms = state.spells, state.excursions, state.left_ms
        if watched.counted is not None and state.lasting is not None:
            watched.counted.lasting, watched.counted.starts = state.lasting, state.starts
        if state.attributes != _digest(watched.alarm):
            watched.drop_pending()
        if state.of_kind is not None and state.kind == watched.alarm.kind:
            watched.kind.restore(watched.lane, state.of_kind)
