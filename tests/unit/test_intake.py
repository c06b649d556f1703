"""Gathering, appending, acknowledging: in order, once the log has it, bounded, counted without a remainder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import numpy as np
from prometheus_client import REGISTRY

from ingest.columns import MOST_IN_BLOCK, Columns
from ingest.intake import MOST_LETTERS, Intake, Publish
from ingest.reading import Refusal
from pipeline.log import Log
from pipeline.metrics import Hop
from pipeline.model import NO_STAMP, RETAINED
from tests.ingest_parts import TF1, TF2, KeptLog, site

LEVEL = b"hazardwatch/v1/TF1/LT-101"


class Teller:
    """A door that remembers what it was told, and what the log held at that moment."""

    def __init__(self, name: str, log: KeptLog) -> None:
        self.hop = Hop(name)
        self.log = log
        self.told: list[bytes] = []
        self.held_then: list[int] = []

    def committed(self, receipts: list[bytes]) -> None:
        self.told += receipts
        self.held_then.append(len(self.log.readings()))


def play(scene: Callable[[Intake, KeptLog], Awaitable[None]], log: KeptLog | None = None, **options: float) -> KeptLog:
    log = log or KeptLog()

    async def main() -> None:
        intake = Intake(cast("Log", log), site(), **options)  # type: ignore[arg-type]  # numbers by name
        task = asyncio.create_task(intake.run())
        await scene(intake, log)
        await asyncio.wait_for(intake.settled(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(main())
    return log


def numbered(*numbers: int) -> list[Publish]:
    return [(LEVEL, str(n).encode()) for n in numbers]


def count(name: str, hop: str) -> float:
    total = 0.0
    for metric in REGISTRY.collect():
        total += sum(one.value for one in metric.samples if one.name == name and one.labels.get("hop") == hop)
    return total


def test_receipts_come_once_the_log_has_the_readings_and_in_order() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door, other = Teller("t1", log), Teller("t1", log)
        intake.take(numbered(1, 2), door, b"A")
        intake.take(numbered(3), other, b"B")
        intake.take(numbered(4), door, b"C")
        intake.take(numbered(5), door)
        assert door.told == []
        await intake.settled()
        assert (door.told, other.told) == ([b"A", b"C"], [b"B"])
        assert door.held_then == [5]

    assert [row[2] for row in play(scene).readings()] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_what_comes_during_an_append_is_one_next_append() -> None:
    class SlowLog(KeptLog):
        begun: asyncio.Event
        gate: asyncio.Event

        async def append(self, topic: str, items: object) -> list[int]:
            self.begun.set()
            await self.gate.wait()
            return await super().append(topic, items)  # type: ignore[arg-type]  # passed on

    async def scene(intake: Intake, log: KeptLog) -> None:
        slow = cast("SlowLog", log)
        slow.begun, slow.gate = asyncio.Event(), asyncio.Event()
        door = Teller("t2", log)
        intake.take(numbered(1), door, b"1")
        await slow.begun.wait()
        for n in range(2, 7):
            intake.take(numbered(n), door, b"%d" % n)
            await asyncio.sleep(0)
        assert door.told == []
        slow.gate.set()

    assert [len(items) for items in play(scene, SlowLog()).appends] == [1, 1]


def test_a_transient_failure_of_the_log_acknowledges_nothing_and_stops_the_doors() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t3", log)
        called = asyncio.Event()
        intake.take(numbered(1), door, b"1")
        while not intake.full:  # noqa: ASYNC110  # nobody signals a failed append
            await asyncio.sleep(0)
        intake.when_room(called.set)
        assert (door.told, called.is_set()) == ([], False)
        intake.take(numbered(2), door, b"2")
        await asyncio.wait_for(called.wait(), 10)
        await intake.settled()
        assert door.told == [b"1", b"2"]
        assert not intake.full

    assert [row[2] for row in play(scene, KeptLog(refusing=1)).readings()] == [1.0, 2.0]


def test_the_doors_are_stopped_when_too_much_is_held_also_by_messages_without_readings() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t4", log)
        assert not intake.full
        intake.take([(b"hazardwatch/v1/TF1", b'{"readings":[]}')] * 10, door, b"x")
        assert intake.full
        await intake.settled()
        assert not intake.full
        assert door.told == [b"x"]

    assert play(scene, most=10).appends == []


def test_refused_readings_become_dead_letters_of_the_system_with_the_part_that_was_refused() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t5", log)
        intake.take([(LEVEL, b"warm"), (LEVEL, b"3")], door, b"1")
        batch = b'{"readings":[{"point":"LT-101","value":4},{"point":"no","value":5}]}'
        intake.take([(b"hazardwatch/v1/TF1", batch)], door, b"2")
        intake.refuse((LEVEL, b"6"), door, Refusal("not_authorized", "no"))

    log = play(scene)
    assert [row[2] for row in log.readings()] == [3.0, 4.0]
    assert [(one.reason, one.payload) for one in log.letters()] == [
        ("not_json", b"warm"),
        ("unknown_point", b'{"point": "no", "value": 5.0}'),
        ("not_authorized", b"6"),
    ]
    assert [count(f"hazardwatch_{name}", "t5") for name in ("received_total", "passed_total", "waiting")] == [5, 2, 0]
    assert count("hazardwatch_refused_total", "t5") == 3


def test_more_refusals_than_are_kept_whole_are_counted_in_the_log_when_their_second_is_over() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        intake.take([(LEVEL, b"warm")] * 1000, Teller("t6", log), b"1")
        async with asyncio.timeout(10):
            while sum(one.count for one in log.letters()) < 1000:  # noqa: ASYNC110  # nobody signals a letter
                await asyncio.sleep(0.05)

    assert sum(one.count for one in play(scene).letters()) == 1000


def test_refused_payloads_that_wait_are_bounded_in_bytes() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t9", log)
        for n in range(MOST_LETTERS // 65_536):
            assert not intake.full
            intake.take([(LEVEL, b"x" * 65_536)], door, b"%d" % n)
        assert intake.full
        await intake.settled()
        assert not intake.full

    assert len(play(scene).letters()) == MOST_LETTERS // 65_536


def test_settled_waits_for_what_was_taken_and_not_for_what_comes_later() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t10", log)
        intake.take(numbered(1), door, b"1")
        settled = asyncio.create_task(intake.settled())
        await asyncio.sleep(0)
        assert not settled.done()
        while not settled.done():
            intake.take(numbered(2), door, b"2")  # a door that never rests
            await asyncio.sleep(0)
        assert door.told[:1] == [b"1"]

    play(scene)


def test_the_site_is_replaced_between_two_messages() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        door = Teller("t7", log)
        intake.take(numbered(1), door, b"1")
        intake.use(site(installations=[TF2]))
        intake.take([*numbered(2), (b"hazardwatch/v1/TF2/LT-101", b"3")], door, b"2")
        intake.use(site(installations=[TF2, TF1]))
        intake.take(numbered(4), door, b"3")
        await intake.settled()
        assert door.told == [b"1", b"2", b"3"]

    log = play(scene)
    assert [row[2] for row in log.readings()] == [1.0, 4.0]
    assert [row[2] for row in log.readings("TF2")] == [3.0]
    assert [one.reason for one in log.letters()] == ["unknown_installation"]


def test_old_copies_of_a_broker_are_marked() -> None:
    async def scene(intake: Intake, log: KeptLog) -> None:
        intake.take(numbered(1), Teller("t8", log), b"", RETAINED)

    assert play(scene).readings() == [("LT-101", 0, 1.0, NO_STAMP | RETAINED)]


def test_a_block_names_only_the_points_it_holds_and_is_not_too_long() -> None:
    columns = Columns("TF1", [f"P{n}" for n in range(300)])
    total = MOST_IN_BLOCK + 5
    for n in range(total):
        columns.index.append(299 if n % 2 else 7)
        columns.stamp.append(n)
        columns.value.append(n / 2)
        columns.flags.append(0)
    first, second = columns.take_blocks()
    assert first.points == second.points == ("P7", "P299")
    assert (len(first), len(second), len(columns)) == (MOST_IN_BLOCK, 5, 0)
    assert np.concatenate([first.stamp, second.stamp]).tolist() == list(range(total))
    assert first.index[:4].tolist() == [0, 1, 0, 1]
    assert columns.take_blocks() == []
