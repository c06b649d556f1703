"""A log in memory that several doors share: one plant topic, one division, one table of each name for all.

The share deals installations to its members like a consumer group: everybody hears the empty set first, and the new
division begins once all have asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from pipeline.log import Table
from pipeline.lone import LoneTable
from tests.ingest_parts import KeptLog


class Member:
    """One process's share."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.parts: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self.asked = asyncio.Event()

    async def owned(self) -> frozenset[str]:
        self.asked.set()
        part = await self.parts.get()
        self.asked.clear()
        return part


class Group:
    """Who shares, and what."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._turn = asyncio.Lock()

    async def divide(self, installations: Collection[str]) -> None:
        """Everybody lets go, then everybody has a part."""
        async with self._turn:
            present = list(self.members)
            for member in present:
                await member.asked.wait()
                member.parts.put_nowait(frozenset())
            for member in present:
                while not member.parts.empty():  # noqa: ASYNC110  # it is to take the empty set before it asks again
                    await asyncio.sleep(0.001)
                await member.asked.wait()
            for at, member in enumerate(present):
                member.parts.put_nowait(frozenset(sorted(installations)[at :: len(present)]))


class SharedLog(KeptLog):
    """KeptLog for several; `group` lets a test divide anew."""

    def __init__(self, refusing: int = 0) -> None:
        super().__init__(refusing)
        self.group = Group()
        self.tables: dict[str, LoneTable] = {}

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[Member]:
        member = Member(self.group)
        self.group.members.append(member)
        dividing = asyncio.create_task(self.group.divide(installations))
        try:
            yield member
        finally:
            dividing.cancel()
            if member in self.group.members:
                self.group.members.remove(member)

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[Table]:
        yield self.tables.setdefault(name, LoneTable())
