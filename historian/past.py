"""Reads the history of a time: alarm events and readings, through the views alone. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row, tuple_row

from historian import named_sql
from pipeline.errors import ConfigError
from pipeline.model import Event

_SQL = named_sql.load("queries.sql")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = 10_000
Reading = tuple[int, str, str, int, float | None, str, str]
"""received ms, installation, point, time ms, value, quality, unit"""


def events_between(dsn: str, since: int, until: int, installation: str | None = None) -> list[Event]:
    """The events of [since, until) (ms), and before them what stood at `since`. Raises ConfigError."""
    asked = {"since": _time(since), "until": _time(until), "installation": installation}
    with _connected(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        stood = [row for row in cursor.execute(_SQL["standing_at"], asked) if row["state"] != "NORMAL"]
        return [_event(row) for row in [*stood, *cursor.execute(_SQL["all_events_between"], asked)]]


def readings_between(dsn: str, since: int, until: int) -> Iterator[Reading]:
    """The readings received in [since, until) (ms), in order. Raises ConfigError."""
    asked = {"since": _time(since), "until": _time(until)}
    with _connected(dsn) as connection, connection.cursor("past", row_factory=tuple_row) as cursor:
        cursor.itersize = _ROWS
        for received, installation, point, time, value, quality, unit in cursor.execute(
            _SQL["all_readings_between"], asked
        ):
            yield _ms(received), installation, point, _ms(time), value, quality, unit or ""


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """One transaction that sees one moment."""
    try:
        with psycopg.connect(dsn, connect_timeout=10, options="-c timezone=UTC") as connection:
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        raise ConfigError(f"the history cannot be read: {' '.join(str(error).split())}") from error


def _event(row: dict[str, Any]) -> Event:
    return Event(
        **{name: row[name] for name in row if name not in ("time", "decided", "late_s", "from")},
        time=_ms(row["time"]),
        decided=_ms(row["decided"]),
        from_state=row["from"],
    )


def _time(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _ms(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
