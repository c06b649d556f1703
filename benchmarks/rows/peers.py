"""The same flood of messages through Mosquitto into ours, a plain pipeline of the same parts, and Node-RED."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from pathlib import Path

import psycopg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import parts, plant
from benchmarks.generator import Order
from benchmarks.peers.node_red import DONE, node_red
from benchmarks.processes import Shares
from benchmarks.report import Report, rate
from benchmarks.servers import Servers, servers

NAME = "peers"
REACH = "told, not judged: ours beside a plain paho + aiokafka + psycopg pipeline and Node-RED"
_POINTS = 2_000
_COUNT = 100_000
_TOPIC = "plain"
_SETTLE_S = 3.0


def measure(folder: Path, seconds: float | None) -> Report:  # noqa: ARG001  # a flood has no length in seconds
    """The row."""
    report = Report(NAME, REACH)
    report.add("load of the machine before", f"{os.getloadavg()[0]:.1f}")
    with servers(folder) as real:
        ours = _ours(folder, real, report)
        plain = _plain(folder, real, report)
    red = _node_red(folder, report)
    report.add("ratio: ours / plain pipeline, ours / Node-RED", f"{ours / plain:.1f}, {ours / red:.1f}")
    return report


def _order(port: int) -> Order:
    return Order(port=port, points=_POINTS, seconds=60, count=_COUNT, connections=2, window=1_000, chunk=50)


def _tell(report: Report, name: str, seconds: float, used: dict[str, float]) -> float:
    report.add(f"{name}: readings", rate(_COUNT / seconds))
    told = ", ".join(f"{one} {1e6 * spent / _COUNT:.0f}" for one, spent in used.items() if one != "others")
    report.add(f"{name}: CPU s per million readings", told)
    return _COUNT / seconds


def _ours(folder: Path, real: Servers, report: Report) -> float:
    """Until every reading is judged and in the history."""
    site = plant.write_site(folder, _POINTS)
    with parts.mosquitto(folder) as (port, broker):
        more = ("--kafka", real.kafka, "--dsn", real.database(), "--mqtt", f"mqtt://127.0.0.1:{port}")
        with parts.service(site, folder / "data", *more, server=real.postgres) as one:
            time.sleep(_SETTLE_S)  # subscriptions
            shares = Shares()
            shares.watch("service", one.pid)
            _watch(shares, real, broker)
            before = one.counters().get(("historian", "received"), 0)
            began = time.monotonic()
            generating = parts.Generating(_order(port))
            while one.counters().get(("historian", "received"), 0) < before + _COUNT:
                if time.monotonic() > began + 120:
                    raise TimeoutError("not everything came into the history")
                time.sleep(0.1)
            took = time.monotonic() - began
            sent = generating.wait()
            return _tell(report, "ours", took, shares.seconds(generator=sent.cpu_s))


def _watch(shares: Shares, real: Servers, broker: int) -> None:
    shares.watch("mosquitto", broker)
    shares.watch("kafka", real.broker)


def _plain(folder: Path, real: Servers, report: Report) -> float:
    _make_topic(real)
    dsn = real.database()
    with parts.mosquitto(folder) as (port, broker):
        peer = parts.module(
            "peers.plain_pipeline", str(port), real.kafka, dsn, _TOPIC, str(_COUNT), stdout=subprocess.PIPE
        )
        try:
            assert peer.stdout is not None
            peer.stdout.readline()
            shares = Shares()
            _watch(shares, real, broker)
            sent = parts.Generating(_order(port)).wait()
            seconds, cpu_s = (float(word) for word in peer.communicate(timeout=240)[0].split())
            used = shares.seconds(pipeline=cpu_s, generator=sent.cpu_s)
        finally:
            peer.kill()
            peer.wait(30)
    with psycopg.connect(dsn) as link:
        found = link.execute("select count(*) from plain").fetchone()
    if found != (_COUNT,):
        raise RuntimeError(f"the plain pipeline stored {found} of {_COUNT} readings")
    return _tell(report, "plain pipeline", seconds, used)


def _make_topic(real: Servers) -> None:
    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=real.kafka)
        await admin.start()
        try:
            settings = {"flush.messages": "1"}
            await admin.create_topics([NewTopic(_TOPIC, 1, 1, topic_configs=settings)])
        finally:
            await admin.close()

    asyncio.run(make())


def _node_red(folder: Path, report: Report) -> float:
    done = threading.Event()
    told: list[float] = []
    with parts.mosquitto(folder) as (port, broker):
        listening = Client(CallbackAPIVersion.VERSION2)

        def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
            told.append(float(message.payload) / 1000)
            done.set()

        listening.on_message = on_message
        listening.connect("127.0.0.1", port)
        listening.subscribe(DONE, qos=1)
        listening.loop_start()
        http = parts.free_port()
        with node_red(folder, port, http, _COUNT) as pid:
            parts.open_at(http, 120)
            time.sleep(_SETTLE_S)  # its subscription
            shares = Shares()
            shares.watch("node-red", pid)
            shares.watch("mosquitto", broker)
            sent = parts.Generating(_order(port)).wait()
            if not done.wait(240):
                raise TimeoutError("Node-RED did not count all messages")
            used = shares.seconds(generator=sent.cpu_s)
        listening.loop_stop()
    return _tell(report, "Node-RED, thresholds only", told[0], used)
