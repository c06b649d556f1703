"""An old and a new version side by side on one log: what one does not know of the other is passed over and counted."""

from __future__ import annotations

import asyncio

import msgspec

from alerting.escalation import Annunciator
from alerting.routing import Routes
from hazardwatch.api.board import Board
from hazardwatch.engine_role import EngineRole
from hazardwatch.process_state import ProcessState
from hazardwatch.tenure import OWNER
from pipeline import records
from pipeline.log import ALARM, PLANT, Entry, Snapshot
from pipeline.metrics import PASSED_OVER
from pipeline.model import Event, Judged
from pipeline.records import TICK_RECORD, Kind
from tests.engine_play import block_of
from tests.memory_log import MemoryLog
from tests.oracle.records import Reading
from tests.oracle.sites import INSTALLATION, oracle_site
from tests.unit.api_world import SITE, event

UNKNOWN = bytes([250]) + b"{}"


def passed_over(reader: str) -> float:
    return float(PASSED_OVER.labels(reader)._value.get())


async def judged(log: MemoryLog, at: int) -> list[str]:
    """What an engine says of the log, once it has judged position `at`."""
    role = EngineRole(log, oracle_site())
    running = asyncio.create_task(role.run())
    said: list[str] = []
    while True:
        found = [records.decode(one.data) for one in log.topics.get(ALARM, []) if one.data[0] in (16, 17)]
        if any(isinstance(one, Judged) and one.position >= at for one in found):
            said = [one.event_id for one in found if isinstance(one, Event)]
            break
        await log.wait_beyond(ALARM, len(log.topics.get(ALARM, [])), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return said


async def filled(between: bytes) -> MemoryLog:
    log = MemoryLog(1_700_000_000_000)
    await log.append(PLANT, [(INSTALLATION, records.encode_site(oracle_site()))])
    for number in range(30):
        log.now += 1000
        reading = Reading("LT-1", log.now, 14.0 if number % 10 > 4 else 5.0)
        await log.append(PLANT, [(INSTALLATION, records.encode_block(block_of([reading])))])
        log.now += 100
        await log.append(PLANT, [(INSTALLATION, between)])
    log.now += 1500
    await log.append(PLANT, [(INSTALLATION, TICK_RECORD)])
    return log


def test_a_plant_record_of_an_unknown_kind_moves_time_on_and_is_counted() -> None:
    async def story() -> None:
        before = passed_over("engine")
        ticked = await judged(await filled(TICK_RECORD), 61)
        assert passed_over("engine") == before
        assert await judged(await filled(UNKNOWN), 61) == ticked
        assert passed_over("engine") == before + 30
        assert len(ticked) > 4

    asyncio.run(story())


def test_a_snapshot_of_another_version_is_not_read_and_the_log_is_judged_anew() -> None:
    async def story() -> None:
        expected = await judged(await filled(TICK_RECORD), 61)
        log = await filled(TICK_RECORD)
        log.snapshots[OWNER, INSTALLATION] = Snapshot(40, msgspec.msgpack.encode({"version": 99}))
        assert await judged(log, 61) == expected

    asyncio.run(story())


def test_the_notifier_and_the_board_pass_over_what_they_do_not_know() -> None:
    board, routes = Board(SITE), Routes(SITE, "TF1")
    annunciator = Annunciator("TF1", routes)
    known = records.encode(event())
    more = known[:-1] + b',"invented_later":{"a":[1]}}'
    for position, data in enumerate((UNKNOWN, b"", bytes([Kind.EVENT]) + b"{", more), 1):
        entry = Entry("TF1", position, 0, data)
        board.take(entry)
        try:
            annunciator.fold(entry)
        except records.BadRecord:
            assert data != more
    assert [one.event_id for one in board.panels["TF1"].recent] == [event().event_id]
    assert annunciator.position == 4


def test_what_a_newer_process_says_of_itself_is_read() -> None:
    known = ProcessState(id="h:/d", host="h", pid=1, version="9", started=1, said=2, roles={"engine": None})
    newer = msgspec.json.encode(msgspec.to_builtins(known) | {"invented_later": 1})
    assert msgspec.json.decode(newer, type=ProcessState) == known


def test_a_configuration_that_an_engine_says_late_does_not_come_back() -> None:
    old, new = (msgspec.structs.replace(SITE, language=language) for language in ("en", "zh-CN"))
    board = Board(SITE)
    annunciator = Annunciator("TF1", Routes(SITE, "TF1"))
    said = [records.config_copy(records.encode_site(one), at) for one, at in ((old, 10), (new, 20), (old, 10))]
    for position, data in enumerate(said, 1):
        board.take(Entry("TF1", position, 0, data))
        annunciator.fold(Entry("TF1", position, 0, data))
    assert board.panels["TF1"].routes.site.language == "zh-CN"
    assert annunciator.routes.site.language == "zh-CN"
    restored = Annunciator.restore("TF1", annunciator.routes, annunciator.position, annunciator.snapshot())
    restored.fold(Entry("TF1", 4, 0, said[0]))
    assert restored.routes.site.language == "zh-CN"


def test_a_copy_without_a_place_from_before_there_were_several_engines_is_read() -> None:
    plain = records.encode_site(SITE)
    copy = records.config_copy(plain, 7)
    assert (records.config_place(plain), records.config_place(copy)) == (None, 7)
    assert records.config_json(plain) == records.config_json(copy)
    assert records.decode_site(plain) is records.decode_site(copy)
