"""From publish to the webhook received, while 20,000 readings/s go through the same service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from benchmarks import plant
from benchmarks.generator import Order
from benchmarks.parts import Sink, service
from benchmarks.report import Report
from benchmarks.through import publish_through

NAME = "latency"
REACH = "publish -> webhook received p50 <= 50 ms, p99 <= 150 ms at 20,000 readings/s"
_RATE = 20_000
_POINTS = 2_000
_ON = ("raised", "reraised")  # nobody acknowledges here


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of load, 60 unless given (two snapshots of the engine fall into it)."""
    report = Report(NAME, REACH)
    sink = Sink()
    site = plant.write_site(folder, _POINTS, webhook=sink.url)
    with service(site, folder / "data") as one:
        # One value goes above HH ten times a second; the reading's own stamp is when it was published.
        order = Order(port=one.mqtt, points=_POINTS, seconds=seconds or 60, rate=_RATE, chunk=20, crossings_s=0.1)
        through = publish_through(one, order, sink=sink.pid)
    through.tell("steady", report)
    told = [got for got in sink.got() if got.event in _ON and got.alarm.endswith("/HH")]
    took = sorted(_took_ms(got.at, got.time) for got in told)
    if len(took) < 0.95 * through.sent.crossings:
        raise RuntimeError(f"{len(took)} webhooks of {through.sent.crossings} alarms")
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    report.add("publish -> PUBACK p50 (floor of the way to the log)", f"{through.sent.puback_ms[0]:.1f} ms")
    report.add(f"publish -> webhook p50 / p99 / longest of {len(took)}", f"{p50:.1f} / {p99:.1f} / {took[-1]:.1f} ms")
    report.add("ratio: webhook p50 / PUBACK p50", f"{p50 / through.sent.puback_ms[0]:.1f}")
    report.reached = p50 <= 50 and p99 <= 150
    return report


def _took_ms(at: float, time: str) -> float:
    return 1e3 * (at - datetime.fromisoformat(time).timestamp())
