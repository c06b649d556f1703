"""Resident memory of the service without its database: 10,000 points once a second, each with a rate over 60 s."""

from __future__ import annotations

from pathlib import Path

from benchmarks import plant
from benchmarks.generator import Order
from benchmarks.parts import service
from benchmarks.report import Report
from benchmarks.through import publish_through

NAME = "memory"
REACH = "<= 600 MB resident without the database, 10,000 points at 1 Hz with a rate over 60 s each"
_POINTS = 10_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of load, 75 unless given: windows full, and snapshots taken meanwhile."""
    report = Report(NAME, REACH)
    small = plant.write_site(folder, 10)
    with service(small, folder / "small") as one:
        report.add("floor, the service with 10 points", f"{one.memory_mb()[0]:.0f} MB")
    site = plant.write_site(folder, _POINTS, rate=True)
    with service(site, folder / "data") as one:
        report.add("10,000 points, before the first reading", f"{one.memory_mb()[0]:.0f} MB")
        through = publish_through(
            one, Order(port=one.mqtt, points=_POINTS, seconds=seconds or 75, rate=_POINTS, chunk=100)
        )
        now, most = one.memory_mb()
    through.tell("steady", report)
    report.add("resident / at most (snapshots)", f"{now:.0f} / {most:.0f} MB")
    report.reached = most <= 600
    return report
