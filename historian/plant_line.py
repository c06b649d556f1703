"""Follows the plant log into the database over one connection, until it fails or is told to stop.

Keeps snapshots of admission, so that a restart reads little again. It does not try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from historian.following import OWNER, behind_ms, count, gather, in_thread
from historian.plant_batch import PlantBatch, PlantBatches, Saved
from historian.progress import NOTHING, Progress, Stored, other_log
from historian.store import Store
from pipeline.clock import monotonic_s
from pipeline.errors import Permanent
from pipeline.log import PLANT, Entry, Log, Snapshot
from pipeline.metrics import Hop

_SNAPSHOT_S = 300.0
_SNAPSHOT_READINGS = 10_000_000  # so that what admission reads again after a crash takes seconds
_SUM_UP_IDLE_S = 20.0  # a minute (hour) that nothing was added to for this long is summed up
_SUM_UP_BEHIND_MS = 5_000  # while further behind than this, summing up waits
_pack = msgspec.msgpack.Encoder()
_unpack = msgspec.msgpack.Decoder(Saved)


class PlantLine:
    """One life of the connection `store`. `installations`: those to look after though the database has none of them."""

    def __init__(self, log: Log, store: Store, hop: Hop, installations: Iterable[str]) -> None:
        self._log = log
        self._store = store
        self._hop = hop
        self._ids = set(installations)
        self._begun: dict[str, int] = {}
        self._unsaved: dict[str, int] = {}
        self._unsaved_readings = 0
        self._saved_at = monotonic_s()
        self._writing: asyncio.Task[None] | None = None

    async def follow(self, stop: asyncio.Event, works: Callable[[], None]) -> None:
        """Until `stop`; `works` is called after each batch or when there is none. Raises Transient, Permanent."""
        stored = await in_thread(self._store.stored)
        series = await in_thread(self._store.series)
        saved = {}
        for id_ in sorted(self._ids | set(stored)):
            one = await self._load(id_, stored.get(id_, Stored(NOTHING, 0)))
            if one is not None:
                saved[id_] = one
        batches = PlantBatches(Progress(PLANT, stored, self._begun), series, saved)
        reader = self._log.reader(PLANT, {id_: position - 1 for id_, position in self._begun.items()})
        try:
            while not stop.is_set():
                await self._step(batches, await gather(reader), works)
            await self._save(batches)
        finally:
            if self._writing is not None:
                # The connection is given up; what this one says would only repeat why.
                await asyncio.gather(self._writing, return_exceptions=True)

    async def _step(self, batches: PlantBatches, entries: list[Entry], works: Callable[[], None]) -> None:
        """Admission works on a batch while the one before is being written: two cores, nearly twice the rate."""
        if entries:
            batch = await in_thread(lambda: batches.take(entries))
            await self._until_written()
            self._writing = asyncio.create_task(self._write(batch, entries, works))
        else:
            await self._until_written()
            works()
        if not entries or behind_ms(entries) < _SUM_UP_BEHIND_MS:
            await self._until_written()
            await in_thread(lambda: self._store.sum_up(_SUM_UP_IDLE_S))
        if self._unsaved_readings > _SNAPSHOT_READINGS or monotonic_s() - self._saved_at > _SNAPSHOT_S:
            await self._save(batches)

    async def _until_written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _load(self, id_: str, stored: Stored) -> Saved | None:
        """Where admission of this installation begins; a snapshot from after what the database has is of little use."""
        if stored.position != NOTHING:
            last = await self._log.last(PLANT, id_)
            if last is None or last.position < stored.position:
                raise Permanent(other_log(id_, stored.position))
        snapshot = await self._log.load_snapshot(OWNER, id_)
        if snapshot is None:
            await self._log.claim(PLANT, OWNER, id_, NOTHING)
            return None
        saved = _unpack.decode(snapshot.data)
        if snapshot.position > stored.position:
            return Saved(saved.config, None, None)
        self._begun[id_] = snapshot.position
        return saved

    async def _write(self, batch: PlantBatch, entries: list[Entry], works: Callable[[], None]) -> None:
        if batch.moves:
            await in_thread(lambda: self._store.write_plant(batch))
        works()
        count(self._hop, batch.received, batch.stored, {"repeat": batch.repeats, "unknown": batch.unknown})
        self._hop.lag(behind_ms(entries) / 1000)
        self._unsaved.update((move.installation, move.new) for move in batch.moves)
        self._unsaved_readings += batch.received
        for move in batch.moves:
            if move.old == NOTHING and move.installation not in self._ids:
                await self._log.claim(PLANT, OWNER, move.installation, NOTHING)

    async def _save(self, batches: PlantBatches) -> None:
        """Snapshots at what is durable in the database, and leave to forget what the one before does not need.

        The log keeps two snapshots; the record at the older one's position is kept too: it proves the joint.
        """
        await self._until_written()
        await in_thread(self._store.settle)
        for id_, position in self._unsaved.items():
            saved = await in_thread(lambda id_=id_: batches.save(id_))  # type: ignore[misc]  # mypy does not infer a lambda's default
            if saved is None:
                continue
            await self._log.save_snapshot(OWNER, id_, Snapshot(position, _pack.encode(saved)))
            if id_ in self._begun:
                await self._log.claim(PLANT, OWNER, id_, self._begun[id_] - 1)
            self._begun[id_] = position
        self._unsaved, self._unsaved_readings, self._saved_at = {}, 0, monotonic_s()
