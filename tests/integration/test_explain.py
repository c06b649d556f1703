"""`explain`: why an alarm is in its state, read from a real log, now and at an earlier time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from hazardwatch.cli import app
from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from pipeline.config_records import ConfigDecision, Difference
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT, Entry, Snapshot
from pipeline.model import SYSTEM, Block, Command
from pipeline.outside import iso
from pipeline.records import TICK_RECORD, encode, encode_block, encode_site
from pipeline.site import Alarm, Installation, Person, Point, Site, Text

NAME = Text(en="x", zh="x")
HH = Alarm(
    id="TF1/A/HH", name="HH", point="A", kind="high", alarm_class="p", priority="high", setpoint=10.0,
    on_delay_ms=3000,
)  # fmt: skip
ABOUT = tuple(
    Alarm(id=f"TF1/A/{kind.upper()}", name=kind.upper(), point="A", kind=kind, alarm_class="i", priority="low")
    for kind in ("stale", "bad", "late", "clock")
)
POINT = Point(
    id="A", name=NAME, quantity="level", unit="m", low=0.0, high=20.0, stale_after_ms=60_000, alarms=(HH, *ABOUT)
)
SITE = Site(
    id="s",
    name=NAME,
    installations=(Installation(id="TF1", name=NAME, points=(POINT,)),),
    people=(Person(id="li.wei", name="李伟", language="zh-CN"),),
)
T0 = 1_763_800_000_000


def _reading(stamp: int, value: float) -> bytes:
    flags = np.zeros(1, np.uint8)
    return encode_block(Block(("A",), np.zeros(1, np.uint16), np.array([stamp]), np.array([value]), flags))


MOVED = Difference(where=HH.id, what="setpoint", before=9.0, after=10.0, effect="loosening", reason="limit_moved_away")
LINES: list[tuple[int, str, bytes]] = [
    (0, "TF1", encode_site(SITE)),
    (0, SYSTEM, encode(ConfigDecision(outcome="in_force", time=T0, change=1, by="li.wei", differences=(MOVED,)))),
    (1000, "TF1", _reading(T0 + 1000, 9.0)),
    (2000, "TF1", _reading(T0 + 2000, 11.0)),
    (4000, "TF1", _reading(T0 + 4000, 11.5)),
    (5500, "TF1", TICK_RECORD),
    (8000, "TF1", encode(Command(command="acknowledge", by="li.wei", alarm=HH.id, note="pump stopped"))),
    (9000, "TF1", _reading(T0 + 9000, 10.5)),
    (9500, "TF1", TICK_RECORD),
]


async def _write(log: LocalLog, now: list[int], snapshot_after: int) -> None:
    """The plant log, and what an engine made of it."""
    desks = {"TF1": EngineDesk(Engine("TF1")), SYSTEM: EngineDesk(Engine(SYSTEM))}
    for number, (after, installation, data) in enumerate(LINES):
        now[0] = T0 + after
        [position] = await log.append(PLANT, [(installation, data)])
        said = desks[installation].take(Entry(installation, position, now[0], data))
        await log.append(ALARM, [(installation, one) for one in said])
        if number == snapshot_after:
            await log.save_snapshot("engine", "TF1", Snapshot(position, desks["TF1"].snapshot()))


@pytest.fixture(params=[2, 7], ids=["early snapshot", "late snapshot"])
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    async def scene() -> None:
        now = [T0]
        async with LocalLog.open(tmp_path / "log", lambda: now[0]) as log:
            await _write(log, now, request.param)

    asyncio.run(scene())
    return tmp_path


def _explain(data: Path, at: int, alarm: str = HH.id) -> dict[str, Any]:
    told = CliRunner().invoke(app, ["explain", alarm, "--data", str(data), "--at", str(T0 + at), "--json"])
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_the_state_now_has_its_events_its_samples_and_its_setpoint(data: Path) -> None:
    found = _explain(data, 9600)
    assert found["state"] == "ACKED"
    assert [(one["event"], one["actor"]) for one in found["events"]] == [("raised", None), ("acknowledged", "li.wei")]
    assert found["settings"]["setpoint"] == 10.0
    assert [one["value"] for one in found["deciding_samples"]] == [9.0, 11.0, 11.5, 10.5]
    assert found["latest_samples"][-1]["time"] == iso(T0 + 9000)
    assert found["condition"]["on"] is True
    assert "setpoint 9.0 -> 10.0" in found["because"][-1]


def test_a_delay_that_runs_is_told_with_its_end(data: Path) -> None:
    found = _explain(data, 4200)
    assert found["state"] == "NORMAL"
    assert (found["condition"]["pending"], found["condition"]["due"]) == (iso(T0 + 2000), iso(T0 + 5000))
    assert found["events"] == []
    assert [one["value"] for one in found["latest_samples"]] == [9.0, 11.0, 11.5]


def test_before_it_was_configured_there_was_no_such_alarm(data: Path) -> None:
    told = CliRunner().invoke(app, ["explain", HH.id, "--data", str(data), "--at", str(T0 - 1)])
    assert told.exit_code == 2
    assert "no such alarm at that time" in told.output


def test_the_answer_in_words_begins_with_the_state(data: Path) -> None:
    told = CliRunner().invoke(app, ["explain", HH.id, "--data", str(data), "--at", str(T0 + 9600)])
    assert told.stdout.startswith(f"ACKED since {iso(T0 + 8000)}, by acknowledged")
    assert "done by li.wei" in told.stdout


def test_an_unknown_installation_is_named(data: Path) -> None:
    told = CliRunner().invoke(app, ["explain", "TF9/A/HH", "--data", str(data)])
    assert told.exit_code == 2
    assert "'TF9'" in told.output
