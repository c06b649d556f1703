"""One park: three Kafka brokers, TimescaleDB, Mosquitto, and any number of each role as processes, on links that fail.

Starts and ends them; does nothing bad to them, and judges nothing.
"""

from __future__ import annotations

import os
import secrets
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from deploy.devstack import kafka, mosquitto
from deploy.devstack.processes import free_port
from tests.faults.network import Network, network
from tests.faults.plant import IDS, Door, Plant
from tests.running import ROOT, Service
from tests.servers import Server, kafka_libs, launch, timescale_server
from tests.small_disk import small_disk
from tests.traffic import until

ROLES = {"collector": 2, "engine": 3, "historian": 2, "notifier": 2, "api": 1}
SMALL = {role: 2 if role == "engine" else 1 for role in ROLES}
SHARED = ("collector", "engine", "historian", "notifier")
_DATABASE = {"max_wal_size": "512MB"}
STEPPED = Path(__file__).with_name("stepped_clock.c")
SITE = """\
schema: hazardwatch/site/v1
site: {{id: {id}, timezone: UTC, language: en}}
installations:
{installations}
positions: [{{id: desk, people: [li]}}]
people: [{{id: li, name: Li, phone: "+8613800000001"}}]
channels: {{hook: {{type: webhook, url: "{hook}"}}}}
notify: {{always: [hook]}}
"""
INSTALLATION = """\
  - id: {id}
    owner: desk
    points:
      - {{id: LT, quantity: level, unit: m, range: [0, 15], stale_after: never, late_after: 24h,
         alarms: {{HH: {{setpoint: 13, deadband: 0.1, ack_required: false}}}}}}
      - {{id: PT, quantity: pressure, unit: MPa, range: [0, 15], stale_after: never, late_after: 24h}}
      - {{id: XT, quantity: level, unit: m, range: [0, 15], stale_after: never, late_after: 24h,
         alarms: {{HH: {{setpoint: 13, deadband: 0.1, ack_required: false}}}}}}
"""


def described(*, small: bool) -> str:
    """The park in words."""
    counts = ", ".join(f"{count} of {role}" for role, count in (SMALL if small else ROLES).items())
    return f"{'one Kafka broker' if small else 'three Kafka brokers'}, TimescaleDB, Mosquitto; processes: {counts}"


class Clock:
    """The wall clock of some processes, moved by a library that is loaded into them; see stepped_clock.c."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.clock"
        self._library = folder / "stepped_clock.so"
        self.step(0)
        if not self._library.exists():
            command = ["gcc", "-O2", "-shared", "-fPIC", "-o", str(self._library), str(STEPPED)]
            subprocess.run(command, check=True)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "STEPPED_CLOCK": str(self._file)}

    def step(self, seconds: int) -> None:
        """From now it is so much off."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))


class Process(Service):
    """A process of some roles whose clock can be stepped."""

    clock: Clock | None = None

    def start(self) -> None:
        with self._output.open("ab") as output:
            command = [sys.executable, "-m", self.program, *self._given]
            environment = {**os.environ, **(self.clock.environment if self.clock else {})}
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None


@dataclass(slots=True)
class Park:
    """Everything of it. `members` are the processes of each role that are to run."""

    folder: Path
    site: str
    file: Path
    net: Network
    brokers: dict[int, Server]
    bootstrap: str
    of_role: dict[str, str]
    database: Server
    dsn: str
    dsn_by_link: str
    mosquitto: Server
    mosquitto_port: int
    clocks: dict[str, Clock]
    disks: dict[str, Path]
    members: dict[str, list[Process]] = field(default_factory=dict)
    plant: Plant = field(default_factory=lambda: Plant([]))

    def process(self, name: str, role: str) -> Process:
        """Not started."""
        more = ["--kafka", self.of_role[role], "--role", role, "--dsn", self.dsn_by_link]
        if role == "collector":
            more += ["--mqtt", f"mqtt://127.0.0.1:{self.mosquitto_port}"]
        made = Process(self.file, self.folder / name, more, listen=role == "collector")
        made.clock = self.clocks["programs"]
        return made

    def status(self) -> dict[str, Any]:
        return self.members["api"][0].status()

    def divided(self) -> bool:
        """Every installation has one owner of each role, and every process that is to run has some."""
        try:
            processes = self.status()["processes"]
        except (httpx.HTTPError, AssertionError, OSError):
            return False
        return all(self._role_divided(processes, role) for role in SHARED)

    def _role_divided(self, processes: Sequence[dict[str, Any]], role: str) -> bool:
        owners: dict[str, list[str]] = {}
        for one in processes:
            for id_ in [] if one["silent"] else one["owns"].get(role, []):
                owners.setdefault(id_, []).append(one["process"])
        whole = set(IDS) <= owners.keys() and all(len(ones) == 1 for ones in owners.values())
        return whole and len({one for ones in owners.values() for one in ones}) == len(self.members[role])

    def everybody(self) -> list[Process]:
        return [one for ones in self.members.values() for one in ones]


@contextmanager
def park(folder: Path, *, small: bool = False) -> Iterator[Park]:
    """Running and divided; the plant flows. Everything is ended afterwards. `small`: one broker, few processes."""
    with ExitStack() as stack:
        net = stack.enter_context(network())
        clocks = {name: Clock(folder, name) for name in ("programs", "brokers")}
        disks = {} if small else _disks(folder, stack)
        server, where = stack.enter_context(timescale_server(folder / "timescale" / "server", _DATABASE))
        brokers, bootstrap, of_role = stack.enter_context(_kafka(folder, net, clocks["brokers"], 1 if small else 3))
        broker, port = stack.enter_context(_mosquitto(folder / "mosquitto"))
        dsn = _database(where.dsn)
        made = Park(
            folder=folder, site=f"park-{secrets.token_hex(3)}", file=folder / "site.yaml", net=net, brokers=brokers,
            bootstrap=bootstrap, of_role=of_role, database=server, dsn=dsn,
            dsn_by_link=make_conninfo(dsn, port=str(net.link("historian-database", [where.port]))),
            mosquitto=broker, mosquitto_port=net.link("collector-mosquitto", [port]), clocks=clocks,
            disks=disks,
        )  # fmt: skip
        hook = f"http://127.0.0.1:{net.link('notifier-receiver', [net.receiver.port])}/hook"
        lines = "".join(INSTALLATION.format(id=one) for one in IDS)
        made.file.write_text(SITE.format(id=made.site, installations=lines, hook=hook))
        stack.enter_context(_processes(made, SMALL if small else ROLES))
        listeners = net.link("gateway-listener", [one.mqtt_port for one in made.members["collector"]])
        made.plant = Plant([Door(net.link("gateway-mosquitto", [port]), "gateway-a"), Door(listeners, "gateway-b")])
        until("everything is divided", made.divided, 400)
        stack.enter_context(made.plant.flowing())
        yield made


def _disks(folder: Path, stack: ExitStack) -> dict[str, Path]:
    """One for the database and one for each broker, by the names of their folders; each can be filled up alone."""
    sizes = {"timescale": "3g", "kafka-1": "1g", "kafka-2": "1g", "kafka-3": "1g"}
    return {name: stack.enter_context(small_disk(folder / name, size)) for name, size in sizes.items()}


def _database(server: str) -> str:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("create database park")
    return make_conninfo(server, dbname="park")


@contextmanager
def _mosquitto(folder: Path) -> Iterator[tuple[Server, int]]:
    port = free_port()
    mosquitto.prepare(folder, port)
    program = mosquitto.program(folder, port)
    [child] = launch(program)
    server = Server(program, child)
    try:
        yield server, port
    finally:
        server.stop()


@contextmanager
def _kafka(
    folder: Path, net: Network, clock: Clock, count: int
) -> Iterator[tuple[dict[int, Server], str, dict[str, str]]]:
    """Brokers with a listener for each role, each told to clients at the address of a link."""
    nodes = [kafka.Broker(n, free_port(), free_port(), folder / f"kafka-{n}") for n in range(1, count + 1)]
    cluster = kafka.Cluster(kafka_libs(), nodes)
    kafka.prepare(cluster, cluster.brokers)
    told: dict[str, list[str]] = {}
    for node in nodes:
        listeners, advertised = [f"CLIENT://127.0.0.1:{node.port}"], [f"CLIENT://127.0.0.1:{node.port}"]
        for role in ROLES:
            own = free_port()
            listeners.append(f"{role.upper()}://127.0.0.1:{own}")
            advertised.append(f"{role.upper()}://127.0.0.1:{net.link(f'{role}-kafka', [own])}")
            told.setdefault(role, []).append(advertised[-1].partition("//")[2])
        names = ",".join(f"{one}:PLAINTEXT" for one in ["CLIENT", "CONTROLLER", *map(str.upper, ROLES)])
        with (node.folder / "server.properties").open("a") as file:  # of two lines with one key the last holds
            file.write(f"listeners={','.join(listeners)},CONTROLLER://127.0.0.1:{node.controller}\n")
            file.write(f"advertised.listeners={','.join(advertised)}\n")
            file.write(f"listener.security.protocol.map={names}\n")
    programs = [kafka.program(cluster, node) for node in nodes]
    for program in programs:
        program.environment.update(clock.environment)
    servers = {n: Server(*pair) for n, pair in enumerate(zip(programs, launch(*programs), strict=True), start=1)}
    try:
        yield servers, cluster.bootstrap, {role: ",".join(ones) for role, ones in told.items()}
    finally:
        for server in servers.values():
            server.kill()


@contextmanager
def _processes(made: Park, sizes: Mapping[str, int]) -> Iterator[None]:
    for role, count in sizes.items():
        made.members[role] = [made.process(f"{role}-{number}", role) for number in range(1, count + 1)]
    try:
        made.members["engine"][0].start()  # one makes the topics
        until("the first process runs", lambda: _said_that_it_runs(made.members["engine"][0]), 120)
        for one in made.everybody()[::-1]:
            if not one.runs:
                one.start()
        yield
    finally:
        with ThreadPoolExecutor() as each:
            list(each.map(_end, made.everybody()))


def _said_that_it_runs(one: Process) -> bool:
    assert one.runs, one.output
    return "hazardwatch runs" in one.output


def _end(one: Process) -> None:
    if one.runs:
        one.stop(30)
