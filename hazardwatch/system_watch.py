"""Says every two seconds how this process is, and for all of them, as readings of SYSTEM. Judges nothing: rules do."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections import deque
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np
import structlog

from hazardwatch.process_state import readings
from hazardwatch.processes import Processes
from pipeline.errors import Transient
from pipeline.log import PLANT, Log
from pipeline.model import NO_STAMP, SYSTEM, Block
from pipeline.records import TICK_RECORD, encode_block

EVERY_S = 2.0
_STEP_S = 0.5
_JUMP_SHOWN_S = 60.0
_LATELY_S = 600.0
_log = structlog.get_logger(__name__)


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


class ClockJump:
    """A probe: by how many seconds this machine's clock was set, for a minute after that; else 0.

    `wall` and `steady` are two clocks in seconds: what people set, and what only runs on.
    """

    def __init__(self, wall: Callable[[], float], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()
        self._jumped_s = 0.0
        self._at = -math.inf

    def __call__(self) -> float:
        """To be asked every second or two; slewing by NTP is slower than this sees."""
        offset, before = self._wall() - self._steady(), self._offset
        self._offset = offset
        if abs(offset - before) > _STEP_S:
            self._jumped_s, self._at = abs(offset - before), self._steady()
        return self._jumped_s if self._steady() - self._at < _JUMP_SHOWN_S else 0.0


class Lately:
    """A probe: by how much a number that only rises has risen within ten minutes. None is a number not known yet."""

    def __init__(self, count: Callable[[], int | None], steady: Callable[[], float]) -> None:
        self._count, self._steady = count, steady
        self._seen: deque[tuple[float, int]] = deque()

    def __call__(self) -> float:
        """To be asked every second or two. What had happened before the first time does not count."""
        count, now_s = self._count(), self._steady()
        if count is not None and (not self._seen or count != self._seen[-1][1]):
            self._seen.append((now_s, count))
        while len(self._seen) > 1 and self._seen[1][0] < now_s - _LATELY_S:
            self._seen.popleft()
        return float(self._seen[-1][1] - self._seen[0][1]) if self._seen else 0.0


async def watch(log: Log, processes: Processes, judges: Callable[[], bool], expected: Collection[str]) -> None:
    """For ever: says how this process is; where it `judges` SYSTEM, also what all processes have said.

    `expected`: roles that some process must run. What the log cannot take now is not kept.
    """
    while True:
        try:
            await processes.say()
            if judges():
                values = readings(processes.heard(), expected)
                await log.append(PLANT, [(SYSTEM, encode_block(block_of(values)))])
                await processes.forget()
        except Transient as error:
            _log.warning("the log does not take what hazardwatch says of itself", error=str(error))
        await asyncio.sleep(EVERY_S)


async def tick(
    log: Log, installations: Callable[[], list[str]], now_ms: Callable[[], int], taken: Callable[[], None]
) -> None:
    """Append a tick for every installation just after each whole second, so that log time passes in silence too.

    `taken` is called each time the log took them.
    """
    while True:
        await asyncio.sleep((1005 - now_ms() % 1000) / 1000)
        ticks = [(id_, TICK_RECORD) for id_ in installations()]
        if not ticks:
            continue
        try:
            await log.append(PLANT, ticks)
        except Transient as error:
            _log.warning("the log does not take ticks", error=str(error))
        else:
            taken()
