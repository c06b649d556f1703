"""Reads one topic of the Kafka log forward, in bounded batches, each installation from behind its own position.

Position = offset + 1, so that 0 means nothing read. It takes part in no consumer group. What Kafka has trimmed
before it was read is a hole: told, counted and passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, NamedTuple

import structlog
from aiokafka import TopicPartition, errors

from pipeline.clock import monotonic_s
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate
from pipeline.kafka_lookup import Lookup, consumer, started, stopped
from pipeline.log import Entry

FETCH_BYTES = 2 << 20
"""Of one broker at a time; a larger batch comes alone."""
_REST_MS = 100
"""So long a broker holds a question it has nothing for. While a partition's entries lie here for more than 0.1 s, the
others are asked for alone, and that partition waits for their answer, however soon it is read empty."""
_log = structlog.get_logger(__name__)

Wanted = dict[int, dict[str, int | None]]
"""Partitions to read, and of each installation known there the offset before which it has no entries (None: none)."""


class Begin(NamedTuple):
    """Where reading a partition begins: at offset `first`.

    `trimmed`: the position that was read last of an installation whose next entries may be gone; `lost`: one that was
    read, or said to be coming, though the partition ends before it. None: there is no such installation.
    """

    first: int
    trimmed: int | None
    lost: int | None


def begin_at(after: Mapping[str, int], known: Mapping[str, int | None], begin: int, end: int) -> Begin:
    """For a partition whose offsets go from `begin` to before `end`, with the installations `known`. Pure.

    Each installation counts for itself: they share the partition, not their positions.
    """
    positions = [after.get(one, 0) for one in known]
    starts = [end if first is None else max(first, after.get(one, 0)) for one, first in known.items()]
    trimmed = min((one for one in positions if 0 < one < begin), default=None)  # nothing read yet (0) is no hole
    lost = max((one for one in [*positions, *starts] if one > end), default=None)
    return Begin(max(begin, min([end, *starts])), trimmed, lost)


class Feed:
    """The reading itself. `wanted` is asked when it begins; `hole` is called for each hole found.

    `pad` brings a topic's partition up to an end: where Kafka has lost entries, new ones shall not get old positions.
    """

    def __init__(
        self,
        access: KafkaAccess,
        saying: Saying,
        lookup: Lookup,
        topic: str,
        wanted: Callable[[], Awaitable[Wanted]],
        hole: Callable[[], None],
        pad: Callable[[str, int, int], Awaitable[None]],
    ) -> None:
        self._access = access
        self._saying = saying
        self._lookup = lookup
        self._topic = topic
        self._wanted = wanted
        self._hole = hole
        self._pad = pad
        self._consumer: Any = None
        self._opening: asyncio.Task[None] | None = None

    async def opened(self, after: Mapping[str, int]) -> None:
        """Begin, the first time. Raises Transient, ConfigError; it can be tried again.

        A cancelled one leaves the opening alone for the next.
        """
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open(after))
        try:
            await asyncio.shield(self._opening)
        except Exception:
            self._opening = None
            raise

    async def _open(self, after: Mapping[str, int]) -> None:
        ends = await self._lookup.ends(self._topic, list(await self._wanted()))
        wanted = await self._wanted()  # asked behind the ends: who has no entries now gets the first one behind them
        most = {"fetch_max_bytes": FETCH_BYTES, "max_partition_fetch_bytes": FETCH_BYTES}
        made = consumer(self._access, fetch_max_wait_ms=_REST_MS, **most)
        await started(made, self._access, self._saying)
        try:
            made.assign([TopicPartition(self._topic, one) for one in wanted])
            for partition, installations in wanted.items():
                found = begin_at(after, installations, *ends[partition])
                await self._tell(partition, found, *ends[partition])
                made.seek(TopicPartition(self._topic, partition), found.first)
        except BaseException:
            await stopped(made)
            raise
        self._consumer = made

    async def _tell(self, partition: int, found: Begin, begin: int, end: int) -> None:
        told = {"topic": self._topic, "partition": partition}
        if found.trimmed is not None:
            self._hole()
            _log.error("entries were trimmed before they were read", **told, read=found.trimmed, kept_from=begin)
        if found.lost is not None:
            self._hole()
            _log.error("Kafka has lost entries that were acknowledged and read", **told, read=found.lost, kept=end)
            await self._pad(self._topic, partition, found.lost)

    async def fetch(self, wait_s: float) -> list[Any]:
        """Records in order of offset within a partition. Raises Transient, ConfigError."""
        try:
            fetched = await self._consumer.getmany(timeout_ms=max(0, int(wait_s * 1000)))
        except errors.OffsetOutOfRangeError as error:
            for place, offset in error.args[0].items():
                begin, end = (await self._lookup.ends(self._topic, [place.partition]))[place.partition]
                # Where it is lost, all up to `offset` is padded: reading goes on there, not at what was read before.
                found = begin_at({"": offset}, {"": 0}, begin, end)
                await self._tell(place.partition, found, begin, end)
                self._consumer.seek(place, max(offset, begin))
            return []
        except (errors.KafkaError, OSError) as error:
            raise fate(error, f"Kafka at {self._access}: reading {self._topic}") from error
        return [record for records in fetched.values() for record in records]

    async def close(self) -> None:
        """Ends it."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._consumer is not None:
            await stopped(self._consumer)


class KafkaReader:
    """See pipeline.log.Reader. `release` is told when nobody holds the reader any more."""

    def __init__(
        self,
        feed: Feed,
        after: Mapping[str, int],
        only: Collection[str] | None,
        release: Callable[[Feed], None],
    ) -> None:
        self._feed = feed
        self._after = dict(after)
        self._only = None if only is None else frozenset(only)
        self._release = release
        self._names: dict[bytes, str | None] = {}  # None: not wanted

    async def fetch(self, wait_s: float) -> list[Entry]:
        """See pipeline.log.Reader. A cancelled fetch loses nothing: its entries come again."""
        deadline_s = monotonic_s() + wait_s
        await self._feed.opened(self._after)
        while True:
            remaining_s = deadline_s - monotonic_s()
            records = await self._feed.fetch(remaining_s)
            entries = [entry for record in records if (entry := self._entry(record)) is not None]
            if entries or remaining_s <= 0:
                return entries

    def _entry(self, record: Any) -> Entry | None:
        try:
            installation = self._names[record.key]
        except KeyError:
            installation = self._names[record.key] = self._name(record.key)
        position: int = record.offset + 1
        if installation is None or position <= self._after.get(installation, 0):
            return None
        return Entry(installation, position, record.timestamp, record.value or b"")

    def _name(self, key: bytes | None) -> str | None:
        try:
            name = key.decode() if key else None
        except UnicodeDecodeError:  # no record of ours
            name = None
            _log.error("records with a key that is no installation's are passed over", key=key)
        return name if self._only is None or name in self._only else None

    def __del__(self) -> None:
        self._release(self._feed)
