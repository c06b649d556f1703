"""One reading a message through a real Kafka into a real TimescaleDB, in turns with the embedded path."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from benchmarks import plant
from benchmarks.generator import Order
from benchmarks.parts import service
from benchmarks.report import Report, rate
from benchmarks.servers import Servers, servers
from benchmarks.through import Through, publish_through

NAME = "kafka-single"
REACH = ">= 120,000/s through Kafka into TimescaleDB, PUBACK after acks=all, and >= 0.7 of the embedded path beside it"
_WANTED = 120_000
_SHARE = 0.7
_POINTS = 2_000
_ROUNDS = 3


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of each load, 12 unless given."""
    report = Report(NAME, REACH)
    embedded, distributed = [], []
    with servers(folder) as real:
        for round_ in range(_ROUNDS):
            site = plant.write_site(folder, _POINTS, site=f"bench-{round_}")
            report.add(f"load of the machine before round {round_ + 1}", f"{os.getloadavg()[0]:.1f}")
            with service(site, folder / f"local-{round_}") as one:
                embedded.append(publish_through(one, Order(port=one.mqtt, points=_POINTS, seconds=seconds or 12)))
            distributed.append(_through_kafka(real, site, folder / f"kafka-{round_}", seconds or 12))
    _middle(embedded).tell("embedded, the middle one", report)
    _middle(distributed).tell("Kafka, the middle one", report)
    shares = [ours.taken / other.taken for ours, other in zip(distributed, embedded, strict=True)]
    report.add("acknowledged through Kafka, each round", ", ".join(rate(one.taken) for one in distributed))
    report.add("ratio: Kafka / embedded, each round", ", ".join(f"{one:.2f}" for one in shares))
    taken = statistics.median(one.taken for one in distributed)
    report.reached = taken >= _WANTED and statistics.median(shares) >= _SHARE
    return report


def _through_kafka(real: Servers, site: Path, data: Path, seconds: float) -> Through:
    more = ("--kafka", real.kafka, "--dsn", real.database())
    with service(site, data, *more, server=real.postgres) as one:
        return publish_through(one, Order(port=one.mqtt, points=_POINTS, seconds=seconds), kafka=real.broker)


def _middle(loads: list[Through]) -> Through:
    return sorted(loads, key=lambda one: one.taken)[len(loads) // 2]
