"""Shared by the historian's tests: a small site, records of it, a log with a clock to move, waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psycopg

from historian.writer import Historian
from pipeline import records
from pipeline.clock import monotonic_s
from pipeline.local_log import LocalLog
from pipeline.log import PLANT, Log
from pipeline.model import Block, Event
from pipeline.records import Kind
from pipeline.site import Alarm, Installation, Point, Site, Text, of_installation

T0 = 1_795_000_000_000  # 2026-11-18, ms


def text(words: str) -> Text:
    return Text(en=words, zh=words)


def point(id_: str, unit: str = "m", **more: Any) -> Point:
    return Point(id=id_, name=text(id_), quantity="level", unit=unit, **more)


def site(*points: Point, id_: str = "east-park") -> Site:
    high = Alarm(
        id="TF1/LT-1/H", name="H", point="LT-1", kind="high", alarm_class="process", priority="high", setpoint=9
    )
    here = points or (point("LT-1", alarms=(high,)), point("LT-2"))
    return Site(id=id_, name=text("East"), installations=(Installation(id="TF1", name=text("Tanks"), points=here),))


def config(of: Site, installation: str = "TF1") -> bytes:
    return bytes([Kind.CONFIG]) + msgspec.json.encode(of_installation(of, installation))


def block(*readings: tuple[str, int, float], quality: int = 0) -> bytes:
    """A record of (point, stamp in ms, value)."""
    names = tuple(sorted({name for name, _, _ in readings}))
    return records.encode_block(
        Block(
            names,
            np.array([names.index(name) for name, _, _ in readings], np.uint16),
            np.array([stamp for _, stamp, _ in readings], np.int64),
            np.array([value for _, _, value in readings], np.float64),
            np.full(len(readings), quality, np.uint8),
        )
    )


def event(position: int, ordinal: int, state: str | None, **more: Any) -> Event:
    given: dict[str, Any] = {
        "event_id": f"e{position}-{ordinal}",
        "seq": position * 10 + ordinal,
        "time": T0 + position,
        "decided": T0 + position + 120,
        "alarm": "TF1/LT-1/H",
        "occurrence": "o1",
        "event": "raised",
        "from_state": "NORMAL",
        "state": state,
        "priority": "high",
        "value": 9.5,
        "setpoint": 9.0,
        "unit": "m",
        "actor": None,
        "note": None,
        "reason": "limit",
        "position": position,
        "ordinal": ordinal,
    }
    return Event(**(given | more))


@asynccontextmanager
async def opened_log(folder: Path, now: list[int]) -> AsyncIterator[LocalLog]:
    """A local log whose clock is `now[0]`."""
    async with LocalLog.open(folder, lambda: now[0]) as log:
        yield log


async def add(log: Log, topic: str, *records_: bytes, installation: str = "TF1") -> list[int]:
    return await log.append(topic, [(installation, record) for record in records_])


@asynccontextmanager
async def running(log: Log, of: Site, ready: Callable[[], str]) -> AsyncIterator[Historian]:
    """A historian at work; its failure is raised at the end."""
    stop = asyncio.Event()
    historian = Historian(log, of, ready)
    task = asyncio.create_task(historian.run(stop))
    try:
        yield historian
    finally:
        stop.set()
        await task


def rows(dsn: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, options="-c timezone=UTC") as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()


async def until(condition: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait for what other processes do; a database that is away counts as not yet."""
    deadline = monotonic_s() + within_s
    while monotonic_s() < deadline:
        try:
            if await asyncio.to_thread(condition):
                return
        except psycopg.Error as error:
            last: Exception | None = error
        else:
            last = None
        await asyncio.sleep(0.05)
    raise TimeoutError(f"not in {within_s} s; the database said: {last}")


async def caught_up(log: Log, dsn: str, topic: str = PLANT, installation: str = "TF1") -> None:
    """Until the database has everything the log has now."""
    last = (await log.last(topic, [installation]))[installation]
    query = "select position from historian.position where topic = %s and installation = %s"
    await until(lambda: rows(dsn, query, topic, installation) == [(last.position,)])


def readings(dsn: str) -> Sequence[tuple[str, int, float | None]]:
    """(point, accepted time in ms, value), in order."""
    found = rows(
        dsn, "select point, (extract(epoch from time) * 1000)::bigint, value from hazardwatch.readings order by 2, 1, 3"
    )
    return [(str(a), int(b), c) for a, b, c in found]
