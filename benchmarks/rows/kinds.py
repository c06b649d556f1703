"""Each rule kind on 10,000 points through the engine on one core, beside the same points with one limit each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Report, rate
from hazardwatch.engine import Engine
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Block
from pipeline.site import (
    Alarm,
    Balance,
    Count,
    Cusum,
    Deviation,
    Discrepancy,
    Equipment,
    Ewma,
    Flatline,
    Installation,
    ModeSettings,
    Noise,
    Point,
    Rate,
    Site,
    Text,
    TimeToLimit,
    Vote,
)

NAME = "kinds"
REACH = "no rule kind slower than 1/8 of a limit on the same 10,000 points"
_SLOWEST = 1 / 8
_POINTS = 10_000
_RECORD = 5_000
_WARM_S, _RUN_S = 70, 20
"""Seconds of plant time: until every window is full, and then measured."""
_WINDOW_MS = 60_000
_BEGIN_MS = 1_700_000_000_000
_HERE = "B1"

Made = tuple[tuple[Point, ...], tuple[Alarm, ...]]


def measure(_folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of plant time, 20 unless given."""
    report = Report(NAME, REACH)
    report.reached = True
    run = int(seconds or _RUN_S)
    analog, states = list(_entries(run, _measured)), list(_entries(run, _switched))
    limit = 0.0
    for name, make in _KINDS.items():
        per_second = _judged(make(), states if name in _OF_STATES else analog)
        limit = limit or per_second
        report.add(name, f"{rate(per_second)} of CPU; {per_second / limit:.2f} of a limit")
        report.reached = report.reached and per_second >= _SLOWEST * limit
    return report


def _alarm(id_: str, name: str, kind: str, point: str | None = None, **more: Any) -> Alarm:
    attributes: dict[str, Any] = {"alarm_class": "process", "priority": "high"} | more
    return Alarm(id=f"{_HERE}/{id_}", name=name, kind=kind, point=point, **attributes)


def _point(number: int, alarms: tuple[Alarm, ...] = (), **more: Any) -> Point:
    id_ = f"P-{number:05d}"
    quality = tuple(
        _alarm(f"{id_}/{kind.upper()}", kind.upper(), kind, id_) for kind in ("stale", "bad", "late", "clock")
    )
    attributes: dict[str, Any] = {"quantity": "level", "unit": "m", "low": 0.0, "high": 100.0} | more
    return Point(id=id_, name=Text(en=id_, zh=id_), stale_after_ms=10_000, alarms=(*alarms, *quality), **attributes)


def _own(kind: str, **more: Any) -> Callable[[], Made]:
    """One alarm of that kind on every point."""

    def made() -> Made:
        ids = [f"P-{number:05d}" for number in range(_POINTS)]
        return tuple(_point(n, (_alarm(f"{id_}/x", "x", kind, id_, **more),)) for n, id_ in enumerate(ids)), ()

    return made


def _several(size: int, of: Callable[[list[str], str], Alarm], **more: Any) -> Callable[[], Made]:
    """One alarm over every `size` points."""

    def made() -> Made:
        points = tuple(_point(number, **more) for number in range(_POINTS))
        groups = [[point.id for point in points[at : at + size]] for at in range(0, _POINTS - size + 1, size)]
        return points, tuple(of(ids, f"over-{number}") for number, ids in enumerate(groups))

    return made


def _votes() -> Made:
    points = tuple(
        _point(n, (_alarm(f"P-{n:05d}/H", "H", "high", f"P-{n:05d}", setpoint=90.0, deadband=1.0),))
        for n in range(_POINTS)
    )
    groups = [tuple(point.alarms[0].id for point in points[at : at + 3]) for at in range(0, _POINTS - 2, 3)]
    return points, tuple(
        _alarm(f"vote-{number}", f"vote-{number}", "vote", vote=Vote(need=2, of=of)) for number, of in enumerate(groups)
    )


def _switches() -> Made:
    state: dict[str, Any] = {"quantity": "state", "unit": "", "low": None, "high": None, "states": _STATES}
    ids = [f"P-{number:05d}" for number in range(_POINTS)]
    return tuple(
        _point(n, (_alarm(f"{id_}/x", "x", "digital", id_, when=0.0),), **state) for n, id_ in enumerate(ids)
    ), ()


def _deviation(ids: list[str], name: str) -> Alarm:
    return _alarm(
        name, name, "deviation", setpoint=40.0, deadband=1.0, deviation=Deviation(point=ids[0], reference=ids[1])
    )


def _discrepancy(ids: list[str], name: str) -> Alarm:
    of = Discrepancy(command=ids[0], feedback=ids[1], agree={0.0: (0.0,), 1.0: (1.0,)})
    return _alarm(name, name, "discrepancy", on_delay_ms=15_000, discrepancy=of)


def _balance(ids: list[str], name: str) -> Alarm:
    flows = {ids[1]: 1.0, ids[2]: -1.0}
    of = Balance(level=ids[0], level_factor=1.0, flows=flows, area=10.0, window_ms=_WINDOW_MS)
    return _alarm(name, name, "balance", setpoint=400.0, balance=of)


_STATES = {0.0: "tripped", 1.0: "healthy"}
_STATE: dict[str, Any] = {"quantity": "state", "unit": "", "low": None, "high": None, "states": _STATES}
_LIMIT: dict[str, Any] = {"setpoint": 90.0, "deadband": 1.0}
_OF_STATES = frozenset({"digital", "discrepancy"})
_KINDS: dict[str, Callable[[], Made]] = {
    "limit": _own("high", **_LIMIT),
    "count": _own("high", **_LIMIT, count=Count(times=3, within_ms=60_000, sustained_ms=60_000)),
    "by_mode": _own("high", **_LIMIT, by_mode={"stopped": ModeSettings(setpoint=95.0)}),
    "digital": _switches,
    "rate": _own("rate", rate=Rate(rising=90.0, per_ms=60_000, window_ms=_WINDOW_MS)),
    "time_to_limit": _own(
        "time_to_limit",
        time_to_limit=TimeToLimit(limit=99.0, within_ms=900_000, window_ms=_WINDOW_MS, min_rate=50.0, per_ms=60_000),
    ),
    "flatline": _own("flatline", flatline=Flatline(for_ms=_WINDOW_MS, band=0.01)),
    "noise": _own("noise", noise=Noise(quiet=0.1, loud=20.0, window_ms=_WINDOW_MS)),
    "cusum": _own("cusum", cusum=Cusum(reference=50.0, slack=3.0, threshold=60.0)),
    "ewma": _own("ewma", ewma=Ewma(reference=50.0, sigma=3.0, weight=0.2, width=6.0)),
    "vote": _votes,
    "deviation": _several(2, _deviation),
    "discrepancy": _several(2, _discrepancy, **_STATE),
    "balance": _several(3, _balance),
}


def _measured(drawn: np.random.Generator, second: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A few cross a limit."""
    value: np.ndarray[Any, np.dtype[np.float64]] = drawn.normal(50, 3, _RECORD).round(2)
    value[second % _RECORD] = 95.0
    return value


def _switched(_drawn: np.random.Generator, second: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A few are tripped."""
    value = np.ones(_RECORD)
    value[second % _RECORD] = 0.0
    return value


def _entries(
    run_s: int, values: Callable[[np.random.Generator, int], np.ndarray[Any, np.dtype[np.float64]]]
) -> Iterator[Entry]:
    """10,000 points once a second, two records of 5,000 each."""
    drawn = np.random.default_rng(20261122)
    names = tuple(f"P-{number:05d}" for number in range(_POINTS))
    position = 0
    for second in range(run_s + _WARM_S):
        for part in range(0, _POINTS, _RECORD):
            position += 1
            stamp = _BEGIN_MS + 1000 * second + part * 1000 // _POINTS
            block = Block(
                names[part : part + _RECORD],
                np.arange(_RECORD, dtype=np.uint16),
                np.full(_RECORD, stamp, np.int64),
                values(drawn, second),
                np.zeros(_RECORD, np.uint8),
            )
            yield Entry(_HERE, position, stamp + 50, records.encode_block(block))


def _judged(made: Made, entries: list[Entry]) -> float:
    """Readings per second of CPU, once all windows are full."""
    points, alarms = made
    equipment = (Equipment(id="E-1", modes=("running", "stopped")),)
    here = Installation(id=_HERE, name=Text(en=_HERE, zh=_HERE), points=points, alarms=alarms, equipment=equipment)
    engine = Engine(_HERE)
    engine.configure(Site(id="bench", name=here.name, installations=(here,)), _BEGIN_MS)
    warm = _WARM_S * _POINTS // _RECORD
    for entry in entries[:warm]:
        engine.take(entry)
    began = time.process_time()
    for entry in entries[warm:]:
        engine.take(entry)
    return len(entries[warm:]) * _RECORD / (time.process_time() - began)
