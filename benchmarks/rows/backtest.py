"""Back-testing on one core: 1,000 points, two configurations, in memory and out of a CSV file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from benchmarks import plant
from benchmarks.report import Report, rate
from hazardwatch.backtest import backtest
from hazardwatch.readings_files import read_readings
from hazardwatch.recorded_faults import Faults
from hazardwatch.replay import Recorded
from hazardwatch.sites import sound_site
from pipeline.model import Block
from pipeline.site import Alarm, Site

NAME = "backtest"
REACH = ">= 1 M readings/s on one core, 1,000 points, both configurations; reading the file counted apart"
_WANTED = 1_000_000
_POINTS = 1_000
_RUN_S = 1_500
_CSV_S = 1_000
_BEGIN_MS = 1_700_000_000_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of plant time. CPU time, so that neighbours do not count."""
    report = Report(NAME, REACH)
    site, _ = sound_site(plant.write_site(folder, _POINTS))
    recorded = list(_recorded(int(seconds or _RUN_S)))
    report.reached = True
    for changed in (1, _POINTS):
        began = time.process_time()
        both = backtest(site, _moved(site, changed), recorded)
        took = time.process_time() - began
        if not both.before or not both.after:
            raise RuntimeError("no alarm was raised")
        report.add(f"readings in memory, {changed} of {_POINTS} points changed", rate(both.readings / took))
        report.reached = report.reached and both.readings / took >= _WANTED
    file = _csv(folder, min(int(seconds or _CSV_S), _CSV_S))
    began, faults = time.process_time(), Faults()
    readings = read_readings([file], site, faults)
    faults.raise_if_any()
    read = time.process_time() - began
    backtest(site, _moved(site, 1), readings.blocks())
    took = time.process_time() - began
    report.add("reading a CSV file alone", rate(len(readings) / read))
    report.add("out of a CSV file, all in all", rate(len(readings) / took))
    return report


def _recorded(seconds: int) -> Iterator[Recorded]:
    """Every point once a second; a few cross a limit."""
    drawn = np.random.default_rng(20261122)
    names = tuple(plant.point_id(one) for one in range(_POINTS))
    index, flags = np.arange(_POINTS, dtype=np.uint16), np.zeros(_POINTS, np.uint8)
    for second in range(seconds):
        value = drawn.normal(50, 3, _POINTS).round(2)
        if second % 10 == 0:
            value[second % _POINTS] = 95.0
        stamp = _BEGIN_MS + 1000 * second
        yield stamp, plant.INSTALLATION, Block(names, index, np.full(_POINTS, stamp, np.int64), value, flags)


def _moved(site: Site, points: int) -> Site:
    """The same with the limits of the first `points` moved."""
    [here] = site.installations

    def moved(alarm: Alarm) -> Alarm:
        return alarm if alarm.setpoint is None else msgspec.structs.replace(alarm, setpoint=alarm.setpoint + 1)

    changed = tuple(
        msgspec.structs.replace(point, alarms=tuple(map(moved, point.alarms))) for point in here.points[:points]
    )
    whole = msgspec.structs.replace(here, points=changed + here.points[points:])
    return msgspec.structs.replace(site, installations=(whole,))


def _csv(folder: Path, seconds: int) -> Path:
    path = folder / "readings.csv"
    with path.open("w", encoding="ascii") as file:
        file.write("time,installation,point,value\n")
        for received, home, block in _recorded(seconds):
            assert isinstance(block, Block)
            file.writelines(
                f"{received},{home},{point},{value}\n"
                for point, value in zip(block.points, block.value.tolist(), strict=True)
            )
    return path
