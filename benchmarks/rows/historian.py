"""The historian alone: blocks of the plant log in, rows of the database out, beside a bare binary COPY of the same.

The database is that of HAZARDWATCH_TEST_DSN, else TimescaleDB of the devstack where it is installed, else the
private PostgreSQL. Both write into a table of the same kind with the same index of time, in turns.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks import plant
from benchmarks.report import Report, rate
from deploy.devstack import base, postgres
from deploy.devstack.processes import free_port, start
from hazardwatch.sites import sound_site
from historian.copy_binary import Rows, encode
from historian.prepared import open_prepared
from historian.private_server import PrivateServer
from historian.writer import Historian
from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.model import Block
from pipeline.records import Kind
from pipeline.site import Site
from pipeline.site_record import parts_of

NAME = "historian"
REACH = ">= 0.8 of a bare binary COPY of the same rows beside it, and >= 250,000 rows/s"
_ROWS_S = 250_000
_SHARE = 0.8
_ROUNDS = 3
_POINTS = 10_000
_RECORD = 500
"""Readings of a record: what a busy collector gathers in a few milliseconds."""
_RUN_S = 200
"""Seconds of plant time at 10,000 readings each."""


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of plant time."""
    report = Report(NAME, REACH)
    site, _ = sound_site(plant.write_site(folder, _POINTS))
    begin = int(time.time() * 1000) - 3_600_000
    blocks = list(_blocks(begin, int(seconds or _RUN_S)))
    with _server(folder) as server:
        bare, ours, cpu = [], [], []
        for round_ in range(_ROUNDS):
            with _database(server) as dsn:
                edition = open_prepared(dsn, "bench", site)[1]
                bare.append(_bare(dsn, blocks))
            with _database(server) as dsn:
                each, used = asyncio.run(_stored(folder / f"log-{round_}", dsn, site, blocks))
                ours.append(each)
                cpu.append(used)
    shares = [one / other for one, other in zip(ours, bare, strict=True)]
    report.add("database", edition.value)
    report.add("bare COPY of the same rows, already encoded", rate(statistics.median(bare)))
    report.add(
        "historian, from the local log", f"{rate(statistics.median(ours))}; its CPU {statistics.median(cpu):.2f} cores"
    )
    report.add("share of the bare COPY, each round", ", ".join(f"{one:.2f}" for one in shares))
    report.reached = statistics.median(shares) >= _SHARE and statistics.median(ours) >= _ROWS_S
    return report


def _blocks(begin: int, plant_seconds: int) -> Iterator[Block]:
    """Each point once a second, its stamps a little apart from the others'."""
    drawn = np.random.default_rng(20261122)
    names = [tuple(plant.point_id(one) for one in range(at, at + _RECORD)) for at in range(0, _POINTS, _RECORD)]
    for second in range(plant_seconds):
        for part, some in enumerate(names):
            yield Block(
                some,
                np.arange(_RECORD, dtype=np.uint16),
                np.full(_RECORD, begin + 1000 * second + part * 50, np.int64),
                drawn.normal(50, 3, _RECORD).round(2),
                np.zeros(_RECORD, np.uint8),
            )


def _bare(dsn: str, blocks: list[Block]) -> float:
    """Rows per second of one COPY in one transaction."""
    size = len(blocks) * _RECORD
    stamp = np.concatenate([block.stamp for block in blocks])
    series = np.concatenate([block.index + _RECORD * (n % (_POINTS // _RECORD)) for n, block in enumerate(blocks)])
    stream = encode(
        Rows(
            time=stamp,
            received=stamp,
            value=np.concatenate([block.value for block in blocks]),
            series=series.astype(np.int32),
            quality=np.zeros(size, np.uint8),
            backfill=np.zeros(size, np.bool_),
        )
    )
    columns = "time, received, value, series, quality, backfill"
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        began = time.monotonic()
        with cursor.copy(f"copy historian.reading ({columns}) from stdin (format binary)") as copy:
            for at in range(0, len(stream), 1 << 20):
                copy.write(stream[at : at + (1 << 20)])
        connection.commit()
        return size / (time.monotonic() - began)


async def _stored(folder: Path, dsn: str, site: Site, blocks: list[Block]) -> tuple[float, float]:
    """Rows per second from the first to the last in the database, and cores of our own meanwhile."""
    async with LocalLog.open(folder) as log:
        [config] = parts_of(site)
        await log.append(PLANT, [(plant.INSTALLATION, bytes([Kind.CONFIG]) + config)])
        for at in range(0, len(blocks), 100):
            some = [(plant.INSTALLATION, records.encode_block(block)) for block in blocks[at : at + 100]]
            last = await log.append(PLANT, some)
        stop = asyncio.Event()
        task = asyncio.create_task(Historian(log, site, lambda: dsn).run(stop))
        with psycopg.connect(dsn, autocommit=True) as connection:
            await asyncio.to_thread(_until, connection, 0)
            began, used = time.monotonic(), time.process_time()
            already = await asyncio.to_thread(_count, connection)
            await asyncio.to_thread(_until, connection, last[-1])
            took, used = time.monotonic() - began, time.process_time() - used
        stop.set()
        await task
    return (len(blocks) * _RECORD - already) / took, used / took


def _until(connection: psycopg.Connection[tuple[object, ...]], position: int) -> None:
    while _position(connection) < position:
        time.sleep(0.02)


def _position(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    try:
        row = connection.execute(
            "select position from historian.position where topic = 'plant' and installation = 'P1'"
        )
    except psycopg.errors.UndefinedTable:
        return -1
    found = row.fetchone()
    return -1 if found is None else int(str(found[0]))


def _count(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    row = connection.execute("select count(*) from historian.reading").fetchone()
    assert row is not None
    return int(str(row[0]))


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """DSN of a server where databases may be made."""
    given = os.environ.get("HAZARDWATCH_TEST_DSN")
    found = base.found()
    if given:
        yield given
    elif "timescale" not in found.missing:
        server = postgres.Server(found.root, folder / "timescale", free_port(), secrets.token_hex(8))
        postgres.prepare(server)
        [child] = start(postgres.program(server))
        try:
            yield server.dsn
        finally:
            child.terminate()
            child.wait(30)
    else:
        private = PrivateServer(folder)
        try:
            yield private.ready()
        finally:
            private.stop()


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = sql.Identifier(f"bench_{secrets.token_hex(4)}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(name))
        try:
            yield make_conninfo(server, dbname=name.as_string().strip('"'))
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(name))
