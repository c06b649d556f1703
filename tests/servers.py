"""Real Kafka brokers and TimescaleDB of a test's own: started, killed, paused, ended. Installs nothing.

Each test session shares one of each by the fixtures `kafka` and `timescale`; a test that kills or pauses starts
its own here. Where the base is not installed the test is skipped with a clear word.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.devstack import base, kafka, postgres
from deploy.devstack.processes import Program, free_port, start
from tests.services import ROOT, missing

_reaper: list[subprocess.Popen[str]] = []


def launch(*programs: Program) -> list[subprocess.Popen[bytes]]:
    """The servers, serving. They do not outlive the test run, even if that is killed."""
    children = start(*programs)
    if not _reaper:
        command = [sys.executable, "-m", "tests.reaper"]
        _reaper.append(subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True))
        atexit.register(_reaper[0].communicate)
    pids = _reaper[0].stdin
    assert pids is not None
    pids.write("".join(f"{child.pid}\n" for child in children))
    pids.flush()
    return children


@dataclass(slots=True)
class Server:
    """One server as a process; `child` is its latest life."""

    program: Program
    child: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.child.pid

    def kill(self) -> None:
        """kill -9: what was not on disk is gone."""
        self.child.kill()
        self.child.wait()

    def stop(self) -> None:
        """As its administrator stops it."""
        if self.child.poll() is None:
            self.child.send_signal(self.program.stop_signal)
            self.child.send_signal(signal.SIGCONT)  # a paused one would never hear it
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:  # the last broker of several has nobody to hand over to
                self.kill()

    def start(self) -> None:
        """Again, with the data it had; serving when this returns."""
        assert self.child.poll() is not None, "it still runs"
        [self.child] = launch(self.program)

    def pause(self) -> None:
        """SIGSTOP: its connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, kind: signal.Signals) -> None:
        """To it and to its children: PostgreSQL has one for each connection."""
        if self.child.poll() is not None:
            return
        self.child.send_signal(kind)
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), kind)


@dataclass(slots=True)
class Brokers:
    """Kafka brokers by number, from 1. `bootstrap` is HOST:PORT,... of all."""

    cluster: kafka.Cluster
    servers: dict[int, Server]

    @property
    def bootstrap(self) -> str:
        return self.cluster.bootstrap


@contextmanager
def kafka_brokers(folder: Path, count: int = 1, extra: Mapping[str, str] | None = None) -> Iterator[Brokers]:
    """A cluster of its own, serving. With three a topic's default is three copies, two of them in sync."""
    brokers = [kafka.Broker(node, free_port(), free_port(), folder / f"kafka-{node}") for node in range(1, count + 1)]
    with running_cluster(kafka.Cluster(kafka_libs(), brokers, extra or {})) as running:
        yield running


@contextmanager
def running_cluster(cluster: kafka.Cluster) -> Iterator[Brokers]:
    """The brokers of `cluster`, serving."""
    kafka.prepare(cluster, cluster.brokers)
    programs = [kafka.program(cluster, broker) for broker in cluster.brokers]
    children = launch(*programs)
    servers = {node: Server(*pair) for node, pair in enumerate(zip(programs, children, strict=True), start=1)}
    try:
        yield Brokers(cluster, servers)
    finally:
        for server in servers.values():
            server.kill()  # their data go with the test's folder, so nobody waits for an orderly end


def kafka_libs() -> Path:
    """The jars, or the test is skipped."""
    found = base.found()
    return missing(found.missing["kafka"]) if "kafka" in found.missing else found.libs


@contextmanager
def timescale_server(
    folder: Path, settings: Mapping[str, str] | None = None, access: tuple[str, ...] | None = None
) -> Iterator[tuple[Server, postgres.Server]]:
    """(the process, where it is): PostgreSQL with TimescaleDB of its own, serving."""
    found = base.found()
    if "timescale" in found.missing:
        missing(found.missing["timescale"])
    given = {} if access is None else {"access": access}
    server = postgres.Server(found.root, folder, free_port(), "only-for-a-test", settings or {}, **given)
    postgres.prepare(server)
    program = postgres.program(server)
    [child] = launch(program)
    running = Server(program, child)
    try:
        yield running, server
    finally:
        running.stop()
