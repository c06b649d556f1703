"""Beside the writing, over a connection of its own: summaries are made, and what was kept long enough is deleted.

Blocking; used from one thread at a time; several historians may do so at once. It writes no readings.
"""

from __future__ import annotations

from historian import database
from historian.database import Connection, told_apart
from historian.edition import Edition
from historian.prepared import open_prepared
from historian.retention import Retention
from historian.summaries import Summaries, Touched
from pipeline.clock import monotonic_s
from pipeline.site import Site

_IDLE_S = 20.0  # a minute (hour) dirty for this long is summed up
_AT_ONCE_S = 1.0
_FORGET_S = 60.0  # so often it is looked whether there is something to delete


class Upkeep:
    """One life of a connection."""

    def __init__(self, connection: Connection, edition: Edition, site: Site, touched: Touched) -> None:
        self._connection = connection
        self.summaries = Summaries(connection, edition, touched)
        self.retention = Retention(connection, edition, site.history)
        self._look_at = monotonic_s()

    @classmethod
    def open(cls, dsn: str, site: Site, touched: Touched) -> Upkeep:
        """Connect, bring the schema up to date. Raises Transient, Permanent, ConfigError (another site)."""
        connection, edition = open_prepared(dsn, "upkeep", site)
        return cls(connection, edition, site, touched)

    def turn(self) -> bool:
        """Do what is due, as much as a moment allows; whether something is left to do."""
        with told_apart():
            left = self.retention.add_late()
            left |= self.summaries.sum_up(_IDLE_S, _AT_ONCE_S) > 0
            if monotonic_s() >= self._look_at:
                more = self.retention.forget(_AT_ONCE_S)
                left |= more
                self._look_at = monotonic_s() + (0.0 if more else _FORGET_S)
        return left

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def cut_off(self) -> None:
        """See historian.database."""
        database.cut_off(self._connection)
