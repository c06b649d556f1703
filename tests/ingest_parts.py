"""What the tests of ingest/ share: a log in memory and a small site."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from pipeline.errors import Transient
from pipeline.log import PLANT, Share, Table
from pipeline.lone import LoneTable, Whole
from pipeline.model import SYSTEM, DeadLetter
from pipeline.records import decode, decode_block
from pipeline.site import Installation, Point, Raw, Site, Source, Text

NAME = Text(en="x", zh="x")
POINTS = (
    Point(id="LT-101", name=NAME, quantity="level", unit="m", low=0, high=15),
    Point(id="TT-101", name=NAME, quantity="temperature", unit="°C", low=-20, high=120),
    Point(
        id="PT-101",
        name=NAME,
        quantity="pressure",
        unit="kPa",
        low=0,
        high=20,
        raw=Raw(low=4, high=20),
        alias="2PI-1101",
    ),
    Point(id="LSHH-101", name=NAME, quantity="state", unit="", states={0: "tripped", 1: "healthy"}),
    Point(id="TT-109", name=NAME, quantity="temperature", unit="°C", low=0, high=100, enabled=False),
)
TF1 = Installation(id="TF1", name=NAME, points=POINTS)
TF2 = Installation(id="TF2", name=NAME, points=POINTS[:1])


def site(*, installations: Sequence[Installation] = (TF1, TF2), sources: Sequence[Source] = ()) -> Site:
    return Site(id="test", name=NAME, installations=tuple(installations), sources=tuple(sources))


class KeptLog:
    """The appending half of a log, in memory, nobody else's; refuses as many appends as it is told to."""

    def __init__(self, refusing: int = 0) -> None:
        self.appends: list[list[tuple[str, bytes]]] = []
        self.refusing = refusing

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        assert topic == PLANT
        if self.refusing:
            self.refusing -= 1
            raise Transient("no room")
        self.appends.append(list(items))
        return [len(self.appends)] * len(items)

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[Share]:
        yield Whole(frozenset(installations))

    @asynccontextmanager
    async def table(self, name: str) -> AsyncIterator[Table]:
        yield LoneTable()

    def readings(self, installation: str = "TF1") -> list[tuple[str, int, float | None, int]]:
        """(point, stamp, value or None for NaN, flags) of all blocks, in order."""
        found = []
        for items in self.appends:
            for block in (decode_block(data) for name, data in items if name == installation):
                rows = zip(block.index, block.stamp, block.value, block.flags, strict=True)
                found += [(block.points[i], int(t), None if math.isnan(v) else float(v), int(f)) for i, t, v, f in rows]
        return found

    def letters(self) -> list[DeadLetter]:
        found = [decode(data) for items in self.appends for name, data in items if name == SYSTEM]
        assert all(isinstance(one, DeadLetter) for one in found)
        return found  # type: ignore[return-value]  # asserted above
