"""Which segment files of a topic there are, and who may write them.

A segment's name carries its first position, so the files of a topic chain up; a missing one shows. This module
reads no entries and deletes only what local_trim.py decided.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from pipeline.errors import ConfigError
from pipeline.local_segment import create_segment
from pipeline.local_sqlite import SQLITE_ERRORS, damaged, fate

_LOCK = "writer.lock"


def sync_folder(folder: Path) -> None:
    """Makes the creations, renames and deletions in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(folder: Path) -> IO[str]:
    """Holds the folder for one writing process until the file is closed. Raises ConfigError naming the holder."""
    file = (folder / _LOCK).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise ConfigError(
            f"{folder} is in use by another hazardwatch (process {holder}); end it first, or choose another folder"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def delete_database(path: Path) -> None:
    """Removes an SQLite database and what lies beside it, the database itself first."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


class TopicFiles:
    """The segments of one topic. `writing`: this process is the only one that adds or removes any."""

    def __init__(self, folder: Path, topic: str, *, writing: bool) -> None:
        self._folder = folder
        self._topic = topic
        self._writing = writing
        self._lock = threading.Lock()  # the writer adds, housekeeping removes
        self._firsts = self._scan()

    def _scan(self) -> tuple[int, ...]:
        return tuple(
            sorted(int(p.stem.rsplit("-", 1)[1]) for p in self._folder.glob(f"{self._topic}-{'[0-9]' * 20}.db"))
        )

    def path(self, first: int) -> Path:
        """The file of the segment that begins at position `first`."""
        return self._folder / f"{self._topic}-{first:020d}.db"

    def firsts(self) -> tuple[int, ...]:
        """First positions of all segments, rising. Safe to call from any thread."""
        return self._firsts if self._writing else self._scan()

    def create(self, first: int) -> None:
        """Adds an empty segment; after a crash it is there whole or not at all. Raises sqlite3.Error, OSError."""
        path = self.path(first)
        new = path.with_suffix(".new")
        delete_database(new)
        try:
            create_segment(new)
            new.rename(path)
            sync_folder(self._folder)
        finally:
            delete_database(new)
        with self._lock:
            self._firsts = (*self._firsts, first)

    def remove(self, first: int) -> None:
        """Deletes the oldest segment, `first`. Raises OSError."""
        assert self._firsts[0] == first, "segments are removed oldest first"
        with self._lock:
            self._firsts = self._firsts[1:]
        delete_database(self.path(first))

    def settle(self, oldest: int, newest: int) -> int:
        """Brings the files in line with the catalogue after a crash; returns the newest segment's first position.

        `oldest`, `newest` (0: none yet) are the catalogue's. Files before `oldest` are a trimming that was cut off,
        one behind `newest` a segment just begun. Raises ConfigError, LogDamaged, Transient.
        """
        while self._firsts and self._firsts[0] < oldest:
            self.remove(self._firsts[0])
        if not self._firsts and newest == 0:
            try:
                self.create(1)
            except SQLITE_ERRORS as error:
                raise fate(error, self.path(1)) from error
        self.check(oldest, newest)
        return self._firsts[-1]

    def check(self, oldest: int, newest: int) -> None:
        """Raises LogDamaged when a segment is missing at either end (the middle shows when it is read)."""
        firsts = self.firsts()
        for wanted in (oldest, newest):
            if wanted and wanted not in firsts:
                raise damaged(self.path(wanted), "the file is missing")
        if sum(first > newest for first in firsts) > 1:
            raise damaged(self.path(firsts[-1]), f"the catalogue ends at {newest} and does not know this file")
