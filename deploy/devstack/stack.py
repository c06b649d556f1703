"""One stack of this checkout: Mosquitto, Kafka, PostgreSQL under .devstack/, at the addresses in .devstack/env.

Ends only what it started itself. What it keeps: data, ports and password, so that the next start has the same ones.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from deploy.devstack import kafka, mosquitto, postgres
from deploy.devstack.base import ROOT, Base
from deploy.devstack.processes import Program, end, free_port, remember, running, start

HOME = ROOT / ".devstack"
RUN = HOME / "run"  # what runs: a mark for each process
DATA = HOME / "data"
ENV = HOME / "env"
PORTS = {
    "mosquitto": 21883,
    "postgres": 25432,
    **{f"kafka-{node}": 29091 + node for node in (1, 2, 3)},
    **{f"controller-{node}": 29191 + node for node in (1, 2, 3)},
}


T = TypeVar("T")


class OtherBrokers(Exception):
    """What runs has another number of brokers than asked for."""


def up(base: Base, brokers: int) -> None:
    """Start what does not run yet, and write the addresses."""
    alive = {mark.stem for mark in RUN.glob("*.json") if running(mark)}
    others = sorted(name for name in alive if name.startswith("kafka-") and not name.startswith(f"kafka-{brokers}-"))
    if others:
        raise OtherBrokers(f"another number of brokers runs ({', '.join(others)}): `make devstack-down` first")
    began = time.monotonic()
    HOME.mkdir(exist_ok=True)
    ports: dict[str, int] = _kept("ports.json", lambda: {name: free_port(wanted) for name, wanted in PORTS.items()})
    password: str = _kept("password.json", lambda: secrets.token_urlsafe(18))
    database = postgres.Server(base.root, DATA / "postgres", ports["postgres"], password)
    cluster = _cluster(base, ports, brokers)

    fresh: dict[str, Program] = {}
    if "mosquitto" not in alive:
        mosquitto.prepare(DATA / "mosquitto", ports["mosquitto"])
        fresh["mosquitto"] = mosquitto.program(DATA / "mosquitto", ports["mosquitto"])
    if "postgres" not in alive:
        postgres.prepare(database)
        fresh["postgres"] = postgres.program(database)
    stopped = [broker for broker in cluster.brokers if broker.folder.name not in alive]
    kafka.prepare(cluster, stopped)
    fresh.update({broker.folder.name: kafka.program(cluster, broker) for broker in stopped})

    for name in sorted(alive):
        print(f"{name} runs already, pid {running(RUN / f'{name}.json')}")
    children = start(*fresh.values())
    for (name, program), child in zip(fresh.items(), children, strict=True):
        remember(RUN / f"{name}.json", child.pid, program.stop_signal)
        print(f"{name} started, pid {child.pid}")
    _write_env(ports["mosquitto"], cluster.bootstrap, database.dsn)
    print(f"up in {time.monotonic() - began:.1f} s; addresses in {ENV.relative_to(ROOT)}:\n  set -a; . {ENV}; set +a")


def down() -> None:
    """End what `up` started and still runs."""
    marks = sorted(RUN.glob("*.json"))
    if not marks:
        print("nothing of this checkout runs")
    for name, what in end(marks).items():
        print(f"{name} {what}")
    ENV.unlink(missing_ok=True)


def _cluster(base: Base, ports: dict[str, int], brokers: int) -> kafka.Cluster:
    nodes = range(1, brokers + 1)
    return kafka.Cluster(
        base.libs,
        [
            kafka.Broker(node, ports[f"kafka-{node}"], ports[f"controller-{node}"], DATA / f"kafka-{brokers}-{node}")
            for node in nodes
        ],
    )


def _kept(name: str, make: Callable[[], T]) -> T:
    """What an earlier run decided, or a new decision, kept closed to others."""
    file = HOME / name
    if not file.exists():
        file.touch(0o600)
        file.write_text(json.dumps(make()) + "\n")
    kept: T = json.loads(file.read_text())
    return kept


def _write_env(mosquitto_port: int, bootstrap: str, dsn: str) -> None:
    ENV.touch(0o600)
    ENV.write_text(
        f"HAZARDWATCH_MQTT=mqtt://127.0.0.1:{mosquitto_port}\nHAZARDWATCH_KAFKA={bootstrap}\nHAZARDWATCH_DSN={dsn}\n"
    )
