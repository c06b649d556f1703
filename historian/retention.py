"""Deletes what was kept long enough: readings, their minutes, refused messages. Hours and alarm events stay.

First the horizon moves, with everything before it summed up; only then what lies before it goes. So a late reading
is added to a summary whose other readings are gone, instead of making it anew. It asks the log's time, not the clock's.
"""

from __future__ import annotations

from contextlib import suppress

import structlog
from psycopg import errors

from historian import aggregates, named_sql
from historian.database import Connection, Cursor, whole_number
from historian.edition import Edition
from historian.summaries import anew
from pipeline.clock import monotonic_s
from pipeline.site import History

_HOUR_MS = 3_600_000
_SQL = named_sql.load("retention.sql")
_log = structlog.get_logger(__name__)


class Retention:
    """Of one connection in autocommit. Several may do so at once: one of them does the work."""

    def __init__(self, connection: Connection, edition: Edition, history: History) -> None:
        self._connection = connection
        self._edition = edition
        self._history = history

    def forget(self, within_s: float) -> bool:
        """Delete what is due for `within_s`; whether something may be left. Raises psycopg's errors.

        What somebody else holds for long (a batch, a reader of old readings) is left to the next look.
        """
        until = monotonic_s() + within_s
        newest = self._number("newest")
        if newest is None:
            return False
        kept_from = newest - self._history.readings_ms
        with suppress(errors.LockNotAvailable):
            self._close(kept_from - kept_from % _HOUR_MS)
        left = False
        horizon = self._number("horizon")
        if horizon is not None:
            left |= self._forget_readings(horizon, until)
        for what, statement, before in (
            ("old readings", "forget_old_readings", kept_from),
            ("refused messages", "forget_dead_letters", kept_from),
            ("minutes", "forget_minutes", newest - self._history.minutes_ms),
        ):
            left |= self._delete(what, statement, before, until)
        if self._edition is Edition.COMMUNITY:
            self._forget_stored_minutes(newest - self._history.minutes_ms)
        return left

    def _forget_stored_minutes(self, before: int) -> None:
        with suppress(errors.LockNotAvailable), self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_SQL["wait_a_moment"])
            chunks = aggregates.forget_minutes(cursor, before)
            if chunks:
                cursor.execute(_SQL["forgotten_chunks"], {"what": "minutes", "before": before, "chunks": chunks})

    def add_late(self) -> bool:
        """Add readings that came after their minute was closed to it and its hour; whether there were any."""
        if self._connection.execute(_SQL["some_are_late"]).fetchone() != (True,):
            return False
        with suppress(errors.LockNotAvailable), self._connection.transaction(), self._connection.cursor() as cursor:
            if self._have_to_ourselves(cursor):
                self._add_up(cursor)
                return True
        return False

    def _add_up(self, cursor: Cursor) -> None:
        if self._edition is Edition.COMMUNITY:
            aggregates.adopt_late(cursor)
        cursor.execute(_SQL["add_late"])

    @staticmethod
    def _have_to_ourselves(cursor: Cursor) -> bool:
        """Until the transaction ends nobody writes readings; False where another historian is at it."""
        if cursor.execute(_SQL["one_at_a_time"]).fetchone() != (True,):
            return False
        cursor.execute(_SQL["wait_a_moment"])
        cursor.execute(_SQL["hold_horizon"])
        return True

    def _number(self, statement: str) -> int | None:
        row = self._connection.execute(_SQL[statement]).fetchone()
        return None if row is None or row[0] is None else whole_number(row[0])

    def _close(self, before: int) -> None:
        """Sum up all minutes and hours before this time (ms, a whole hour) for good, if anything there is to go."""
        if self._connection.execute(_SQL["is_needed"], {"before": before}).fetchone() != (True,):
            return
        with self._connection.transaction(), self._connection.cursor() as cursor:
            if not self._have_to_ourselves(cursor):
                return
            self._add_up(cursor)
            if self._edition is Edition.COMMUNITY:
                aggregates.take_back(cursor, before)
            for what in ("minute", "hour"):
                for (number,) in cursor.execute(_SQL[f"dirty_{what}s_before"], {"before": before}).fetchall():
                    if self._edition is Edition.COMMUNITY:
                        aggregates.make_own(cursor, what, whole_number(number))
                    anew(cursor, what, whole_number(number))
            cursor.execute(_SQL["summed"], {"before": before})
            cursor.execute(_SQL["move_horizon"], {"before": before})

    def _forget_readings(self, horizon: int, until: float) -> bool:
        if self._edition is Edition.PLAIN:
            return self._delete("readings", "forget_readings", horizon, until)
        with suppress(errors.LockNotAvailable), self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_SQL["wait_a_moment"])
            chunks = len(cursor.execute(_SQL["drop_chunks"], {"before": horizon}).fetchall())
            if chunks:
                cursor.execute(_SQL["forgotten_chunks"], {"what": "readings", "before": horizon, "chunks": chunks})
                _log.info("readings that were kept long enough are deleted", chunks=chunks)
        return False

    def _delete(self, what: str, statement: str, before: int, until: float) -> bool:
        """In transactions of a moment each, so that nobody waits long; whether some are left."""
        while True:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                gone = cursor.execute(_SQL[statement], {"before": before}).rowcount
                if gone:
                    cursor.execute(_SQL["forgotten"], {"what": what, "before": before, "rows": gone})
            if not gone:
                return False
            if monotonic_s() > until:
                return True
