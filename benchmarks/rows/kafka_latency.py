"""From publish to the webhook received on a real Kafka, while 15,000 readings/s go through, beside the embedded log."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from benchmarks import plant
from benchmarks.parts import Sink, service
from benchmarks.report import Report
from benchmarks.rows.latency import Webhooks, webhooks_through
from benchmarks.servers import Servers, servers

NAME = "kafka-latency"
REACH = "publish -> webhook received p99 <= 200 ms at 15,000 readings/s on Kafka"
_RATE = 15_000
_POINTS = 2_000
_WANTED_MS = 200
_ROUNDS = 3


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of each load, 20 unless given."""
    report = Report(NAME, REACH)
    rounds: list[dict[str, Webhooks]] = []
    with servers(folder) as real:
        for number in range(_ROUNDS):
            report.add(f"load of the machine before round {number + 1}", f"{os.getloadavg()[0]:.1f}")
            rounds.append(
                {log: _round(folder, f"{log}-{number}", seconds or 20, given)
                 for log, given in (("embedded", None), ("kafka", real))}
            )  # fmt: skip
    for log in ("embedded", "kafka"):
        by_p99 = sorted((one[log] for one in rounds), key=lambda one: one.p99)
        by_p99[len(rounds) // 2].tell(f"{log}, the middle one", report)
        report.add(f"{log}: p99 of each round", ", ".join(f"{one[log].p99:.0f} ms" for one in rounds))
    ratio = statistics.median(one["kafka"].p99 / one["embedded"].p99 for one in rounds)
    report.add("ratio: p99 on Kafka / embedded", f"{ratio:.2f}")
    report.reached = statistics.median(one["kafka"].p99 for one in rounds) <= _WANTED_MS
    return report


def _round(folder: Path, name: str, seconds: float, real: Servers | None) -> Webhooks:
    with Sink() as sink:
        site = plant.write_site(folder, _POINTS, webhook=sink.url, site=name)
        if real is None:
            with service(site, folder / name) as one:
                return webhooks_through(one, sink, _RATE, seconds)
        more = ("--kafka", real.kafka, "--dsn", real.database())
        with service(site, folder / name, *more, server=real.postgres) as one:
            return webhooks_through(one, sink, _RATE, seconds, kafka=real.broker)
