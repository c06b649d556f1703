"""The board: the alarm log folded into what stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from hazardwatch.api.board import RECENT, Board
from pipeline.errors import Transient
from pipeline.log import ALARM, Entry, Snapshot
from pipeline.model import Judged, Standing
from pipeline.records import Kind, encode
from tests.unit.api_world import HH, SITE, H, MemoryLog, event, text

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def board_of(*records: bytes) -> Board:
    board = Board(SITE)
    for position, data in enumerate(records):
        board.take(Entry("TF1", position, 0, data))
    return board


@asynccontextmanager
async def followed(board: Board, log: MemoryLog) -> AsyncIterator[None]:
    task = asyncio.create_task(board.follow(log))
    await board.caught_up()
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_an_alarm_stands_from_raised_to_normal() -> None:
    raised = event()
    taken = event(seq=2, position=2, event="acknowledged", state="ACKED", time=2_000)
    board = board_of(encode(raised), encode(taken))
    panel = board.panels["TF1"]
    assert panel.standing == {HH.id: taken}
    assert panel.since(taken) == 1_000
    board.take(Entry("TF1", 9, 0, encode(event(seq=3, position=3, event="cleared", state="NORMAL"))))
    assert panel.standing == {}
    assert [one.event for one in panel.recent] == ["raised", "acknowledged", "cleared"]


async def test_it_says_when_what_it_shows_is_not_the_plant_of_now() -> None:
    log, board = MemoryLog(), Board(SITE)
    assert board.trouble(0) == "still reading the alarm log"
    async with followed(board, log):
        board.take(Entry("TF1", 1, 0, encode(Judged(second=20_000, position=1))))
        assert board.trouble(21_000) == "nothing was judged yet of TF2: no alarm can be seen there"
        board.take(Entry("TF2", 2, 0, encode(Judged(second=26_000, position=2))))
        assert board.trouble(30_000) is None
        assert board.trouble(31_000) == (
            "what it shows is old, judging is behind: TF1 (until 1970-01-01T00:00:20.000Z)"
        )


def test_what_a_restarted_engine_says_again_is_skipped() -> None:
    raised, cleared = event(), event(seq=2, position=1, ordinal=1, event="cleared", state="NORMAL")
    board = board_of(encode(raised), encode(cleared), encode(raised), encode(cleared), encode(raised))
    assert board.panels["TF1"].standing == {}
    assert len(board.panels["TF1"].recent) == 2


def test_a_refusal_changes_nothing_that_stands() -> None:
    board = board_of(
        encode(event()), encode(event(seq=2, position=2, event="refused", from_state="UNACK", value=0.5, reason="x"))
    )
    assert board.panels["TF1"].standing[HH.id].event == "raised"


def test_a_refusal_for_an_unknown_alarm_stands_nowhere() -> None:
    board = board_of(encode(event(alarm="TF1/no", event="refused", from_state=None, state=None)))
    assert board.panels["TF1"].standing == {}
    assert len(board.panels["TF1"].recent) == 1


def test_the_engines_own_word_replaces_what_was_folded() -> None:
    other = event(alarm=H.id, seq=5, position=5)
    board = board_of(encode(event()), encode(Standing(position=6, alarms={H.id: other})))
    assert board.panels["TF1"].standing == {H.id: other}
    assert board.panels["TF1"].since(other) is None


def test_an_older_full_state_does_not_bring_back_what_ended() -> None:
    ended = event(seq=2, position=7, event="cleared", state="NORMAL")
    board = board_of(encode(event()), encode(ended), encode(Standing(position=6, alarms={HH.id: event()})))
    assert board.panels["TF1"].standing == {}


def test_a_new_configuration_brings_new_names_and_installations() -> None:
    renamed = msgspec.structs.replace(SITE.installations[0], name=text("New name"))
    more = msgspec.structs.replace(SITE.installations[1], id="TF3")
    site = msgspec.structs.replace(SITE, installations=(renamed, more))
    board = board_of(encode(event()), bytes([Kind.CONFIG]) + msgspec.json.encode(site))
    found = board.panels["TF1"].routes.installation
    assert found is not None
    assert found.name.en == "New name"
    assert HH.id in board.panels["TF1"].standing
    assert "TF3" in board.panels
    assert "TF2" in board.panels


def test_progress_never_goes_back() -> None:
    board = board_of(*(encode(Judged(second=n * 1000, position=n)) for n in (1, 3, 2)))
    assert board.panels["TF1"].judged == Judged(second=3000, position=3)


def test_only_so_many_events_are_remembered() -> None:
    board = board_of(*(encode(event(seq=n, position=n)) for n in range(RECENT + 5)))
    assert len(board.panels["TF1"].recent) == RECENT
    assert board.panels["TF1"].recent[0].seq == 5


async def test_it_is_ready_only_when_the_log_as_it_was_is_read() -> None:
    log = MemoryLog()
    log.say(event())
    board = Board(SITE)
    assert not board.ready
    async with followed(board, log):
        assert board.panels["TF1"].standing == {HH.id: event()}


async def test_an_empty_log_makes_it_ready_at_once() -> None:
    board = Board(SITE)
    async with followed(board, MemoryLog()):
        assert board.ready


async def test_it_goes_on_from_its_snapshot() -> None:
    log = MemoryLog()
    log.say(event())
    log.put(ALARM, "TF1", encode(Standing(position=1, alarms={HH.id: event()})))
    async with followed(Board(SITE), log):
        pass
    log.entries[ALARM][0] = Entry("TF1", 1, 0, b"\xfftrimmed: never read again")
    log.say(event(seq=2, position=2, event="acknowledged", state="ACKED"))
    again = Board(SITE)
    async with followed(again, log):
        panel = again.panels["TF1"]
        assert panel.standing[HH.id].state == "ACKED"
        assert panel.since(panel.standing[HH.id]) == 1_000
        assert [one.seq for one in panel.recent] == [1, 2]


async def test_an_answer_comes_when_the_record_is_judged_and_not_before() -> None:
    log = MemoryLog()
    board = Board(SITE)
    async with followed(board, log):
        waiting = asyncio.create_task(board.answer("TF1", 7))
        log.say(event(position=7, event="acknowledged", state="ACKED"))
        log.say(Judged(second=1, position=6))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not waiting.done()
        log.say(Judged(second=1, position=7))
        assert [one.event for one in await waiting] == ["acknowledged"]


class FullDisk(MemoryLog):
    """Keeps no snapshot."""

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        raise Transient("no space left")


async def test_a_full_disk_does_not_stop_it() -> None:
    log = FullDisk()
    log.put(ALARM, "TF1", encode(Standing(position=1, alarms={})))
    log.say(event(seq=2, position=2))
    board = Board(SITE)
    async with followed(board, log):
        assert list(board.panels["TF1"].standing) == [HH.id]


async def test_records_and_snapshots_of_another_version_are_passed_over() -> None:
    log = MemoryLog()
    await log.save_snapshot("board", "TF1", Snapshot(0, b'{"other":1}'))
    log.put(ALARM, "TF1", bytes([Kind.CONFIG]) + b'{"other":1}')
    log.put(ALARM, "TF1", bytes([Kind.EVENT]) + b"{}")
    log.say(event())
    board = Board(SITE)
    async with followed(board, log):
        assert list(board.panels["TF1"].standing) == [HH.id]
