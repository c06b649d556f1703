"""Opening and making the local log's SQLite databases, and what becomes of SQLite's errors.

It knows no tables; those are in local_segment.py and local_catalogue.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from pipeline.errors import ConfigError, Permanent, Transient

SCHEMA_VERSION = 1
PAGE_BYTES = 16384
_MAY_PASS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What reading and writing raises; the second where the bytes of a damaged file stand in SQLite's own message."""


class LogDamaged(Permanent):
    """A file of the log is not what was written; the text names it and says what to do."""


def damaged(path: Path, what: str) -> LogDamaged:
    """The error for a damaged file at `path`."""
    return LogDamaged(
        f"{path}: {what}. The record is not whole. Keep a copy of the folder, look at the disk, and restore this "
        "file from a backup; or move the whole folder away to begin a new log (what it held is then not judged again)."
    )


def fate(error: Exception, path: Path) -> Exception:
    """The project's error for what SQLite or the operating system said about `path`; others stay as they are."""
    if isinstance(error, OSError):
        return Transient(f"{path}: {error}; nothing was written")
    if isinstance(error, UnicodeDecodeError):
        return damaged(path, "the file is damaged (its table names are not text)")
    if not isinstance(error, sqlite3.Error) or isinstance(error, sqlite3.ProgrammingError):
        return error
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Transient(f"{path}: the disk is full; nothing was written, make room")
    if code in _MAY_PASS:
        return Transient(f"{path}: {error}; nothing was written")
    return damaged(path, f"the file is damaged ({error})")


def connect(path: Path, *, read_only: bool, immutable: bool = False) -> sqlite3.Connection:
    """A connection in autocommit. Raises ConfigError for a newer schema, LogDamaged, Transient.

    `immutable`: nobody writes the file any more and its WAL is empty. Opening then writes nothing beside it (any
    other reader of a WAL database does), which matters when the disk is full.
    """
    mode = "immutable=1" if immutable else "mode=ro" if read_only else "mode=rw"
    try:
        db = sqlite3.connect(
            f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=1
        )
        try:
            _check_version(path, db.execute("PRAGMA user_version").fetchone()[0])
        except BaseException:
            db.close()
            raise
    except SQLITE_ERRORS as error:
        raise fate(error, path) from error
    return db


def _check_version(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise ConfigError(
            f"{path} was written by a newer hazardwatch (layout {version}; this one knows {SCHEMA_VERSION}): "
            "run that version"
        )
    if version < 1:
        raise damaged(path, "the file is empty or was never finished")


def create(path: Path, schema: str, fill: str = "", rows: Sequence[tuple[object, ...]] = ()) -> None:
    """An empty database at `path`, whole or not there at all. Raises sqlite3.Error."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(f"BEGIN;{schema}PRAGMA user_version = {SCHEMA_VERSION};")
        if fill:
            db.executemany(fill, rows)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
    finally:
        db.close()
