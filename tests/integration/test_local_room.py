"""The local log and the room it takes: trimming, claims, holes, a full disk, the ballast."""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import Transient
from pipeline.local_catalogue import Trimmed
from pipeline.local_housekeeping import Retention, free_bytes
from pipeline.local_log import LocalLog
from pipeline.local_segment import SegmentReader
from pipeline.local_trim import FOR_EVER, Keep
from pipeline.log import ALARM, PLANT, Entry
from pipeline.model import SYSTEM

ALL = Keep(10**15, 10**15)


def open_log(folder: Path, plant: Keep, told: list[Trimmed], now: Callable[[], int] = lambda: 1000) -> LocalLog:
    retention = Retention(plant=plant, alarm=ALL, ballast_bytes=0, segment_bytes=120_000)
    return LocalLog.open(folder, now, retention=retention, on_trimmed=told.append)


async def fill(log: LocalLog, count: int) -> None:
    """`count` entries of 10 kB of A, each with a small one of B before it: a segment holds five or so pairs."""
    for _ in range(count):
        await log.append(PLANT, [("B", b"b"), ("A", bytes(10_000))])


async def rest(log: LocalLog) -> list[Entry]:
    reader = log.reader(PLANT, {})
    entries: list[Entry] = []
    while batch := await reader.fetch(0):
        entries += batch
    return entries


def test_trimming_by_size_stops_at_the_slowest_claim_and_is_on_record(tmp_path: Path) -> None:
    told: list[Trimmed] = []

    async def run() -> None:
        async with open_log(tmp_path, Keep(10**15, 0), told) as log:
            await fill(log, 60)
            await log.claim(PLANT, "engine", "A", 110)
            await log.claim(PLANT, "engine", "B", 110)
            await log.claim(PLANT, "historian", "A", 51)
            done = await log.trim()
            entries = await rest(log)
            assert entries[0].position <= 52 < entries[-1].position
            assert entries[0].position > 30, "what nobody needs is gone"
            assert [entry.position for entry in entries] == list(range(entries[0].position, 121))
            await log.claim(PLANT, "historian", "A", FOR_EVER)
            done += await log.trim()
            assert told == done
            assert not any(trimmed.forced for trimmed in done)
        async with open_log(tmp_path, ALL, told) as log:
            first = (await rest(log))[0].position
            assert 52 < first <= 111
            kept = {(t.installation, t.from_position, t.to_position, t.forced) for t in log.trimmed()}
            assert kept == {("A", 2, first - 1, False), ("B", 1, first - 2, False)}
            assert log.health().holes == 0

    asyncio.run(run())
    assert len(list(tmp_path.glob("plant-*.db"))) < 5


def test_trimming_by_age_takes_what_is_older(tmp_path: Path) -> None:
    now = [0]

    async def run() -> None:
        async with open_log(tmp_path, Keep(5_000, 10**15), [], lambda: now[0]) as log:
            for _ in range(20):
                now[0] += 1000
                await fill(log, 5)
            await log.trim()
            stamps = [entry.stamp for entry in await rest(log)]
            assert 13_000 <= stamps[0] <= 15_000
            assert stamps[-1] == 20_000

    asyncio.run(run())


def test_trimming_goes_on_while_others_append_and_a_reader_that_was_behind_passes_over_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_log(tmp_path, Keep(10**15, 200_000), []) as log:
            await fill(log, 40)
            slow = log.reader(PLANT, {})
            opened = await slow.fetch(0)
            assert opened[0].position == 1
            behind = log.reader(PLANT, {"A": 10, "B": 10})
            await asyncio.gather(fill(log, 200), *(log.trim() for _ in range(20)))
            await log.trim()
            positions = [entry.position for entry in await behind.fetch(0)]
            assert positions[0] > 300
            assert positions == list(range(positions[0], positions[0] + len(positions)))
            assert (await slow.fetch(0))[0].position > opened[-1].position

    asyncio.run(run())
    assert sum(path.stat().st_size for path in tmp_path.glob("plant-*.db")) < 500_000


def test_claims_outlive_the_process(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_log(tmp_path, ALL, []) as log:
            await log.claim(PLANT, "historian", "A", 0)
            await fill(log, 30)
            await log.claim(PLANT, "historian", "A", 31)
        async with open_log(tmp_path, Keep(10**15, 0), []) as log:
            await log.trim()
            assert 1 < (await rest(log))[0].position <= 32

    asyncio.run(run())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 40 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def append_until_refused(log: LocalLog, topic: str, installation: str) -> tuple[list[int], str]:
    """The positions acknowledged, and why no more."""
    positions: list[int] = []
    while True:
        try:
            positions += await log.append(topic, [(installation, bytes(20_000))] * 5)
        except Transient as error:
            return positions, str(error)


def test_a_full_disk_uses_the_ballast_keeps_the_rest_for_alarms_and_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    async def run() -> None:
        filler = small_disk / "filler"
        async with LocalLog.open(small_disk / "data") as log:
            assert log.health().ballast_present
            await asyncio.to_thread(filler.write_bytes, bytes(free_bytes(small_disk) - 3_000_000))
            acknowledged, why = await append_until_refused(log, PLANT, "A")
            assert "disk is full" in why
            assert len(acknowledged) * 20_000 > 1_500_000
            health = log.health()
            assert not health.ballast_present
            assert health.last_error == why
            await log.append(PLANT, [(SYSTEM, b"log full")])
            events = await log.append(ALARM, [("A", b"event")] * 100)
            more, why = await append_until_refused(log, ALARM, "A")
            assert "disk is full" in why
            assert more
            await log.claim(PLANT, "historian", "A", 0)
            await asyncio.to_thread(filler.unlink)
            [position] = await log.append(PLANT, [("A", b"goes on")])
            await log.trim()
            assert log.health().ballast_present
            assert log.health().last_error is not None, "no alarm was appended since"
            await log.append(ALARM, [("A", b"goes on")])
            assert log.health().last_error is None
        async with LocalLog.open(small_disk / "data") as log:
            entries = await rest(log)
            assert [e.position for e in entries if e.installation == "A"] == [*acknowledged, position]
            reader = log.reader(ALARM, {})
            alarms = await reader.fetch(0)
            assert [entry.position for entry in alarms[:100]] == events

    asyncio.run(run())


def test_a_log_opens_and_goes_on_when_the_disk_filled_up_while_it_was_closed(small_disk: Path) -> None:
    async def run() -> None:
        async with LocalLog.open(small_disk / "data") as log:
            await log.append(PLANT, [("A", b"1")])
        fill_up(small_disk / "filler")
        async with LocalLog.open(small_disk / "data") as log:
            assert not log.health().ballast_present
            await log.append(PLANT, [("A", b"2")])
            assert [entry.data for entry in await rest(log)] == [b"1", b"2"]

    asyncio.run(run())


def fill_up(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_below_the_floor_the_historians_claim_is_given_up_but_not_the_engines(small_disk: Path) -> None:
    told: list[Trimmed] = []

    async def run() -> None:
        folder = small_disk / "data"
        async with LocalLog.open(folder, on_trimmed=told.append) as log:
            await log.claim(PLANT, "engine", "A", 0)
            await log.claim(PLANT, "historian", "A", 0)
            acknowledged, _ = await append_until_refused(log, PLANT, "A")
            assert await log.trim() == [], "the engine needs everything yet"
            await log.claim(PLANT, "engine", "A", acknowledged[-1] - 10)
            done = await log.trim()
            done += await log.trim()  # noting it took some room too
            assert done
            holes = [trimmed for trimmed in done if trimmed.forced]
            assert holes[0].from_position == 1
            assert {hole.owner for hole in holes} == {"historian"}
            assert all(a.to_position + 1 == b.from_position for a, b in itertools.pairwise(holes))
            assert (await rest(log))[0].position == holes[-1].to_position + 1
            assert free_bytes(small_disk) >= log.health().floor_bytes
            await log.append(PLANT, [("A", b"goes on")])
        async with LocalLog.open(folder) as log:
            assert log.health().holes == len(holes)
            assert [trimmed for trimmed in log.trimmed() if trimmed.forced] == holes
            assert told == done

    asyncio.run(run())


def test_an_error_of_the_disk_is_transient_and_writes_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with LocalLog.open(tmp_path, retention=Retention(ballast_bytes=0)) as log:
            await log.append(PLANT, [("A", b"1")])
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
            try:
                with pytest.raises(Transient, match="nothing was written"):
                    await log.append(PLANT, [("A", b"2"), ("A", bytes(1_000_000))])
                assert log.health().last_error is not None
                assert await log.append(PLANT, [("A", b"3")]) == [2]
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            await log.append(PLANT, [("A", bytes(1_000_000))])
            assert [entry.data[:1] for entry in await rest(log)] == [b"1", b"3", b"\0"]
            assert log.health().last_error is None

    asyncio.run(run())


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - health is asked for, it tells nobody
        await asyncio.sleep(0)


def test_tending_goes_on_after_a_pass_that_failed_and_shows_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with LocalLog.open(tmp_path / "log", retention=Retention(ballast_bytes=1_000_000)) as log:
            assert log.health().ballast_present
            await asyncio.to_thread((tmp_path / "log" / "ballast").unlink)
            await asyncio.to_thread((tmp_path / "log" / "ballast.new").mkdir)  # it cannot be made
            tending = asyncio.create_task(log.tend(every_s=0.01))
            await until(lambda: log.health().last_error is not None)
            assert "ballast" in str(log.health().last_error)
            await asyncio.to_thread((tmp_path / "log" / "ballast.new").rmdir)
            await until(lambda: log.health().ballast_present and log.health().last_error is None)
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)

    asyncio.run(run())


def test_tending_goes_on_when_the_disk_has_no_room_to_complete_an_old_segment(tmp_path: Path) -> None:
    async def run() -> None:
        retention = Retention(plant=ALL, alarm=ALL, ballast_bytes=0, segment_bytes=300_000)
        async with LocalLog.open(tmp_path, lambda: 1000, retention=retention) as log:
            reader = SegmentReader(tmp_path / f"plant-{1:020d}.db", 1, complete=False)
            await log.append(PLANT, [("A", b"1")])
            reader._db.execute("BEGIN")  # while somebody reads, the WAL cannot be copied whole
            reader._db.execute("SELECT count(*) FROM batch").fetchone()
            await log.append(PLANT, [("A", bytes(400_000))])
            await log.append(PLANT, [("A", b"in the next segment")])
            reader._db.execute("COMMIT")
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
            try:
                with pytest.raises(Transient):
                    await log.trim()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            reader.close()
            assert await log.trim() == []

    asyncio.run(run())
