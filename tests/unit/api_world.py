"""A plant for the tests of the HTTP interface: one site, a log in memory, an engine that answers as told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.log import ALARM, Entry, Snapshot
from pipeline.model import Event, Judged
from pipeline.records import encode
from pipeline.site import Alarm, Installation, Person, Point, Site, Text
from tests.memory_log import Undivided


def text(words: str) -> Text:
    return Text(en=words, zh=words + "。")


HH = Alarm(
    id="TF1/LT-101/HH",
    name="HH",
    point="LT-101",
    kind="high",
    alarm_class="safety",
    priority="critical",
    setpoint=13.2,
    action=text("Close MOV-101"),
)
H = Alarm(id="TF1/LT-101/H", name="H", point="LT-101", kind="high", alarm_class="process", priority="high")
SITE = Site(
    id="east-park",
    name=text("East"),
    language="zh-CN",
    installations=(
        Installation(
            id="TF1",
            name=text("Tank farm"),
            owner="desk",
            points=(Point(id="LT-101", name=text("Tank 101 level"), quantity="level", unit="m", alarms=(HH, H)),),
        ),
        Installation(id="TF2", name=text("Chlorine store")),
    ),
    people=(Person(id="li.wei", name="李伟", language="zh-CN"),),
)
_LATEST = Event(
    event_id="e",
    seq=1,
    time=1_000,
    decided=1_120,
    alarm=HH.id,
    occurrence="o1",
    event="raised",
    from_state="NORMAL",
    state="UNACK",
    priority="critical",
    value=13.21,
    setpoint=13.2,
    unit="m",
    actor=None,
    note=None,
    reason="limit",
    position=1,
)


def event(**change: Any) -> Event:
    return msgspec.structs.replace(_LATEST, **change)


class MemoryLog(Undivided):
    """The log port over lists; one topic's positions count from 1. Appends to PLANT are shown to `engine`."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.snapshots: dict[tuple[str, str], Snapshot] = {}
        self.engine: Any = None

    def put(self, topic: str, installation: str, data: bytes) -> int:
        entries = self.entries.setdefault(topic, [])
        entries.append(Entry(installation, len(entries) + 1, 0, data))
        return len(entries)

    def say(self, record: Event | Judged, installation: str = "TF1") -> None:
        self.put(ALARM, installation, encode(record))

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        positions = [self.put(topic, *item) for item in items]
        if self.engine is not None:
            self.engine(positions[0], items[0][1])
        return positions

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> MemoryReader:
        return MemoryReader(self.entries.setdefault(topic, []), after)

    async def installations(self, topic: str) -> list[str]:
        return sorted({entry.installation for entry in self.entries.get(topic, [])})

    async def last(self, topic: str, installations: Collection[str]) -> dict[str, Entry]:
        return {one.installation: one for one in self.entries.get(topic, []) if one.installation in installations}

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        self.snapshots[owner, installation] = snapshot

    async def load_snapshot(self, owner: str, installation: str) -> Snapshot | None:
        return self.snapshots.get((owner, installation))

    async def claim(self, topic: str, owner: str, installation: str, position: int) -> None:
        raise AssertionError("the board holds nothing back")


class MemoryReader:
    def __init__(self, entries: list[Entry], after: Mapping[str, int]) -> None:
        self._entries, self._after, self._next = entries, after, 0

    async def fetch(self, wait_s: float) -> list[Entry]:
        import asyncio

        await asyncio.sleep(0)
        found, self._next = self._entries[self._next :], len(self._entries)
        return [one for one in found if one.position > self._after.get(one.installation, 0)]
