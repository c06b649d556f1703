"""Brings a database to this version: the numbered files of migrations/, once each, under a lock; then the rights.

It knows no tables but its own list, and refuses a database that belongs to another site or a later version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import LiteralString

import psycopg
import structlog

from historian import named_sql
from pipeline.errors import ConfigError

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_SQL = named_sql.load("migrate.sql")
_log = structlog.get_logger(__name__)
_BY_EDITION = 3
"""Not run any more, only noted: historian.edition does what it did, also for a server that did not load the library."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `digest` tells whether it is still the file that was applied."""

    number: int
    name: str
    sql: LiteralString

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """All of them, in order. Raises ValueError for a gap in the numbers or a stray file."""
    found = []
    for file in (files("historian") / "migrations").iterdir():
        matched = _NAME.fullmatch(file.name)
        if matched is None:
            raise ValueError(f"{file.name} is no migration (NNNN_name.sql)")
        found.append(Migration(int(matched[1]), file.name, file.read_text(encoding="utf-8")))
    found.sort(key=lambda one: one.number)
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise ValueError("the migrations' numbers have a gap or a double")
    return found


def migrate(
    connection: psycopg.Connection[tuple[object, ...]], site: str, then: Callable[[], object] = lambda: None
) -> None:
    """Bring the database of this (autocommit) connection up to date for this site. Safe to repeat and to race.

    `then` does what more the tables need, under the same lock; the rights are given after it.

    Raises ConfigError when the database holds another site, was made by a later version, or a migration
    that was applied has been changed since.
    """
    connection.execute(_SQL["lock"])
    try:
        connection.execute(_SQL["own_schema"])
        connection.execute(_SQL["own_table"])
        known = migrations()
        applied = {int(str(row[0])): (str(row[1]), str(row[2])) for row in connection.execute(_SQL["applied"])}
        _check(known, applied)
        for one in known:
            if one.number not in applied:
                _apply(connection, one)
        _claim_for(connection, site)
        then()
        connection.execute(_SQL["grant_reader"])
    finally:
        if not connection.closed:
            connection.execute(_SQL["unlock"])


def _check(known: Sequence[Migration], applied: dict[int, tuple[str, str]]) -> None:
    later = sorted(set(applied) - {one.number for one in known})
    if later:
        name = applied[later[-1]][0]
        raise ConfigError(f"the database was made by a later version of hazardwatch (it has {name}); run that version")
    for one in known:
        if one.number in applied and applied[one.number][1] != one.digest:
            raise ConfigError(f"{one.name} is not the file that was applied to this database; it must never change")


def _apply(connection: psycopg.Connection[tuple[object, ...]], one: Migration) -> None:
    with connection.transaction():
        if one.number != _BY_EDITION:
            connection.execute(one.sql)
        connection.execute(_SQL["record"], {"number": one.number, "name": one.name, "digest": one.digest})
    _log.info("database migrated", migration=one.name)


def _claim_for(connection: psycopg.Connection[tuple[object, ...]], site: str) -> None:
    connection.execute(_SQL["claim_for_site"], {"site": site})
    row = connection.execute(_SQL["site"]).fetchone()
    if row is None or row[0] != site:
        raise ConfigError(
            f"this database holds the site '{row[0] if row else '?'}', not '{site}'; one database holds one site: "
            "give another one"
        )
