"""What hazardwatch says of itself: the worst of all processes, and a value that cannot be had stops nothing."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from hazardwatch.health import Health
from hazardwatch.process_state import Heard, ProcessState, readings
from hazardwatch.processes import Processes, Report
from hazardwatch.system_site import with_system
from hazardwatch.system_watch import ClockJump, watch
from pipeline.log import PLANT
from pipeline.model import SYSTEM
from pipeline.records import decode_block
from pipeline.site import Site, Text
from tests.memory_log import MemoryLog

ALL = ("collector", "engine", "historian", "notifier", "api")


def away() -> float:
    raise OSError("the disk went away")


def state(id_: str, *roles: str, **more: object) -> ProcessState:
    known = {"id": id_, "host": "h", "pid": 1, "version": "1", "started": 0, "said": 0}
    return ProcessState(**known, roles=dict.fromkeys(roles), **more)  # type: ignore[arg-type]  # of the test's choice


def test_a_probe_that_fails_gives_a_bad_sample_and_stops_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        log, report = MemoryLog(), Report(Health(()), tmp_path)
        report.values |= {"disk-free": away, "history": lambda: 1.0}
        async with log.table("processes") as table:
            watching = asyncio.create_task(watch(log, Processes(table, report), lambda: True, ()))
            await log.wait_beyond(PLANT, 0, 5)
        assert not watching.done()
        watching.cancel()
        [entry] = log.topics[PLANT]
        block = decode_block(entry.data)
        values = dict(zip(block.points, block.value.tolist(), strict=True))
        assert entry.installation == SYSTEM
        assert math.isnan(values["disk-free"])
        assert values["history"] == 1.0
        system = with_system(Site(id="s", name=Text(en="s", zh="s"))).installation(SYSTEM)
        assert system is not None
        assert values.keys() <= {point.id for point in system.points}

    asyncio.run(story())


def test_the_worst_of_all_processes_counts_and_of_the_silent_only_that_they_are() -> None:
    heard = [
        Heard(state("a", "engine", "notifier", values={"disk-free": 50.0, "delivery": 1.0}, lags_s={"engine": 0.4}), 1),
        Heard(state("b", "engine", "historian", values={"disk-free": 3.0, "history": 0.0}, lags_s={"engine": 7.0}), 2),
        Heard(state("c", "collector", values={"disk-free": None, "broker-drops": 12.0}), 0),
        Heard(state("d", "api", values={"disk-free": 1.0}, lags_s={"engine": 900.0}), 11),
    ]
    assert readings(heard, ALL) == {
        "disk-free": 3.0,
        "delivery": 1.0,
        "history": 0.0,
        "broker-drops": 12.0,
        "engine-lag": 7.0,
        "processes-silent": 1.0,
        "roles-missing": 1.0,
    }
    assert readings(heard[:3], ("engine", "collector"))["roles-missing"] == 0.0


@pytest.mark.parametrize(("step_s", "shown"), [(3600.0, 3600.0), (-2.0, 2.0), (0.1, 0.0)])
def test_a_clock_that_is_set_shows_for_a_minute(step_s: float, shown: float) -> None:
    steady, offset = [100.0], [1e9]
    probe = ClockJump(lambda: steady[0] + offset[0], lambda: steady[0])
    assert probe() == 0.0
    offset[0] += step_s
    steady[0] += 2
    assert probe() == pytest.approx(shown)
    steady[0] += 58
    assert probe() == pytest.approx(shown)
    steady[0] += 3
    assert probe() == 0.0


def test_who_says_nothing_new_is_silent_who_leaves_is_gone_and_who_is_long_dead_is_forgotten(tmp_path: Path) -> None:
    async def story() -> None:
        log, now = MemoryLog(), [0.0]
        async with log.table("processes") as table:
            mine, other = (
                Processes(table, Report(Health(("engine",)), tmp_path / one), lambda: now[0]) for one in ("a", "b")
            )
            await other.say()
            for _ in range(7):
                now[0] += 2
                await mine.say()
            assert [(one.state.id[-1], one.silent) for one in mine.heard()] == [("a", False), ("b", True)]
            await other.say()
            mine.look()
            assert [one.silent for one in mine.heard()] == [False, False]
            await other.leave()
            mine.look()
            assert [one.state.id[-1] for one in mine.heard()] == ["a"]
            await other.say()
            await mine.say()
            now[0] += 25 * 3600
            await mine.say()
            await mine.forget()
            mine.look()
            assert [one.state.id[-1] for one in mine.heard()] == ["a"]

    asyncio.run(story())


def test_links_lead_to_a_process_with_an_api_and_not_to_one_that_has_gone_silent(tmp_path: Path) -> None:
    async def story() -> None:
        log, now = MemoryLog(), [0.0]
        async with log.table("processes") as table:
            reports = [Report(Health(()), tmp_path / one, url) for one, url in (("a", None), ("b", "http://b"))]
            mine, other = (Processes(table, report, lambda: now[0]) for report in reports)
            assert (mine.console(), other.console()) == (None, "http://b")
            await other.say()
            mine.look()
            assert mine.console() == "http://b"
            now[0] += 60
            await mine.say()
            assert mine.console() is None

    asyncio.run(story())
