"""From publish to the webhook received, while 20,000 readings/s go through the same service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks import plant
from benchmarks.floors import fsync_ms
from benchmarks.generator import Order
from benchmarks.parts import Service, Sink, service
from benchmarks.report import Report
from benchmarks.through import Through, publish_through

NAME = "latency"
REACH = "publish -> webhook received p50 <= 50 ms, p99 <= 150 ms at 20,000 readings/s"
_RATE = 20_000
_POINTS = 2_000
_ON = ("raised", "reraised")  # nobody acknowledges here


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of load, 60 unless given (two snapshots of the engine fall into it)."""
    report = Report(NAME, REACH)
    disk = fsync_ms(folder)
    floor = f"{disk[0]:.1f} / {disk[1]:.1f} / {disk[2]:.0f} ms"
    report.add("floor, write and fdatasync of 40 kB on this disk, p50 / p99 / longest", floor)
    with Sink() as sink:
        site = plant.write_site(folder, _POINTS, webhook=sink.url)
        with service(site, folder / "data") as one:
            webhooks = webhooks_through(one, sink, _RATE, seconds or 60)
    webhooks.tell("steady", report)
    report.reached = webhooks.p50 <= 50 and webhooks.p99 <= 150
    return report


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How long webhooks took, ms, from the reading's stamp to their last byte at the sink; `count` of them."""

    through: Through
    p50: float
    p99: float
    longest: float
    count: int

    def tell(self, name: str, report: Report) -> None:
        """Add the figures."""
        self.through.tell(name, report)
        took = f"{self.p50:.1f} / {self.p99:.1f} / {self.longest:.1f} ms"
        report.add(f"{name}: publish -> webhook p50 / p99 / longest of {self.count}", took)
        report.add(f"{name}: ratio webhook p50 / PUBACK p50", f"{self.p50 / self.through.sent.puback_ms[0]:.1f}")


def webhooks_through(one: Service, sink: Sink, per_second: float, seconds: float, **beside: int) -> Webhooks:
    """One value goes above HH ten times a second; the reading's own stamp is when it was published."""
    order = Order(port=one.mqtt, points=_POINTS, seconds=seconds, rate=per_second, chunk=20, crossings_s=0.1)
    through = publish_through(one, order, "listener", sink=sink.pid, **beside)
    _all_sent(one)
    told = [got for got in sink.got() if got.event in _ON and got.alarm.endswith("/HH")]
    took = sorted(_took_ms(got.at, got.time) for got in told)
    if len(took) < 0.95 * through.sent.crossings:
        raise RuntimeError(f"{len(took)} webhooks of {through.sent.crossings} alarms")
    return Webhooks(through, took[len(took) // 2], took[int(len(took) * 0.99)], took[-1], len(took))


def _all_sent(one: Service) -> None:
    """Returns when no message waits any more: one that comes late counts, it is not left out."""
    end = time.monotonic() + 60
    while one.counters().get(("notifier", "waiting"), 0):
        if time.monotonic() > end:
            raise TimeoutError("messages still wait a minute after the load")
        time.sleep(0.2)


def _took_ms(at: float, stamp: str) -> float:
    return 1e3 * (at - datetime.fromisoformat(stamp).timestamp())
