"""What the server has beside PostgreSQL itself, and the big table made fit for it, at each start.

TimescaleDB may come to a database that was in use without it, so this is no numbered migration. It writes no readings.
"""

from __future__ import annotations

from enum import Enum

import structlog
from psycopg import errors

from historian import aggregates, named_sql
from historian.database import Connection
from pipeline.site import Site

_SQL = named_sql.load("edition.sql")
_log = structlog.get_logger(__name__)
_CHUNK_ROWS = 100_000_000
"""About 9 GB with its index: one chunk's index of time stays in the memory of a server of that size."""
_HOURS = (24, 12, 6, 3, 2, 1)


class Edition(Enum):
    """PLAIN: PostgreSQL alone. APACHE: TimescaleDB's hypertables. COMMUNITY: its columnstore too."""

    PLAIN = "PostgreSQL"
    APACHE = "TimescaleDB Apache edition"
    COMMUNITY = "TimescaleDB Community edition"


def settle_edition(connection: Connection, site: Site) -> Edition:
    """Make use of what the server has; safe to repeat. The connection is in autocommit."""
    if not _has_timescale(connection):
        return Edition.PLAIN
    connection.execute(_SQL["find_functions"])
    row = connection.execute(_SQL["is_hypertable"]).fetchone()
    if row is None:
        _log.warning("the readings become a hypertable; with much of them this takes its time")
        connection.execute(_SQL["make_hypertable"])
    hours = chunk_hours(readings_per_s(site))
    if row is None or row[0] != hours:
        connection.execute(_SQL["chunk_length"], {"hours": hours})
    licence = connection.execute(_SQL["licence"]).fetchone()
    if licence != ("timescale",):
        return Edition.APACHE
    with connection.transaction():
        if connection.execute(_SQL["is_columnstore"]).fetchone() is None:
            connection.execute(_SQL["make_columnstore"])
            connection.execute(_SQL["compress_later"])
    aggregates.make(connection)
    return Edition.COMMUNITY


def readings_per_s(site: Site) -> float:
    """How many the site sends when all is well; a point that does not say how often counts as once a second."""
    points = (point for installation in site.installations for point in installation.points if point.enabled)
    return sum(1000 / (point.period_ms or 1000) for point in points)


def chunk_hours(rate: float) -> int:
    """The longest chunk that stays below _CHUNK_ROWS at this many readings a second, from a day down to an hour."""
    return next((hours for hours in _HOURS if rate * 3600 * hours <= _CHUNK_ROWS), _HOURS[-1])


def _has_timescale(connection: Connection) -> bool:
    row = connection.execute(_SQL["timescale"]).fetchone()
    assert row is not None
    installed, loaded = row
    if installed or not loaded:
        return bool(installed)
    try:
        connection.execute(_SQL["make_extension"])
    except errors.InsufficientPrivilege:
        _log.warning(
            "the server has TimescaleDB, but this role may not add it to the database: readings stay a plain table; "
            "let a superuser say: create extension timescaledb"
        )
        return False
    return True
