"""Through a real Mosquitto and the collector, one reading a message, beside a bare paho subscriber that only counts."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from benchmarks import parts, plant
from benchmarks.generator import Order
from benchmarks.processes import Shares
from benchmarks.report import Report, rate
from benchmarks.through import publish_through

NAME = "collector"
REACH = ">= 40,000/s, and >= 0.6 of a bare paho subscriber that only counts"
_WANTED = 40_000
_POINTS = 2_000
_CONNECTIONS = 2
_FLOOD = 300_000


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of a steady load, 20 unless given."""
    report = Report(NAME, REACH)
    with parts.mosquitto(folder) as (port, broker):
        alone = bare(port, broker, report)
    site = plant.write_site(folder, _POINTS)
    with parts.mosquitto(folder) as (port, broker):
        url = f"mqtt://127.0.0.1:{port}"
        with parts.service(site, folder / "data", "--mqtt", url) as one:
            time.sleep(2)  # subscriptions
            fast = drained(one, port, broker, report)
            order = Order(
                port=port, points=_POINTS, seconds=seconds or 20, rate=_WANTED, connections=_CONNECTIONS, chunk=50
            )
            steady = publish_through(one, order, hop="collector", mosquitto=broker)
            steady.tell("steady", report)
    report.add("ratio: collector / bare subscriber", f"{fast / alone:.2f}")
    report.reached = steady.taken >= 0.99 * _WANTED and fast >= 0.6 * alone
    return report


def _order(port: int) -> Order:
    """A flood: what Mosquitto takes from two publishers, at once, and holds for its subscriber."""
    return Order(port=port, points=_POINTS, seconds=60, count=_FLOOD, connections=_CONNECTIONS, window=1_000, chunk=50)


def bare(port: int, broker: int, report: Report) -> float:
    """Messages/s from the first to the last one that the bare subscriber counted."""
    subscriber = parts.module("floor_subscriber", str(port), str(_FLOOD), stdout=subprocess.PIPE)
    try:
        assert subscriber.stdout is not None
        subscriber.stdout.readline()
        shares = Shares()
        shares.watch("mosquitto", broker)
        sent = parts.Generating(_order(port)).wait()
        seconds, cpu_s = (float(word) for word in subscriber.communicate(timeout=120)[0].split())
    finally:
        subscriber.kill()
    report.add("floor, a bare paho subscriber that only counts", rate(_FLOOD / seconds))
    report.cores("floor", shares.seconds(subscriber=cpu_s, generator=sent.cpu_s), seconds)
    return _FLOOD / seconds


def drained(one: parts.Service, port: int, broker: int, report: Report, **beside: int) -> float:
    """The same flood through the collector, until it had acknowledged all of it to Mosquitto."""
    shares = Shares()
    shares.watch("service", one.pid)
    shares.watch("postgres", *one.postgres())
    shares.watch("mosquitto", broker)
    for name, pid in beside.items():
        shares.watch(name, pid)
    generating = parts.Generating(_order(port))
    begin = _moment(one, "received", 1)
    seconds = _moment(one, "passed", _FLOOD) - begin
    sent = generating.wait()
    report.add("flood: acknowledged by the collector", rate(_FLOOD / seconds))
    report.cores("flood", shares.seconds(generator=sent.cpu_s), seconds)
    return _FLOOD / seconds


def _moment(one: parts.Service, counter: str, goal: int) -> float:
    """When (monotonic, s) the collector's counter reached the goal."""
    end = time.monotonic() + 120
    while one.counters().get(("collector", counter), 0) < goal:
        if time.monotonic() > end:
            raise TimeoutError(f"the collector has not {counter} {goal} readings")
        time.sleep(0.1)
    return time.monotonic()
