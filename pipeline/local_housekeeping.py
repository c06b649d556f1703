"""What the local log does beside appending and reading: trimming, claims, ballast, room on the disk.

It chooses nothing to delete itself (local_trim.py does). Everything here blocks and runs in threads.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipeline.ballast import Ballast
from pipeline.errors import Transient
from pipeline.local_catalogue import Catalogue, ClaimKey, Trimmed
from pipeline.local_files import TopicFiles
from pipeline.local_segment import SegmentReader, seal
from pipeline.local_sqlite import PAGE_BYTES, fate
from pipeline.local_trim import KEEP_ALARM, KEEP_PLANT, Keep, Sealed, choose
from pipeline.log import ALARM, PLANT
from pipeline.model import SYSTEM

_log = structlog.get_logger()
_BALLAST = "ballast"


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of the log is kept. The three sizes are cut to a fraction of the disk where it is small.

    Below `floor_bytes` of free space (at most 1/20 of the disk) the claims of the owners in `give_up` no longer
    hold. The ballast is at most 1/20 of the disk, a segment (what is deleted at a time) at most 1/100.
    """

    plant: Keep = KEEP_PLANT
    alarm: Keep = KEEP_ALARM
    floor_bytes: int = 1 << 30
    ballast_bytes: int = 64 << 20
    segment_bytes: int = 256 << 20
    give_up: tuple[str, ...] = ("historian",)

    def on_disk(self, folder: Path) -> Retention:
        """The same for the disk that holds `folder`."""
        disk = os.statvfs(folder)
        total = disk.f_blocks * disk.f_frsize
        return Retention(
            self.plant,
            self.alarm,
            min(self.floor_bytes, total // 20),
            min(self.ballast_bytes, total // 20),
            min(self.segment_bytes, max(total // 100, 16 * PAGE_BYTES)),
            self.give_up,
        )


def free_bytes(folder: Path) -> int:
    """What this process may still write on the disk that holds `folder`."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def make_room_to_open(folder: Path, ballast_bytes: int) -> None:
    """Gives an earlier run's ballast back when the disk is so full that the databases could not be opened."""
    if free_bytes(folder) < ballast_bytes // 16 and Ballast(folder / _BALLAST, ballast_bytes).release():
        _log.critical("the disk is full: the ballast is given up", folder=str(folder))


class Housekeeping:
    """State shared between the writers' threads, the claims and the pass that trims; one per open log."""

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        files: Mapping[str, TopicFiles],
        retention: Retention,
        on_trimmed: Callable[[Trimmed], object],
    ) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._files = files
        self._retention = retention
        self._on_trimmed = on_trimmed
        self.floor_bytes = retention.floor_bytes
        self.ballast = Ballast(folder / _BALLAST, retention.ballast_bytes)
        self._lock = threading.Lock()
        self._one_pass = threading.Lock()
        self._claims = catalogue.claims()
        self._unsaved: set[ClaimKey] = set()
        self._sealed: dict[tuple[str, int], Sealed] = {}
        self.holes = sum(trimmed.forced for trimmed in catalogue.trimmed())
        self.last_error: str | None = None

    def make_room(self, error: Exception) -> bool:
        """Called by a writer that could not write: gives the ballast back if room is what it lacks."""
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if not full and free_bytes(self._folder) > self._retention.ballast_bytes:
            return False
        if self.ballast.release():
            _log.critical("the disk is full: the ballast is given up", folder=str(self._folder), error=str(error))
            return True
        return free_bytes(self._folder) > self._retention.ballast_bytes // 16  # the other writer released it just now

    def closed_to(self, topic: str, installations: Iterable[str]) -> bool:
        """The ballast is gone and too little of its room is left for such entries.

        The last quarter is for alarms and hazardwatch's own readings, the last sixteenth for trimming to be noted.
        """
        if self.ballast.present():
            return False
        matters = topic == ALARM or all(installation == SYSTEM for installation in installations)
        return free_bytes(self._folder) < self._retention.ballast_bytes // (16 if matters else 4)

    def claim(self, key: ClaimKey, position: int) -> None:
        """Remembers it; a new owner's first claim is saved at once, later ones by the next `keep`."""
        with self._lock:
            first = key not in self._claims
            self._claims[key] = position
            self._unsaved.add(key)
        if first:
            self.save_claims()

    def save_claims(self) -> None:
        """Raises Transient; the claims then stay unsaved and count all the same."""
        with self._lock:
            changed = [(key, self._claims[key]) for key in sorted(self._unsaved)]
            self._unsaved.clear()
        try:
            if changed:
                self._catalogue.save_claims(changed)
        except Transient:
            with self._lock:
                self._unsaved.update(key for key, _ in changed)
            raise

    def keep(self, now: int) -> list[Trimmed]:
        """One pass: saves claims, trims both topics, renews the ballast. Raises Transient, LogDamaged, OSError."""
        with self._one_pass:
            self.save_claims()
            done = self._trim(PLANT, self._retention.plant, now) + self._trim(ALARM, self._retention.alarm, now)
            self.renew_ballast()
            return done

    def renew_ballast(self) -> None:
        """Makes it when it is missing and there is twice the room for it above the floor. Raises OSError."""
        wanted = self._retention.floor_bytes + 2 * self._retention.ballast_bytes
        if not self.ballast.present() and free_bytes(self._folder) > wanted:
            self.ballast.make()

    def _trim(self, topic: str, keep: Keep, now: int) -> list[Trimmed]:
        firsts = self._files[topic].firsts()
        sealed = [self._contents(topic, first) for first in firsts[:-1]]
        with self._lock:
            claims = {(owner, i): position for (t, owner, i), position in self._claims.items() if t == topic}
        short = self._retention.floor_bytes - free_bytes(self._folder)
        drops = choose(sealed, claims, keep, now=now, short_bytes=short, give_up=self._retention.give_up)
        done = []
        for drop, oldest in zip(drops, firsts[1:], strict=False):
            records = drop.records(topic, now)
            self._catalogue.save_trim(topic, oldest, records)
            self._files[topic].remove(drop.segment.first)
            del self._sealed[topic, drop.segment.first]
            _log.info("a log segment was trimmed", topic=topic, first=drop.segment.first, reason=drop.reason)
            for record in records:
                self.holes += record.forced
                self._on_trimmed(record)
            done += records
        return done

    def _contents(self, topic: str, first: int) -> Sealed:
        """Of a complete segment; it no longer changes, so it is read once."""
        if (topic, first) not in self._sealed:
            path = self._files[topic].path(first)
            try:
                seal(path)
            except sqlite3.Error as error:
                raise fate(error, path) from error
            reader = SegmentReader(path, first, complete=True)
            try:
                contents = reader.contents()
            finally:
                reader.close()
            stamp = contents.stamp or 0
            self._sealed[topic, first] = Sealed(first, contents.installations, stamp, path.stat().st_size)
        return self._sealed[topic, first]
