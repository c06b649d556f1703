"""One connection that writes one topic of the log: each batch whole, with its positions, in one transaction.

Blocking; used from one thread at a time. It decides nothing and does not try again: it says which errors may pass.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import psycopg
from psycopg import conninfo, errors

from historian import copy_binary, named_sql
from historian.alarm_batch import AlarmBatch
from historian.migrate import migrate
from historian.plant_batch import PlantBatch, SeriesKey
from historian.progress import NOTHING, Gap, Move, Stored
from historian.rows import Row, gap_row
from historian.summaries import Summaries
from pipeline.errors import ConfigError, Permanent, Transient

Connection = psycopg.Connection[tuple[object, ...]]
Cursor = psycopg.Cursor[tuple[object, ...]]

SQL = named_sql.load("statements.sql")
_SUM_UP_S = 0.25  # the next batch waits meanwhile
_ROWS_AT_ONCE = 1_000
# The server or the way to it is ill; or our tables were dropped, and connecting anew makes them again.
_PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.UndefinedTable,
    errors.InvalidSchemaName,
)


@contextmanager
def _told_apart() -> Iterator[None]:
    """Psycopg's errors as what may pass (Transient) and what will not (Permanent)."""
    try:
        yield
    except _PASSING as error:
        raise Transient(str(error).strip()) from error
    except psycopg.Error as error:
        raise Permanent(f"the database refused what the historian wrote: {str(error).strip()}") from error


_SECRET = ("password", "sslpassword")


def check_dsn(dsn: str) -> None:
    """Raises ConfigError for a connection string that libpq cannot read; its own words would quote a password in it."""
    try:
        conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise ConfigError(
            "the database's connection string (--dsn, HAZARDWATCH_DSN) is none: "
            "expected postgresql://user@host:port/database or 'host=... user=... dbname=...'"
        ) from None


def without_password(dsn: str) -> str:
    """The same connection for people to use, who have passwords of their own (PGPASSWORD, .pgpass)."""
    parts = conninfo.conninfo_to_dict(dsn)
    return conninfo.make_conninfo("", **{name: value for name, value in parts.items() if name not in _SECRET})


class Store:
    """From `open` to `close` the only writer of its topic; a later one takes over and this one's next batch fails."""

    def __init__(self, connection: Connection, topic: str, token: str) -> None:
        self._connection = connection
        self._topic = topic
        self._token = token
        self.summaries = Summaries(connection, self._fence)

    @classmethod
    def open(cls, dsn: str, site: str, topic: str) -> Store:
        """Connect, bring the schema up to date, take over. Raises Transient, Permanent, ConfigError (another site)."""
        with _told_apart():
            connection = psycopg.connect(
                dsn,
                autocommit=True,
                connect_timeout=10,
                application_name=f"hazardwatch historian {topic}",
                keepalives_idle=15,
                keepalives_interval=5,
                keepalives_count=3,
            )
            try:
                migrate(connection, site)
                connection.execute(SQL["session_settings"])
                token = secrets.token_hex(16)
                # Waits for a transaction of the writer before us that is still under way: what we read next is final.
                connection.execute(SQL["take_over"], {"topic": topic, "token": token})
                store = cls(connection, topic, token)
                store.summaries.load()
            except BaseException:
                connection.close()
                raise
        return store

    def close(self) -> None:
        """Give the connection back; what was not committed is gone."""
        self._connection.close()

    def cut_off(self) -> None:
        """From any thread: whoever waits for the database's answer gets a lost connection instead."""
        with (
            suppress(psycopg.OperationalError, OSError),  # it is closed already
            # A copy of the handle; the family does not matter for what is done with it.
            socket.fromfd(self._connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as link,
        ):
            link.shutdown(socket.SHUT_RDWR)

    def stored(self) -> dict[str, Stored]:
        """How far each installation is."""
        with _told_apart():
            rows = self._connection.execute(SQL["positions"], {"topic": self._topic}).fetchall()
        return {str(id_): Stored(_int(position), _int(stamp)) for id_, position, stamp in rows}

    def series(self) -> dict[SeriesKey, int]:
        """The number of every series."""
        with _told_apart():
            rows = self._connection.execute(SQL["series"]).fetchall()
        return {(str(installation), str(point), str(unit)): _int(id_) for id_, installation, point, unit in rows}

    def last_events(self) -> dict[str, tuple[int, int]]:
        """Installation -> plant-log position and ordinal of its newest alarm event."""
        with _told_apart():
            rows = self._connection.execute(SQL["last_events"]).fetchall()
        return {str(id_): (_int(position), _int(ordinal)) for id_, position, ordinal in rows}

    def write_plant(self, batch: PlantBatch) -> None:
        """All of the batch or nothing."""
        with _told_apart(), self._transaction() as cursor:
            self._move(cursor, batch.moves, batch.gaps)
            _insert(cursor, "new_series", batch.series)
            _insert(cursor, "new_command", batch.commands)
            _insert(cursor, "new_dead_letter", batch.dead_letters)
            _replace(cursor, "forget_points", "new_point", batch.points)
            _replace(cursor, "forget_alarm_settings", "new_alarm_setting", batch.alarm_settings)
            if batch.rows is not None and len(batch.rows):
                self.summaries.mark(cursor, batch.rows.time)
                with cursor.copy(SQL["copy_readings"]) as copy:
                    copy.write(copy_binary.encode(batch.rows))

    def write_alarm(self, batch: AlarmBatch) -> None:
        """All of the batch or nothing."""
        with _told_apart(), self._transaction() as cursor:
            self._move(cursor, batch.moves, batch.gaps)
            _insert(cursor, "new_alarm_event", batch.events)
            if batch.restated:
                cursor.execute(SQL["forget_standing"], {"installations": list(batch.restated)})
            cursor.execute(SQL["no_longer_standing"], {"alarms": [alarm for _, alarm in batch.standing]})
            _insert(cursor, "new_standing", [row for row in batch.standing.values() if row is not None])
            _insert(cursor, "move_judged", list(batch.judged.values()))
            _insert(cursor, "new_notification", batch.notifications)

    def settle(self) -> None:
        """When this returns, all that was written is on the database's disk (commits alone do not wait for it)."""
        with _told_apart(), self._transaction() as cursor:
            cursor.execute(SQL["durable_commit"])

    def sum_up(self, idle_s: float) -> int:
        """Summaries that are due (see Summaries), as many as a moment allows; how many."""
        with _told_apart():
            return self.summaries.sum_up(idle_s, _SUM_UP_S)

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._fence(cursor)
            yield cursor

    def _fence(self, cursor: Cursor) -> None:
        """Nobody took over; nobody can until this transaction ends."""
        held = cursor.execute(SQL["the_writer"], {"topic": self._topic}).fetchone()
        if held is None:
            raise Transient("the database was emptied while the historian wrote to it")
        if held != (self._token,):
            raise Permanent(
                f"another historian took over this database ({self._topic} log); this one stops. "
                "One database has one historian: look for a second service with the same --dsn"
            )

    def _move(self, cursor: Cursor, moves: Sequence[Move], gaps: Sequence[Gap]) -> None:
        """Before everything else: the rows may be written only if the database is where they follow on."""
        new = [{"topic": self._topic, "installation": move.installation} for move in moves if move.old == NOTHING]
        if new:
            cursor.executemany(SQL["new_position"], new)
        cursor.executemany(SQL["move_position"], [{"topic": self._topic, **move._asdict()} for move in moves])
        if cursor.rowcount != len(moves):
            raise Permanent(
                f"the database is no longer where this historian left it ({self._topic} log); it wrote nothing more"
            )
        _insert(cursor, "new_gap", [gap_row(gap) for gap in gaps])


def _insert(cursor: Cursor, name: str, rows: Sequence[Row]) -> None:
    for at in range(0, len(rows), _ROWS_AT_ONCE):  # psycopg holds the answers to all that it is given at once
        cursor.executemany(SQL[name], rows[at : at + _ROWS_AT_ONCE])


def _replace(cursor: Cursor, forget: str, insert: str, rows: Mapping[str, list[Row]]) -> None:
    for installation, new in rows.items():
        cursor.execute(SQL[forget], {"installation": installation})
        _insert(cursor, insert, new)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
