"""The local log's small database log.db: which segments there should be, claims, and what was trimmed.

It decides nothing. All methods may be called from any thread.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.local_files import delete_database, sync_folder
from pipeline.local_sqlite import PAGE_BYTES, SQLITE_ERRORS, connect, create, damaged, fate
from pipeline.log import ALARM, PLANT

_SCHEMA = """
CREATE TABLE topic (name TEXT PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
                    crc INTEGER NOT NULL) STRICT;
CREATE TABLE claim (topic TEXT, owner TEXT, installation TEXT, position INTEGER NOT NULL, crc INTEGER NOT NULL,
                    PRIMARY KEY (topic, owner, installation)) STRICT;
CREATE TABLE trimmed (topic TEXT NOT NULL, installation TEXT NOT NULL, from_position INTEGER NOT NULL,
                      to_position INTEGER NOT NULL, forced INTEGER NOT NULL, owner TEXT NOT NULL,
                      stamp INTEGER NOT NULL) STRICT;
CREATE TABLE room (data BLOB) STRICT;
"""

_ROOM_BYTES = 1 << 20
"""Written once at opening: file and WAL keep that size, so trimming can be noted on a disk that is quite full."""
_SET_SPAN = "INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?)"
_SET_CLAIM = "INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?, ?)"
_GROW = "UPDATE trimmed SET to_position = ?, stamp = ? WHERE topic = ? AND installation = ? AND NOT forced"

ClaimKey = tuple[str, str, str]
"""Topic, owner, installation."""


def _checksum(*values: str | int) -> int:
    return zlib.crc32(repr(values).encode())


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Entries of one installation that were deleted, both positions included.

    `forced`: `owner` had not read them yet and has a hole there; else `owner` is "". `stamp`: when, epoch ms.
    """

    topic: str
    installation: str
    from_position: int
    to_position: int
    forced: bool
    owner: str
    stamp: int


class Catalogue:
    """log.db in `folder`. Errors of the disk come out as Transient, LogDamaged."""

    def __init__(self, folder: Path, *, read_only: bool) -> None:
        self._path = folder / "log.db"
        self._lock = threading.Lock()
        self._spans = threading.Lock()  # from reading a span to writing it
        if not self._path.exists():
            if read_only:
                raise ConfigError(f"{folder}: there is no log here")
            if list(folder.glob("*-[0-9]*.db")):
                raise damaged(self._path, "the file is missing, but files of a log are there")
            self._create(folder)
        self._db = connect(self._path, read_only=read_only)
        if not read_only:
            with self._guarded() as db:
                db.execute("PRAGMA synchronous = FULL")
                db.execute(f"PRAGMA wal_autocheckpoint = {_ROOM_BYTES // PAGE_BYTES // 2}")
                db.execute("INSERT INTO room VALUES (zeroblob(?))", (_ROOM_BYTES,))
                db.execute("DELETE FROM room")

    def _create(self, folder: Path) -> None:
        new = self._path.with_suffix(".new")
        delete_database(new)
        try:
            create(new, _SCHEMA, _SET_SPAN, [(t, 1, 0, _checksum(t, 1, 0)) for t in (PLANT, ALARM)])
        except SQLITE_ERRORS as error:
            delete_database(new)
            raise fate(error, self._path) from error
        new.rename(self._path)
        sync_folder(folder)

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """One thread at a time; a failed transaction leaves nothing behind."""
        with self._lock:
            try:
                yield self._db
            except SQLITE_ERRORS as error:
                raise fate(error, self._path) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def span(self, topic: str) -> tuple[int, int]:
        """First positions of the oldest and of the newest segment (0: none yet)."""
        with self._guarded() as db:
            row = db.execute("SELECT oldest, newest, crc FROM topic WHERE name = ?", (topic,)).fetchone()
        if row is None or row[2] != _checksum(topic, row[0], row[1]):
            raise damaged(self._path, f"what it says of the topic {topic} is damaged")
        return row[0], row[1]

    def begun(self, topic: str, first: int) -> None:
        """A new segment stands. Call only once its file is durable."""
        with self._spans:
            oldest, _ = self.span(topic)
            with self._guarded() as db:
                db.execute(_SET_SPAN, (topic, oldest, first, _checksum(topic, oldest, first)))

    def claims(self) -> dict[ClaimKey, int]:
        """All claims as last saved."""
        with self._guarded() as db:
            rows = db.execute("SELECT * FROM claim").fetchall()
        for *claim, crc in rows:
            if crc != _checksum(*claim):
                raise damaged(self._path, f"the claim {claim} is damaged")
        return {(t, o, i): p for t, o, i, p, _ in rows}

    def save_claims(self, claims: Sequence[tuple[ClaimKey, int]]) -> None:
        """Sets these claims."""
        with self._guarded() as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(_SET_CLAIM, [(*key, p, _checksum(*key, p)) for key, p in claims])
            db.execute("COMMIT")

    def save_trim(self, topic: str, oldest: int, trimmed: Sequence[Trimmed]) -> None:
        """Everything before `oldest` is given up. Call before the file is deleted: a restart finishes the deletion.

        Holes are kept one by one; ordinary trimming is one row per installation that grows.
        """
        with self._spans:
            _, newest = self.span(topic)
            with self._guarded() as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(_SET_SPAN, (topic, oldest, newest, _checksum(topic, oldest, newest)))
                for t in trimmed:
                    if not t.forced and db.execute(_GROW, (t.to_position, t.stamp, t.topic, t.installation)).rowcount:
                        continue
                    row = (t.topic, t.installation, t.from_position, t.to_position, t.forced, t.owner, t.stamp)
                    db.execute("INSERT INTO trimmed VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                db.execute("COMMIT")

    def trimmed(self) -> list[Trimmed]:
        """All that was ever trimmed, oldest first."""
        with self._guarded() as db:
            rows = db.execute("SELECT * FROM trimmed ORDER BY rowid").fetchall()
        return [Trimmed(t, i, low, high, bool(forced), owner, stamp) for t, i, low, high, forced, owner, stamp in rows]

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._db.close()
