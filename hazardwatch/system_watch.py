"""Says every two seconds how hazardwatch itself is, as readings of SYSTEM. Judges nothing: the rules do."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import structlog

from pipeline.errors import Transient
from pipeline.log import PLANT, Log
from pipeline.model import NO_STAMP, SYSTEM, Block
from pipeline.records import TICK_RECORD, encode_block

EVERY_S = 2.0
_log = structlog.get_logger(__name__)

Probe = Callable[[], float]
"""The value of one of SYSTEM's points now."""


def disk_free(folder: Path, kept_bytes: int) -> float:
    """Free part of the folder's disk, %, without `kept_bytes` of it: the room a given-up ballast is to have again.

    Counted as free, that room would hide from the alarm that the disk is full.
    """
    usage = shutil.disk_usage(folder)
    return 100.0 * max(0, usage.free - kept_bytes) / usage.total


def block_of(values: Mapping[str, float]) -> Block:
    """One reading per point, at the received time."""
    size = len(values)
    return Block(
        tuple(values),
        np.arange(size, dtype=np.uint16),
        np.zeros(size, np.int64),
        np.array(list(values.values()), np.float64),
        np.full(size, NO_STAMP, np.uint8),
    )


async def watch(log: Log, configured: asyncio.Event, probes: Mapping[str, Probe]) -> None:
    """For ever, once SYSTEM is `configured`; `probes` by point. What the log cannot take now is not kept."""
    await configured.wait()
    while True:
        values = {point: _asked(point, probe) for point, probe in probes.items()}
        try:
            await log.append(PLANT, [(SYSTEM, encode_block(block_of(values)))])
        except Transient as error:
            _log.warning("the log does not take SYSTEM's readings", error=str(error))
        await asyncio.sleep(EVERY_S)


def _asked(point: str, probe: Probe) -> float:
    """NaN, a bad sample, where the machine does not say (a disk that went away): SYSTEM's BAD alarms tell of it."""
    try:
        return probe()
    except OSError as error:
        _log.warning("a value of SYSTEM cannot be had", point=point, error=str(error))
        return math.nan


async def tick(
    log: Log, installations: Callable[[], list[str]], now_ms: Callable[[], int], taken: Callable[[], None]
) -> None:
    """Append a tick for every installation just after each whole second, so that log time passes in silence too.

    `taken` is called each time the log took them.
    """
    while True:
        await asyncio.sleep((1005 - now_ms() % 1000) / 1000)
        try:
            await log.append(PLANT, [(id_, TICK_RECORD) for id_ in installations()])
        except Transient as error:
            _log.warning("the log does not take ticks", error=str(error))
        else:
            taken()
