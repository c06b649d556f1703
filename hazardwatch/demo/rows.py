"""The service's answers -> the rows of the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hazardwatch.demo.answers import Hop, Latest, StandingAlarm
from hazardwatch.demo.state import AlarmRow, HopRow, PointRow
from pipeline.outside import ms_of
from pipeline.site import PRIORITIES, Installation, Point
from simulators.desk import Seen

_DIGITS = {"level": 3, "temperature": 1, "pressure": 2, "flow": 1, "power": 2, "gas_concentration": 1}
_FRESH_MS = 5000
_SIGN = {"high": "≥ ", "low": "≤ ", "rate": "± "}


def point_rows(
    installation: Installation,
    latest: Mapping[str, Latest],
    trends: Mapping[str, Sequence[float]],
    alarms: Iterable[AlarmRow],
    now_ms: int,
    language: str,
) -> tuple[PointRow, ...]:
    """One row for each enabled point, in the order of the site file."""
    worst: dict[str, AlarmRow] = {}
    for row in sorted(alarms, key=_urgency, reverse=True):
        worst[row.id.rpartition("/")[0]] = row
    rows = []
    for point in installation.points:
        if not point.enabled:
            continue
        newest = latest.get(point.id)
        alarm = worst.get(f"{installation.id}/{point.id}")
        rows.append(
            PointRow(
                id=point.id,
                name=point.name.zh if language == "zh-CN" else point.name.en,
                shown="—" if newest is None else shown(point, newest.value),
                unit="" if point.quantity == "state" else point.unit,
                trend=tuple(trends.get(point.id, ())),
                span=0.0 if point.low is None or point.high is None else point.high - point.low,
                alarm=alarm.priority if alarm else None,
                acknowledged=not (alarm and alarm.wants_somebody),
                fresh=newest is not None and now_ms - newest.time_ms <= _FRESH_MS,
            )
        )
    return tuple(rows)


def alarm_rows(
    installations: Iterable[Installation], standing: Iterable[StandingAlarm], language: str
) -> tuple[AlarmRow, ...]:
    """The standing alarms, most urgent first: unacknowledged before acknowledged, then by priority, then newest."""
    points = {f"{one.id}/{point.id}": point for one in installations for point in one.points}
    rows = []
    for one in standing:
        event = one.event
        point = points.get(event.alarm.rpartition("/")[0])
        rows.append(
            AlarmRow(
                id=event.alarm,
                name=one.name.of(language),
                state=event.state,
                priority=event.priority,
                since_ms=ms_of(event.decided),
                value="" if event.value is None else shown(point, event.value),
                setpoint=_setpoint(point, event.alarm, event.setpoint),
                action=one.guidance.action.of(language) if one.guidance.action else "",
            )
        )
    return tuple(sorted(rows, key=_urgency))


def seen_by_the_operator(standing: Iterable[StandingAlarm]) -> list[Seen]:
    """What the simulated operator knows of each standing alarm."""
    return [Seen(one.event.alarm, one.event.state, one.event.occurrence, ms_of(one.event.decided)) for one in standing]


def hop_rows(hops: Iterable[Hop]) -> tuple[HopRow, ...]:
    """The counters of all hops, reasons of refusal summed."""
    return tuple(HopRow(hop.hop, hop.received, hop.passed, sum(hop.refused.values()), hop.waiting) for hop in hops)


def shown(point: Point | None, value: float | None) -> str:
    """A value as the screen shows it: the name of its state, or with as many digits as its quantity deserves."""
    if value is None:
        return "—"
    if point is None:
        return f"{value:.4g}"
    return point.states.get(value) or f"{value:.{_DIGITS.get(point.quantity, 2)}f}"


def _setpoint(point: Point | None, alarm_id: str, setpoint: float | None) -> str:
    if setpoint is None:
        return ""
    alarm = next((alarm for alarm in point.alarms if alarm.id == alarm_id), None) if point else None
    if point and setpoint in point.states:
        return f"= {point.states[setpoint]}"
    return f"{_SIGN.get(alarm.kind, '') if alarm else ''}{setpoint:g}"


def _urgency(row: AlarmRow) -> tuple[bool, int, int]:
    return (not row.wants_somebody, PRIORITIES.index(row.priority), -row.since_ms)
