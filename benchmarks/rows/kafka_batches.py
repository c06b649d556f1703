"""Fifty readings a message through a real Kafka into a real TimescaleDB: at the listener, and through Mosquitto."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import parts, plant
from benchmarks.generator import Order
from benchmarks.report import Report
from benchmarks.servers import servers
from benchmarks.through import publish_through

NAME = "kafka-batches"
REACH = ">= 150,000/s as `readings` of 50, at the listener and through Mosquitto and the collector"
_WANTED = 150_000
_POINTS = 2_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of each load, 12 unless given."""
    report = Report(NAME, REACH)
    report.add("load of the machine before", f"{os.getloadavg()[0]:.1f}")
    with servers(folder) as real, parts.mosquitto(folder) as (port, broker):
        for hop, door in (("listener", ()), ("collector", ("--mqtt", f"mqtt://127.0.0.1:{port}"))):
            site = plant.write_site(folder, _POINTS, site=f"bench-{hop}")
            more = ("--kafka", real.kafka, "--dsn", real.database(), *door)
            with parts.service(site, folder / hop, *more, server=real.postgres) as one:
                order = Order(
                    port=port if door else one.mqtt,
                    points=_POINTS,
                    shape="readings",
                    seconds=seconds or 12,
                    chunk=10,
                    window=200,
                    rate=1.1 * _WANTED if door else None,  # a broker takes what its subscriber does not have yet
                )
                beside = {"kafka": real.broker} | ({"mosquitto": broker} if door else {})
                through = publish_through(one, order, hop=hop, **beside)
            through.tell(hop, report)
            report.reached = report.reached is not False and through.taken >= _WANTED
    return report
