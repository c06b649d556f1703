"""One file of the local log: a run of consecutive positions of one topic in an SQLite database.

It writes, reads and checks that file. Which files there are is local_files.py, when to commit local_writer.py.
Layout and reasons: docs/decisions/local-log-layout.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pipeline.errors import ConfigError, Permanent, Transient
from pipeline.local_batch import checksum, pack, rows, unpack
from pipeline.log import Entry

SCHEMA_VERSION = 1
PAGE_BYTES = 16384
_CHECKPOINT_BYTES = 16 << 20  # the WAL is copied into the database at this size: ~20 ms, seldom
_CACHE_KIB = 16 << 10  # a whole commit fits, else SQLite spills it page by page (136 instead of 214 MB/s)
_ITEM_BYTES = 12  # about what an entry takes in the file beside its data

_SCHEMA = """
CREATE TABLE installation (name TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE batch (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, stamp INTEGER NOT NULL, crc INTEGER NOT NULL,
                    data BLOB NOT NULL) STRICT;
"""
_LAST = "SELECT last, stamp FROM batch ORDER BY first DESC LIMIT 1"
_INSERT = "INSERT INTO batch VALUES (?, ?, ?, ?, ?)"
_HEAD = "INSERT INTO installation VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last"
_HEADS = "SELECT name, first, last FROM installation"
_FROM = """SELECT first, stamp, crc, data FROM batch
           WHERE first >= (SELECT coalesce(max(first), 0) FROM batch WHERE first <= ?) ORDER BY first"""


class LogDamaged(Permanent):
    """A file of the log is not what was written; the text names it and says what to do."""


def damaged(path: Path, what: str) -> LogDamaged:
    """The error for a damaged file at `path`."""
    return LogDamaged(
        f"{path}: {what}. The record is not whole. Keep a copy of the folder, look at the disk, and restore this "
        "file from a backup; or move the whole folder away to begin a new log (what it held is then not judged again)."
    )


def fate(error: sqlite3.Error, path: Path) -> Exception:
    """The project's error for what SQLite said about `path`."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path, f"the file is damaged ({error})")
    if code == sqlite3.SQLITE_FULL:
        return Transient(f"{path}: the disk is full; nothing was written, make room")
    if isinstance(error, sqlite3.OperationalError):
        return Transient(f"{path}: {error}; nothing was written")
    return error


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit. Raises ConfigError for a newer schema, LogDamaged, Transient."""
    mode = "ro" if read_only else "rw"
    try:
        db = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=10
        )
        try:
            _check_version(path, db.execute("PRAGMA user_version").fetchone()[0])
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
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


def create_segment(path: Path) -> None:
    """An empty segment at `path`. Raises sqlite3.Error."""
    create(path, _SCHEMA)


class SegmentWriter:
    """The one writing connection of a segment. Methods raise sqlite3.Error; after one, close it and open anew."""

    def __init__(self, path: Path, first: int) -> None:
        self._path = path
        self._db = connect(path, read_only=False)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = OFF")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_BYTES // PAGE_BYTES}")
        last = self._db.execute(_LAST).fetchone()
        self.next: int = last[0] + 1 if last else first
        started = self._db.execute("SELECT stamp FROM batch ORDER BY first LIMIT 1").fetchone()
        self.started: int | None = started[0] if started else None
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        self.bytes: int = pages * PAGE_BYTES

    def append(self, items: Sequence[tuple[str, bytes]], stamp: int) -> int:
        """One transaction, one fsync; returns the position of the first item, the others follow it."""
        first = at = self.next
        heads: dict[str, tuple[int, int]] = {}
        for position, (name, _) in enumerate(items, first):
            heads[name] = (heads[name][0] if name in heads else position, position)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for row in rows(items):
                packed = pack(row)
                last = at + len(row) - 1
                self._db.execute(_INSERT, (at, last, stamp, checksum(at, stamp, packed), packed))
                at = last + 1
            for name, (low, high) in heads.items():
                self._db.execute(_HEAD, (name, low, high))
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self.next = at
        self.started = stamp if self.started is None else self.started
        self.bytes += sum(len(data) + _ITEM_BYTES for _, data in items)
        return first

    def close(self) -> None:
        """Also copies the WAL into the file where no reader holds it."""
        self._db.close()


class Contents(NamedTuple):
    """What a segment holds: installation -> (first, last) position; the stamp of its last entry (None: empty)."""

    installations: dict[str, tuple[int, int]]
    last_stamp: int | None


class SegmentReader:
    """A read-only connection to one segment; it sees only what is durable."""

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        self.first = first
        self._db = connect(path, read_only=True)

    def contents(self) -> Contents:
        """What is in it now. Raises LogDamaged when the counts and the entries disagree."""
        try:
            self._db.execute("BEGIN")
            heads = {name: (low, high) for name, low, high in self._db.execute(_HEADS)}
            row = self._db.execute(_LAST).fetchone()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise fate(error, self.path) from error
        counted = max((high for _, high in heads.values()), default=None)
        if counted != (row and row[0]):
            raise damaged(self.path, f"it should end at position {counted} and ends at {row and row[0]}")
        return Contents(heads, row and row[1])

    def first_wanted(self, after: Mapping[str, int]) -> int:
        """Position of the first entry that `after` does not say is known (behind the end: all are)."""
        heads = self.contents().installations
        wanted = [max(low, after.get(name, 0) + 1) for name, (low, high) in heads.items() if high > after.get(name, 0)]
        return min(wanted, default=max((high + 1 for _, high in heads.values()), default=self.first))

    def entry(self, position: int) -> Entry:
        """The entry at `position`, which must be there."""
        entries, _, _ = self.read(position, {}, 1)
        if not entries or entries[0].position != position:
            raise damaged(self.path, f"the entry at position {position} is missing")
        return entries[0]

    def read(self, start: int, after: Mapping[str, int], max_bytes: int) -> tuple[list[Entry], int, bool]:
        """Entries from position `start` on without those `after` says are known, until `max_bytes` are exceeded.

        Returns them, the position to go on from, and whether the end of the segment as it is now was reached.
        Raises LogDamaged for a gap or a wrong checksum, Transient.
        """
        entries: list[Entry] = []
        at, room = start, max_bytes
        try:
            batches = self._db.execute(_FROM, (start,))
            try:
                for first, stamp, crc, packed in batches:
                    if first > at:
                        raise damaged(self.path, f"positions {at} to {first - 1} are missing")
                    if checksum(first, stamp, packed) != crc:
                        raise damaged(self.path, f"the entries from position {first} on are damaged (checksum)")
                    found, behind = unpack(first, stamp, packed, at, after)
                    entries += found
                    at = max(at, behind)
                    room -= len(packed) if found else 0
                    if room <= 0:
                        return entries, at, False
            finally:
                batches.close()  # ends the read transaction: the writer can reuse the WAL
        except sqlite3.Error as error:
            raise fate(error, self.path) from error
        return entries, at, True

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()
