"""Looks things up in Kafka: where a partition begins and ends, a stretch of it, the newest entries of installations.

Over one consumer of its own that rests in between: on one that waits for news a question would wait as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition, errors

from pipeline.errors import Transient
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate

REQUEST_TIMEOUT_MS = 10_000
_FETCH_BYTES = 8 << 20
_START_S = 15.0
_STRETCH_S = 30.0
_FIRST_STEP = 64
_STEP_GROWS = 4
_MOST_STEP = 16_384
"""Records; so many are held at once, and read well within the time for a stretch."""
_END_S = 5.0


def consumer(access: KafkaAccess, **settings: Any) -> Any:
    """One of aiokafka's, by the settings all of ours share."""
    ours = {"enable_auto_commit": False, "auto_offset_reset": "none", "request_timeout_ms": REQUEST_TIMEOUT_MS}
    return AIOKafkaConsumer(**access.settings(), **ours | settings)


async def started(made: Any, access: KafkaAccess, saying: Saying) -> Any:
    """The same, connected. Raises Transient, ConfigError; then it is closed."""
    saying.never = None
    try:
        async with asyncio.timeout(_START_S):
            await made.start()
    except (errors.KafkaError, OSError, TimeoutError) as error:
        await stopped(made)
        raise fate(saying.never or error, f"Kafka at {access}") from error
    except BaseException:
        await stopped(made)
        raise
    return made


async def stopped(made: Any) -> None:
    """Ended, with whatever it still waits for left alone after a while."""
    try:
        async with asyncio.timeout(_END_S):
            await made.stop()
    except (TimeoutError, errors.KafkaError, OSError):
        pass  # it has no more to do with the log; its sockets close with it


class Lookup:
    """Made by `opened`. Every question raises Transient, ConfigError."""

    def __init__(self, access: KafkaAccess, saying: Saying, topics: Collection[str]) -> None:
        self._access = access
        self._saying = saying
        self._topics = frozenset(topics)
        self._lock = asyncio.Lock()
        self._consumer: Any = consumer(
            access, fetch_max_wait_ms=1, fetch_max_bytes=_FETCH_BYTES, max_partition_fetch_bytes=_FETCH_BYTES
        )

    @classmethod
    async def opened(cls, access: KafkaAccess, saying: Saying, topics: Collection[str]) -> Lookup:
        """`topics`: all that will be asked about. Raises Transient, ConfigError."""
        made = cls(access, saying, topics)
        await started(made._consumer, access, saying)
        made._turn_to(None)
        return made

    async def close(self) -> None:
        """Ends it."""
        await stopped(self._consumer)

    @asynccontextmanager
    async def _asking(self, what: str) -> AsyncIterator[Any]:
        async with self._lock:
            try:
                async with asyncio.timeout(_STRETCH_S):
                    yield self._consumer
            except (errors.KafkaError, OSError, TimeoutError) as error:
                raise fate(error, f"Kafka at {self._access}: {what}") from error

    async def ends(self, topic: str, partitions: Collection[int]) -> dict[int, tuple[int, int]]:
        """(first offset that is kept, offset behind the last) of each partition."""
        places = [TopicPartition(topic, one) for one in partitions]
        async with self._asking(f"where {topic} ends") as asked:
            begins = await asked.beginning_offsets(places)
            ends = await asked.end_offsets(places)
        return {one.partition: (begins[one], ends[one]) for one in places}

    async def stretch(self, topic: str, partition: int, first: int, behind: int) -> list[ConsumerRecord]:
        """The records at offsets `first` to `behind` - 1 that are there; `behind` is not behind the end."""
        place = TopicPartition(topic, partition)
        found: list[ConsumerRecord] = []
        async with self._asking(f"reading {topic}") as asked:
            self._turn_to(place)
            try:
                asked.seek(place, first)
                while await asked.position(place) < behind:
                    for records in (await asked.getmany(timeout_ms=1000)).values():
                        found += [one for one in records if one.offset < behind]
            except errors.OffsetOutOfRangeError as error:
                raise Transient(f"{topic}: what was looked for has just been trimmed") from error
            finally:
                asked.pause(place)  # else it goes on fetching what nobody wants
        return found

    def _turn_to(self, place: TopicPartition | None) -> None:
        """Fetch from there, and from nowhere else.

        A partition of each other topic is assigned all the same, at rest: aiokafka forgets who leads the partitions
        of a topic that has none, and asks again for a while (0.4 s) when its turn comes.
        """
        resting = [TopicPartition(topic, 0) for topic in sorted(self._topics) if place is None or topic != place.topic]
        self._consumer.assign(resting if place is None else [place, *resting])
        for one in resting:
            self._consumer.seek(one, 0)
        if resting:
            self._consumer.pause(*resting)

    async def last(self, topic: str, asked: Mapping[int, Mapping[bytes, int]]) -> dict[bytes, ConsumerRecord]:
        """The newest record of each key that has any.

        `asked`: of each partition its keys, and the offset before which a key has no records.
        """
        found: dict[bytes, ConsumerRecord] = {}
        for partition, (begin, end) in (await self.ends(topic, asked)).items():
            found |= await self._last(topic, partition, asked[partition], begin, end)
        return found

    async def _last(
        self, topic: str, partition: int, asked: Mapping[bytes, int], begin: int, end: int
    ) -> dict[bytes, ConsumerRecord]:
        """Searched backwards in steps that grow, until all are found or the beginning is reached."""
        found: dict[bytes, ConsumerRecord] = {}
        left = dict(asked)
        step = _FIRST_STEP
        while left and end > (least := max(begin, min(left.values()))):
            back = max(least, end - step)
            for record in reversed(await self.stretch(topic, partition, back, end)):
                if left.pop(record.key, None) is not None:
                    found[record.key] = record
            end, step = back, min(step * _STEP_GROWS, _MOST_STEP)
        return found
