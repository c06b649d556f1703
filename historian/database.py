"""A connection to the history's database, and its errors told apart: what may pass, and what will not.

Blocking. It knows no tables and does not try again.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import conninfo, errors

from pipeline.errors import ConfigError, Permanent, Transient

Connection = psycopg.Connection[tuple[object, ...]]
Cursor = psycopg.Cursor[tuple[object, ...]]

_SECRET = ("password", "sslpassword")
_READ_ONLY = "-c default_transaction_read_only=on"
# The server or the way to it is ill; or our tables were dropped, and connecting anew makes them again.
_PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.UndefinedTable,
    errors.InvalidSchemaName,
    errors.InternalError_,  # "could not open relation with OID", where one was dropped in the midst of it
)


@contextmanager
def told_apart() -> Iterator[None]:
    """Psycopg's errors as what may pass (Transient) and what will not (Permanent)."""
    try:
        yield
    except _PASSING as error:
        raise Transient(str(error).strip()) from error
    except psycopg.Error as error:
        raise Permanent(f"the database refused what the historian wrote: {str(error).strip()}") from error


def connect(dsn: str, name: str) -> Connection:
    """An autocommit connection; `name` is what the server's list of connections shows."""
    return psycopg.connect(
        dsn,
        autocommit=True,
        connect_timeout=10,
        application_name=name,
        keepalives_idle=15,
        keepalives_interval=5,
        keepalives_count=3,
    )


def cut_off(connection: Connection) -> None:
    """From any thread: whoever waits for the database's answer gets a lost connection instead."""
    with (
        suppress(psycopg.OperationalError, OSError),  # it is closed already
        # A copy of the handle; the family does not matter for what is done with it.
        socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as link,
    ):
        link.shutdown(socket.SHUT_RDWR)


def check_dsn(dsn: str) -> None:
    """Raises ConfigError for a connection string that libpq cannot read; its own words would quote a password in it."""
    try:
        conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise ConfigError(
            "the database's connection string (--dsn, HAZARDWATCH_DSN) is none: "
            "expected postgresql://user@host:port/database or 'host=... user=... dbname=...'"
        ) from None


def for_reading(dsn: str) -> str:
    """The same database for people, who have passwords of their own (PGPASSWORD, .pgpass); it refuses to be written."""
    parts = conninfo.conninfo_to_dict(dsn)
    kept = {name: value for name, value in parts.items() if name not in _SECRET}
    kept["options"] = f"{kept.get('options') or ''} {_READ_ONLY}".strip()
    return conninfo.make_conninfo("", **kept)


def whole_number(value: object) -> int:
    """A column of an integer type."""
    assert isinstance(value, int)
    return value
