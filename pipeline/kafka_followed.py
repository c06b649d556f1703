"""Follows the two small topics that every process knows by heart: who has which partition, and the tables.

It hands each record on, in order, and knows how far it has heard. It writes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition, errors

from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate
from pipeline.kafka_lookup import Lookup, consumer, started, stopped
from pipeline.retry import Pace, until_done

Take = Callable[[str, bytes | None], None]
"""What is done with a key and its value."""
_FETCH_BYTES = 4 << 20
_REST_MS = 100
"""So long a broker holds a question it has nothing for, and who waits for the other topic waits with it."""
_log = structlog.get_logger(__name__)


class Followed:
    """Topics of one partition each, read from their beginning for ever. Made by `opened`."""

    def __init__(self, access: KafkaAccess, saying: Saying, lookup: Lookup, takes: Mapping[str, Take]) -> None:
        self._access = access
        self._saying = saying
        self._lookup = lookup
        self._takes = takes
        self._next = dict.fromkeys(takes, 0)
        self._heard = asyncio.Condition()
        self._consumer: Any = None
        self._failed: Exception | None = None
        self._task: asyncio.Task[None]

    @classmethod
    async def opened(cls, access: KafkaAccess, saying: Saying, lookup: Lookup, takes: Mapping[str, Take]) -> Followed:
        """Once all that was there is heard. Raises Transient, ConfigError."""
        made = cls(access, saying, lookup, takes)
        await made._connect()
        made._task = asyncio.get_running_loop().create_task(made._follow(), name="kafka tables")
        try:
            for topic in takes:
                await made.catch_up(topic)
        except BaseException:
            await made.close()
            raise
        return made

    async def _connect(self) -> None:
        most = {"fetch_max_bytes": _FETCH_BYTES, "max_partition_fetch_bytes": _FETCH_BYTES}
        made = consumer(self._access, fetch_max_wait_ms=_REST_MS, **most)
        self._consumer = await started(made, self._access, self._saying)
        self._consumer.assign([TopicPartition(topic, 0) for topic in self._takes])
        for topic, offset in self._next.items():
            self._consumer.seek(TopicPartition(topic, 0), offset)

    async def _follow(self) -> None:
        try:
            while True:
                await until_done("kafka: tables", self._fetch, pace=Pace(first_s=0.1, most_s=5.0))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait to hear something
            self._failed = error
            async with self._heard:
                self._heard.notify_all()

    async def _fetch(self) -> None:
        try:
            fetched = await self._consumer.getmany(timeout_ms=60_000)
        except errors.OffsetOutOfRangeError as error:
            await self._restart(error)
            return
        except (errors.KafkaError, OSError) as error:
            raise fate(error, f"Kafka at {self._access}: tables") from error
        for place, records in fetched.items():
            for record in records:
                self._take(place.topic, record)
        for place in fetched:
            self._next[place.topic] = await self._consumer.position(place)
        if fetched:
            async with self._heard:
                self._heard.notify_all()

    async def _restart(self, error: Exception) -> None:
        """The topic begins later, or ends earlier, than we were: from the beginning again, over what we know."""
        _log.error("a table of the log was cut off; it is read again from its beginning", error=str(error))
        for topic in self._takes:
            begin, end = (await self._lookup.ends(topic, [0]))[0]
            if not begin <= self._next[topic] <= end:
                self._next[topic] = begin
                self._consumer.seek(TopicPartition(topic, 0), begin)

    def _take(self, topic: str, record: Any) -> None:
        try:
            self._takes[topic](record.key.decode(), record.value)
        except (ValueError, AttributeError) as error:  # not of ours: no key, no text, no JSON
            _log.error("a record of the log's tables is passed over", topic=topic, at=record.offset, error=str(error))

    async def until(self, topic: str, offset: int) -> None:
        """Return when the record at `offset` has been heard. Raises Transient, ConfigError."""
        async with self._heard:
            await self._heard.wait_for(lambda: self._failed is not None or self._next[topic] > offset)
        if self._failed is not None:
            raise type(self._failed)(*self._failed.args)

    async def catch_up(self, topic: str) -> None:
        """Return when all that is there now has been heard. Raises Transient, ConfigError."""
        end = (await self._lookup.ends(topic, [0]))[0][1]
        await self.until(topic, end - 1)

    async def close(self) -> None:
        """Ends it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await stopped(self._consumer)
