"""A real Kafka (one broker) and a real TimescaleDB of a benchmark's own, out of the devstack's installed base.

Ends only what it started. What it needs is installed by `make devstack`, or named by DEVSTACK_BASE.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.devstack import base, kafka, postgres
from deploy.devstack.processes import free_port, start


@dataclass(frozen=True, slots=True)
class Servers:
    """`kafka` is HOST:PORT, `dsn` a server where databases may be made; process ids of the broker and of PostgreSQL."""

    kafka: str
    broker: int
    dsn: str
    postgres: int

    def database(self) -> str:
        """DSN of a fresh database with TimescaleDB's extension."""
        name = f"bench_{secrets.token_hex(4)}"
        with psycopg.connect(self.dsn, autocommit=True) as link:
            link.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        made = make_conninfo(self.dsn, dbname=name)
        with psycopg.connect(made, autocommit=True) as link:
            link.execute("create extension if not exists timescaledb")
        return made


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Both serving; ended afterwards. Raises RuntimeError where they are not installed."""
    found = base.found()
    lacking = [found.missing[name] for name in ("kafka", "timescale") if name in found.missing]
    if lacking:
        raise RuntimeError("; ".join(lacking))
    cluster = kafka.Cluster(found.libs, [kafka.Broker(1, free_port(), free_port(), folder / "kafka")])
    kafka.prepare(cluster, cluster.brokers)
    database = postgres.Server(found.root, folder / "timescale", free_port(), secrets.token_hex(8))
    postgres.prepare(database)
    programs = [kafka.program(cluster, cluster.brokers[0]), postgres.program(database)]
    children = start(*programs)
    try:
        yield Servers(cluster.bootstrap, children[0].pid, database.dsn, children[1].pid)
    finally:
        for program, child in zip(programs, children, strict=True):
            child.send_signal(program.stop_signal)
        for child in children:
            child.wait(60)
