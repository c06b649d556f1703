"""The log port in memory, for tests of those who only append and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from pipeline.log import ALARM, PLANT, Entry, Snapshot
from pipeline.lone import LoneTable, Whole


class Undivided:
    """Of the log port, what one process alone asks it."""

    async def installations(self, topic: str) -> list[str]:
        raise NotImplementedError

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[Whole]:
        yield Whole(frozenset([*installations, *await self.installations(PLANT), *await self.installations(ALARM)]))

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[LoneTable]:
        yield LoneTable()


class MemoryShare:
    """A share that a test moves with `MemoryLog.divide`."""

    def __init__(self, first: frozenset[str] | None) -> None:
        self.news: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self.let_go = asyncio.Event()
        self._last = first
        if first is not None:
            self.news.put_nowait(first)

    async def owned(self) -> frozenset[str]:
        if self._last == frozenset():
            self.let_go.set()
        self._last = await self.news.get()
        return self._last


class MemoryLog:
    """Entries of all topics in one list each; positions rise over all installations. `now` stamps them (ms).

    Several roles over one of these are as many processes; who takes part in a role first has all until `divide`.
    """

    def __init__(self, now: int = 0) -> None:
        self.now = now
        self.topics: dict[str, list[Entry]] = {}
        self.snapshots: dict[tuple[str, str], Snapshot] = {}
        self.claims: dict[tuple[str, str, str], int] = {}
        self.shares: dict[str, list[MemoryShare]] = {}
        self.tables: dict[str, LoneTable] = {}
        self._grew = asyncio.Condition()

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[MemoryShare]:
        taking_part = self.shares.setdefault(role, [])
        share = MemoryShare(None if taking_part else frozenset(installations))
        taking_part.append(share)
        try:
            yield share
        finally:
            taking_part.remove(share)

    async def joined(self, role: str, count: int) -> None:
        """Returns when so many take part."""
        while len(self.shares.get(role, [])) < count:  # noqa: ASYNC110 - it is other tasks' turn, nothing else
            await asyncio.sleep(0)

    async def divide(self, role: str, *parts: Collection[str]) -> None:
        """One part for each who takes part, in order of coming. Nobody is given anything before all have let go."""
        for share in self.shares[role]:
            share.let_go.clear()
            share.news.put_nowait(frozenset())
        for share in self.shares[role]:
            await share.let_go.wait()
        for share, part in zip(self.shares[role], parts, strict=True):
            share.news.put_nowait(frozenset(part))

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[LoneTable]:
        yield self.tables.setdefault(name, LoneTable())

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        entries = self.topics.setdefault(topic, [])
        first = len(entries)
        entries += [Entry(one, first + n, self.now, data) for n, (one, data) in enumerate(items)]
        async with self._grew:
            self._grew.notify_all()
        return list(range(first, len(entries)))

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> MemoryReader:
        return MemoryReader(self, topic, after, only)

    async def installations(self, topic: str) -> list[str]:
        return sorted({one.installation for one in self.topics.get(topic, [])})

    async def last(self, topic: str, installations: Collection[str]) -> dict[str, Entry]:
        return {one.installation: one for one in self.topics.get(topic, []) if one.installation in installations}

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        self.snapshots[owner, installation] = snapshot

    async def load_snapshot(self, owner: str, installation: str) -> Snapshot | None:
        return self.snapshots.get((owner, installation))

    async def claim(self, topic: str, owner: str, installation: str, position: int) -> None:
        self.claims[topic, owner, installation] = position

    async def wait_beyond(self, topic: str, size: int, wait_s: float) -> None:
        """Returns when the topic has more than `size` entries, or after `wait_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s), self._grew:
                await self._grew.wait_for(lambda: len(self.topics.get(topic, [])) > size)


class MemoryReader:
    """Reads forward; one task."""

    def __init__(self, log: MemoryLog, topic: str, after: Mapping[str, int], only: Collection[str] | None) -> None:
        self._log, self._topic, self._after, self._only, self._at = log, topic, after, only, 0

    async def fetch(self, wait_s: float) -> list[Entry]:
        if len(self._log.topics.get(self._topic, [])) <= self._at:
            await self._log.wait_beyond(self._topic, self._at, wait_s)
        entries = self._log.topics.get(self._topic, [])[self._at :]
        self._at += len(entries)
        return [one for one in entries if one.position > self._after.get(one.installation, -1) and self._wants(one)]

    def _wants(self, entry: Entry) -> bool:
        return self._only is None or entry.installation in self._only
