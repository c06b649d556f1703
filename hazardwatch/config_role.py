"""Follows what the alarm log says of configurations and, in the process that owns SYSTEM, carries out what is due.

Input and output only: the book is hazardwatch.config_book's, what is due hazardwatch.config_decide's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from hazardwatch.config_book import Book, prepared
from hazardwatch.config_decide import Step, next_step
from pipeline.clock import monotonic_s
from pipeline.errors import Transient
from pipeline.log import ALARM, PLANT, Log, Snapshot
from pipeline.model import SYSTEM
from pipeline.records import BadRecord, Kind
from pipeline.retry import until_done

OWNER = "config"
_CONFIG = bytes([Kind.CONFIG])
_FETCH_S = 1.0
_KEEP_S = 600.0
_AGAIN_S = 10.0
"""A step that the log does not show by then is appended again; doing it twice changes nothing."""
_log = structlog.get_logger(__name__)


class ConfigRole:
    """One follower per process. `owns` says whether this process answers for SYSTEM now.

    `ready` is set once it has read what was there at the start; `failed`: it gave up, the book is old.
    """

    def __init__(self, log: Log, owns: Callable[[], bool]) -> None:
        self.book = Book()
        self.ready = asyncio.Event()
        self.failed = False
        self._log = log
        self._owns = owns
        self._moved = asyncio.Event()
        self._sent: tuple[str, float] | None = None
        self._kept_s = monotonic_s()

    async def run(self) -> None:
        """Until cancelled. What it cannot get over ends following changes, never the alarms."""
        try:
            await self._follow()
        except Exception:  # noqa: BLE001  # a fault of ours here must not silence the alarms
            self.failed = True
            _log.exception("changes of the configuration are not followed any more; alarms go on")

    async def _follow(self) -> None:
        behind = await self._begin()
        reader = self._log.reader(ALARM, dict(self.book.read))
        while True:
            changed = False
            for entry in await until_done("configuration: alarm log", lambda: reader.fetch(_FETCH_S)):
                try:
                    config = await asyncio.to_thread(prepared, entry) if entry.data[:1] == _CONFIG else None
                    changed |= self.book.fold(entry, config)
                except BadRecord as error:
                    _log.error("a record of the alarm log is passed over", position=entry.position, error=str(error))
                if entry.position >= behind.get(entry.installation, entry.position + 1):
                    del behind[entry.installation]
            if not behind:
                self.ready.set()
                await self._act()
            if changed:
                self._tell()
            await self._keep(changed and self.ready.is_set())

    async def next_change(self) -> None:
        """Wait for the book to change."""
        await self._moved.wait()

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _begin(self) -> dict[str, int]:
        """The book as kept, and how far the log has gone on since."""
        kept = await until_done("configuration: snapshot", lambda: self._log.load_snapshot(OWNER, SYSTEM))
        if kept is not None:
            try:
                self.book = msgspec.msgpack.decode(kept.data, type=Book)
            except msgspec.MsgspecError as error:  # of another version
                _log.error("the kept changes cannot be read; reading the alarm log instead", error=str(error))
        ids = await until_done("configuration: alarm log", lambda: self._log.installations(ALARM))
        newest = await until_done("configuration: alarm log", lambda: self._log.last(ALARM, ids))
        return {id_: one.position for id_, one in newest.items() if one.position > self.book.read.get(id_, -1)}

    async def _act(self) -> None:
        """At most one step at a time: the next one depends on what the log says then."""
        if not self._owns() or SYSTEM not in self.book.in_force:
            return
        step: Step | None = await asyncio.to_thread(next_step, self.book)
        if step is None or (self._sent is not None and self._sent[0] == step.key and not self._old(self._sent[1])):
            return
        if await self._left_behind():
            return
        self._sent = (step.key, monotonic_s())
        try:
            await self._log.append(PLANT, step.items)
        except Transient as error:
            _log.warning("the log does not take a configuration change now", error=str(error))
            self._sent = None

    async def _left_behind(self) -> bool:
        """Whether SYSTEM's log has more than the book: what was due may be done, and others may have gone on since.

        Who was held up may still take itself for SYSTEM's owner, and would put in force what held long ago.
        """
        newest = await until_done("configuration: alarm log", lambda: self._log.last(ALARM, [SYSTEM]))
        return SYSTEM in newest and newest[SYSTEM].position > self.book.read.get(SYSTEM, -1)

    def _old(self, since_s: float) -> bool:
        return monotonic_s() - since_s >= _AGAIN_S

    async def _keep(self, changed: bool) -> None:
        """A full disk costs reading more at the next start, nothing else."""
        if not self._owns() or SYSTEM not in self.book.read or not (changed or monotonic_s() - self._kept_s >= _KEEP_S):
            return
        self._kept_s = monotonic_s()
        data = await asyncio.to_thread(msgspec.msgpack.encode, self.book)
        try:
            await self._log.save_snapshot(OWNER, SYSTEM, Snapshot(self.book.read[SYSTEM], data))
        except Transient as error:
            _log.warning("the configuration changes were not kept", error=str(error))
