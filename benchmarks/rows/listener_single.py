"""One reading a message, QoS 1, PUBACK after fsync, rules and history running: steady, and as fast as it goes."""

from __future__ import annotations

from pathlib import Path

from benchmarks import plant
from benchmarks.floors import bare_copy, listener_alone
from benchmarks.generator import Order
from benchmarks.parts import service
from benchmarks.report import Report, rate
from benchmarks.through import publish_through

NAME = "listener-single"
REACH = ">= 150,000/s steady with the history keeping up; >= 0.5 of the listener alone"
_WANTED = 150_000
_POINTS = 2_000
_KEEPS_UP_S = 6.0
"""The history keeps up when it is complete so soon after a minute of load: summing up a minute holds it for seconds."""


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of steady load, 60 unless given."""
    report = Report(NAME, REACH)
    site = plant.write_site(folder, _POINTS)
    alone = listener_alone(site, folder, _POINTS, "single", 250)
    report.add("floor, the listener alone with nothing behind it", rate(alone))
    with service(site, folder / "data") as one:
        report.add("floor, bare binary COPY into a table without index", rate(bare_copy(one.owner_dsn())))
        fast = publish_through(one, Order(port=one.mqtt, points=_POINTS, seconds=15))
        fast.tell("as fast as it goes", report)
        steady = publish_through(one, Order(port=one.mqtt, points=_POINTS, seconds=seconds or 60, rate=_WANTED))
        steady.tell("steady", report)
    report.add("ratio: as fast as it goes / the listener alone", f"{fast.taken / alone:.2f}")
    kept_up = steady.taken >= 0.99 * _WANTED and steady.caught_up_s <= _KEEPS_UP_S
    report.reached = kept_up and fast.taken >= 0.5 * alone
    return report
