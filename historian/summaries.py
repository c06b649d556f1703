"""Keeps the summaries by minute and hour in step with the readings, late ones included, whoever writes them.

A batch marks the minutes and hours it touches as dirty and holds those marks until its transaction ends; the views
work dirty ones out from the readings. Summing up locks a mark that nobody holds, so that it sees all that was
written, and takes it away. It reads no log.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from historian import named_sql
from historian.aggregates import Aggregates
from historian.copy_binary import END_MS, FIRST_MS
from historian.database import Connection, Cursor, whole_number
from historian.edition import Edition
from pipeline.clock import monotonic_s, now_ms

Buckets = dict[str, list[int]]
"""minute, hour -> numbers since 1970, rising."""
_WIDTH_MS = {"minute": 60_000, "hour": 3_600_000}
_REMEMBERED_S = 60.0
_LAST_MS = END_MS - 86_400_000  # so that the end of an hour is a timestamp too
SQL = named_sql.load("summaries.sql")


class Touched:
    """The minutes and hours, by number since 1970, that this process wrote to, with when (monotonic, s).

    Of several writers in one process and their summing up; what other processes touch it does not know.
    """

    def __init__(self) -> None:
        self._at: dict[str, dict[int, float]] = {"minute": {}, "hour": {}}

    def note(self, buckets: Buckets) -> Buckets:
        """These are written to now. Returns those that were not within the last minute: nobody may have marked them."""
        now = monotonic_s()
        new = {}
        for what, numbers in buckets.items():
            held = {number: at for number, at in self._at[what].items() if at > now - _REMEMBERED_S}
            new[what] = [number for number in numbers if number not in held]
            self._at[what] = held | dict.fromkeys(numbers, now)
        return new

    def idle(self, what: str, number: int, for_s: float) -> bool:
        """Whether this process did not write to it for so long."""
        return self._at[what].get(number, 0.0) <= monotonic_s() - for_s


def buckets_of(time: NDArray[np.int64]) -> Buckets:
    """The minutes and hours that readings of these times (epoch ms) fall into."""
    inside = time[(time >= FIRST_MS) & (time < _LAST_MS)]
    minutes: list[int] = np.unique(inside // _WIDTH_MS["minute"]).tolist()
    return {"minute": minutes, "hour": sorted({minute // 60 for minute in minutes})}


def mark(cursor: Cursor, buckets: Buckets) -> None:
    """Mark them dirty, before the transaction that writes: a paused writer's new mark would stop all the others."""
    for what, numbers in buckets.items():
        if numbers:
            cursor.execute(SQL[f"mark_{what}s"], {"numbers": numbers})


def hold(cursor: Cursor, time: NDArray[np.int64]) -> int | None:
    """Until the transaction of `cursor` ends, nobody sums up or closes what readings of these times change.

    Returns the horizon, epoch ms: what is older is closed, and not marked. None: nothing is.
    """
    buckets = buckets_of(time)
    while True:
        row = cursor.execute(SQL["hold"], buckets).fetchone()
        assert row is not None
        horizon = None if row[0] is None else whole_number(row[0])
        if horizon is not None:
            buckets = buckets_of(time[time >= horizon])
        if row[1] == len(buckets["minute"]) and row[2] == len(buckets["hour"]):
            return horizon
        mark(cursor, buckets)  # summed up just now, or marked too long ago to be remembered


class Summaries:
    """Sums up what is dirty, over a connection of its own. Several may do so at once."""

    def __init__(self, connection: Connection, edition: Edition, touched: Touched) -> None:
        self._connection = connection
        self._aggregates = Aggregates(connection) if edition is Edition.COMMUNITY else None
        self._touched = touched
        self._seen: dict[str, dict[int, float]] = {"minute": {}, "hour": {}}  # since when (monotonic, s), oldest first

    def sum_up(self, idle_s: float, within_s: float) -> int:
        """Sum up minutes, then hours, that are over and dirty for `idle_s` or more; how many.

        No further one after `within_s`. One that we still write to waits until that, too, is so long ago.
        """
        if self._aggregates is None:
            return self._sum_up(idle_s, within_s)
        if not self._aggregates.begin():
            return 0
        try:
            return self._sum_up(idle_s, within_s)
        finally:
            self._aggregates.end()

    def _sum_up(self, idle_s: float, within_s: float) -> int:
        until = monotonic_s() + within_s
        count = 0
        for what, seen in self._seen.items():
            self._look(what, seen)
            for number, since in list(seen.items()):
                now = monotonic_s()
                if since > now - idle_s or now > until:
                    break
                over = (number + 1) * _WIDTH_MS[what] <= now_ms()
                if not over or not self._touched.idle(what, number, idle_s):
                    continue
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
            stored = self._aggregates is not None and self._aggregates.set_aside(cursor, what, number)
            if stored:
                cursor.execute(SQL[f"{what}_is_clean"], {"number": number})
            else:
                anew(cursor, what, number)
        if stored and self._aggregates is not None:
            self._aggregates.refresh(what, number)
        return True


def anew(cursor: Cursor, what: str, number: int) -> None:
    """Sum up a minute or hour whose mark is locked in the transaction of `cursor`."""
    for statement in (f"clear_{what}", f"sum_up_{what}", f"{what}_is_clean"):
        cursor.execute(SQL[statement], {"number": number})
