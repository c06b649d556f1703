"""Several historians on one database and one log: the installations go back and forth, and nothing is stored twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import psycopg
import pytest

from historian import summaries
from historian.plant_batch import PlantBatches
from historian.store import Store
from historian.summaries import Touched
from historian.upkeep import Upkeep
from historian.writer import Historian
from pipeline import records
from pipeline.errors import Transient
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT, Entry, Log
from pipeline.site import Installation, Site
from tests.historian_parts import T0, add, block, caught_up, config, event, opened_log, point, rows, site, text

IDS = ("TF1", "TF2", "TF3", "SYSTEM")
ROOT = Path(__file__).parents[2]


def park() -> Site:
    tanks = tuple(Installation(id=id_, name=text(id_), points=(point("LT-1"),)) for id_ in IDS[:3])
    return Site(id="east-park", name=text("East"), installations=tanks)


class Division:
    """Who owns what. Each change is told as the port says: nothing while it is under way, until all have let go."""

    def __init__(self, members: int) -> None:
        self._news: list[asyncio.Queue[frozenset[str]]] = [asyncio.Queue() for _ in range(members)]
        self._asked = [asyncio.Event() for _ in range(members)]

    async def divide(self, *owned: Collection[str]) -> None:
        for news, asked in zip(self._news, self._asked, strict=True):
            asked.clear()
            news.put_nowait(frozenset())
        for asked in self._asked:
            await asyncio.wait_for(asked.wait(), 20)  # it took note, and asks for what is next
        for news, some in zip(self._news, owned, strict=True):
            news.put_nowait(frozenset(some))

    def log(self, log: LocalLog, member: int) -> Log:
        return cast("Log", _Shared(log, self._news[member], self._asked[member]))


class _Shared:
    def __init__(self, log: LocalLog, news: asyncio.Queue[frozenset[str]], asked: asyncio.Event) -> None:
        self._log, self._news, self._asked, self._last = log, news, asked, frozenset({"?"})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator["_Shared"]:
        yield self

    async def owned(self) -> frozenset[str]:
        if not self._last:
            self._asked.set()
        self._last = await self._news.get()
        return self._last


def play(folder: Path, scene: Callable[[LocalLog, list[int]], Awaitable[None]]) -> None:
    async def whole() -> None:
        now = [T0]
        async with opened_log(folder, now) as log:
            await scene(log, now)

    asyncio.run(whole())


async def feed(log: LocalLog, now: list[int], rounds: range) -> None:
    """In each round a reading and an alarm event of each installation."""
    for k in rounds:
        now[0] += 10
        for id_ in IDS[:3]:
            [at] = await add(log, PLANT, block(("LT-1", T0 + k, float(k))), installation=id_)
            told = event(at, 0, "UNACK", alarm=f"{id_}/LT-1/H", event_id=f"{id_}-{k}")
            await add(log, ALARM, records.encode(told), installation=id_)
        await asyncio.sleep(0.005)


def stored_once(database: str, count: int) -> None:
    expected = [(id_, count, count, float(count)) for id_ in sorted(IDS[:3])]
    counted = "select installation, count(*), count(distinct value), max(value) from hazardwatch.readings group by 1"
    assert rows(database, f"{counted} order by 1") == expected
    assert rows(database, "select count(*), count(distinct event_id) from hazardwatch.alarm_events") == [
        (3 * count, 3 * count)
    ]
    assert rows(database, "select sum(n)::bigint from hazardwatch.readings_1m") == [(3 * count,)]
    assert rows(database, "select count(*) from historian.gap") == [(0,)]


async def configured(log: LocalLog) -> None:
    for id_ in IDS[:3]:
        await add(log, PLANT, config(park(), id_), installation=id_)


async def all_caught_up(log: LocalLog, database: str) -> None:
    for topic in (PLANT, ALARM):
        for id_ in IDS[:3]:
            await caught_up(log, database, topic, id_)


def test_installations_that_go_back_and_forth_are_stored_once(tmp_path: Path, each_database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await configured(log)
        division, stop = Division(2), asyncio.Event()
        both = [Historian(division.log(log, n), park(), lambda: each_database) for n in range(2)]
        tasks = [asyncio.create_task(one.run(stop)) for one in both]
        feeding = asyncio.create_task(feed(log, now, range(1, 301)))
        turns = [(IDS, ()), (IDS[:2], IDS[2:]), (IDS[1:], IDS[:1]), ((), IDS), (IDS[:1], IDS[1:])]
        for first, second in turns:
            await division.divide(first, second)
            await asyncio.sleep(0.5)
        await feeding
        await all_caught_up(log, each_database)
        assert all(one.health()[PLANT].error is None for one in both)
        stop.set()
        await asyncio.gather(*tasks)

    play(tmp_path, scene)
    stored_once(each_database, 300)


def test_a_handed_over_installation_goes_on_without_reading_again(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind: list[str] = []
    whole = PlantBatches.take

    def watched(self: PlantBatches, entries: Any) -> Any:
        known = self.carried()
        behind.extend(one.installation for one in entries if one.position < known.get(one.installation, -1))
        return whole(self, entries)

    monkeypatch.setattr(PlantBatches, "take", watched)

    async def scene(log: LocalLog, now: list[int]) -> None:
        await configured(log)
        division, stop = Division(2), asyncio.Event()
        tasks = [
            asyncio.create_task(Historian(division.log(log, n), park(), lambda: database).run(stop)) for n in range(2)
        ]
        await division.divide(IDS, ())
        await feed(log, now, range(1, 51))
        await all_caught_up(log, database)
        for owned in (((), IDS), (IDS[:2], IDS[2:]), (IDS, ())):
            await division.divide(*owned)
        await feed(log, now, range(51, 101))
        await all_caught_up(log, database)
        stop.set()
        await asyncio.gather(*tasks)

    play(tmp_path, scene)
    stored_once(database, 100)
    assert behind == []


@pytest.mark.timeout(90)
def test_a_process_that_is_paused_in_the_midst_of_a_batch_does_no_harm(tmp_path: Path, each_database: str) -> None:
    """It holds its locks in the database; another takes over, and what the paused one then says is refused whole."""

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)), block(("LT-1", T0 + 1, 2.0)))
        stop = asyncio.Event()
        task = asyncio.create_task(Historian(log, site(), lambda: each_database).run(stop))
        await caught_up(log, each_database)
        stop.set()
        await task

    command = [sys.executable, "-m", "tests.historian_paused", each_database]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            while (line := child.stdout.readline()) != "in the midst\n":
                assert line, "the process ended too early"
            os.kill(child.pid, signal.SIGSTOP)
            play(tmp_path / "second", scene)
            os.kill(child.pid, signal.SIGCONT)
            said, _ = child.communicate("\n", timeout=30)
        finally:
            child.kill()
    assert said.startswith("Transient: ")
    assert rows(each_database, "select value from hazardwatch.readings order by time") == [(1.0,), (2.0,)]
    assert rows(each_database, "select sum(n) from hazardwatch.readings_1m") == [(2,)]


def test_a_stale_ones_batch_fails_whole(tmp_path: Path, database: str) -> None:
    def batch(old: Store) -> Any:
        batches = PlantBatches()
        batches.begin(old.stored(["TF1"]), {}, ())
        return batches.take([Entry("TF1", 1, T0, config(site())), Entry("TF1", 2, T0, block(("LT-1", T0, 1.0)))])

    stale, owner = (Store.open(database, site(), PLANT, Touched()) for _ in range(2))
    of_stale, of_owner = batch(stale), batch(owner)
    owner.write_plant(of_owner)
    with pytest.raises(Transient, match="another one writes these"):
        stale.write_plant(of_stale)
    for one in (stale, owner):
        one.close()
    assert rows(database, "select count(*) from historian.reading") == [(1,)]
    assert rows(database, "select count(*) from historian.series") == [(2,)]


def test_a_minute_is_not_summed_up_while_another_writes_to_it(database: str) -> None:
    """What is held is passed over; what was summed up meanwhile is marked anew by the one that writes."""
    minute = T0 - T0 % 60_000
    upkeep = Upkeep.open(database, site(), Touched())
    time = np.array([minute], np.int64)
    with psycopg.connect(database) as writer, writer.cursor() as cursor:
        summaries.mark(cursor, summaries.buckets_of(time))
        writer.commit()
        summaries.hold(cursor, time)
        assert upkeep.summaries.sum_up(0.0, 1.0) == 0
        writer.rollback()
        assert upkeep.summaries.sum_up(0.0, 1.0) == 2  # the minute and its hour
        summaries.hold(cursor, time)
        writer.commit()
    assert rows(database, "select count(*) from historian.dirty_minute") == [(1,)]
    upkeep.close()
