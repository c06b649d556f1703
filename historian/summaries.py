"""Keeps the summaries by minute and hour in step with the readings, late ones included, whoever writes them.

A batch marks the minutes and hours it touches as dirty and holds those marks until its transaction ends; the views
work dirty ones out from the readings. Summing up locks a mark that nobody holds, so that it sees all that was
written, and takes it away. It reads no log.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from historian import named_sql
from historian.copy_binary import END_MS, FIRST_MS
from historian.database import Connection, Cursor, whole_number
from historian.edition import Edition
from pipeline.clock import monotonic_s

_MINUTE_MS = 60_000
_HOUR_MINUTES = 60
_LAST_MS = END_MS - 86_400_000  # so that the end of an hour is a timestamp too
SQL = named_sql.load("summaries.sql")


def buckets(time: NDArray[np.int64]) -> dict[str, list[int]]:
    """The minutes and hours, by number since 1970, that readings of these times (epoch ms) fall into."""
    inside = time[(time >= FIRST_MS) & (time < _LAST_MS)]
    minutes: list[int] = np.unique(inside // _MINUTE_MS).tolist()
    return {"minute": minutes, "hour": sorted({minute // _HOUR_MINUTES for minute in minutes})}


def mark(cursor: Cursor, touched: Mapping[str, list[int]]) -> None:
    """Mark them dirty, before the transaction that writes: a paused writer's new mark would stop all the others."""
    for what, numbers in touched.items():
        if numbers:
            cursor.execute(SQL[f"mark_{what}s"], {"numbers": numbers})


def hold(cursor: Cursor, touched: Mapping[str, list[int]]) -> None:
    """Until the transaction of `cursor` ends nobody sums them up. One that was summed up just now is marked anew."""
    for what, numbers in touched.items():
        while len(cursor.execute(SQL[f"hold_{what}s"], {"numbers": numbers}).fetchall()) < len(numbers):
            mark(cursor, {what: numbers})


class Summaries:
    """Sums up what is dirty, over a connection of its own. Several may do so at once."""

    def __init__(self, connection: Connection, edition: Edition) -> None:
        self._connection = connection
        self._edition = edition
        self._seen: dict[str, dict[int, float]] = {"minute": {}, "hour": {}}  # since when (monotonic, s), oldest first

    def sum_up(self, idle_s: float, within_s: float) -> int:
        """Sum up minutes, then hours, dirty for `idle_s` or more; no further one after `within_s`; how many."""
        until = monotonic_s() + within_s
        count = 0
        for what, seen in self._seen.items():
            self._look(what, seen)
            for number, since in list(seen.items()):
                now = monotonic_s()
                if since > now - idle_s or now > until:
                    break
                count += self._sum_up_one(what, number)
                del seen[number]
        return count

    def _look(self, what: str, seen: dict[int, float]) -> None:
        now = monotonic_s()
        self._connection.execute(SQL[f"void_{what}s"])
        dirty = {whole_number(row[0]) for row in self._connection.execute(SQL[f"dirty_{what}s"])}
        for number in seen.keys() - dirty:
            del seen[number]  # another historian did it
        seen.update((number, now) for number in sorted(dirty - seen.keys()))

    def _sum_up_one(self, what: str, number: int) -> bool:
        """Whether it was done; one that a batch holds is looked at again later."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            if cursor.execute(SQL[f"lock_{what}"], {"number": number}).fetchone() is None:
                return False
            anew(cursor, what, number)
        return True


def anew(cursor: Cursor, what: str, number: int) -> None:
    """Sum up a minute or hour whose mark is locked in the transaction of `cursor`."""
    for statement in (f"clear_{what}", f"sum_up_{what}", f"{what}_is_clean"):
        cursor.execute(SQL[statement], {"number": number})
