"""Fifty readings a message as `readings`, and 100 points x 10 times as columns: as fast as PUBACKs allow."""

from __future__ import annotations

from pathlib import Path

from benchmarks import plant
from benchmarks.floors import listener_alone
from benchmarks.generator import Order
from benchmarks.parts import service
from benchmarks.report import Report, rate
from benchmarks.through import publish_through

NAME = "listener-batches"
REACH = ">= 250,000/s as `readings` of 50; >= 400,000/s as columns of 100 x 10"
_WANTED = {"readings": 250_000, "columns": 400_000}
_CHUNK = {"readings": 10, "columns": 1}  # messages written at once
_WINDOW = {"readings": 200, "columns": 20}  # messages not yet acknowledged, per connection
_POINTS = 2_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of each, 15 unless given."""
    report = Report(NAME, REACH)
    site = plant.write_site(folder, _POINTS)
    report.reached = True
    for shape, wanted in _WANTED.items():
        alone = listener_alone(site, folder, _POINTS, shape, _CHUNK[shape])
        report.add(f"floor, the listener alone, {shape}", rate(alone))
        with service(site, folder / f"data-{shape}") as one:
            order = Order(
                port=one.mqtt,
                points=_POINTS,
                shape=shape,
                seconds=seconds or 15,
                chunk=_CHUNK[shape],
                window=_WINDOW[shape],
            )
            through = publish_through(one, order)
        through.tell(shape, report)
        report.add(f"ratio: {shape} / the listener alone", f"{through.taken / alone:.2f}")
        report.reached = report.reached and through.taken >= wanted
    return report
