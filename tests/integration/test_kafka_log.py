"""What only a log that several processes share has to do, against a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition

from pipeline import kafka_share
from pipeline.errors import ConfigError, Permanent
from pipeline.kafka_log import KafkaLog
from pipeline.kafka_snapshots import MANIFESTS
from pipeline.kafka_topics import RECORD_BYTES
from pipeline.log import ALARM, PLANT, Log, Snapshot
from tests import kafka_parts
from tests.integration.test_log_contract import drain

pytestmark = pytest.mark.services

Play = Callable[[Callable[[str], Coroutine[object, object, None]]], None]


@pytest.fixture
def play(kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Runs a coroutine with a site of this test's own, whose topics have six partitions."""
    monkeypatch.setenv(kafka_parts.BROKER, kafka)

    def run(scene: Callable[[str], Coroutine[object, object, None]]) -> None:
        async def prepared() -> None:
            site = kafka_parts.site_of(tmp_path)
            await kafka_parts.make_topics(kafka_parts.access(), site, 6)
            async with asyncio.timeout(60):
                await scene(site)

        asyncio.run(prepared())

    return run


def opened(site: str) -> KafkaLog:
    return KafkaLog.open(kafka_parts.access(), site)


class Role:
    """A process's task: knows what it owns, and lets go at once when it is to."""

    def __init__(self, log: Log, installations: Collection[str]) -> None:
        self._log, self._installations = log, installations
        self.owned: frozenset[str] = frozenset()
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with self._log.share("engine", self._installations) as share:
            while True:
                owned = await share.owned()
                async with self._changed:
                    self.owned = owned
                    self._changed.notify_all()

    async def until(self, wanted: Callable[[frozenset[str]], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: wanted(self.owned))

    async def end(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


NAMES = [f"TF{n}" for n in range(6)]


def test_processes_divide_the_installations_and_take_over_from_one_that_leaves_or_is_killed(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other:
            first = Role(log, NAMES)
            await first.until(lambda owned: owned == set(NAMES))
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.integration.share_child", site, "engine", stdout=asyncio.subprocess.PIPE
            )
            assert child.stdout is not None
            await first.until(lambda owned: len(owned) == 3)
            taken = set((await child.stdout.readline()).decode().split())
            kept = first.owned
            assert taken | kept == set(NAMES), "between them they have all, and none twice"
            second = Role(other, NAMES)
            await second.until(lambda owned: len(owned) == 2)
            await first.until(lambda owned: len(owned) == 2)
            assert first.owned < kept, "who stays keeps what it can"
            child.kill()
            await child.wait()
            await first.until(lambda owned: len(owned) == 3)
            await second.until(lambda owned: len(owned) == 3)
            assert first.owned | second.owned == set(NAMES)
            await second.end()
            await first.until(lambda owned: owned == set(NAMES))
            await first.end()

    play(scene)


def test_the_next_owner_waits_until_the_former_has_let_go(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other, log.share("engine", NAMES) as share:
            assert await share.owned() == set(NAMES)
            divided = asyncio.create_task(first_of(other))
            assert await share.owned() == frozenset(), "a division is under way"
            done, _ = await asyncio.wait([divided], timeout=2.5)  # a division takes a heartbeat, 1 s
            assert not done
            kept = await share.owned()
            assert await divided == set(NAMES) - kept
            assert len(kept) == 3

    async def first_of(log: Log) -> frozenset[str]:
        async with log.share("engine", NAMES) as share:
            return await share.owned()

    play(scene)


def test_a_role_that_does_not_let_go_is_not_waited_for_for_ever(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_share, "LET_GO_S", 0.2)

    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other, log.share("engine", NAMES) as stuck:
            assert await stuck.owned() == set(NAMES)
            async with other.share("engine", NAMES) as share:
                assert len(await share.owned()) == 3

    play(scene)


def test_an_owner_hears_of_an_installation_that_another_process_brings(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other, log.share("engine", ["TF0"]) as share:
            assert await share.owned() == {"TF0"}
            await other.append(PLANT, [("TF1", b"new")])
            assert await share.owned() == {"TF0", "TF1"}

    play(scene)


def test_an_installation_has_one_partition_whoever_records_it_first(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other:
            names = [f"I{n}" for n in range(20)]
            await asyncio.gather(*(one.append(PLANT, [(name, b"1") for name in names]) for one in (log, other)))
            await asyncio.gather(*(one.append(PLANT, [(name, b"2") for name in names]) for one in (log, other)))
            entries = await drain(log.reader(PLANT, {}), 80)
            for name in names:
                mine = [entry for entry in entries if entry.installation == name]
                assert [entry.data for entry in mine] == [b"1", b"1", b"2", b"2"]
                assert [entry.position for entry in mine] == sorted({entry.position for entry in mine})
            assert await other.installations(PLANT) == sorted(names)
            assert await other.installations(ALARM) == []

    play(scene)


def test_a_reader_of_an_installation_that_is_not_there_yet_reads_it_when_it_comes(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other:
            reader = log.reader(PLANT, {}, {"LATER"})
            assert await reader.fetch(0) == []
            await other.append(PLANT, [("SOONER", b"1"), ("LATER", b"2")])
            assert [entry.data for entry in await drain(reader, 1)] == [b"2"]

    play(scene)


def test_a_table_is_the_same_for_all_processes(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other, log.table("places") as table:
            await table.put("a", b"1")
            await table.put("b", b"2")
            async with other.table("places") as same, other.table("another") as another:
                assert same.items() == {"a": b"1", "b": b"2"}
                assert another.items() == {}
                await same.put("a", None)
                await table.put("c", b"3")  # heard by us: so is everything before it
                assert table.items() == {"b": b"2", "c": b"3"}

    play(scene)


def test_a_damaged_snapshot_is_passed_over_for_the_one_before(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log:
            for position in (10, 20, 30):
                await log.save_snapshot("engine", "TF0", Snapshot(position, b"%d" % position * 500_000))
            manifests = log._table(MANIFESTS)
            newest = {key: value for key, value in manifests.items().items() if b'"position":30' in value}
            assert len(newest) == 1
            for key, value in newest.items():
                await manifests.put(key, value.replace(b'"digest":"', b'"digest":"0'))
            kept = await log.load_snapshot("engine", "TF0")
            assert kept is not None
            assert kept == Snapshot(20, b"20" * 500_000)
            for key in manifests.items():
                await manifests.put(key, b"no manifest")
            assert await log.load_snapshot("engine", "TF0") is None
            await log.save_snapshot("engine", "TF0", Snapshot(40, b"40"))
            assert await log.load_snapshot("engine", "TF0") == Snapshot(40, b"40")

    play(scene)


async def trim(site: str, partition: int, before: int) -> None:
    admin = AIOKafkaAdminClient(**kafka_parts.access().settings())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(f"{site}.{PLANT}", partition): RecordsToDelete(before)})
    finally:
        await admin.close()


def test_entries_trimmed_before_they_were_read_are_a_hole_that_is_counted_and_passed_over(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log:
            await log.append(PLANT, [("TF0", b"%d" % n) for n in range(100)])
            await trim(site, log._placing.partition("TF0"), 50)
            fresh = await drain(log.reader(PLANT, {}), 50)
            assert fresh[0].data == b"50"
            assert log.health().holes == 0, "who has read nothing yet misses nothing"
            late = await drain(log.reader(PLANT, {"TF0": 10}), 50)
            assert late == fresh
            assert log.health().holes == 1

    play(scene)


def test_where_kafka_lost_entries_new_ones_come_behind_what_was_read(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log:
            await log.append(PLANT, [("TF0", b"kept")])
            reader = log.reader(PLANT, {"TF0": 5_000})
            assert await reader.fetch(0) == []
            assert log.health().holes == 1
            [position] = await log.append(PLANT, [("TF0", b"new")])
            assert position > 5_000
            assert [entry.data for entry in await drain(reader, 1)] == [b"new"]
            assert [entry.data for entry in await drain(log.reader(PLANT, {}), 2)] == [b"kept", b"new"]
            with pytest.raises(ConfigError, match="made anew"):
                await log.reader(PLANT, {"TF0": 5_000_000}).fetch(0)

    play(scene)


def test_a_lost_tail_costs_no_installation_of_the_partition_an_entry(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log:
            await log.append(PLANT, [(f"I{n}", b"old") for n in range(7)])  # six partitions: two share one
            assert log._placing.partition("I0") == log._placing.partition("I6")
            reader = log.reader(PLANT, {"I0": 100, "I6": 1}, ["I0", "I6"])
            await reader.fetch(0)
            await log.append(PLANT, [("I0", b"new")])
            assert [entry.data for entry in await drain(reader, 2)] == [b"old", b"new"]
            assert log.health().holes == 1

    play(scene)


def test_an_installation_that_comes_late_begins_where_its_partition_ends(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, opened(site) as other:
            await log.append(PLANT, [(f"I{n}", b"old") for n in range(6) for _ in range(50)])
            await log.append(PLANT, [("LATE", b"1")])
            assert other._places.first(PLANT, "I0") == 0
            await other.installations(PLANT)
            assert other._places.first(PLANT, "LATE") == 50
            assert [entry.data for entry in await drain(other.reader(PLANT, {}, ["LATE"]), 1)] == [b"1"]
            assert (await other.last(PLANT, ["LATE"]))["LATE"].data == b"1"

    play(scene)


def test_records_that_are_none_of_ours_do_not_stop_a_reader(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log, AIOKafkaProducer(**kafka_parts.access().settings()) as stranger:
            await log.append(PLANT, [("TF0", b"1")])
            partition = log._placing.partition("TF0")
            for key, value in ((b"\xff\xfe", b"x"), (None, b"x"), (b"TF0", None)):
                await stranger.send_and_wait(f"{site}.{PLANT}", value, key=key, partition=partition)
            assert (await log.last(PLANT, ["TF0"]))["TF0"].data == b""
            await log.append(PLANT, [("TF0", b"2")])
            assert [one.data for one in await drain(log.reader(PLANT, {}, ["TF0"]), 3)] == [b"1", b"", b"2"]

    play(scene)


def test_a_process_whose_threads_are_busy_keeps_its_share(play: Play) -> None:
    async def scene(site: str) -> None:
        busy = True

        def work() -> None:
            while busy:
                sum(range(100_000))  # holds the interpreter for as long as one thread may

        async with opened(site) as log, log.share("engine", NAMES) as share:
            assert await share.owned() == set(NAMES)
            working = [asyncio.create_task(asyncio.to_thread(work)) for _ in range(3)]
            changed = asyncio.create_task(share.owned())
            done, _ = await asyncio.wait([changed], timeout=kafka_share.SESSION_MS / 1000 + 2)
            busy = False
            await asyncio.gather(*working)
            assert not done
            changed.cancel()

    play(scene)


def test_a_record_too_large_for_kafka_is_refused_alone(play: Play) -> None:
    async def scene(site: str) -> None:
        async with opened(site) as log:
            with pytest.raises(Permanent, match="larger than"):
                await log.append(PLANT, [("TF0", b"small"), ("TF0", bytes(RECORD_BYTES))])
            large = bytes(RECORD_BYTES - 1000)
            await asyncio.gather(log.append(PLANT, [("TF0", large)]), log.append(PLANT, [("TF0", b"after")]))
            assert [entry.data for entry in await drain(log.reader(PLANT, {}), 2)] == [large, b"after"]

    play(scene)
