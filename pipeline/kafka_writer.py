"""Group commit for one topic in Kafka: what waits for a partition while a batch is under way goes into the next one.

One batch of a partition is under way at a time, so order holds whatever happens to a batch. What waits is bounded.
It does not choose partitions.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from pipeline.clock import monotonic_s
from pipeline.errors import ConfigError, Permanent, Transient
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying
from pipeline.kafka_producer import BATCH_BYTES, Producer, Record
from pipeline.retry import Pace, until_done

MAX_WAITING_BYTES = 32 << 20
"""What may wait for Kafka, per topic; a further `append` waits outside (back-pressure, not memory)."""
_RECORD_BYTES = 70  # what a record costs beside its key and value, at most
_LATE_S = 5.0
_END_S = 5.0
_PACE = Pace(first_s=0.1, most_s=2.0)
_log = structlog.get_logger(__name__)

Written = tuple[int, int]
"""Offset and stamp of a record."""


@dataclass(slots=True)
class _Part:
    """What one append brings to one partition."""

    records: Sequence[Record]
    size: int
    done: asyncio.Future[list[Written]]


def size_of(record: Record) -> int:
    """Bytes in a batch, rounded up."""
    key, value = record
    return _RECORD_BYTES + len(key) + (0 if value is None else len(value))


class KafkaWriter:
    """The appending side of one topic. Made by `opened`, used and closed on one event loop."""

    def __init__(self, access: KafkaAccess, topic: str, saying: Saying, producer: Producer, most: int) -> None:
        """`most`: the topic's max.message.bytes."""
        self._access = access
        self._topic = topic
        self._saying = saying
        self._producer = producer
        self._most = most
        self._batch_bytes = min(BATCH_BYTES, most)
        self.waiting_bytes = 0
        self._gate = asyncio.Lock()  # whoever waits for room waits in order
        self._room = asyncio.Event()
        self._lanes: dict[int, _Lane] = {}
        self._ending = False
        self._renewing = asyncio.Lock()
        self._since_s = 0.0  # of the newest progress, or of the first that waits
        self._retired: set[asyncio.Task[None]] = set()

    @classmethod
    async def opened(cls, access: KafkaAccess, topic: str, saying: Saying, most: int) -> KafkaWriter:
        """Raises Transient, ConfigError."""
        return cls(access, topic, saying, await Producer.started(access, saying), most)

    async def append(self, records: Sequence[tuple[int, Record]]) -> list[Written]:
        """Offset and stamp of each (partition, record) once all are durable.

        Waits while Kafka is away, and keeps their place: an append that were given up could be written later all
        the same. Raises Permanent (one is too large: none is written) and ConfigError (may not write). A cancelled
        append may or may not be written.
        """
        by_partition: dict[int, list[Record]] = {}
        for partition, record in records:
            if size_of(record) > self._most:
                raise Permanent(
                    f"a record of {size_of(record)} bytes is larger than {self._topic} takes ({self._most})"
                )
            by_partition.setdefault(partition, []).append(record)
        parts: dict[int, _Part] = {}
        loop = asyncio.get_running_loop()
        async with self._gate:
            size = sum(size_of(record) for _, record in records)
            while self.waiting_bytes and self.waiting_bytes + size > MAX_WAITING_BYTES:
                self._room.clear()
                await self._room.wait()
            if self._ending:
                raise Transient("the log is closed")
            if not self.waiting_bytes:
                self._since_s = monotonic_s()
            for partition, own in by_partition.items():
                part = _Part(own, sum(map(size_of, own)), loop.create_future())
                self.waiting_bytes += part.size
                parts[partition] = part
                self._lane(partition).put(part)
        if parts:
            await asyncio.wait([part.done for part in parts.values()])
        written = {partition: iter(part.done.result()) for partition, part in parts.items()}
        return [next(written[partition]) for partition, _ in records]

    def _lane(self, partition: int) -> _Lane:
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = _Lane(self, partition, self._batch_bytes)
        return lane

    async def send(self, partition: int, records: Sequence[Record]) -> Written:
        """For lanes: one batch, until it is durable. Raises Permanent, ConfigError."""
        return await until_done(f"kafka: {self._topic} {partition}", lambda: self._try(partition, records), pace=_PACE)

    async def _try(self, partition: int, records: Sequence[Record]) -> Written:
        producer = self._producer
        try:
            written = await producer.send(self._topic, partition, records)
        except (Transient, Permanent, ConfigError):
            await self._renew(producer)
            raise
        self._since_s = monotonic_s()
        self._saying.quiet()
        return written

    async def _renew(self, failed: Producer) -> None:
        """A refused batch has used up its sequence number: later ones of that partition need a new producer.

        What other partitions have under way ends with the old one.
        """
        async with self._renewing:
            if self._producer is failed:
                self._producer = await Producer.started(self._access, self._saying)
                retiring = asyncio.get_running_loop().create_task(failed.close())
                self._retired.add(retiring)
                retiring.add_done_callback(self._retired.discard)

    def settled(self, part_bytes: int) -> None:
        """For lanes: these bytes do not wait any more."""
        self.waiting_bytes -= part_bytes
        self._room.set()

    def refused(self) -> str | None:
        """Why the topic takes nothing now; None while it does."""
        late_s = monotonic_s() - self._since_s
        if not self.waiting_bytes or late_s < _LATE_S:
            return None
        return f"Kafka at {self._access} has taken nothing of {self._topic} for {late_s:.0f} s: {self._saying.last}"

    async def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        self._ending = True
        deadline_s = monotonic_s() + _END_S
        while self.waiting_bytes and (left_s := deadline_s - monotonic_s()) > 0:
            self._room.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._room.wait()
            except TimeoutError:
                break
        if self.waiting_bytes:
            _log.error("the log is closed while records wait for Kafka", topic=self._topic, bytes=self.waiting_bytes)
        for lane in self._lanes.values():
            await lane.close()
        await asyncio.gather(self._producer.close(), *self._retired)


class _Lane:
    """One partition: its queue, and the task that empties it."""

    def __init__(self, writer: KafkaWriter, partition: int, batch_bytes: int) -> None:
        self._writer = writer
        self._partition = partition
        self._batch_bytes = batch_bytes
        self._queue: deque[_Part] = deque()
        self._wake = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"kafka lane {partition}")

    def put(self, part: _Part) -> None:
        self._queue.append(part)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
            parts = self._take()
            try:
                written = await self._send([record for part in parts for record in part.records])
            except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait for this batch
                self._settle(parts, error)
            else:
                self._settle(parts, written)

    def _take(self) -> list[_Part]:
        """Whole parts, so that an append is in a partition whole or not at all, unless it is larger than a batch."""
        parts = [self._queue.popleft()]
        size = parts[0].size
        while self._queue and size + self._queue[0].size <= self._batch_bytes:
            parts.append(self._queue.popleft())
            size += parts[-1].size
        return parts

    async def _send(self, records: Sequence[Record]) -> list[Written]:
        written: list[Written] = []
        for batch in batches(records, self._batch_bytes):
            first, stamp = await self._writer.send(self._partition, batch)
            written += [(offset, stamp) for offset in range(first, first + len(batch))]
        return written

    def _settle(self, parts: Sequence[_Part], outcome: list[Written] | Exception) -> None:
        at = 0
        for part in parts:
            if not part.done.done():
                if isinstance(outcome, Exception):
                    part.done.set_exception(type(outcome)(*outcome.args))
                else:
                    part.done.set_result(outcome[at : at + len(part.records)])
            at += len(part.records)
            self._writer.settled(part.size)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for part in self._queue:
            if not part.done.done():
                part.done.set_exception(Transient("the log was closed before Kafka had this"))


def batches(records: Sequence[Record], most: int) -> list[Sequence[Record]]:
    """Cuts `records` into what goes into one batch each: at most `most` bytes, or one record. Pure."""
    made = []
    begin = size = 0
    for at, record in enumerate(records):
        own = size_of(record)
        if at > begin and size + own > most:
            made.append(records[begin:at])
            begin, size = at, 0
        size += own
    made.append(records[begin:])
    return made
