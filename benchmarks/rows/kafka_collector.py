"""Through Mosquitto, the collector, a real Kafka and a real TimescaleDB, one reading a message."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks import parts, plant
from benchmarks.generator import Order
from benchmarks.report import Report
from benchmarks.rows.collector import bare, drained
from benchmarks.servers import servers
from benchmarks.through import publish_through

NAME = "kafka-collector"
REACH = ">= 30,000/s through Mosquitto, the collector and Kafka"
_WANTED = 30_000
_POINTS = 2_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of a steady load, 20 unless given."""
    report = Report(NAME, REACH)
    report.add("load of the machine before", f"{os.getloadavg()[0]:.1f}")
    with parts.mosquitto(folder) as (port, broker):
        alone = bare(port, broker, report)
    site = plant.write_site(folder, _POINTS)
    with servers(folder) as real, parts.mosquitto(folder) as (port, broker):
        more = ("--kafka", real.kafka, "--dsn", real.database(), "--mqtt", f"mqtt://127.0.0.1:{port}")
        with parts.service(site, folder / "data", *more, server=real.postgres) as one:
            time.sleep(2)  # subscriptions
            fast = drained(one, port, broker, report, kafka=real.broker)
            order = Order(port=port, points=_POINTS, seconds=seconds or 20, rate=_WANTED, connections=2, chunk=50)
            steady = publish_through(one, order, hop="collector", mosquitto=broker, kafka=real.broker)
            steady.tell("steady", report)
    report.add("ratio: flood through Kafka / bare subscriber", f"{fast / alone:.2f}")
    report.reached = fast >= _WANTED and steady.taken >= 0.99 * _WANTED
    return report
