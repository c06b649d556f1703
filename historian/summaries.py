"""Keeps the summaries by minute and hour in step with the readings, late ones included.

A batch marks the minutes and hours it touches as dirty, in its own transaction; the views work dirty ones out
from the readings. What has been left alone for a while is summed up once. It reads no log.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import psycopg
from numpy.typing import NDArray

from historian import named_sql
from historian.copy_binary import END_MS, FIRST_MS
from pipeline.clock import monotonic_s

_MINUTE_MS = 60_000
_HOUR_MINUTES = 60
_LAST_MS = END_MS - 86_400_000  # so that the end of an hour is a timestamp too
_SQL = named_sql.load("statements.sql")

Cursor = psycopg.Cursor[tuple[object, ...]]


class Summaries:
    """The dirty minutes and hours, by number since 1970, with when (monotonic, s) they were last touched."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], fence: Callable[[Cursor], None]) -> None:
        self._connection = connection
        self._fence = fence
        self._minutes: dict[int, float] = {}
        self._hours: dict[int, float] = {}

    def load(self) -> None:
        """What an earlier writer left dirty."""
        now = monotonic_s()
        for name, held in (("dirty_minutes", self._minutes), ("dirty_hours", self._hours)):
            held.update((int(str(row[0])), now) for row in self._connection.execute(_SQL[name]))

    def mark(self, cursor: Cursor, time: NDArray[np.int64]) -> None:
        """Readings of these times (epoch ms) are about to be written, in the transaction of `cursor`."""
        inside = time[(time >= FIRST_MS) & (time < _LAST_MS)]
        minutes: list[int] = np.unique(inside // _MINUTE_MS).tolist()
        self._touch(cursor, "mark_minutes", self._minutes, minutes)
        self._touch(cursor, "mark_hours", self._hours, sorted({minute // _HOUR_MINUTES for minute in minutes}))

    @staticmethod
    def _touch(cursor: Cursor, statement: str, held: dict[int, float], numbers: list[int]) -> None:
        new = [number for number in numbers if number not in held]
        if new:
            cursor.execute(_SQL[statement], {"numbers": new})
        now = monotonic_s()
        held.update((number, now) for number in numbers)

    def sum_up(self, idle_s: float, within_s: float) -> int:
        """Sum up minutes, then hours, left alone for `idle_s` or more; no further one after `within_s`; how many."""
        until = monotonic_s() + within_s
        count = 0
        while self._sum_up_one("minute", self._minutes, idle_s) or self._sum_up_one("hour", self._hours, idle_s):
            count += 1
            if monotonic_s() > until:
                break
        return count

    def _sum_up_one(self, what: str, held: dict[int, float], idle_s: float) -> bool:
        number = min(held, key=held.__getitem__, default=None)
        if number is None or held[number] > monotonic_s() - idle_s:
            return False
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._fence(cursor)
            for statement in (f"clear_{what}", f"sum_up_{what}", f"{what}_is_clean"):
                cursor.execute(_SQL[statement], {"number": number})
        del held[number]
        return True
