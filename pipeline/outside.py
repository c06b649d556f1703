"""Events as everybody outside sees them: one object, one key order, ISO 8601 times (contract, "Alarm names ...").

Pure; it decides nothing and knows nothing of who reads them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.model import Event, Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(ms: int) -> str:
    """Epoch ms as `2026-11-22T08:00:05.000Z`."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def ms_of(text: str) -> int:
    """Epoch ms of an ISO 8601 time with zone; parts finer than a millisecond are cut. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def event_object(event: Event) -> Json:
    """The event as an object, keys in the contract's order; `late_s` = decided - time in seconds.

    `time_left_s` comes behind them, and only where the event has it.
    """
    told: Json = {
        "event_id": event.event_id,
        "seq": event.seq,
        "time": iso(event.time),
        "decided": iso(event.decided),
        "late_s": (event.decided - event.time) / 1000,
        "alarm": event.alarm,
        "occurrence": event.occurrence,
        "event": event.event,
        "from": event.from_state,
        "state": event.state,
        "priority": event.priority,
        "value": event.value,
        "setpoint": event.setpoint,
        "unit": event.unit,
        "actor": event.actor,
        "note": event.note,
        "reason": event.reason,
        "drill": event.drill,
    }
    return told if event.time_left_s is msgspec.UNSET else told | {"time_left_s": event.time_left_s}


def event_json(event: Event) -> bytes:
    """`event_object` as one line of JSON, UTF-8, without the line end."""
    return msgspec.json.encode(event_object(event))
