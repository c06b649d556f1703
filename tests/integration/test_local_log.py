"""What the local log promises beyond the port: one writer, reading beside it, its clock, its health."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, Transient
from pipeline.local_housekeeping import Retention
from pipeline.local_log import LocalLog
from pipeline.local_writer import MAX_WAITING_BYTES
from pipeline.log import ALARM, PLANT, Snapshot

SMALL = Retention(ballast_bytes=0, segment_bytes=100_000)


def play(
    folder: Path, scene: Callable[[LocalLog], Coroutine[object, object, None]], *, read_only: bool = False
) -> None:
    async def run() -> None:
        async with LocalLog.open(folder, retention=SMALL, read_only=read_only) as log:
            await scene(log)

    asyncio.run(run())


async def nothing(_: LocalLog) -> None:
    """Only opens and closes."""


def test_entries_carry_the_clock_at_append_even_when_it_goes_back(tmp_path: Path) -> None:
    times = iter([1000, 2000, 500])

    async def run() -> None:
        async with LocalLog.open(tmp_path, lambda: next(times), retention=SMALL) as log:
            for data in (b"1", b"2", b"3"):
                await log.append(PLANT, [("A", data)])
            entries = await log.reader(PLANT, {}).fetch(0)
            assert [(entry.data, entry.stamp) for entry in entries] == [(b"1", 1000), (b"2", 2000), (b"3", 500)]

    asyncio.run(run())


def test_a_second_process_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    async def scene(_: LocalLog) -> None:
        code = "import asyncio, sys; from pathlib import Path; from pipeline.local_log import LocalLog\n"
        code += "asyncio.run(LocalLog.open(Path(sys.argv[1])).__aenter__())"
        other = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert other.returncode == 1
        assert f"in use by another hazardwatch (process {os.getpid()})" in other.stderr
        assert "ConfigError" in other.stderr

    play(tmp_path, scene)
    play(tmp_path, nothing)  # and the folder is free again


def test_a_reader_beside_the_writer_follows_it_and_may_not_write(tmp_path: Path) -> None:
    async def beside(writing: LocalLog) -> None:
        await writing.append(PLANT, [("A", b"1")])
        await writing.save_snapshot("engine", "A", Snapshot(1, b"state"))
        async with LocalLog.open(tmp_path, read_only=True) as log:
            reader = log.reader(PLANT, {})
            assert [entry.data for entry in await reader.fetch(0)] == [b"1"]
            waiting = asyncio.create_task(reader.fetch(30))
            for n in range(60):  # over several segments
                await writing.append(PLANT, [("A", b"%d" % n + bytes(10_000))])
            got = [entry.data for entry in await waiting]
            while len(got) < 60:
                got += [entry.data for entry in await reader.fetch(30)]
            assert [data.rstrip(b"\0") for data in got] == [b"%d" % n for n in range(60)]
            assert (await log.last(PLANT, ["A"]))["A"].position == 61
            assert await log.load_snapshot("engine", "A") == Snapshot(1, b"state")
            with pytest.raises(ConfigError, match="for reading only"):
                await log.append(PLANT, [("A", b"2")])
            with pytest.raises(ConfigError, match="for reading only"):
                await log.claim(PLANT, "x", "A", 1)

    play(tmp_path, beside)


def test_a_log_that_nobody_writes_now_can_be_read(tmp_path: Path) -> None:
    async def write(log: LocalLog) -> None:
        for n in range(50):
            await log.append(PLANT, [("A", b"%d" % n + bytes(10_000))])

    async def read(log: LocalLog) -> None:
        reader = log.reader(PLANT, {})
        entries = await reader.fetch(0)
        assert [entry.position for entry in entries[:3]] == [1, 2, 3]

    play(tmp_path, write)
    before = sorted(path.name for path in tmp_path.iterdir())
    play(tmp_path, read, read_only=True)
    assert {name for name in before if name.endswith(".db")} == {path.name for path in tmp_path.glob("*.db")}


def test_what_a_killed_process_left_can_be_read_before_it_is_written_again(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.log_child", "local, many segments", str(tmp_path), "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(200)]
    child.kill()
    child.stdout.close()
    child.wait()

    async def read(log: LocalLog) -> None:
        reader = log.reader(PLANT, {})
        entries = []
        while batch := await reader.fetch(0):
            entries += batch
        assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
        assert len(entries) >= int(said[-1].split()[2])

    play(tmp_path, read, read_only=True)


def test_reading_where_no_log_is_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no log here"):
        play(tmp_path, nothing, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_log_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    play(tmp_path, nothing)
    for file in ("log.db", "plant-00000000000000000001.db"):
        with sqlite3.connect(tmp_path / file) as db:
            db.execute("PRAGMA user_version = 2")
        db.close()
        with pytest.raises(ConfigError, match=rf"{file} was written by a newer hazardwatch \(layout 2"):
            play(tmp_path, nothing)
        with sqlite3.connect(tmp_path / file) as db:
            db.execute("PRAGMA user_version = 1")
        db.close()
    play(tmp_path, nothing)


def test_what_waits_for_the_disk_is_bounded_and_every_append_gets_through(tmp_path: Path) -> None:
    async def scene(log: LocalLog) -> None:
        data = bytes(MAX_WAITING_BYTES // 10)
        appends = [asyncio.create_task(log.append(ALARM, [("A", data)])) for _ in range(40)]
        largest = 0
        while not all(append.done() for append in appends):
            largest = max(largest, log.health().waiting_bytes)
            await asyncio.sleep(0)
        assert MAX_WAITING_BYTES // 2 < largest <= MAX_WAITING_BYTES
        assert [append.result() for append in appends] == [[n] for n in range(1, 41)]
        [position] = await log.append(ALARM, [("A", bytes(MAX_WAITING_BYTES + 1))])  # alone, it may be larger
        assert position == 41

    play(tmp_path, scene)


def test_a_cancelled_append_does_not_disturb_the_others(tmp_path: Path) -> None:
    async def scene(log: LocalLog) -> None:
        appends = [asyncio.create_task(log.append(PLANT, [("A", b"%d" % n)])) for n in range(20)]
        await asyncio.sleep(0)
        for append in appends[::3]:
            append.cancel()
        results = await asyncio.gather(*appends, return_exceptions=True)
        by_position = {entry.position: entry.data for entry in await log.reader(PLANT, {}).fetch(0)}
        for n, result in enumerate(results):
            if isinstance(result, list):
                assert by_position[result[0]] == b"%d" % n
        assert sum(isinstance(result, list) for result in results) == 13
        assert log.health().waiting_bytes == 0

    play(tmp_path, scene)


def test_closing_writes_what_waits_and_then_takes_nothing_more(tmp_path: Path) -> None:
    async def run() -> None:
        async with LocalLog.open(tmp_path, retention=SMALL) as log:
            waiting = [asyncio.create_task(log.append(PLANT, [("A", b"%d" % n)])) for n in range(100)]
            await asyncio.sleep(0)
        assert await asyncio.gather(*waiting) == [[n] for n in range(1, 101)]
        with pytest.raises(Transient, match="closed"):
            await log.append(PLANT, [("A", b"late")])

    asyncio.run(run())


def test_a_quiet_plants_segment_ends_after_a_day(tmp_path: Path) -> None:
    day = 24 * 3_600_000
    times = iter([0, day - 1, day, day + 1])

    async def run() -> None:
        async with LocalLog.open(tmp_path, lambda: next(times), retention=SMALL) as log:
            for _ in range(4):
                await log.append(PLANT, [("A", b"")])

    asyncio.run(run())
    assert [int(path.stem[-20:]) for path in sorted(tmp_path.glob("plant-*.db"))] == [1, 3]
