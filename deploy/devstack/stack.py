"""One stack of this checkout: Mosquitto, Kafka, PostgreSQL under .devstack/, at the addresses in .devstack/env.

Ends only what it started itself. What it keeps: data, ports and password, so that the next start has the same ones.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.devstack import docker, kafka, mosquitto, postgres
from deploy.devstack.base import ROOT, Base
from deploy.devstack.processes import Program, end, free_port, remember, running, start

HOME = ROOT / ".devstack"
RUN = HOME / "run"  # what runs: a mark for each process
DATA = HOME / "data"
ENV = HOME / "env"
CONTAINERS = HOME / "containers"  # there while containers run; holds the number of brokers
PORTS = {
    "mosquitto": 21883,
    "postgres": 25432,
    **{f"kafka-{node}": 29091 + node for node in (1, 2, 3)},
    **{f"controller-{node}": 29191 + node for node in (1, 2, 3)},
}


class OtherBrokers(Exception):
    """What runs has another number of brokers than asked for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an earlier run decided, or this one: ports on loopback by server, the database's password and its file."""

    ports: dict[str, int]
    password: str
    secrets: Path


def in_containers(brokers: int) -> None:
    """Start the servers in containers, and write the addresses."""
    if CONTAINERS.exists() and CONTAINERS.read_text() != str(brokers):
        raise OtherBrokers(f"{CONTAINERS.read_text()} broker(s) run in containers: `make devstack-down` first")
    began = time.monotonic()
    settings = _settings()
    CONTAINERS.write_text(str(brokers))
    docker.up(brokers, settings.ports, settings.secrets)
    bootstrap = ",".join(f"127.0.0.1:{settings.ports[f'kafka-{node}']}" for node in range(1, brokers + 1))
    dsn = f"postgresql://{postgres.USER}:{settings.password}@127.0.0.1:{settings.ports['postgres']}/postgres"
    _write_env(settings.ports["mosquitto"], bootstrap, dsn)
    _tell(began)


def up(base: Base, brokers: int) -> None:
    """Start what does not run yet as processes of this machine, and write the addresses."""
    alive = {mark.stem for mark in RUN.glob("*.json") if running(mark)}
    others = sorted(name for name in alive if name.startswith("kafka-") and not name.startswith(f"kafka-{brokers}-"))
    if others:
        raise OtherBrokers(f"another number of brokers runs ({', '.join(others)}): `make devstack-down` first")
    began = time.monotonic()
    settings = _settings()
    port = settings.ports["mosquitto"]
    database = postgres.Server(base.root, DATA / "postgres", settings.ports["postgres"], settings.password)
    cluster = _cluster(base, settings.ports, brokers)

    fresh: dict[str, Program] = {}
    if "mosquitto" not in alive:
        mosquitto.prepare(DATA / "mosquitto", port)
        fresh["mosquitto"] = mosquitto.program(DATA / "mosquitto", port)
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
    _write_env(port, cluster.bootstrap, database.dsn)
    _tell(began)


def down() -> None:
    """End what was started and still runs."""
    marks = sorted(RUN.glob("*.json"))
    if not marks and not CONTAINERS.exists():
        print("nothing of this checkout runs")
    for name, what in end(marks).items():
        print(f"{name} {what}")
    if CONTAINERS.exists():
        settings = _settings()
        docker.down(int(CONTAINERS.read_text()), settings.ports, settings.secrets)
        CONTAINERS.unlink()
    ENV.unlink(missing_ok=True)


def _cluster(base: Base, ports: dict[str, int], brokers: int) -> kafka.Cluster:
    return kafka.Cluster(
        base.libs,
        [
            kafka.Broker(node, ports[f"kafka-{node}"], ports[f"controller-{node}"], DATA / f"kafka-{brokers}-{node}")
            for node in range(1, brokers + 1)
        ],
    )


def _settings() -> Settings:
    folder = HOME / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # closed; containers read the file as users of their own
    password, ports = folder / "database", HOME / "ports.json"
    if not password.exists():
        password.write_text(secrets.token_urlsafe(18))
    if not ports.exists():
        ports.write_text(json.dumps({name: free_port(wanted) for name, wanted in PORTS.items()}) + "\n")
    return Settings(json.loads(ports.read_text()), password.read_text(), folder)


def _write_env(mosquitto_port: int, bootstrap: str, dsn: str) -> None:
    ENV.touch(0o600)
    ENV.write_text(
        f"HAZARDWATCH_MQTT=mqtt://127.0.0.1:{mosquitto_port}\nHAZARDWATCH_KAFKA={bootstrap}\nHAZARDWATCH_DSN={dsn}\n"
    )


def _tell(began: float) -> None:
    print(f"up in {time.monotonic() - began:.1f} s; to use it: set -a; . {ENV}; set +a")
