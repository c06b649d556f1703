"""Engines that share a plant: wherever installations move, and whoever comes back, the events are the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import msgspec
import pytest

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from hazardwatch.engine_role import EngineRole
from pipeline import records
from pipeline.log import ALARM, PLANT, Entry
from pipeline.model import Event
from pipeline.records import Kind
from pipeline.site import Site, of_installation
from tests.engine_play import block_of
from tests.memory_log import MemoryLog, MemoryShare
from tests.oracle.records import Readings
from tests.oracle.sites import oracle_site
from tests.oracle.streams import seeded_stream

IDS = ("T1", "T2", "T3", "T4")


def _copy(site: Site, id_: str) -> Site:
    return msgspec.json.decode(msgspec.json.encode(site).replace(b"TF1", id_.encode()), type=Site)


SITE = msgspec.structs.replace(
    oracle_site(), installations=tuple(one for id_ in IDS for one in _copy(oracle_site(), id_).installations)
)


class Everything(MemoryLog):
    """The log as one sees it who was held up and still believes that all is its own."""

    def __init__(self, log: MemoryLog) -> None:
        self.__dict__ = log.__dict__

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[MemoryShare]:
        yield MemoryShare(frozenset(installations))


class Plant:
    """Records of all installations in the order of time, appended some at a time, and engines over them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.log = MemoryLog()
        self._coming = sorted(
            (one.received, id_, data)
            for number, id_ in enumerate(IDS)
            for one in seeded_stream(10 * seed + number, oracle_site(), records=100)
            if isinstance(one, Readings)
            for data in [records.encode_block(block_of(one.readings)) if one.readings else records.TICK_RECORD]
        )
        self.log.now = self._coming[0][0]
        self.roles: list[asyncio.Task[None]] = []
        self.haunted = 0

    async def more(self) -> bool:
        """The next records, while there are any."""
        for _ in range(self.chance.randint(1, 15)):
            if not self._coming:
                return False
            self.log.now, id_, data = self._coming.pop(0)
            await self.log.append(PLANT, [(id_, data)])
        return True

    async def start(self, log: MemoryLog | None = None) -> None:
        """One more engine."""
        self.roles.append(asyncio.create_task(EngineRole(log or self.log, SITE, snapshot_s=0).run()))
        await self.log.joined("engine", len(self.roles) - self.haunted)
        while not all(_configured(self.log, id_) for id_ in IDS):
            await self.log.wait_beyond(PLANT, len(self.log.topics.get(PLANT, [])), 5)

    async def kill(self, role: asyncio.Task[None]) -> None:
        self.roles.remove(role)
        role.cancel()
        await asyncio.gather(role, return_exceptions=True)

    async def divide(self) -> None:
        parts: list[list[str]] = [[] for _ in self.log.shares["engine"]]
        for id_ in IDS:
            self.chance.choice(parts).append(id_)
        await self.log.divide("engine", *parts)

    async def told(self) -> dict[str, list[str]]:
        """What a reader of the alarm log takes, once the engines have judged all."""
        expected = self.expected()
        while (told := self._read()) != expected:
            for role in self.roles:
                assert not role.done(), role.exception()
            before = len(self.log.topics.get(ALARM, []))
            await self.log.wait_beyond(ALARM, before, 5)
            if len(self.log.topics.get(ALARM, [])) == before:
                break
        return told

    def expected(self) -> dict[str, list[str]]:
        engines = {id_: Engine(id_) for id_ in IDS}
        found: dict[str, list[str]] = {id_: [] for id_ in IDS}
        for entry in self.log.topics[PLANT]:
            found[entry.installation] += [one.event_id for one in engines[entry.installation].take(entry)]
        return found

    def _read(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {id_: [] for id_ in IDS}
        seen = dict.fromkeys(IDS, (-1, -1))
        for entry in self.log.topics.get(ALARM, []):
            if entry.data[0] == Kind.EVENT:
                event = records.decode(entry.data)
                assert isinstance(event, Event)
                if (event.position, event.ordinal) > seen[entry.installation]:
                    seen[entry.installation] = (event.position, event.ordinal)
                    found[entry.installation].append(event.event_id)
        return found

    def events_said(self) -> int:
        return sum(one.data[0] == Kind.EVENT for one in self.log.topics.get(ALARM, []))

    async def end(self) -> None:
        for role in list(self.roles):
            await self.kill(role)


@pytest.mark.parametrize("seed", range(3))
def test_installations_that_move_while_readings_come_give_the_same_events(seed: int) -> None:
    async def story() -> None:
        plant = Plant(seed)
        for _ in range(3):
            await plant.start()
        moves = 0
        while await plant.more():
            if plant.chance.random() < 0.5:
                await plant.divide()
                moves += 1
            if plant.chance.random() < 0.2:
                await plant.kill(plant.chance.choice(plant.roles))
                await plant.start()
                await plant.divide()
        told = await plant.told()
        await plant.end()
        assert told == plant.expected()
        assert moves > 3
        assert sum(len(one) for one in told.values()) > 40

    asyncio.run(story())


def test_an_engine_that_believes_all_is_still_its_own_says_things_twice_and_changes_nothing() -> None:
    async def story() -> None:
        plant = Plant(1)
        plant.haunted = 1  # one of them does not take part in any division
        await plant.start(Everything(plant.log))
        await plant.start()
        while await plant.more():
            pass
        once = sum(len(one) for one in plant.expected().values())
        while (said := plant.events_said()) < 2 * once:
            await plant.log.wait_beyond(ALARM, len(plant.log.topics.get(ALARM, [])), 5)
        told = await plant.told()
        await plant.end()
        assert told == plant.expected()
        assert said == 2 * once

    asyncio.run(story())


def test_an_installation_on_which_judging_fails_stands_still_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = EngineDesk.take

    def failing(desk: EngineDesk, entry: Entry) -> list[bytes]:
        if desk.engine.installation == "T2" and entry.position > 200:
            raise ZeroDivisionError("a fault of ours")
        return take(desk, entry)

    monkeypatch.setattr(EngineDesk, "take", failing)

    async def story() -> None:
        plant = Plant(2)
        while await plant.more():
            pass
        role = EngineRole(plant.log, SITE, snapshot_s=0)
        running = asyncio.create_task(role.run())
        while not all(_configured(plant.log, id_) for id_ in IDS if id_ != "T2"):
            await plant.log.wait_beyond(PLANT, len(plant.log.topics[PLANT]), 5)
        await _judged(plant.log, ["T1", "T3", "T4"])
        assert [id_ for id_ in IDS if role.judges(id_)] == ["T1", "T3", "T4"]
        assert "T2 stands still at position 2" in str(role.trouble())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        kept = plant.log.snapshots.get(("engine", "T2"))
        assert kept is None or kept.position <= 200
        told = plant._read()
        expected = plant.expected()
        assert {id_: told[id_] for id_ in IDS if id_ != "T2"} == {id_: expected[id_] for id_ in IDS if id_ != "T2"}

    asyncio.run(story())


def _configured(log: MemoryLog, id_: str) -> list[Site]:
    return [
        records.decode_site(one.data)
        for one in log.topics.get(PLANT, [])
        if one.installation == id_ and one.data[0] == Kind.CONFIG
    ]


def _renamed(name: str) -> Site:
    people = tuple(msgspec.structs.replace(one, name=name) for one in SITE.people)
    return msgspec.structs.replace(SITE, people=people)


async def _judged(log: MemoryLog, ids: Collection[str]) -> None:
    """Returns when all that was appended to these is judged."""
    for id_ in ids:
        while True:
            entries = log.topics.get(ALARM, [])
            last = (await log.last(PLANT, [id_])).get(id_)
            judged = [records.decode(one.data) for one in entries if one.installation == id_ and one.data[0] == 17]
            if last is not None and any(getattr(one, "position", -1) >= last.position for one in judged):
                break
            await log.wait_beyond(ALARM, len(entries), 5)


def test_the_file_of_the_process_started_last_wins_and_moves_do_not_flip_it() -> None:
    async def story() -> None:
        log = MemoryLog(1_700_000_000_000)
        old, new = EngineRole(log, _renamed("old")), EngineRole(log, _renamed("new"))
        running = [asyncio.create_task(old.run())]
        await old.caught_up.wait()
        await _judged(log, IDS)
        running.append(asyncio.create_task(new.run()))
        await log.joined("engine", 2)
        for parts in ((), IDS), (IDS, ()), ((), IDS), (IDS, ()):
            await log.divide("engine", *parts)
            log.now += 1000
            await log.append(PLANT, [(id_, records.TICK_RECORD) for id_ in IDS])
            await _judged(log, IDS)
        applied = of_installation(_renamed("by hand"), "T1")
        await log.append(PLANT, [("T1", records.encode_site(applied))])
        await _judged(log, ["T1"])
        await log.divide("engine", (), IDS)
        log.now += 1000
        await log.append(PLANT, [(id_, records.TICK_RECORD) for id_ in IDS])
        await _judged(log, IDS)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert [one.people[0].name for one in _configured(log, "T1")] == ["old", "new", "by hand"]
        assert [one.people[0].name for one in _configured(log, "T2")] == ["old", "new"]

    asyncio.run(story())


def test_an_installation_that_only_a_newer_process_knows_is_judged_by_that_ones_configuration() -> None:
    async def story() -> None:
        log, wanted = MemoryLog(now=1_700_000_000_000), of_installation(SITE, "T4")
        older = msgspec.structs.replace(SITE, installations=SITE.installations[:3])
        roles = [asyncio.create_task(EngineRole(log, older).run())]
        await log.joined("engine", 1)
        await log.divide("engine", IDS)  # the newer one has said where T4 is
        while not all(_configured(log, id_) for id_ in IDS[:3]):
            await log.wait_beyond(PLANT, len(log.topics.get(PLANT, [])), 5)
        roles.append(asyncio.create_task(EngineRole(log, SITE).run()))
        while not _configured(log, "T4"):
            await log.wait_beyond(PLANT, len(log.topics[PLANT]), 5)
        await log.divide("engine", IDS[:3], IDS[3:])
        await log.divide("engine", IDS, [])
        found = [one.data for one in log.topics[PLANT] if one.installation == "T4"]
        for role in roles:
            role.cancel()
        await asyncio.gather(*roles, return_exceptions=True)
        assert [records.decode_site(one) for one in found] == [wanted]

    asyncio.run(story())
