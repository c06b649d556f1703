"""The engine role over a log: however entries are grouped and wherever it dies, the alarm log says the same, once."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Collection, Mapping, Sequence

import msgspec
import pytest

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from hazardwatch.engine_role import EngineRole
from pipeline import records
from pipeline.log import ALARM, PLANT, Entry
from pipeline.model import Event, Standing, State
from pipeline.records import Kind
from pipeline.site import of_installation
from tests.engine_play import block_of
from tests.memory_log import MemoryLog, MemoryReader
from tests.oracle.records import Readings
from tests.oracle.sites import INSTALLATION, oracle_site
from tests.oracle.streams import seeded_stream

SITE = oracle_site()


class Died(Exception):
    """The process was killed."""


class MortalLog(MemoryLog):
    """Dies at the append numbered `dies_at`, before or after it is durable; hands out few entries at a time."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance, self.dies_at, self.durable = chance, -1, True

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        self.dies_at -= 1
        if self.dies_at == 0 and not self.durable:
            raise Died
        positions = await super().append(topic, items)
        if self.dies_at == 0:
            raise Died
        return positions

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> MemoryReader:
        return FewAtATime(self, topic, after, only)


class FewAtATime(MemoryReader):
    """Batches of any size."""

    async def fetch(self, wait_s: float) -> list[Entry]:
        entries = self._log.topics.get(self._topic, [])[self._at :][: random.Random(self._at).randint(1, 40)]
        if not entries:
            return await super().fetch(wait_s)
        self._at += len(entries)
        return [one for one in entries if one.position > self._after.get(one.installation, -1)]


async def _filled(seed: int, chance: random.Random) -> MortalLog:
    """A plant log: a configuration, then a nasty stream."""
    log = MortalLog(chance)
    stream = [one for one in seeded_stream(seed, SITE, records=120) if isinstance(one, Readings)]
    log.now = stream[0].received
    config = bytes([Kind.CONFIG]) + msgspec.json.encode(of_installation(SITE, INSTALLATION))
    await log.append(PLANT, [(INSTALLATION, config)])
    for record in stream:
        log.now = record.received
        data = records.encode_block(block_of(record.readings)) if record.readings else records.TICK_RECORD
        await log.append(PLANT, [(INSTALLATION, data)])
    return log


def _undisturbed(log: MemoryLog) -> list[str]:
    engine = Engine(INSTALLATION)
    return [event.event_id for entry in log.topics[PLANT] for event in engine.take(entry)]


def _said(log: MemoryLog) -> list[Event]:
    decoded = [records.decode(entry.data) for entry in log.topics.get(ALARM, []) if entry.data[0] == Kind.EVENT]
    return [event for event in decoded if isinstance(event, Event)]


async def _live(log: MortalLog) -> bool:
    """One life of the role: until it has judged everything (True) or died (False)."""
    role = EngineRole(log, SITE, snapshot_s=0)
    running = asyncio.create_task(role.run())
    caught_up = asyncio.create_task(role.caught_up.wait())
    await asyncio.wait({running, caught_up}, return_when=asyncio.FIRST_COMPLETED)
    for task in (running, caught_up):
        task.cancel()
    results = await asyncio.gather(running, caught_up, return_exceptions=True)
    return results[1] is True


@pytest.mark.parametrize("seed", range(8))
def test_wherever_it_dies_the_alarm_log_says_everything_once(seed: int) -> None:
    async def story() -> None:
        chance = random.Random(seed)
        log = await _filled(seed, chance)
        expected = _undisturbed(log)
        for _ in range(200):
            log.dies_at, log.durable = chance.randint(1, 6), chance.random() < 0.5
            if await _live(log):
                break
        said = _said(log)
        assert [event.event_id for event in said] == expected
        assert len(expected) > 10
        places = [(event.position, event.ordinal) for event in said]
        assert places == sorted(set(places))

    asyncio.run(story())


def test_a_full_state_says_what_stands_and_nothing_else() -> None:
    async def story() -> None:
        log = await _filled(3, random.Random(3))
        assert await _live(log)
        standing = [records.decode(entry.data) for entry in log.topics[ALARM] if entry.data[0] == Kind.STANDING]
        last: dict[str, Event] = {}
        for event in _said(log):
            if event.event not in ("refused", "late_excursion"):
                last[event.alarm] = event
        wanted = {alarm: event for alarm, event in last.items() if event.state != State.NORMAL}
        assert isinstance(standing[-1], Standing)
        assert standing[-1].alarms == wanted

    asyncio.run(story())


def test_an_installation_that_the_site_file_dropped_is_cleared_and_says_so() -> None:
    async def story() -> None:
        log = await _filled(3, random.Random(3))
        assert await _live(log)
        log.now += 1000
        emptied = msgspec.structs.replace(SITE, installations=())
        role = EngineRole(log, emptied, snapshot_s=0)
        running = asyncio.create_task(role.run())
        await role.caught_up.wait()
        while not any(event.reason == "removed" for event in _said(log)):
            await log.wait_beyond(ALARM, len(log.topics[ALARM]), 5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        removed = [event for event in _said(log) if event.reason == "removed"]
        assert {event.state for event in removed} == {State.NORMAL}
        assert role.installations() == [INSTALLATION], "or the end of its log would have to be searched for"

    asyncio.run(story())


def test_an_engine_that_judges_in_its_thread_is_not_asked_for_its_reviews_from_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judging, asked, done = threading.Event(), threading.Event(), threading.Event()

    def take(_desk: EngineDesk, _entry: Entry) -> list[bytes]:
        judging.set()
        asked.wait(10)
        done.set()
        return []

    def reviews(_engine: Engine) -> int:
        assert not judging.is_set() or done.is_set(), "the facts change while they are counted"
        return 0

    async def story() -> None:
        monkeypatch.setattr(EngineDesk, "take", take)
        monkeypatch.setattr(Engine, "reviews_overdue", reviews)
        role = EngineRole(MemoryLog(), SITE)
        running = asyncio.create_task(role.run())
        assert await asyncio.to_thread(judging.wait, 10)
        assert role.reviews_overdue() == 0
        asked.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
