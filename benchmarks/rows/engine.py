"""The engine alone on one core: records of the plant log in, events out; four limits, then a rate over 60 s as well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import plant
from benchmarks.report import Report, rate
from hazardwatch.engine import Engine
from hazardwatch.sites import sound_site
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Block

NAME = "engine"
REACH = ">= 1.5 M/s with admission and four limits, >= 0.5 M/s with a rate over 60 s each, on one core"
_WANTED = {False: 1_500_000, True: 500_000}
_POINTS = 10_000
_RECORD = 5_000
_WARM_S, _RUN_S = 70, 100
"""Seconds of plant time: until every window is full, and then measured."""
_BEGIN_MS = 1_700_000_000_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of plant time, 100 unless given."""
    report = Report(NAME, REACH)
    entries = list(_entries(int(seconds or _RUN_S) + _WARM_S))
    floor = _floor(entries)
    report.add("floor, numpy: decode, gather four limits and compare", rate(floor))
    report.reached = True
    for with_rate, wanted in _WANTED.items():
        site, _ = sound_site(plant.write_site(folder, _POINTS, rate=with_rate))
        engine = Engine(plant.INSTALLATION)
        engine.configure(site, _BEGIN_MS)
        per_second = _judged(engine, entries)
        name = "four limits and a rate over 60 s" if with_rate else "admission and four limits"
        report.add(name, f"{rate(per_second)} of CPU; {per_second / floor:.2f} of the floor")
        report.reached = report.reached and per_second >= wanted
    return report


def _entries(plant_seconds: int) -> Iterator[Entry]:
    """10,000 points once a second, two records of 5,000 each; a few cross a limit."""
    drawn = np.random.default_rng(20261122)
    names = tuple(plant.point_id(one) for one in range(_POINTS))
    position = 0
    for second in range(plant_seconds):
        for part in range(0, _POINTS, _RECORD):
            position += 1
            value = drawn.normal(50, 3, _RECORD).round(2)
            value[second % _RECORD] = 95.0
            stamp = _BEGIN_MS + 1000 * second + part * 1000 // _POINTS
            block = Block(
                names[part : part + _RECORD],
                np.arange(_RECORD, dtype=np.uint16),
                np.full(_RECORD, stamp, np.int64),
                value,
                np.zeros(_RECORD, np.uint8),
            )
            yield Entry(plant.INSTALLATION, position, stamp + 50, records.encode_block(block))


def _judged(engine: Engine, entries: list[Entry]) -> float:
    """Readings per second of CPU, once all windows are full."""
    warm = _WARM_S * _POINTS // _RECORD
    for entry in entries[:warm]:
        engine.take(entry)
    began, events = time.process_time(), 0
    for entry in entries[warm:]:
        events += len(engine.take(entry))
    took = time.process_time() - began
    if not events:
        raise RuntimeError("no alarm was raised")
    return len(entries[warm:]) * _RECORD / took


def _floor(entries: list[Entry]) -> float:
    limits = np.array([90.0, 85.0, 15.0, 10.0])[:, None] * np.ones(_POINTS)
    began, beyond = time.process_time(), 0
    for entry in entries:
        block = records.decode_block(entry.data)
        hh, h, low, ll = limits[:, block.index]
        value = block.value
        beyond += int(np.count_nonzero((value >= hh) | (value >= h) | (value <= low) | (value <= ll)))
    return len(entries) * _RECORD / (time.process_time() - began)
