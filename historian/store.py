"""One connection that writes one topic of the log: each batch whole, with its positions, in one transaction.

Blocking; used from one thread at a time. It decides nothing and does not try again: it says which errors may pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import structlog
from numpy.typing import NDArray
from psycopg import errors

from historian import copy_binary, database, named_sql, odd_times, summaries
from historian.alarm_batch import AlarmBatch
from historian.database import Connection, Cursor, told_apart, whole_number
from historian.edition import Edition
from historian.plant_batch import Named, PlantBatch
from historian.prepared import open_prepared
from historian.progress import Gap, Move, Stored
from historian.rows import Row, gap_row
from historian.summaries import Touched
from pipeline.errors import Transient
from pipeline.site import Site

SQL = named_sql.load("statements.sql")
_ROWS_AT_ONCE = 1_000
_PIECE = 256 * 1024  # the server works on a piece while the next one comes
_DENSE = 50  # rows of a series in a batch; with fewer, compressing each batch takes more room or time than it saves
_log = structlog.get_logger(__name__)


class Store:
    """Several may write to one database, each installation by one of them at a time; `stored` begins that.

    One that was replaced without knowing fails whole at its next batch: the positions are not where it left them.
    """

    def __init__(self, connection: Connection, topic: str, edition: Edition, touched: Touched) -> None:
        self.edition = edition
        self._touched = touched
        self._dense = False
        self._connection = connection
        self._topic = topic
        # By the batches' own number of a series: its number in the database.
        self._series = np.zeros(0, np.int32)

    @classmethod
    def open(cls, dsn: str, site: Site, topic: str, touched: Touched) -> Store:
        """Connect, bring the schema up to date. Raises Transient, Permanent, ConfigError (another site)."""
        connection, edition = open_prepared(dsn, topic, site)
        return cls(connection, topic, edition, touched)

    def close(self) -> None:
        """Give the connection back; what was not committed is gone."""
        self._connection.close()

    def cut_off(self) -> None:
        """See historian.database."""
        database.cut_off(self._connection)

    def stored(self, installations: Collection[str]) -> dict[str, Stored]:
        """How far each of these is.

        What we are told is final: a writer before us that is still in the midst of a batch is waited for, and one
        that does not come to its end (a process that is held up) loses its connection.
        """
        given = {"topic": self._topic, "installations": list(installations)}
        with told_apart():
            # Committed at once, so that a writer never waits for another's new row.
            self._connection.execute(SQL["new_positions"], given)
            try:
                with self._transaction() as cursor:
                    cursor.execute(SQL["wait_a_moment"])
                    rows = cursor.execute(SQL["positions"], given).fetchall()
            except errors.LockNotAvailable:
                ended = self._connection.execute(SQL["end_holders"], given).rowcount
                _log.warning("ended the connection of a historian that is held up", topic=self._topic, count=ended)
                rows = self._connection.execute(SQL["positions"], given).fetchall()
        return {str(id_): Stored(whole_number(position), whole_number(stamp)) for id_, position, stamp in rows}

    def last_events(self, installations: Collection[str]) -> dict[str, tuple[int, int]]:
        """Installation -> plant-log position and ordinal of its newest alarm event."""
        with told_apart():
            rows = self._connection.execute(SQL["last_events"], {"installations": list(installations)}).fetchall()
        return {str(id_): (whole_number(position), whole_number(ordinal)) for id_, position, ordinal in rows}

    def write_plant(self, batch: PlantBatch) -> None:
        """All of the batch or nothing."""
        if batch.rows is not None:
            self._mark(batch.rows)
        with told_apart(), self._transaction() as cursor:
            self._move(cursor, batch.moves, batch.gaps)
            series = self._with_new(cursor, batch.series)
            _insert(cursor, "new_command", batch.commands)
            _insert(cursor, "new_dead_letter", batch.dead_letters)
            _replace(cursor, "forget_points", "new_point", batch.points)
            _replace(cursor, "forget_alarm_settings", "new_alarm_setting", batch.alarm_settings)
            if batch.rows is not None and len(batch.rows):
                self._copy(cursor, batch.rows.numbered(series))
        self._series = series

    def write_alarm(self, batch: AlarmBatch) -> None:
        """All of the batch or nothing."""
        with told_apart(), self._transaction() as cursor:
            self._move(cursor, batch.moves, batch.gaps)
            _insert(cursor, "new_alarm_event", batch.events)
            if batch.restated:
                cursor.execute(SQL["forget_standing"], {"installations": list(batch.restated)})
            cursor.execute(SQL["no_longer_standing"], {"alarms": [alarm for _, alarm in batch.standing]})
            _insert(cursor, "new_standing", [row for row in batch.standing.values() if row is not None])
            _insert(cursor, "move_judged", list(batch.judged.values()))
            _insert(cursor, "new_notification", batch.notifications)
            _insert(cursor, "new_warning", batch.warnings)

    def settle(self, positions: Mapping[str, int]) -> set[str]:
        """When this returns, all that was written is on the database's disk (commits alone do not wait for it).

        Returns those of these installations that are still where we left them: nobody else writes them.
        """
        with told_apart(), self._transaction() as cursor:
            cursor.execute(SQL["durable_commit"])
            rows = cursor.execute(SQL["positions"], {"topic": self._topic, "installations": list(positions)}).fetchall()
        return {str(id_) for id_, position, _ in rows if positions[str(id_)] == position}

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            yield cursor

    def _move(self, cursor: Cursor, moves: Sequence[Move], gaps: Sequence[Gap]) -> None:
        """Before everything else: the rows may be written only if the database is where they follow on."""
        moves = sorted(moves)  # two writers of the same ones then wait for each other, and never in a circle
        ids = [move.installation for move in moves]
        cursor.execute(
            SQL["move_positions"],
            {
                "topic": self._topic,
                "installations": ids,
                "old": [move.old for move in moves],
                "new": [move.new for move in moves],
                "stamps": [move.stamp for move in moves],
            },
        )
        if cursor.rowcount != len(moves):
            raise Transient(
                f"the database is not where this historian left it ({self._topic} log): another one writes these "
                "installations, or the database was emptied; nothing of the batch was written"
            )
        _insert(cursor, "new_gap", [gap_row(gap) for gap in gaps])

    def _mark(self, rows: copy_binary.Rows) -> None:
        new = self._touched.note(summaries.buckets_of(rows.time))
        if any(new.values()):
            with told_apart(), self._connection.cursor() as cursor:
                summaries.mark(cursor, new)

    def _copy(self, cursor: Cursor, rows: copy_binary.Rows) -> None:
        horizon = summaries.hold(cursor, rows.time)
        most, odd = odd_times.parted(rows, horizon)
        if self.edition is Edition.COMMUNITY and (dense := _is_dense(most)) != self._dense:
            cursor.execute(SQL["compress_at_once"], {"how": "on" if dense else "off"})
            self._dense = dense
        for statement, part in (("copy_readings", most), ("copy_old_readings", odd)):
            if len(part):
                with cursor.copy(SQL[statement]) as copy:
                    stream = copy_binary.encode(part)
                    for at in range(0, len(stream), _PIECE):
                        copy.write(stream[at : at + _PIECE])

    def _with_new(self, cursor: Cursor, new: Sequence[Named]) -> NDArray[np.int32]:
        """The database's numbers of all series, with those of the new ones."""
        if not new:
            return self._series
        own, installations, points, units = (list(column) for column in zip(*new, strict=True))
        named = {"installations": installations, "points": points, "units": units}
        cursor.execute(SQL["new_series"], named)
        rows = cursor.execute(SQL["series"], named).fetchall()
        numbers = {(installation, point, unit): whole_number(id_) for id_, installation, point, unit in rows}
        series = np.zeros(max(len(self._series), max(own) + 1), np.int32)
        series[: len(self._series)] = self._series
        series[own] = [numbers[key] for key in zip(installations, points, units, strict=True)]
        return series


def _is_dense(rows: copy_binary.Rows) -> bool:
    return bool(len(rows) >= _DENSE * np.count_nonzero(np.bincount(rows.series)) > 0)


def _insert(cursor: Cursor, name: str, rows: Sequence[Row]) -> None:
    for at in range(0, len(rows), _ROWS_AT_ONCE):  # psycopg holds the answers to all that it is given at once
        cursor.executemany(SQL[name], rows[at : at + _ROWS_AT_ONCE])


def _replace(cursor: Cursor, forget: str, insert: str, rows: Mapping[str, list[Row]]) -> None:
    for installation, new in rows.items():
        cursor.execute(SQL[forget], {"installation": installation})
        _insert(cursor, insert, new)
