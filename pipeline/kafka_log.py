"""The log of the distributed mode: the pipeline.log.Log port over Kafka.

This is the composition; writing, reading, dividing, tables and snapshots are in the kafka_*.py beside it. It
interprets no record. Reasons and measures: docs/decisions/0014-kafka-log.md; topics: docs/messages.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from pipeline.clock import monotonic_s
from pipeline.errors import ConfigError
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_admin import KafkaAdmin
from pipeline.kafka_errors import Saying, listening
from pipeline.kafka_followed import Followed
from pipeline.kafka_lookup import Lookup
from pipeline.kafka_partitions import Places
from pipeline.kafka_placing import Placing
from pipeline.kafka_preparing import check, create
from pipeline.kafka_reader import Feed, KafkaReader, Wanted
from pipeline.kafka_share import KafkaShare, Membership
from pipeline.kafka_snapshots import MANIFESTS, KafkaSnapshots
from pipeline.kafka_tables import KafkaTable, Tables
from pipeline.kafka_topics import PARTITIONS, SNAPSHOTS, TABLES, Topic, name_of
from pipeline.kafka_writer import KafkaWriter
from pipeline.log import ALARM, PLANT, Entry, Snapshot

_TEND_S = 10.0
_HEARD_S = 1.0
"""Snapshots are loaded by the hundred when installations move. One that somebody has saved within the last second
may be missed for the one before it, which only costs reading a little more."""
_MOST_PADDED = 1_000_000
"""Some minutes' records; more than that is no lost tail but another topic."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KafkaHealth:
    """How writing and reading are. `refused`: why a topic takes nothing now; `holes`: times entries were missing.

    The brokers' disks are the brokers' own matter; there is no ballast to be missed.
    """

    waiting_bytes: int
    holes: int
    refused: str | None
    last_error: str | None
    ballast_missing_bytes: int = 0


class KafkaLog:
    """See pipeline.log.Log; made by `KafkaLog.open`, used as `async with`. Any number of processes share it."""

    def __init__(self, access: KafkaAccess, site: str) -> None:
        self._access = access
        self._site = site
        self._exit = AsyncExitStack()
        self._places = Places()
        self._tables = Tables()
        self._writers: dict[str, KafkaWriter] = {}
        self._feeds: set[Feed] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._shares: set[KafkaShare] = set()
        self._holes = 0
        self._partitions = 0
        self._snapshots_heard_s = float("-inf")
        self._loop: asyncio.AbstractEventLoop
        self._saying: Saying
        self._lookup: Lookup
        self._followed: Followed
        self._placing: Placing
        self._snapshots: KafkaSnapshots

    @classmethod
    def open(cls, access: KafkaAccess, site: str) -> Self:
        """The log of a site, to be entered with `async with`, which makes the topics that are missing.

        Entering raises Transient (Kafka is away), ConfigError (login, permissions, topics that will not do).
        """
        return cls(access, site)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            self._saying = stack.enter_context(listening())
            topics = await prepared(self._access, self._site, self._saying)
            self._partitions = topics[name_of(self._site, PLANT)].partitions
            self._lookup = await Lookup.opened(self._access, self._saying, list(topics))
            stack.push_async_callback(self._lookup.close)
            stack.push_async_callback(self._close_writers)
            for one in (PLANT, ALARM, PARTITIONS, TABLES, SNAPSHOTS):
                await self._open_writer(one, topics[name_of(self._site, one)])
            takes = {self._name(PARTITIONS): self._place_heard, self._name(TABLES): self._tables.take}
            self._followed = await Followed.opened(self._access, self._saying, self._lookup, takes)
            stack.push_async_callback(self._followed.close)
            self._placing = Placing(
                self._places,
                self._partitions,
                self._name(PARTITIONS),
                self._writers[PARTITIONS],
                self._followed,
                self._ends,
            )
            stack.push_async_callback(self._close_feeds)
            self._snapshots = KafkaSnapshots(
                self._name(SNAPSHOTS),
                self._writers[SNAPSHOTS],
                self._lookup,
                self._table(MANIFESTS),
                self._placing.place,
            )
            self._exit = stack.pop_all()
        return self

    async def _open_writer(self, topic: str, found: Topic) -> None:
        """One producer each: alarms do not wait behind readings, and neither behind a snapshot."""
        most = int(found.settings["max.message.bytes"])
        self._writers[topic] = await KafkaWriter.opened(self._access, found.name, self._saying, most)

    async def _close_writers(self) -> None:
        await asyncio.gather(*(writer.close() for writer in self._writers.values()))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    def _name(self, topic: str) -> str:
        return name_of(self._site, topic)

    async def _ends(self, topic: str) -> dict[int, int]:
        ends = await self._lookup.ends(self._name(topic), range(self._partitions))
        return {partition: end for partition, (_, end) in ends.items()}

    def _place_heard(self, installation: str, data: bytes | None) -> None:
        if data is None:
            raise ValueError("a record of who has which partition is empty")
        self._places.take(installation, data)
        for share in self._shares:
            share.heard()

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        """See pipeline.log.Log. Waits while Kafka is away (`health` tells), so that nothing is written twice."""
        placing = self._placing
        await placing.record({installation for installation, _ in items}, topic)
        records = [(placing.partition(one), (placing.key(one), data)) for one, data in items]
        return [offset + 1 for offset, _ in await self._writers[topic].append(records)]

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> KafkaReader:
        """See pipeline.log.Reader. It reads from the moment of its first `fetch` until nobody holds it any more."""

        async def wanted_now() -> Wanted:
            await self._followed.catch_up(self._name(PARTITIONS))
            partitions: Iterable[int] = range(self._partitions)
            if only is not None:
                await self._placing.record(only)
                partitions = sorted({self._placing.partition(one) for one in only})
            found = self._places.on(list(partitions))
            return {
                partition: {one: self._places.first(topic, one) for one in ones if only is None or one in only}
                for partition, ones in found.items()
            }

        feed = Feed(self._access, self._saying, self._lookup, self._name(topic), wanted_now, self._hole, self._pad)
        self._feeds.add(feed)
        return KafkaReader(feed, after, only, self._release)

    def _hole(self) -> None:
        self._holes += 1

    async def _pad(self, name: str, partition: int, end: int) -> None:
        """Empty records that no reader shows, until the partition ends at `end` or behind it."""
        topic = name.removeprefix(self._name(""))
        missing = end - (await self._lookup.ends(name, [partition]))[partition][1]
        if missing > _MOST_PADDED:
            raise ConfigError(
                f"{name} {partition} has lost {missing} records, or was made anew: what was read of it is no more. "
                "Restore it, or begin anew with another site id"
            )
        await self._writers[topic].append([(partition, (b"", b""))] * max(0, missing))

    def _release(self, feed: Feed) -> None:
        """Called when a reader is forgotten: in whatever thread, and maybe when the log is long closed."""
        if feed in self._feeds:
            self._loop.call_soon_threadsafe(self._close_feed, feed)

    def _close_feed(self, feed: Feed) -> None:
        if feed in self._feeds:
            self._feeds.discard(feed)
            closing = self._loop.create_task(feed.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _close_feeds(self) -> None:
        feeds, self._feeds = self._feeds, set()
        await asyncio.gather(*(feed.close() for feed in feeds), *self._closing)

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[KafkaShare]:
        """See pipeline.log.Log."""
        await self._placing.record(installations)
        group = name_of(self._site, role)
        async with Membership(self._access, self._saying, self._name(PLANT), group, self._places) as share:
            self._shares.add(share)
            try:
                yield share
            finally:
                self._shares.discard(share)

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[KafkaTable]:
        """See pipeline.log.Log. `name` does not begin with a dot."""
        await self._followed.catch_up(self._name(TABLES))
        yield self._table(name)

    def _table(self, name: str) -> KafkaTable:
        async def put(key: str, value: bytes | None) -> None:
            [(offset, _)] = await self._writers[TABLES].append([(0, (key.encode(), value))])
            await self._followed.until(self._name(TABLES), offset)

        return KafkaTable(self._tables, name, put)

    async def installations(self, topic: str) -> list[str]:
        """See pipeline.log.Log."""
        await self._followed.catch_up(self._name(PARTITIONS))
        return self._places.installations(topic)

    async def last(self, topic: str, installations: Collection[str]) -> dict[str, Entry]:
        """See pipeline.log.Log."""
        await self._followed.catch_up(self._name(PARTITIONS))
        by_key = {self._placing.key(one): one for one in installations}
        asked: dict[int, dict[bytes, int]] = {}
        for key, one in by_key.items():
            first = self._places.first(topic, one)
            if first is not None:
                asked.setdefault(self._placing.partition(one), {})[key] = first
        found = await self._lookup.last(self._name(topic), asked)
        return {
            by_key[key]: Entry(by_key[key], record.offset + 1, record.timestamp, record.value or b"")
            for key, record in found.items()
        }

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        """See pipeline.log.Log. Two are kept."""
        await self._snapshots.save(owner, installation, snapshot)

    async def load_snapshot(self, owner: str, installation: str) -> Snapshot | None:
        """See pipeline.log.Log."""
        if monotonic_s() - self._snapshots_heard_s > _HEARD_S:
            began_s = monotonic_s()
            await self._followed.catch_up(self._name(TABLES))
            self._snapshots_heard_s = began_s
        return await self._snapshots.load(owner, installation)

    async def claim(self, topic: str, owner: str, installation: str, position: int) -> None:
        """See pipeline.log.Log. Kafka keeps by time alone: a claim holds nothing back.

        Who comes too late finds a hole, which is told and counted (`health`).
        """

    async def tend(self, every_s: float = _TEND_S) -> None:
        """A role, for ever: says when a topic takes nothing, and when it does again. Kafka trims by itself."""
        told: str | None = None
        while True:
            refused = self.health().refused
            if refused is not None and told is None:
                _log.error("Kafka takes no records; they wait", reason=refused)
            if refused is None and told is not None:
                _log.info("Kafka takes records again")
            told = refused
            await asyncio.sleep(every_s)

    def health(self) -> KafkaHealth:
        """How it is now; cheap."""
        refused = next((why for one in self._writers.values() if (why := one.refused()) is not None), None)
        waiting = sum(one.waiting_bytes for one in self._writers.values())
        return KafkaHealth(waiting, self._holes, refused, refused)


async def prepared(access: KafkaAccess, site: str, saying: Saying) -> dict[str, Topic]:
    """The topics of a site by name, made if need be. Raises Transient, ConfigError."""
    async with KafkaAdmin(access, saying) as admin:
        before = checked = await check(admin, site)
        if before.missing:
            await create(admin, before)
            checked = await check(admin, site)  # others may have made them meanwhile, with other numbers
    if before.missing:
        _log.info("Kafka's topics are made", topics=[one.name for one in before.missing])
    wrong = [str(one) for one in checked.differences if one.wrong]
    if wrong:
        raise ConfigError("\n".join(wrong))
    for one in checked.differences:
        _log.warning("a topic of the log is not as it should be", topic=one.topic, what=one.what, mend=one.mend)
    return checked.found
