"""An engine killed anywhere says everything once: whatever its snapshot and its alarm log had come to."""

from __future__ import annotations

import random

import msgspec
import pytest

from alerting.routing import Routes
from hazardwatch.api.board import Panel
from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Event, Judged
from pipeline.records import Kind
from pipeline.site import of_installation
from tests.engine_play import block_of
from tests.oracle.records import Commanded, Record
from tests.oracle.sites import INSTALLATION
from tests.oracle.streams import seeded_stream
from tests.oracle.whole_site import whole_site

SITE = whole_site()


def plant_log(seed: int) -> list[Entry]:
    """A configuration and a nasty stream. Positions begin at 1 and have gaps: other installations come between."""
    stream = seeded_stream(seed, SITE, records=40, whole=True)
    config = bytes([Kind.CONFIG]) + msgspec.json.encode(of_installation(SITE, INSTALLATION))
    datas = [(stream[0].received, config), *((one.received, data_of(one)) for one in stream)]
    return [Entry(INSTALLATION, 1 + 3 * n, stamp, data) for n, (stamp, data) in enumerate(datas)]


def data_of(record: Record) -> bytes:
    if isinstance(record, Commanded):
        return records.encode(msgspec.structs.replace(record.command, occurrence=None))
    return records.encode_block(block_of(record.readings)) if record.readings else records.TICK_RECORD


class Life:
    """From a start to a kill. `alarm_log` outlives it, `snapshot` is what it may have left."""

    def __init__(self, alarm_log: list[bytes], snapshot: bytes | None) -> None:
        self.alarm_log = alarm_log
        self.desk = EngineDesk(Engine(INSTALLATION)) if snapshot is None else EngineDesk.restore(INSTALLATION, snapshot)
        for position in range(self.desk.alarm_position + 1, len(alarm_log)):
            self.desk.heard(Entry(INSTALLATION, position, 0, alarm_log[position]))

    def judge(self, plant: list[Entry], *, said: bool = True) -> None:
        """All records that are new to it, in one append; killed before that unless `said`."""
        news = [entry for entry in plant if entry.position > self.desk.engine.position]
        items = [data for entry in news for data in self.desk.take(entry)]
        if said:
            self.alarm_log += items
            self.desk.alarm_position = len(self.alarm_log) - 1


def events(alarm_log: list[bytes]) -> list[Event]:
    found = [records.decode(data) for data in alarm_log if data[0] == Kind.EVENT]
    return [one for one in found if isinstance(one, Event)]


def undisturbed(plant: list[Entry]) -> list[Event]:
    alarm_log: list[bytes] = []
    Life(alarm_log, None).judge(plant)
    return events(alarm_log)


@pytest.mark.parametrize("seed", range(6))
def test_killed_between_any_append_and_any_older_snapshot(seed: int) -> None:
    plant = plant_log(seed)
    wanted = undisturbed(plant)
    assert wanted
    chance = random.Random(seed)
    for said in range(1, len(plant)):
        alarm_log: list[bytes] = []
        kept = chance.randrange(0, said + 1)
        first = Life(alarm_log, None)
        first.judge(plant[:kept])
        snapshot = first.desk.snapshot() if kept else None
        first.judge(plant[:said])
        Life(alarm_log, snapshot).judge(plant)
        assert events(alarm_log) == wanted, f"snapshot at {kept}, alarm log up to {said}"
        assert sum(data[0] == Kind.CONFIG for data in alarm_log) == 1


@pytest.mark.parametrize("seed", range(6))
def test_killed_before_what_was_judged_is_said(seed: int) -> None:
    plant = plant_log(seed)
    wanted = undisturbed(plant)
    for judged in range(2, len(plant)):
        alarm_log: list[bytes] = []
        first = Life(alarm_log, None)
        first.judge(plant[: judged // 2])
        snapshot = first.desk.snapshot()
        first.judge(plant[:judged], said=False)
        Life(alarm_log, snapshot).judge(plant)
        assert events(alarm_log) == wanted


def test_killed_again_and_again_and_the_seconds_judged_never_go_back() -> None:
    plant = plant_log(3)
    wanted, chance = undisturbed(plant), random.Random(3)
    alarm_log: list[bytes] = []
    snapshot: bytes | None = None
    for _ in range(100):
        life = Life(alarm_log, snapshot)
        for _ in range(chance.randrange(4)):
            done = sum(entry.position <= life.desk.engine.position for entry in plant)
            life.judge(plant[: done + chance.randrange(4)])
            caught_up = life.desk.engine.position >= life.desk.said[0]  # the engine role keeps nothing before that
            if done and caught_up and chance.random() < 0.5:
                snapshot = life.desk.snapshot()
        done = sum(entry.position <= life.desk.engine.position for entry in plant)
        life.judge(plant[: done + chance.randrange(4)], said=False)
    Life(alarm_log, snapshot).judge(plant)
    assert events(alarm_log) == wanted
    judged = [records.decode(data) for data in alarm_log if data[0] == Kind.JUDGED]
    seconds = [one.second for one in judged if isinstance(one, Judged)]
    assert seconds == sorted(seconds)


@pytest.mark.parametrize("seed", range(6))
def test_the_alarm_log_says_what_suppresses_whatever_was_killed(seed: int) -> None:
    plant, chance = plant_log(seed), random.Random(seed)
    alarm_log: list[bytes] = []
    snapshot: bytes | None = None
    for until in sorted(chance.sample(range(2, len(plant)), 5)):
        life = Life(alarm_log, snapshot)
        life.judge(plant[:until])
        snapshot = life.desk.snapshot() if chance.random() < 0.5 else snapshot
        Life(alarm_log, snapshot).judge(plant[: until + 1], said=False)
    life = Life(alarm_log, snapshot)
    life.judge(plant)
    life.judge([*plant, Entry(INSTALLATION, plant[-1].position + 1, plant[-1].stamp + 2_000, records.TICK_RECORD)])
    panel = Panel(Routes(SITE, INSTALLATION))
    for data in alarm_log:
        record = records.decode(data) if data[0] == Kind.JUDGED else None
        if isinstance(record, Judged):
            panel.passed(record)
    assert {id_: [hold.kind for hold in holds] for id_, holds in panel.held.alarms.items()} == {
        id_: [hold.kind for hold in holds] for id_, holds in life.desk.engine.held().alarms.items()
    }
    assert panel.held.modes == life.desk.engine.held().modes
