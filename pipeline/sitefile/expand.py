"""The resolved site in the words of the site file, for `check --expand`: every point and alarm with all it has."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.site import Alarm, Balance, Discrepancy, Installation, ModeSettings, Point, Text
from pipeline.sitefile.loaded import Loaded, origins
from pipeline.sitefile.scalars import duration_text, number_text

Shown = dict[str, Any]
KIND_PARTS = (
    "rate",
    "time_to_limit",
    "deviation",
    "discrepancy",
    "vote",
    "flatline",
    "noise",
    "cusum",
    "ewma",
)
"""Fields of `pipeline.site.Alarm` that only one kind has."""


def expanded(loaded: Loaded) -> Shown:
    """{"points": [...], "alarms": [...]}, in the order of the site; empty when there are faults.

    Keys are those of the site file, the whole id is `point` or `alarm`, times are texts such as "10s" and
    numbers are in the point's unit, which the alarm repeats. `origin` says where each value comes from.
    """
    site = loaded.site
    if site is None:
        return {"points": [], "alarms": []}
    words = origins(loaded)
    points = [_point(one, point, words) for one in site.installations for point in one.points]
    alarms = [shown for one in site.installations for shown in _alarms(one, words)]
    return {"points": points, "alarms": alarms}


def _alarms(one: Installation, words: dict[str, dict[str, str]]) -> list[Shown]:
    of_points = [_alarm(alarm, point, words) for point in one.points for alarm in point.alarms]
    return of_points + [_alarm(alarm, None, words) for alarm in one.alarms]


def _written(values: Shown) -> Shown:
    """Without what has no value."""
    return {key: value for key, value in values.items() if value is not None}


def _text(text: Text | None) -> Shown | None:
    return None if text is None else {"en": text.en, "zh-CN": text.zh}


def _time(ms: int | None) -> str | None:
    return None if ms is None else duration_text(ms)


def _point(one: Installation, point: Point, words: dict[str, dict[str, str]]) -> Shown:
    id_ = f"{one.id}/{point.id}"
    scaling = point.raw
    return _written(
        {
            "point": id_,
            "name": _text(point.name),
            "quantity": point.quantity,
            "unit": point.unit or None,
            "range": None if point.low is None else [point.low, point.high],
            "period": _time(point.period_ms),
            "stale_after": _time(point.stale_after_ms) or "never",
            "late_after": _time(point.late_after_ms),
            "enabled": point.enabled,
            "alias": point.alias,
            "equipment": point.equipment,
            "gateway": point.gateway,
            "raw": None if scaling is None else _written({"from": [scaling.low, scaling.high], "unit": scaling.unit}),
            "payload_unit": point.payload_unit,
            "states": {number_text(number): name for number, name in point.states.items()} or None,
            "over_range": point.over_range,
            "gas": point.gas,
            "preset": point.preset,
            "resolution": point.resolution,
            "origin": words.get(id_, {}),
        }
    )


def _alarm(alarm: Alarm, point: Point | None, words: dict[str, dict[str, str]]) -> Shown:
    when = None if alarm.when is None or point is None else point.states.get(alarm.when)
    has_deadband = alarm.setpoint is not None and alarm.balance is None
    return _written(
        {
            "alarm": alarm.id,
            "unit": None if point is None else point.unit or None,
            "type": alarm.kind,
            "class": alarm.alarm_class,
            "priority": alarm.priority,
            "setpoint": alarm.setpoint if alarm.balance is None else None,
            "deadband": alarm.deadband if has_deadband else None,
            "when": when,
            **_of_kind(alarm),
            "on_delay": _time(alarm.on_delay_ms),
            "off_delay": _time(alarm.off_delay_ms),
            "latching": alarm.latching,
            "ack_required": alarm.ack_required,
            "realarm": _time(alarm.realarm_ms),
            "on_bad": alarm.on_bad,
            "shelving": {"allowed": alarm.shelving_allowed, "max": _time(alarm.shelving_max_ms)},
            "exempt_from_bundling": alarm.exempt_from_bundling,
            "response_time": _time(alarm.response_time_ms),
            "cause": _text(alarm.cause),
            "consequence": _text(alarm.consequence),
            "action": _text(alarm.action),
            "by_mode": {mode: _mode(settings) for mode, settings in alarm.by_mode.items()} or None,
            "origin": words.get(alarm.id, {}),
        }
    )


def _mode(settings: ModeSettings) -> Shown:
    return _written(
        {
            "setpoint": settings.setpoint,
            "deadband": settings.deadband,
            "on_delay": _time(settings.on_delay_ms),
            "off_delay": _time(settings.off_delay_ms),
            "priority": settings.priority,
        }
    )


def _of_kind(alarm: Alarm) -> Shown:
    """What only alarms of this kind have, as the site file writes it."""
    shown: Shown = {}
    for name in KIND_PARTS:
        part = getattr(alarm, name)
        if part is not None:
            shown |= _keys(part)
    if alarm.balance is not None:
        shown |= _balance(alarm.balance, alarm.setpoint)
    if alarm.discrepancy is not None:
        shown |= {"within": _time(alarm.on_delay_ms), "agree": _agree(alarm.discrepancy)}
    if alarm.count is not None:
        shown["count"] = _keys(alarm.count)
    return shown


def _balance(of: Balance, uncertainty: float | None) -> Shown:
    inflow = [point for point, size in of.flows.items() if size > 0]
    outflow = [point for point, size in of.flows.items() if size < 0]
    return {
        "level": of.level,
        "inflow": inflow,
        "outflow": outflow,
        "area": of.area,
        "window": _time(of.window_ms),
        "uncertainty": uncertainty,
    }


def _agree(of: Discrepancy) -> Shown:
    """The numbers of the states."""
    return {number_text(order): [number_text(one) for one in states] for order, states in of.agree.items()}


def _keys(part: msgspec.Struct) -> Shown:
    """Fields under their keys of the site file: `window_ms` 60000 is `window` "60s", lists are lists."""
    shown: Shown = {}
    for field, name in zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True):
        value = getattr(part, field)
        if name.endswith("_ms"):
            shown[name.removesuffix("_ms")] = _time(value)
        elif value is not None:
            shown[name] = list(value) if isinstance(value, tuple) else value
    return shown
