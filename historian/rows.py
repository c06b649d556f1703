"""Records and configuration -> rows of the database's small tables, in the order of their insert. Pure.

The big table of readings goes another way (copy_binary).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from historian.progress import Gap
from pipeline.log import Entry
from pipeline.model import Command, DeadLetter, Delivery, Event, Judged, WarningEvent
from pipeline.site import Alarm, Installation, Text

Row = tuple[object, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(ms: int) -> datetime | str:
    """Epoch ms for a timestamptz; beyond the calendar's years 1 to 9999 it is PostgreSQL's infinity."""
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return "infinity" if ms > 0 else "-infinity"


def text(value: str | None) -> str | None:
    """PostgreSQL's text cannot hold U+0000; its picture stands for it."""
    return value.replace("\0", "\N{SYMBOL FOR NULL}") if value is not None else None


def seconds(ms: int | None) -> float | None:
    """Milliseconds in seconds; None stays None."""
    return None if ms is None else ms / 1000


def gap_row(gap: Gap) -> Row:
    """For `new_gap`."""
    after = None if gap.after_time is None else moment(gap.after_time)
    return (
        gap.topic,
        gap.installation,
        gap.after_position,
        gap.until_position,
        after,
        moment(gap.until_time),
        gap.reason,
    )


def command_row(entry: Entry, command: Command) -> Row:
    """For `new_command`; its time is the record's stamp."""
    return (
        entry.installation,
        entry.position,
        moment(entry.stamp),
        text(command.command),
        text(command.alarm),
        text(command.target),
        text(command.by),
        text(command.note),
        text(command.occurrence),
        seconds(command.for_ms),
        command.one_shot,
        text(command.mode),
        text(command.id),
    )


def dead_letter_row(entry: Entry, letter: DeadLetter) -> Row:
    """For `new_dead_letter`."""
    return (
        moment(entry.stamp),
        text(letter.topic),
        text(letter.reason),
        text(letter.detail),
        letter.payload,
        letter.count,
    )


def event_row(installation: str, event: Event) -> Row:
    """For `new_alarm_event` and `new_standing`."""
    return (
        installation,
        event.position,
        event.ordinal,
        event.event_id,
        event.seq,
        moment(event.time),
        moment(event.decided),
        (event.decided - event.time) / 1000,
        text(event.alarm),
        event.occurrence,
        event.event,
        event.from_state,
        event.state,
        event.priority,
        event.value,
        event.setpoint,
        text(event.unit),
        text(event.actor),
        text(event.note),
        text(event.reason),
        event.drill,
    )


def judged_row(installation: str, judged: Judged) -> Row:
    """For `move_judged`."""
    return (installation, judged.position, moment(judged.second))


def warning_row(installation: str, change: WarningEvent) -> Row:
    """For `new_warning`."""
    return (
        installation,
        change.warning,
        change.seq,
        moment(change.time),
        change.event,
        change.from_level,
        change.level,
        text(change.actor),
        change.verdict,
        text(change.cause),
        text(change.note),
        change.reason,
        list(change.alarms),
    )


def notification_row(delivery: Delivery) -> Row:
    """For `new_notification`."""
    return (
        moment(delivery.sent_at),
        delivery.event_id,
        text(delivery.alarm),
        delivery.occurrence,
        text(delivery.person),
        text(delivery.channel),
        delivery.step,
        delivery.round,
        delivery.attempt,
        delivery.outcome,
        text(delivery.provider_id),
        None if delivery.receipt_at is None else moment(delivery.receipt_at),
        text(delivery.detail),
    )


def point_rows(installation: Installation) -> list[Row]:
    """For `new_point`, in the order of the site file."""
    return [
        (
            installation.id,
            ordinal,
            point.id,
            text(point.name.en),
            text(point.name.zh),
            point.quantity,
            point.unit,
            point.low,
            point.high,
            seconds(point.period_ms),
            seconds(point.stale_after_ms),
            seconds(point.late_after_ms),
            point.enabled,
            point.over_range,
            text(point.alias),
            point.equipment,
            point.gateway,
            point.gas,
        )
        for ordinal, point in enumerate(installation.points)
    ]


def alarm_setting_rows(installation: Installation) -> list[Row]:
    """For `new_alarm_setting`: the alarms of the points, then those over several points."""
    alarms: list[tuple[Alarm, str | None]] = [
        (alarm, point.unit) for point in installation.points if point.enabled for alarm in point.alarms
    ]
    alarms += [(alarm, None) for alarm in installation.alarms]
    return [_alarm_setting_row(installation.id, i, alarm, unit) for i, (alarm, unit) in enumerate(alarms)]


def _alarm_setting_row(installation: str, ordinal: int, alarm: Alarm, unit: str | None) -> Row:
    return (
        installation,
        ordinal,
        alarm.id,
        alarm.point,
        alarm.name,
        alarm.kind,
        alarm.alarm_class,
        alarm.priority,
        alarm.setpoint,
        alarm.deadband,
        unit,
        seconds(alarm.on_delay_ms),
        seconds(alarm.off_delay_ms),
        alarm.latching,
        alarm.ack_required,
        seconds(alarm.realarm_ms),
        alarm.on_bad,
        alarm.shelving_allowed,
        seconds(alarm.shelving_max_ms),
        seconds(alarm.response_time_ms),
        *_both(alarm.cause),
        *_both(alarm.consequence),
        *_both(alarm.action),
        msgspec.json.encode(alarm).decode().replace("\\u0000", "\N{SYMBOL FOR NULL}"),
    )


def _both(words: Text | None) -> tuple[str | None, str | None]:
    return (None, None) if words is None else (text(words.en), text(words.zh))
