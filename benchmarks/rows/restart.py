"""From starting the program again to the first reading judged and told, with 10 million readings in the log."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks import plant
from benchmarks.generator import Order
from benchmarks.parts import Service, Sink, open_at
from benchmarks.report import Report
from benchmarks.through import publish_through

NAME = "restart"
REACH = "restart to first judged reading <= 3 s, 10,000 points and 10 M readings in the log"
_POINTS = 10_000
_READINGS = 10_000_000


@dataclass(frozen=True, slots=True)
class _Start:
    """`at` epoch s when the program was started; the others seconds since."""

    at: float
    port: float
    acknowledged: float
    ready: float


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of 10,000 readings/s before each end, 35 unless given: snapshots are taken under load."""
    report = Report(NAME, REACH)
    sink = Sink()
    one = Service(plant.write_site(folder, _POINTS, rate=True, webhook=sink.url), folder / "data")
    one.start()
    try:
        one.wait_ready()
        full = Order(port=one.mqtt, points=_POINTS, shape="columns", count=_READINGS // 1_000, seconds=120, chunk=1)
        publish_through(one, full)
        order = Order(port=one.mqtt, points=_POINTS, rate=_POINTS, seconds=seconds or 35, chunk=100, crossings_s=3600)
        publish_through(one, order)
        one.kill()
        killed = _start(one)
        publish_through(one, order)
        one.stop()
        stopped = _start(one)
    finally:
        one.stop()
    got = sink.got()
    told = {}
    for name, start in (("kill -9, database still running", killed), ("clean stop, database started again", stopped)):
        told[name] = min(g.at for g in got if g.alarm.endswith("/HH") and _epoch_s(g.time) > start.at) - start.at
        report.add(f"{name}: MQTT port open", f"{start.port:.2f} s")
        report.add(f"{name}: first reading acknowledged", f"{start.acknowledged:.2f} s")
        report.add(f"{name}: its alarm received as a webhook", f"{told[name]:.2f} s")
        report.add(f"{name}: every role works, history too", f"{start.ready:.2f} s")
    report.reached = max(told.values()) <= 3
    return report


def _epoch_s(time_: str) -> float:
    return datetime.fromisoformat(time_).timestamp()


def _start(one: Service) -> _Start:
    """Start it, publish one reading above HH as soon as the port is open, and wait until all of it works."""
    at, began = time.time(), time.monotonic()
    one.start()
    open_at(one.mqtt)
    port = time.monotonic() - began
    with socket.create_connection(("127.0.0.1", one.mqtt)) as link:
        link.sendall(b"\x10\x11\0\4MQTT\4\2\0\0\0\5first")
        payload = f'{{"value":{plant.ABOVE_HH.decode()},"time":{time.time_ns() // 1_000_000}}}'.encode()
        link.sendall(plant.publish(f"hazardwatch/v1/{plant.INSTALLATION}/{plant.point_id(7)}".encode(), payload))
        answer = b""
        while len(answer) < 8:  # CONNACK and PUBACK
            answer += link.recv(8)
        acknowledged = time.monotonic() - began
    one.wait_ready()
    return _Start(at, port, acknowledged, time.monotonic() - began)
