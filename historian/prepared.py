"""A connection to a database that is up to date: migrated, and made fit for its edition. It does not try again."""

from __future__ import annotations

from historian import database, named_sql
from historian.database import Connection, told_apart
from historian.edition import Edition, settle_edition
from historian.migrate import migrate
from pipeline.site import Site

_SQL = named_sql.load("statements.sql")


def open_prepared(dsn: str, name: str, site: Site) -> tuple[Connection, Edition]:
    """Raises Transient, Permanent, and ConfigError for a database of another site or version."""
    found: list[Edition] = []
    with told_apart():
        connection = database.connect(dsn, f"hazardwatch historian {name}")
        try:
            migrate(connection, site.id, then=lambda: found.append(settle_edition(connection, site)))
            connection.execute(_SQL["session_settings"])
        except BaseException:
            connection.close()
            raise
    return connection, found[0]
