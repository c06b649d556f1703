"""One file of the local log: a run of consecutive positions of one topic in an SQLite database.

It writes, reads and checks that file. Which files there are is local_files.py, when to commit local_writer.py.
Layout and reasons: docs/decisions/0004-local-log-layout.md.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.local_batch import checksum, pack, rows, unpack
from pipeline.local_sqlite import PAGE_BYTES, SQLITE_ERRORS, connect, create, damaged, fate
from pipeline.log import Entry

_CHECKPOINT_BYTES = 16 << 20  # the WAL is copied into the database at this size: ~20 ms, seldom
_CACHE_KIB = 16 << 10  # a whole commit fits, else SQLite spills it page by page (136 instead of 214 MB/s)
_ITEM_BYTES = 12  # about what an entry takes in the file beside its data

_SCHEMA = """
CREATE TABLE contents (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE batch (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, stamp INTEGER NOT NULL, crc INTEGER NOT NULL,
                    data BLOB NOT NULL) STRICT;
"""
_LAST = "SELECT last, stamp FROM batch ORDER BY first DESC LIMIT 1"
_INSERT = "INSERT INTO batch VALUES (?, ?, ?, ?, ?)"
_SET_CONTENTS = "INSERT OR REPLACE INTO contents VALUES (1, ?, ?)"
_CONTENTS = "SELECT crc, data FROM contents"
_FROM = """SELECT first, stamp, crc, data FROM batch
           WHERE first >= (SELECT coalesce(max(first), 0) FROM batch WHERE first <= ?) ORDER BY first"""

Heads = dict[str, tuple[int, int]]
"""Installation -> (first, last) position in a segment."""
_heads = msgspec.json.Decoder(Heads)


def create_segment(path: Path) -> None:
    """An empty segment at `path`. Raises sqlite3.Error."""
    create(path, _SCHEMA)


class SegmentWriter:
    """The one writing connection of a segment. After an error of `append` close it and open it anew."""

    def __init__(self, path: Path, first: int) -> None:
        """Raises ConfigError, LogDamaged, Transient."""
        self._db = connect(path, read_only=False)
        try:
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA secure_delete = OFF")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_BYTES // PAGE_BYTES}")
            self._heads, last, _ = _contents(self._db, path)
            started = self._db.execute("SELECT stamp FROM batch ORDER BY first LIMIT 1").fetchone()
            pages: int = self._db.execute("PRAGMA page_count").fetchone()[0]
        except SQLITE_ERRORS as error:
            self._db.close()
            raise fate(error, path) from error
        except Exception:
            self._db.close()
            raise
        self.next = first if last is None else last + 1
        self.started: int | None = started[0] if started else None
        self.bytes = pages * PAGE_BYTES

    def append(self, items: Sequence[tuple[str, bytes]], stamp: int) -> int:
        """One transaction, one fsync; the position of the first item, the others follow. Raises sqlite3.Error."""
        first = at = self.next
        heads = self._heads.copy()
        for position, (name, _) in enumerate(items, first):
            heads[name] = (heads[name][0] if name in heads else position, position)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for row in rows(items):
                packed = pack(row)
                last = at + len(row) - 1
                self._db.execute(_INSERT, (at, last, stamp, checksum(at, stamp, packed), packed))
                at = last + 1
            encoded = msgspec.json.encode(heads)
            self._db.execute(_SET_CONTENTS, (zlib.crc32(encoded), encoded))
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self.next, self._heads = at, heads
        self.started = stamp if self.started is None else self.started
        self.bytes += sum(len(data) + _ITEM_BYTES for _, data in items)
        return first

    def seal(self) -> None:
        """Copies all of the WAL into the file and empties it, unless a reader is in the middle of it. See `close`."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()


def in_one_file(path: Path) -> bool:
    """The segment's WAL is empty."""
    wal = path.with_name(path.name + "-wal")
    return not wal.exists() or wal.stat().st_size == 0


def seal(path: Path) -> None:
    """Does what the writer did not get to before a crash, or because a reader was in the way.

    Raises LogDamaged, Transient (a full disk: the checkpoint makes the file grow), OSError.
    """
    if not in_one_file(path):
        db = connect(path, read_only=False)
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except SQLITE_ERRORS as error:
            raise fate(error, path) from error
        finally:
            db.close()


class Contents(NamedTuple):
    """What a segment holds; `last` position and `stamp` are those of its last entry (None: empty)."""

    installations: Heads
    last: int | None
    stamp: int | None


def _contents(db: sqlite3.Connection, path: Path) -> Contents:
    db.execute("BEGIN")  # both of one moment
    row = db.execute(_CONTENTS).fetchone()
    last, stamp = db.execute(_LAST).fetchone() or (None, None)
    db.execute("COMMIT")
    if row is None and last is None:
        return Contents({}, None, None)
    if row is None or zlib.crc32(row[1]) != row[0]:
        raise damaged(path, "the table of what it contains is damaged (checksum)")
    heads = _heads.decode(row[1])
    counted = max(high for _, high in heads.values())
    if counted != last:
        raise damaged(path, f"it should end at position {counted} and ends at {last}")
    return Contents(heads, last, stamp)


class SegmentReader:
    """A read-only connection to one segment; it sees only what is durable."""

    def __init__(self, path: Path, first: int, *, complete: bool) -> None:
        """`complete`: another segment has followed, this one no longer changes."""
        self.path = path
        self.first = first
        self._db = connect(path, read_only=True, immutable=complete and in_one_file(path))

    def contents(self) -> Contents:
        """What is in it now. Raises LogDamaged when the counts and the entries disagree."""
        try:
            return _contents(self._db, self.path)
        except SQLITE_ERRORS as error:
            raise fate(error, self.path) from error

    def first_wanted(self, after: Mapping[str, int]) -> int:
        """Position of the first entry that `after` does not say is known (behind the end: all are)."""
        heads, last, _ = self.contents()
        wanted = [max(low, after.get(name, 0) + 1) for name, (low, high) in heads.items() if high > after.get(name, 0)]
        return min(wanted, default=self.first if last is None else last + 1)

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
        except SQLITE_ERRORS as error:
            raise fate(error, self.path) from error
        except (TypeError, struct.error) as error:  # a column is not of its type
            raise damaged(self.path, f"the entries from position {at} on are damaged ({error})") from error
        return entries, at, True

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()
