"""The floors beside which figures are told, each measured in the same run as the figure."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np
import psycopg

from benchmarks import parts
from benchmarks.generator import Order
from historian import copy_binary

_FLOOR_S = 5.0
_ROWS = 25_000  # of one COPY, as the historian's
_COPIES = 40


def listener_alone(site: Path, folder: Path, points: int, shape: str, chunk: int) -> float:
    """Readings/s of listener and intake with a log that forgets at once; the better of two, against disturbance."""
    process = parts.module("floor_listener", str(site), str(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        order = Order(port=port, points=points, shape=shape, seconds=_FLOOR_S, chunk=chunk)
        sent = [parts.Generating(order).wait() for _ in range(2)]
    finally:
        process.communicate(timeout=30)
    return max(one.readings / one.seconds for one in sent)


def bare_copy(dsn: str) -> float:
    """Rows/s of binary COPY, the historian's columns and commit size, into a bare table; encoding included."""
    now = time.time_ns() // 1_000_000
    rows = copy_binary.Rows(
        time=np.arange(now, now + _ROWS, dtype=np.int64),
        received=np.arange(now, now + _ROWS, dtype=np.int64),
        value=np.linspace(0, 100, _ROWS),
        series=np.arange(_ROWS, dtype=np.int32) % 2_000,
        quality=np.zeros(_ROWS, np.uint8),
        backfill=np.zeros(_ROWS, np.bool_),
    )
    with psycopg.connect(dsn, autocommit=True) as link:
        link.execute("create table floor_copy (time timestamptz, received timestamptz, value float8, "
                     "series integer, quality smallint, backfill boolean)")  # fmt: skip
        try:
            began = time.monotonic()
            for _ in range(_COPIES):
                with link.cursor() as cursor, cursor.copy("copy floor_copy from stdin (format binary)") as copy:
                    copy.write(copy_binary.encode(rows))
            return _COPIES * _ROWS / (time.monotonic() - began)
        finally:
            link.execute("drop table floor_copy")
