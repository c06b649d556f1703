"""What every log promises (pipeline.log), asked of each in FACTORIES; another log is one line there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.local_housekeeping import Retention
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT, Entry, Log, Reader, Snapshot
from tests import kafka_parts

LogFactory = Callable[[Path], AbstractAsyncContextManager[Log]]
"""Opens the log that belongs to a folder; the same folder again is the same log."""

SMALL = Retention(ballast_bytes=0, segment_bytes=200_000)
FACTORIES: dict[str, LogFactory] = {
    "local": lambda folder: LocalLog.open(folder, retention=Retention(ballast_bytes=0)),
    "local, many segments": lambda folder: LocalLog.open(folder, retention=SMALL),
    "kafka": kafka_parts.kafka_log,
    "kafka, one partition": lambda folder: kafka_parts.kafka_log(folder, partitions=1),
}
_PARAMS = [pytest.param(one, marks=pytest.mark.services if "kafka" in one else ()) for one in FACTORIES]
MAX_FETCH_BYTES = 9 << 20


@pytest.fixture(scope="module", params=_PARAMS)
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        if "kafka" in request.param:
            patch.setenv(kafka_parts.BROKER, request.getfixturevalue("kafka"))
        yield str(request.param)


@pytest.fixture
def play(name: str, tmp_path: Path) -> Callable[[Callable[[Log], Coroutine[object, object, None]]], None]:
    """Runs a coroutine with the log of this test; called again, with the log opened again."""

    def run(scene: Callable[[Log], Coroutine[object, object, None]]) -> None:
        async def opened() -> None:
            async with FACTORIES[name](tmp_path / "log") as log:
                await scene(log)

        asyncio.run(opened())

    return run


Play = Callable[[Callable[[Log], Coroutine[object, object, None]]], None]


async def drain(reader: Reader, wanted: int) -> list[Entry]:
    """The next `wanted` entries and whatever came with the last of them; fails when the log ends before."""
    entries: list[Entry] = []
    while len(entries) < wanted:
        batch = await reader.fetch(20)
        assert batch, f"the log ended after {len(entries)} of {wanted} entries"
        entries += batch
    return entries


def of(entries: list[Entry], installation: str) -> list[bytes]:
    return [entry.data for entry in entries if entry.installation == installation]


def test_entries_come_back_in_order_with_positions_that_rise_in_each_installation(play: Play) -> None:
    async def scene(log: Log) -> None:
        async def write(installation: str) -> list[int]:
            positions = []
            for n in range(40):
                positions += await log.append(PLANT, [(installation, b"%d" % m) for m in range(n * 3, n * 3 + 3)])
            return positions

        names = [f"I{i}" for i in range(5)]
        acknowledged = dict(zip(names, await asyncio.gather(*map(write, names)), strict=True))
        entries = await drain(log.reader(PLANT, {}), 600)
        assert len(entries) == 600
        for installation in names:
            assert of(entries, installation) == [b"%d" % n for n in range(120)]
            positions = [entry.position for entry in entries if entry.installation == installation]
            assert positions == acknowledged[installation]
            assert positions == sorted(set(positions))

    play(scene)


def test_the_two_topics_do_not_mix(play: Play) -> None:
    async def scene(log: Log) -> None:
        await log.append(PLANT, [("A", b"reading")])
        await log.append(ALARM, [("A", b"event")])
        assert [e.data for e in await drain(log.reader(PLANT, {}), 1)] == [b"reading"]
        assert [e.data for e in await drain(log.reader(ALARM, {}), 1)] == [b"event"]

    play(scene)


def test_a_reader_begins_behind_the_position_of_each_installation(play: Play) -> None:
    async def scene(log: Log) -> None:
        for n in range(300):
            await log.append(PLANT, [("A", b"%d" % n + bytes(2000)), ("B", b"%d" % n), ("C", b"%d" % n)])
        entries = await drain(log.reader(PLANT, {}), 900)
        a, b, c = (next(e for e in entries if e.installation == i and e.data.startswith(b"250")) for i in "ABC")
        resumed = await drain(log.reader(PLANT, {"A": a.position, "B": b.position}), 49 + 49 + 300)
        known = {"A": a.position, "B": b.position}
        assert sorted(resumed) == sorted(e for e in entries if e.position > known.get(e.installation, 0))
        everything_known = log.reader(PLANT, {e.installation: e.position for e in entries})
        assert await everything_known.fetch(0) == []
        await log.append(PLANT, [("D", b"a newcomer"), ("C", b"300")])
        assert sorted(e.data for e in await drain(everything_known, 2)) == [b"300", b"a newcomer"]
        assert c.position < max(e.position for e in resumed if e.installation == "C")

    play(scene)


def test_a_reader_of_some_installations_reads_no_other(play: Play) -> None:
    async def scene(log: Log) -> None:
        await log.append(PLANT, [("A", b"1"), ("B", b"2"), ("C", b"3"), ("A", b"4")])
        reader = log.reader(PLANT, {}, {"A", "C"})
        assert sorted(e.data for e in await drain(reader, 3)) == [b"1", b"3", b"4"]
        await log.append(PLANT, [("B", b"5"), ("C", b"6")])
        assert [e.data for e in await drain(reader, 1)] == [b"6"]

    play(scene)


def test_who_is_alone_owns_what_the_log_and_the_site_file_know(play: Play) -> None:
    async def scene(log: Log) -> None:
        await log.append(PLANT, [("A", b"1")])
        await log.append(ALARM, [("B", b"2")])
        async with log.share("engine", ["C"]) as share:
            assert await share.owned() == {"A", "B", "C"}

    play(scene)


def test_a_table_keeps_the_newest_value_of_a_key_until_it_is_forgotten(play: Play) -> None:
    async def scene(log: Log) -> None:
        async with log.table("places") as table:
            await table.put("a", b"1")
            await table.put("b", b"2")
            await table.put("a", b"3")
            assert table.items() == {"a": b"3", "b": b"2"}
            await table.put("b", None)
            assert table.items() == {"a": b"3"}

    play(scene)


def test_a_waiting_reader_is_woken_by_an_append(play: Play) -> None:
    async def scene(log: Log) -> None:
        reader = log.reader(ALARM, {})
        waiting = asyncio.create_task(reader.fetch(60))
        await log.append(ALARM, [("A", b"1")])
        assert [entry.data for entry in await waiting] == [b"1"]
        assert await reader.fetch(0.01) == []

    play(scene)


def test_a_cancelled_fetch_loses_nothing(play: Play) -> None:
    async def scene(log: Log) -> None:
        await log.append(PLANT, [("A", b"%d" % n) for n in range(50)])
        for wait in range(5):
            reader = log.reader(PLANT, {})
            fetching = asyncio.create_task(reader.fetch(10))
            for _ in range(wait):
                await asyncio.sleep(0)
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
            seen = [] if fetching.cancelled() else fetching.result()
            assert of(seen + (await reader.fetch(10) if not seen else []), "A") == [b"%d" % n for n in range(50)]

    play(scene)


def test_what_a_fetch_returns_is_bounded_however_much_was_appended_at_once(play: Play) -> None:
    async def scene(log: Log) -> None:
        items = [("A", b"%06d" % n + bytes(9_994)) for n in range(4_000)]  # 40 MB
        await asyncio.gather(log.append(PLANT, items[:3_000]), log.append(PLANT, items[3_000:]))
        reader = log.reader(PLANT, {})
        entries: list[Entry] = []
        while len(entries) < len(items):
            batch = await reader.fetch(20)
            assert 0 < sum(len(entry.data) for entry in batch) <= MAX_FETCH_BYTES
            entries += batch
        assert of(entries, "A") == [data for _, data in items]

    play(scene)


def test_the_last_entries_of_installations_are_known_also_after_opening_again(play: Play) -> None:
    async def before(log: Log) -> None:
        assert await log.last(PLANT, ["A"]) == {}
        positions = await log.append(PLANT, [("A", b"1"), ("B", b"2"), ("A", b"3"), ("B", b"4")])
        for _ in range(100):
            await log.append(PLANT, [("B", bytes(5_000))])
        last = (await log.last(PLANT, ["A"]))["A"]
        assert (last.installation, last.position, last.data) == ("A", positions[2], b"3")

    async def after(log: Log) -> None:
        last = await log.last(PLANT, ["A", "B", "C"])
        assert {id_: one.data for id_, one in last.items()} == {"A": b"3", "B": bytes(5_000)}
        [position] = await log.append(PLANT, [("A", b"5")])
        assert position > last["A"].position
        assert await log.last(ALARM, ["A"]) == {}

    play(before)
    play(after)


def test_appending_nothing_is_fine(play: Play) -> None:
    async def scene(log: Log) -> None:
        assert await log.append(PLANT, []) == []
        assert await log.last(PLANT, ["A"]) == {}

    play(scene)


def test_empty_and_odd_data_come_back_as_they_were(play: Play) -> None:
    odd = [("A", b""), ("\u50a8\u7f50\u533a\n1", b"\0\xff"), ("A", b"\n")]

    async def scene(log: Log) -> None:
        await log.append(PLANT, odd)
        entries = await drain(log.reader(PLANT, {}), 3)
        assert sorted((e.installation, e.data) for e in entries) == sorted(odd)

    play(scene)


def test_snapshots_are_kept_for_each_owner_and_installation_and_the_newest_counts(play: Play) -> None:
    odd = ("../engine", "a/b\0 \u7f50" * 30)

    async def before(log: Log) -> None:
        assert await log.load_snapshot("engine", "A") is None
        for position in (5, 9, 7, 30):
            await log.save_snapshot("engine", "A", Snapshot(position, b"engine %d" % position))
        await log.save_snapshot("notifier", "A", Snapshot(3, b""))
        await log.save_snapshot(*odd, Snapshot(4, b"odd"))
        await log.save_snapshot("engine", "B", Snapshot(1, bytes(3_000_000)))

    async def after(log: Log) -> None:
        assert await log.load_snapshot("engine", "A") == Snapshot(30, b"engine 30")
        assert await log.load_snapshot("notifier", "A") == Snapshot(3, b"")
        assert await log.load_snapshot(*odd) == Snapshot(4, b"odd")
        assert await log.load_snapshot("engine", "B") == Snapshot(1, bytes(3_000_000))
        assert await log.load_snapshot("notifier", "B") is None

    play(before)
    play(after)


def test_a_claim_is_taken_at_any_position(play: Play) -> None:
    async def scene(log: Log) -> None:
        for position in (0, 7, 3):
            await log.claim(PLANT, "historian", "A", position)

    play(scene)


def test_it_knows_every_installation_that_has_entries(play: Play) -> None:
    async def scene(log: Log) -> None:
        assert await log.installations(PLANT) == []
        await log.append(PLANT, [("TF2", b"a"), ("TF1", b"b"), ("TF2", b"c")])
        await log.append(ALARM, [("TF3", b"d")])
        assert sorted(await log.installations(PLANT)) == ["TF1", "TF2"]
        assert await log.installations(ALARM) == ["TF3"]

    play(scene)


def test_every_acknowledged_entry_survives_kill_9_and_appends_stay_whole(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    kept: dict[str, int] = {}  # entries of each installation that were in the log before this life
    for life, lines in enumerate((1, 40, 300)):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.log_child", name, str(folder), "3"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += [line for line in child.stdout if line.endswith("\n")]
        child.stdout.close()
        child.wait()
        assert child.returncode == -9, f"life {life}: {said}"
        acknowledged: dict[str, tuple[int, int]] = {}
        for line in said:
            installation, number, position = line.split()
            acknowledged[installation] = int(number), int(position)

        async def read(acknowledged: dict[str, tuple[int, int]] = acknowledged) -> None:
            async with FACTORIES[name](folder) as log:
                wanted = sum(number for number, _ in acknowledged.values()) + sum(kept.values())
                entries = await drain(log.reader(PLANT, {}), wanted)
                for installation, (number, position) in acknowledged.items():
                    mine = [e for e in entries if e.installation == installation]
                    new = mine[kept.get(installation, 0) :]
                    assert [int(e.data.split(b":")[0]) for e in new] == list(range(len(new)))
                    assert new[number - 1].position == position
                    assert len(new) % 7 == 0, "an append is there whole or not at all"
                for installation in {e.installation for e in entries}:
                    kept[installation] = len(of(entries, installation))

        asyncio.run(read())


Step = tuple[str, list[tuple[str, int]]]
"""What to do, and for appends: (installation, size of the data)."""


class Watcher:
    """Appends and reads one log over several lives of its process, and knows what must come out."""

    def __init__(self) -> None:
        self.appended: dict[str, list[bytes]] = {"A": [], "B": [], "C": []}
        self.seen: dict[str, list[bytes]] = {"A": [], "B": [], "C": []}
        self.after: dict[str, int] = {}

    def take(self, entries: list[Entry]) -> None:
        for entry in entries:
            assert entry.position > self.after.get(entry.installation, 0)
            self.after[entry.installation] = entry.position
            self.seen[entry.installation].append(entry.data)

    async def append(self, log: Log, step: str, sizes: list[tuple[str, int]]) -> None:
        items = []
        for installation, size in sizes:
            items.append((installation, b"%d" % len(self.appended[installation]) + bytes(size)))
            self.appended[installation].append(items[-1][1])
        if step == "together":
            await asyncio.gather(*(log.append(PLANT, [item]) for item in items))
        else:
            await log.append(PLANT, items)

    async def live(self, log: Log, steps: list[Step]) -> None:
        """Takes steps until the next restart, then reads to the end."""
        reader = log.reader(PLANT, self.after)
        while steps:
            step, sizes = steps.pop(0)
            if step == "restart":
                break
            if step == "resume":
                reader = log.reader(PLANT, self.after)
            elif step == "fetch":
                self.take(await reader.fetch(0))
            else:
                await self.append(log, step, sizes)
        left = sum(map(len, self.appended.values())) - sum(map(len, self.seen.values()))
        self.take(await drain(log.reader(PLANT, self.after), left))
        assert self.seen == self.appended


def appends(step: str, most: int) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(step), st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, most)), max_size=6))


steps_of_lives = st.lists(
    appends("append", 60_000)
    | appends("together", 99)
    | st.tuples(st.sampled_from(["fetch", "resume", "restart"]), st.just([])),
    max_size=25,
)


_LOCAL = [name for name in FACTORIES if "kafka" not in name]


@settings(max_examples=40, deadline=None)
@given(steps=steps_of_lives)
@pytest.mark.parametrize("factory", _LOCAL)
def test_any_interleaving_of_appends_reads_and_restarts_shows_every_entry_once_and_in_order(
    factory: str, steps: list[Step]
) -> None:
    live_through(factory, steps)


@pytest.mark.services
@settings(max_examples=8, deadline=None)  # each of its lives takes half a second
@given(steps=steps_of_lives)
@pytest.mark.parametrize("name", ["kafka, one partition"], indirect=True)
def test_any_interleaving_shows_every_entry_once_and_in_order_in_kafka_too(name: str, steps: list[Step]) -> None:
    live_through(name, steps)


def live_through(factory: str, steps: list[Step]) -> None:
    watcher = Watcher()
    left = list(steps)

    async def life(folder: Path) -> None:
        async with FACTORIES[factory](folder) as log:
            await watcher.live(log, left)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(life(Path(folder)))
        while left:
            asyncio.run(life(Path(folder)))
