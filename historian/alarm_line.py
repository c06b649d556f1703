"""Follows the alarm log into the database over one connection, until it fails or is told to stop.

It carries nothing from record to record but how far it is. It does not try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from historian.alarm_batch import AlarmBatch, AlarmBatches
from historian.following import OWNER, behind_ms, count, gather, in_thread, joins
from historian.progress import NOTHING, Progress
from historian.store import Store
from pipeline.clock import monotonic_s
from pipeline.log import ALARM, Entry, Log
from pipeline.metrics import Hop

_CLAIM_S = 30.0  # each claim costs a commit that waits for the database's disk


class AlarmLine:
    """One life of the connection `store`."""

    def __init__(self, log: Log, store: Store, hop: Hop) -> None:
        self._log = log
        self._store = store
        self._hop = hop
        self._unclaimed: dict[str, int] = {}
        self._claimed_at = monotonic_s()

    async def follow(self, owned: Collection[str], stop: asyncio.Event, works: Callable[[float], None]) -> None:
        """Write these installations until `stop`; may be called again with others. Raises Transient, Permanent.

        `works` is called after each batch or when there is none, with how far behind we are (s).
        """
        stored = await in_thread(lambda: self._store.stored(owned))
        begun = {id_: one.position for id_, one in stored.items()}
        await joins(self._log, ALARM, stored)
        batches = AlarmBatches(Progress(ALARM, stored, begun), await in_thread(lambda: self._store.last_events(owned)))
        reader = self._log.reader(ALARM, {id_: max(NOTHING, at - 1) for id_, at in begun.items()}, only=owned)
        while not stop.is_set():
            entries = await gather(reader)
            if entries:
                await self._write(batches, entries)
            works(0.0)
            if monotonic_s() - self._claimed_at > _CLAIM_S:
                await self._claim()
        await self._claim()

    async def _write(self, batches: AlarmBatches, entries: list[Entry]) -> None:
        batch = await in_thread(lambda: self._take_and_write(batches, entries))
        count(self._hop, batch.received, batch.stored, {"repeat": batch.repeats, "damaged": batch.damaged})
        self._hop.lag(behind_ms(entries) / 1000)
        self._unclaimed.update((move.installation, move.new) for move in batch.moves)
        for move in batch.moves:
            if move.old == NOTHING:
                await self._log.claim(ALARM, OWNER, move.installation, NOTHING)

    def _take_and_write(self, batches: AlarmBatches, entries: list[Entry]) -> AlarmBatch:
        batch = batches.take(entries)
        if batch.moves:
            self._store.write_alarm(batch)
        return batch

    async def _claim(self) -> None:
        """What is durable in the database the log may forget, but for the last record: it proves the joint."""
        for id_ in sorted(await in_thread(lambda: self._store.settle(self._unclaimed))):
            await self._log.claim(ALARM, OWNER, id_, self._unclaimed[id_] - 1)
        self._unclaimed, self._claimed_at = {}, monotonic_s()
