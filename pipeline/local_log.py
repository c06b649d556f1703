"""The log of the embedded mode: the pipeline.log.Log port over SQLite files in one folder.

This is the composition; writing, reading, trimming and snapshots are in the local_*.py beside it. It interprets
no record. Layout and measured reasons: docs/decisions/0004-local-log-layout.md.
"""

from __future__ import annotations

import asyncio
import sqlite3
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import structlog

from pipeline import clock
from pipeline.errors import ConfigError, Transient
from pipeline.local_catalogue import Catalogue, Trimmed
from pipeline.local_files import TopicFiles, lock, sync_folder
from pipeline.local_housekeeping import Housekeeping, Retention, free_bytes, make_room_to_open
from pipeline.local_opening import open_topic
from pipeline.local_reader import LocalReader
from pipeline.local_segment import SegmentReader
from pipeline.local_snapshots import Snapshots
from pipeline.local_sqlite import LogDamaged
from pipeline.local_writer import TopicWriter
from pipeline.log import ALARM, PLANT, Entry, Snapshot
from pipeline.lone import LoneTable, Whole

_TOPICS = (PLANT, ALARM)
_READING_THREADS = 4
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How the log's disk and writers are. `last_error` is the newest one not followed by a success.

    `refused` is the same of appends alone: not None means that a topic does not take what it is given.
    `ballast_missing_bytes` is the room the ballast will have again once it was given up; 0 while it is there.
    """

    free_bytes: int
    floor_bytes: int
    ballast_present: bool
    ballast_missing_bytes: int
    waiting_bytes: int
    holes: int
    refused: str | None
    last_error: str | None


def _nobody(_: Trimmed) -> None:
    """Trimming is on record in the database; nobody wants to be told at once."""


class LocalLog:
    """See pipeline.log.Log; made by `LocalLog.open`, used as `async with`. One process writes a folder at a time."""

    def __init__(
        self,
        directory: Path,
        now_ms: Callable[[], int],
        retention: Retention,
        on_trimmed: Callable[[Trimmed], None],
        *,
        read_only: bool,
    ) -> None:
        self._directory = directory
        self._now_ms = now_ms
        self._retention = retention
        self._on_trimmed = on_trimmed
        self._read_only = read_only
        self._exit = AsyncExitStack()
        self._files: dict[str, TopicFiles] = {}
        self._writers: dict[str, TopicWriter] = {}
        self._readers: weakref.WeakSet[LocalReader] = weakref.WeakSet()
        self._snapshots = Snapshots(directory / "snapshots")
        self._catalogue: Catalogue
        self._house: Housekeeping
        self._pool: ThreadPoolExecutor

    @classmethod
    def open(
        cls,
        directory: Path,
        now_ms: Callable[[], int] = clock.now_ms,
        *,
        retention: Retention | None = None,
        on_trimmed: Callable[[Trimmed], None] = _nobody,
        read_only: bool = False,
    ) -> Self:
        """A log in `directory` (made if need be), to be entered with `async with`, which raises ConfigError.

        `on_trimmed` is called on the event loop. `read_only` opens beside the process that writes.
        """
        return cls(directory, now_ms, retention or Retention(), on_trimmed, read_only=read_only)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._pool = ThreadPoolExecutor(_READING_THREADS, "log-read")
            stack.callback(self._pool.shutdown)
            stack.callback(self._release_readers)
            try:
                await asyncio.to_thread(self._open_files, stack)
                if not self._read_only:
                    self._start_writers(stack)
            except LogDamaged as error:
                raise ConfigError(str(error)) from error
            except (OSError, sqlite3.Error, Transient) as error:
                raise ConfigError(f"the log in {self._directory} cannot be opened: {error}") from error
            self._exit = stack.pop_all()
        return self

    def _open_files(self, stack: AsyncExitStack) -> None:
        if not self._read_only:
            if not self._directory.is_dir():
                self._directory.mkdir(parents=True)
                sync_folder(self._directory.parent)
            stack.callback(lock(self._directory).close)
            make_room_to_open(self._directory, self._retention.on_disk(self._directory).ballast_bytes)
        self._catalogue = Catalogue(self._directory, read_only=self._read_only)
        stack.callback(self._catalogue.close)
        for topic in _TOPICS:
            self._files[topic] = open_topic(self._directory, topic, self._catalogue, read_only=self._read_only)

    def _start_writers(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        kept = self._retention.on_disk(self._directory)
        self._house = Housekeeping(
            self._directory,
            self._catalogue,
            self._files,
            kept,
            lambda trimmed: loop.call_soon_threadsafe(self._on_trimmed, trimmed),
        )
        stack.push_async_callback(self._save_claims)
        try:
            self._house.renew_ballast()
        except OSError as error:
            self._house.last_error = f"the ballast cannot be made: {error}"  # `tend` tries again
        for topic in _TOPICS:
            # Two databases and two threads, because one file makes the plant log wait behind the alarm log.
            writer = TopicWriter(
                self._files[topic], topic, self._catalogue, kept.segment_bytes, self._now_ms, self._house.make_room
            )
            stack.push_async_callback(writer.close)
            self._writers[topic] = writer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    def _release_readers(self) -> None:
        for reader in list(self._readers):
            reader.release(all_of_them=True)

    async def _save_claims(self) -> None:
        try:
            await asyncio.to_thread(self._house.save_claims)
        except Transient as error:
            _log.warning("claims were not saved at the end; the older ones count", error=str(error))

    def _refuse_writing(self) -> NoReturn:
        raise ConfigError(f"the log in {self._directory} was opened for reading only")

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        """See pipeline.log.Log. Waits while much waits for the disk. Raises Transient when the disk is full."""
        if self._read_only:
            self._refuse_writing()
        writer = self._writers[topic]
        if self._house.closed_to(topic, (installation for installation, _ in items)):
            writer.last_error = f"{self._directory}: the disk is full, the rest is kept back; nothing was written"
            raise Transient(writer.last_error)
        return await writer.append(items)

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> LocalReader:
        """See pipeline.log.Log."""
        reader = LocalReader(self._files[topic], after, self._pool, self._writers.get(topic), only)
        self._readers.add(reader)
        return reader

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[Whole]:  # noqa: ARG002  # the port's face
        """See pipeline.log.Log. One process has a folder, so all of it is its own."""
        recorded = [one for topic in _TOPICS for one in await self.installations(topic)]
        yield Whole(frozenset([*installations, *recorded]))

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[LoneTable]:  # noqa: ARG002  # the port's face
        """See pipeline.log.Log. In memory: what one process tells itself need not outlive it."""
        yield LoneTable()

    async def installations(self, topic: str) -> list[str]:
        """See pipeline.log.Log."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._installations, self._files[topic])

    def _installations(self, files: TopicFiles) -> list[str]:
        found: set[str] = set()
        firsts = files.firsts()
        for first in firsts:
            reader = SegmentReader(files.path(first), first, complete=first < firsts[-1])
            try:
                found.update(reader.contents().installations)
            finally:
                reader.close()
        return sorted(found)

    async def last(self, topic: str, installations: Collection[str]) -> dict[str, Entry]:
        """See pipeline.log.Log."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._last, self._files[topic], frozenset(installations))

    def _last(self, files: TopicFiles, installations: frozenset[str]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        firsts = files.firsts()
        for first in reversed(firsts):
            if len(found) == len(installations):
                break
            reader = SegmentReader(files.path(first), first, complete=first < firsts[-1])
            try:
                spans = reader.contents().installations
                for id_ in (installations & spans.keys()) - found.keys():
                    found[id_] = reader.entry(spans[id_][1])
            finally:
                reader.close()
        return found

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        """See pipeline.log.Log. Two are kept; claim what the older of them needs."""
        if self._read_only:
            self._refuse_writing()
        await asyncio.to_thread(self._snapshots.save, owner, installation, snapshot)

    async def load_snapshot(self, owner: str, installation: str) -> Snapshot | None:
        """See pipeline.log.Log."""
        return await asyncio.to_thread(self._snapshots.load, owner, installation)

    async def claim(self, topic: str, owner: str, installation: str, position: int) -> None:
        """See pipeline.log.Log. The first of an owner is durable at once, later ones when `tend` comes round."""
        if self._read_only:
            self._refuse_writing()
        await asyncio.to_thread(self._house.claim, (topic, owner, installation), position)

    async def trim(self) -> list[Trimmed]:
        """One pass of what `tend` does. Raises Transient, LogDamaged, OSError."""
        if self._read_only:
            self._refuse_writing()
        try:
            return await asyncio.to_thread(self._house.keep, self._now_ms())
        finally:
            for reader in list(self._readers):
                await asyncio.to_thread(reader.release)

    async def tend(self, every_s: float = 10.0) -> None:
        """A role, for ever: saves claims, trims, renews the ballast. A failing pass shows in `health`."""
        while True:
            try:
                await self.trim()
                self._house.last_error = None
            except (Transient, LogDamaged, OSError) as error:
                self._house.last_error = str(error)
                _log.error("tending the log failed", error=str(error))
            await asyncio.sleep(every_s)

    def trimmed(self) -> list[Trimmed]:
        """All that was ever trimmed (a small read of the disk)."""
        return self._catalogue.trimmed()

    def health(self) -> LogHealth:
        """How it is now; cheap."""
        if self._read_only:
            self._refuse_writing()
        refused = next((writer.last_error for writer in self._writers.values() if writer.last_error), None)
        ballast = self._house.ballast
        present = ballast.present()
        return LogHealth(
            free_bytes=free_bytes(self._directory),
            floor_bytes=self._house.floor_bytes,
            ballast_present=present,
            ballast_missing_bytes=0 if present else ballast.size,
            waiting_bytes=sum(writer.waiting_bytes for writer in self._writers.values()),
            holes=self._house.holes,
            refused=refused,
            last_error=refused or self._house.last_error,
        )
