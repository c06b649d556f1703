"""Forty installations judged by one engine process, and by four: CPU seconds per million readings."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks import plant
from benchmarks.parts import Service
from benchmarks.processes import cpu_s
from benchmarks.report import Report
from benchmarks.servers import Servers, servers
from pipeline import records
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_log import KafkaLog
from pipeline.log import PLANT
from pipeline.model import Block

NAME = "engines"
REACH = "four engine processes cost <= 1.15 x the CPU per reading of one"
_SHARE = 1.15
_POINTS, _TIMES = 100, 20
"""Of a record: points, and readings of each; few points, so that several processes begin within seconds."""
_SECONDS = 10.0
_PER_SECOND = 10
"""Records of an installation, each of 2,000 readings: 800,000 readings/s in all, near what one engine can do."""
_INSTALLATIONS = tuple(f"P{number:02d}" for number in range(40))
_ROUNDS = 3
_SETTLE_S = 12.0
"""Until the division of the installations among the engines has been over for a while."""


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of each load, 12 unless given."""
    report = Report(NAME, REACH)
    million: dict[int, list[float]] = {1: [], 4: []}
    resting: dict[int, list[float]] = {1: [], 4: []}
    with servers(folder) as real:
        for number in range(_ROUNDS):
            report.add(f"load of the machine before round {number + 1}", f"{os.getloadavg()[0]:.1f}")
            for engines in (1, 4):
                load, rest = _judged(folder, real, f"bench-{engines}-{number}", engines, seconds or _SECONDS)
                million[engines].append(load)
                resting[engines].append(rest)
    for engines, each in million.items():
        told = ", ".join(f"{one:.2f}" for one in each)
        report.add(f"CPU s per million readings, {engines} engine(s), each round", told)
        report.add(f"of it at rest, cores, {engines} engine(s)", f"{statistics.median(resting[engines]):.3f}")
    ratio = statistics.median(four / one for one, four in zip(million[1], million[4], strict=True))
    report.add("ratio: four / one", f"{ratio:.2f}")
    report.reached = ratio <= _SHARE
    return report


def _judged(folder: Path, real: Servers, site: str, engines: int, seconds: float) -> tuple[float, float]:
    """CPU seconds per million readings of all engines together, and the cores they take at rest."""
    file = plant.write_site(folder, _POINTS, site=site, installations=_INSTALLATIONS)
    with contextlib.ExitStack() as stack:
        running = []
        for number in range(engines):
            one = Service(file, folder / f"{site}-{number}", "--kafka", real.kafka, "--role", "engine")
            stack.callback(one.stop)
            one.start()
            running.append(one)
        for one in running:
            one.wait_ready()
        time.sleep(_SETTLE_S)
        rest = _cpu(running)
        time.sleep(5)
        rest = (_cpu(running) - rest) / 5
        before, already = _cpu(running), _passed(running)
        count = asyncio.run(_append(real.kafka, site, seconds))
        _until(running, already + count)
        return 1e6 * (_cpu(running) - before) / count, rest


def _cpu(running: list[Service]) -> float:
    return sum(cpu_s(one.pid) for one in running)


def _passed(running: list[Service]) -> float:
    return sum(one.counters().get(("engine", "passed"), 0) for one in running)


def _until(running: list[Service], goal: float) -> None:
    end = time.monotonic() + 60
    while (passed := _passed(running)) < goal:
        if time.monotonic() > end:
            raise TimeoutError(f"the engines judged {passed:,.0f} of {goal:,.0f} readings")
        time.sleep(0.2)


async def _append(kafka: str, site: str, seconds: float) -> int:
    """Readings appended, at an even pace; how many."""
    names = tuple(plant.point_id(number) for number in range(_POINTS))
    drawn = np.random.default_rng(20261122)
    size = _POINTS * _TIMES
    index, flags = np.tile(np.arange(_POINTS, dtype=np.uint16), _TIMES), np.zeros(size, np.uint8)
    step_ms = 1000 // (_PER_SECOND * _TIMES)  # so that no record reaches back into the one before
    back_ms = np.repeat(np.arange(_TIMES, dtype=np.int64)[::-1] * step_ms, _POINTS)
    async with KafkaLog.open(KafkaAccess((kafka,)), site) as log:
        begin = time.monotonic()
        rounds = int(seconds * _PER_SECOND)
        for number in range(rounds):
            await asyncio.sleep(max(0.0, begin + number / _PER_SECOND - time.monotonic()))
            stamp = time.time_ns() // 1_000_000 - back_ms
            value = drawn.normal(50, 3, size).clip(20, 80)
            data = records.encode_block(Block(names, index, stamp, value, flags))
            await log.append(PLANT, [(one, data) for one in _INSTALLATIONS])
    return rounds * size * len(_INSTALLATIONS)
