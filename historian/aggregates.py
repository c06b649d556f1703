"""The Community edition's continuous aggregates behind minutes and hours, refreshed by the historian as marks tell.

Refreshing takes transactions of its own: a minute is set aside first, worked out live meanwhile, and done afterwards.
Where an aggregate cannot know all, the summary is our own (see aggregates.sql). Of one connection in autocommit.
"""

from __future__ import annotations

from historian import named_sql
from historian.database import Connection, Cursor, whole_number

_SQL = named_sql.load("aggregates.sql")


def make(connection: Connection) -> None:
    """Once for a database."""
    if connection.execute(_SQL["is_made"]).fetchone() != (True,):
        with connection.transaction():
            connection.execute(_SQL["make"])


class Aggregates:
    """One at a time of all historians is in charge, from `begin` to `end`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self) -> bool:
        """Whether we are in charge now. What somebody left half done is finished first."""
        if self._connection.execute(_SQL["have_it_all"]).fetchone() != (True,):
            return False
        for what in ("minute", "hour"):
            for (number,) in self._connection.execute(_SQL[f"refreshing_{what}s"]).fetchall():
                self.refresh(what, whole_number(number))
        return True

    def end(self) -> None:
        """Somebody else may."""
        self._connection.execute(_SQL["let_go"])

    @staticmethod
    def set_aside(cursor: Cursor, what: str, number: int) -> bool:
        """Of a minute (hour) whose mark is locked: whether the aggregate will have it; else it is to be our own."""
        given = {"number": number}
        if cursor.execute(_SQL[f"is_own_{what}"], given).fetchone() == (True,):
            make_own(cursor, what, number)
            return False
        cursor.execute(_SQL[f"set_aside_{what}"], given)
        return True

    def refresh(self, what: str, number: int) -> None:
        """What was set aside, into the aggregate."""
        self._connection.execute(_SQL[f"refresh_{what}"], {"number": number})
        self._connection.execute(_SQL[f"refreshed_{what}"], {"number": number})


def adopt_late(cursor: Cursor) -> None:
    """Before late readings are added to closed minutes and hours: those become our own, with what the aggregate has."""
    for what in ("minute", "hour"):
        cursor.execute(_SQL[f"adopt_{what}s"])


def make_own(cursor: Cursor, what: str, number: int) -> None:
    """From now on our own summary of this minute (hour) counts."""
    cursor.execute(_SQL[f"make_own_{what}"], {"number": number})


def take_back(cursor: Cursor, before: int) -> None:
    """What is not refreshed yet before this time (ms) is dirty again."""
    for what in ("minute", "hour"):
        cursor.execute(_SQL[f"take_back_{what}s"], {"before": before})


def forget_minutes(cursor: Cursor, before: int) -> int:
    """Chunks of minutes that end before this time (ms) go; how many."""
    cursor.execute(_SQL["forget_own_minutes"], {"before": before})
    return len(cursor.execute(_SQL["forget_minutes"], {"before": before}).fetchall())
