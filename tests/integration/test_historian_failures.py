"""Exactly once, whatever is killed: the historian's process, its connections, the server."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from historian.database import Cursor
from historian.private_server import PrivateServer
from historian.processes import postmaster_of
from historian.store import Store
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from tests.historian_parts import T0, add, block, caught_up, config, opened_log, readings, rows, running, site, until

ROOT = Path(__file__).parents[2]


def numbers(dsn: str) -> list[int]:
    return [int(value or 0) for (value,) in rows(dsn, "select value from hazardwatch.readings order by value")]


def writes_to(log: Path, pid: int) -> None:
    """Returns once that process has opened the log: on a busy machine Python alone may take seconds to start."""
    lock, end = log / "writer.lock", time.monotonic() + 60
    while not lock.exists() or lock.read_text() != str(pid):
        assert time.monotonic() < end, "the process never came to its log"
        time.sleep(0.01)


def test_every_reading_is_stored_once_though_the_process_is_killed_again_and_again(
    tmp_path: Path, database: str
) -> None:
    last = 30_000
    command = [sys.executable, "-m", "tests.historian_child", str(tmp_path / "log"), database]
    wait = random.Random(7)
    for _ in range(8):
        child = subprocess.Popen([*command, str(10**9)], cwd=ROOT, stdout=subprocess.DEVNULL)
        writes_to(tmp_path / "log", child.pid)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(wait.uniform(0.3, 1.5))
        child.kill()
        child.wait()

    async def newest() -> int:
        async with LocalLog.open(tmp_path / "log") as log:
            reader, count = log.reader(PLANT, {}), 0
            while entries := await reader.fetch(0):
                count += len(entries)
            return count

    assert asyncio.run(newest()) > 100
    subprocess.run([*command, str(last)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=120)
    found = numbers(database)
    assert len(found) >= last
    assert found == list(range(1, len(found) + 1))
    assert rows(database, "select sum(n)::bigint from hazardwatch.readings_1m") == [(len(found),)]
    assert rows(database, "select count(*) from historian.gap") == [(0,)]


def play(folder: Path, scene: Callable[[LocalLog, list[int]], Awaitable[None]]) -> None:
    async def whole() -> None:
        now = [T0]
        async with opened_log(folder, now) as log:
            await scene(log, now)

    asyncio.run(whole())


async def feed(log: LocalLog, now: list[int], first: int, count: int, pause_s: float = 0.005) -> None:
    for k in range(first, first + count):
        now[0] += 10
        await add(log, PLANT, block(("LT-1", T0 + k, float(k))))
        await asyncio.sleep(pause_s)


def test_every_reading_is_stored_once_though_connections_are_cut(tmp_path: Path, database: str) -> None:
    cut = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), lambda: database) as historian:
            feeding = asyncio.create_task(feed(log, now, 1, 600))
            for _ in range(6):
                await asyncio.sleep(0.6)
                await asyncio.to_thread(rows, database, cut)
            await feeding
            await caught_up(log, database)
            health = historian.health()[PLANT]
        assert health.connected
        assert health.error is None

    play(tmp_path, scene)
    assert numbers(database) == list(range(1, 601))


def test_a_server_that_stops_and_comes_back_misses_nothing(tmp_path: Path) -> None:
    server = PrivateServer(tmp_path / "server")
    dsn = server.ready()

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), lambda: dsn) as historian:
            await feed(log, now, 1, 50)
            await caught_up(log, dsn)
            await asyncio.to_thread(server.stop)
            await feed(log, now, 51, 50)
            await until(lambda: not historian.health()[PLANT].connected)
            assert historian.health()[PLANT].error
            await asyncio.to_thread(server.ready)
            await caught_up(log, dsn)
            assert historian.health()[PLANT].connected

    try:
        play(tmp_path / "log", scene)
        assert numbers(dsn) == list(range(1, 101))
    finally:
        server.stop()


def test_a_private_server_that_is_killed_is_started_again(tmp_path: Path) -> None:
    server = PrivateServer(tmp_path / "server")
    dsn = server.ready()

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), server.ready):
            for round_ in range(3):
                feeding = asyncio.create_task(feed(log, now, 1 + 100 * round_, 100))
                await asyncio.sleep(0.2)
                postmaster = postmaster_of(tmp_path / "server" / "postgres" / "data")
                assert postmaster is not None
                os.kill(postmaster, signal.SIGKILL)
                await feeding
                await caught_up(log, dsn)

    try:
        play(tmp_path / "log", scene)
        assert numbers(dsn) == list(range(1, 301))
    finally:
        server.stop()


def test_a_write_that_fails_half_way_leaves_nothing(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from historian import copy_binary

    whole = copy_binary.encode
    failures = iter([True, True, False, True])

    def cut_short(some: copy_binary.Rows) -> bytes:
        if next(failures, False):
            raise psycopg.OperationalError("the line went dead")
        return whole(some)

    monkeypatch.setattr(copy_binary, "encode", cut_short)

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), lambda: database):
            await feed(log, now, 1, 300)
            await caught_up(log, database)

    play(tmp_path, scene)
    assert numbers(database) == list(range(1, 301))
    assert len(readings(database)) == 300


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "before the commit is known"])
def test_a_connection_lost_at_the_commit_stores_every_reading_once(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    whole = Store._transaction
    cut = iter([False, False, True, False, True, True])

    @contextmanager
    def cut_off(self: Store) -> Iterator[Cursor]:
        now = next(cut, False)
        with whole(self) as cursor:
            yield cursor
            if now and not committed:
                raise psycopg.OperationalError("the line went dead")
        if now:
            raise psycopg.OperationalError("the line went dead")

    monkeypatch.setattr(Store, "_transaction", cut_off)

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), lambda: database):
            await feed(log, now, 1, 300)
            await caught_up(log, database)

    play(tmp_path, scene)
    assert next(cut, None) is None, "the line was to be cut more often"
    assert numbers(database) == list(range(1, 301))
    assert len(readings(database)) == 300
