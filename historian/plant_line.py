"""Follows the plant log into the database over one connection, until it fails or is told to stop.

Keeps snapshots of admission, so that a restart reads little again. It does not try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import msgspec

from historian.following import OWNER, behind_ms, count, gather, in_thread, joins
from historian.plant_batch import PlantBatch, PlantBatches, Saved
from historian.progress import NOTHING, Stored
from historian.store import Store
from pipeline.clock import monotonic_s
from pipeline.log import PLANT, Entry, Log, Snapshot
from pipeline.metrics import Hop

_SNAPSHOT_S = 300.0
_SNAPSHOT_READINGS = 10_000_000  # so that what admission reads again after a crash takes seconds
_pack = msgspec.msgpack.Encoder()
_unpack = msgspec.msgpack.Decoder(Saved)


class PlantLine:
    """One life of the connection `store`."""

    def __init__(self, log: Log, store: Store, hop: Hop) -> None:
        self._log = log
        self._store = store
        self._hop = hop
        self._batches = PlantBatches()
        self._begun: dict[str, int] = {}
        self._unsaved: dict[str, int] = {}
        self._unsaved_readings = 0
        self._saved_at = monotonic_s()
        self._writing: asyncio.Task[None] | None = None

    async def follow(self, owned: Collection[str], stop: asyncio.Event, works: Callable[[float], None]) -> None:
        """Write these installations until `stop`; afterwards all of them can go on elsewhere from what was saved.

        `works` is called after each batch or when there is none, with how far behind we are (s). May be called again
        with others. Raises Transient, Permanent.
        """
        stored = await in_thread(lambda: self._store.stored(owned))
        carried = self._batches.carried()
        kept = {id_ for id_, position in carried.items() if id_ in stored and stored[id_].position == position}
        anew = {id_: stored[id_] for id_ in sorted(stored.keys() - kept)}
        await joins(self._log, PLANT, anew)
        begin = {id_: await self._load(id_, one) for id_, one in anew.items()}
        self._begun = {id_: position for id_, position in self._begun.items() if id_ in kept}
        self._begun.update((id_, one[0]) for id_, one in begin.items() if one is not None and one[0] != NOTHING)
        self._batches.begin(stored, {id_: one for id_, one in begin.items() if one is not None}, kept)
        after = self._begun | {id_: carried[id_] for id_ in kept}
        reader = self._log.reader(PLANT, {id_: max(NOTHING, at - 1) for id_, at in after.items()}, only=owned)
        try:
            while not stop.is_set():
                await self._step(await gather(reader), works)
            await self._save()
        finally:
            if self._writing is not None:
                # The connection is given up; what this one says would only repeat why.
                await asyncio.gather(self._writing, return_exceptions=True)

    async def _step(self, entries: list[Entry], works: Callable[[float], None]) -> None:
        """Admission works on a batch while the one before is being written: two cores, nearly twice the rate."""
        if entries:
            batch = await in_thread(lambda: self._batches.take(entries))
            await self._until_written()
            self._writing = asyncio.create_task(self._write(batch, entries, works))
        else:
            await self._until_written()
            works(0.0)
        if self._unsaved_readings > _SNAPSHOT_READINGS or monotonic_s() - self._saved_at > _SNAPSHOT_S:
            await self._save()

    async def _until_written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _load(self, id_: str, stored: Stored) -> tuple[int, Saved] | None:
        """Where admission of this installation begins; a snapshot from after what the database has is of little use."""
        snapshot = await self._log.load_snapshot(OWNER, id_)
        if snapshot is None:
            await self._log.claim(PLANT, OWNER, id_, NOTHING)
            return None
        saved = _unpack.decode(snapshot.data)
        if snapshot.position > stored.position:
            return NOTHING, Saved(saved.config, None, None)
        return snapshot.position, saved

    async def _write(self, batch: PlantBatch, entries: list[Entry], works: Callable[[float], None]) -> None:
        if batch.moves:
            await in_thread(lambda: self._store.write_plant(batch))
        behind_s = behind_ms(entries) / 1000
        works(behind_s)
        count(self._hop, batch.received, batch.stored, {"repeat": batch.repeats, "unknown": batch.unknown})
        self._hop.lag(behind_s)
        self._unsaved.update((move.installation, move.new) for move in batch.moves)
        self._unsaved_readings += batch.received

    async def _save(self) -> None:
        """Snapshots at what is durable in the database, and leave to forget what the one before does not need.

        The log keeps two snapshots; the record at the older one's position is kept too: it proves the joint.
        """
        await self._until_written()
        ours = await in_thread(lambda: self._store.settle(self._unsaved))
        for id_ in sorted(ours):
            saved = await in_thread(lambda id_=id_: self._batches.save(id_))  # type: ignore[misc]  # mypy does not infer a lambda's default
            if saved is None:
                continue
            await self._log.save_snapshot(OWNER, id_, Snapshot(self._unsaved[id_], _pack.encode(saved)))
            if id_ in self._begun:
                await self._log.claim(PLANT, OWNER, id_, self._begun[id_] - 1)
            self._begun[id_] = self._unsaved[id_]
        self._unsaved, self._unsaved_readings, self._saved_at = {}, 0, monotonic_s()
