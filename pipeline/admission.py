"""Which readings count, and at what time: repeats, disorder, wrong clocks (contract, "Admission"). Pure.

The fast path proves for a whole block at once that nothing odd happened to a point; every point with
something odd goes sample by sample through `pipeline.admission_exact`, which is the contract's text in code.
Does not judge values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline import admission_exact
from pipeline.admission_exact import AHEAD_ON_MS, NEVER, REMEMBERED, PointClock
from pipeline.groups import Groups
from pipeline.model import NO_STAMP, QUALITY_MASK, RETAINED, Block
from pipeline.site import Point

_COLUMNS = ("newest", "last_sent", "max_sent", "count", "ahead", "back", "clock", "back_last", "run_count")
_RECENT = 16  # lists of points whose rows are kept
_RUN = ("run_first", "run_received", "run_last")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The readings of a block that count, in order of arrival, repeats and unknown points left out.

    Shapes (m,). `point` indexes the configured points; `time` accepted time (ms); `backfill` kept but not judged;
    `clock` CLOCK after this sample: 0 right, 1 ahead, 2 set back; `flags` as in the block.
    `repeats`, `unknown`: how many were left out.
    """

    point: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    backfill: NDArray[np.bool_]
    clock: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    repeats: int
    unknown: int


class Admission:
    """Admission state of one installation: one row of every column per configured point."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.ids = tuple(point.id for point in points)
        self._index = {point.id: i for i, point in enumerate(points) if point.enabled}
        self._recent: dict[tuple[str, ...], NDArray[np.int32]] = {}
        size = len(points)
        self.newest = np.full(size, NEVER, np.int64)
        self.last_sent = np.full(size, NEVER, np.int64)
        # Not below any remembered stamp: a stamp above it cannot be a repeat.
        self.max_sent = np.full(size, NEVER, np.int64)
        self.count = np.zeros(size, np.int64)
        self.sent = np.zeros((size, REMEMBERED), np.int64)
        self.value = np.zeros((size, REMEMBERED), np.float64)
        self.quality = np.zeros((size, REMEMBERED), np.uint8)
        self.ahead = np.zeros(size, np.bool_)
        self.back = np.zeros(size, np.bool_)
        self.clock = np.zeros(size, np.uint8)
        self.back_last = np.zeros(size, np.int64)
        self.run_count = np.zeros(size, np.int64)
        self.run_first = np.zeros(size, np.int64)
        self.run_received = np.zeros(size, np.int64)
        self.run_last = np.zeros(size, np.int64)

    def admit(self, block: Block, received: int) -> Admitted:
        """Take one record's readings; `received` is its stamp (ms). Changes this state."""
        point = self._rows_of(block.points)[block.index]
        unknown = int(np.count_nonzero(point < 0))
        if unknown:
            kept = np.flatnonzero(point >= 0)
            block = Block(block.points, block.index[kept], block.stamp[kept], block.value[kept], block.flags[kept])
            point = point[kept]
        order = np.argsort(point, kind="stable")
        grouped = _Grouped(Groups.of(point[order]), block.stamp[order], block.value[order], block.flags[order])
        verdict = _Verdict.empty(len(point))
        exact = self._admit_plain(grouped, received, verdict)
        for group in exact:
            self._admit_exactly(grouped, int(group), received, verdict)
        return self._admitted(block, point, order, verdict, unknown)

    def _rows_of(self, points: tuple[str, ...]) -> NDArray[np.int32]:
        """Rows of these ids, -1 for unknown and disabled ones. Records of one plant often name the same points."""
        rows = self._recent.get(points)
        if rows is None:
            rows = np.fromiter(map(self._index.get, points, repeat(-1)), np.int32, len(points))
            if len(self._recent) >= _RECENT:
                del self._recent[next(iter(self._recent))]
            self._recent[points] = rows
        return rows

    def _admit_plain(self, g: _Grouped, received: int, verdict: _Verdict) -> NDArray[np.int64]:
        """Accept the groups in which nothing is odd; returns the others."""
        if not len(g.by.first):
            return np.zeros(0, np.int64)
        p = g.by.of_group
        ahead_by = np.maximum(g.stamp[g.by.last] - received, 0)
        marked = np.bitwise_or.reduceat(g.flags, g.by.first) & (NO_STAMP | RETAINED)
        rising = np.ones(len(g.stamp), np.bool_)
        rising[1:] = g.stamp[1:] > g.stamp[:-1]
        rising[g.by.first] = True
        first = g.stamp[g.by.first]
        stamped = (
            (marked == 0)
            & np.logical_and.reduceat(rising, g.by.first)
            & (first > self.max_sent[p])
            & (first - ahead_by >= self.newest[p])
            & (ahead_by <= AHEAD_ON_MS)
            & (self.clock[p] == 0)
            & ~self.ahead[p]
            & ~self.back[p]
        )
        none_stamped = np.bitwise_and.reduceat(g.flags, g.by.first) & NO_STAMP
        unstamped = (none_stamped != 0) & (marked == NO_STAMP)
        time = g.stamp - ahead_by[g.by.group]
        if unstamped.any():
            arrival = np.maximum(received, self.newest[p])
            time = np.where(unstamped[g.by.group], arrival[g.by.group], time)
        plain = stamped | unstamped
        rows = plain[g.by.group]
        verdict.keep[rows] = True
        verdict.time[rows] = time[rows]
        verdict.clock[rows] = self.clock[g.by.point[rows]]
        accepted = p[plain]
        self.newest[accepted] = time[g.by.last[plain]]
        self.run_count[accepted] = 0
        self._remember(g, stamped)
        return np.flatnonzero(~plain)

    def _remember(self, g: _Grouped, stamped: NDArray[np.bool_]) -> None:
        """Keep the accepted stamped samples of whole groups, so that a redelivery is recognised."""
        p = g.by.of_group[stamped]
        newest = g.stamp[g.by.last[stamped]]
        self.last_sent[p] = newest
        self.max_sent[p] = newest
        rows = np.flatnonzero(stamped[g.by.group])
        point = g.by.point[rows]
        slot = (self.count[point] + g.by.within[rows]) % REMEMBERED  # a later row of a full circle overwrites
        at = point.astype(np.int64) * REMEMBERED + slot
        self.sent.reshape(-1)[at] = g.stamp[rows]
        self.value.reshape(-1)[at] = g.value[rows]
        self.quality.reshape(-1)[at] = g.flags[rows] & QUALITY_MASK
        self.count[p] += g.by.last[stamped] - g.by.first[stamped] + 1

    def _admit_exactly(self, g: _Grouped, group: int, received: int, verdict: _Verdict) -> None:
        rows = slice(int(g.by.first[group]), int(g.by.last[group]) + 1)
        clock = PointClock(self, int(g.by.of_group[group]))
        samples = zip(g.stamp[rows].tolist(), g.value[rows].tolist(), g.flags[rows].tolist(), strict=True)
        for i, answer in enumerate(admission_exact.admit(clock, list(samples), received), rows.start):
            if answer is not None:
                verdict.keep[i] = True
                verdict.time[i], verdict.backfill[i], verdict.clock[i] = answer

    def _admitted(
        self, block: Block, point: NDArray[np.int32], order: NDArray[np.int64], verdict: _Verdict, unknown: int
    ) -> Admitted:
        arrival = np.empty(len(order), np.int64)
        arrival[order] = np.arange(len(order))
        keep = verdict.keep[arrival]
        repeats = len(keep) - int(np.count_nonzero(keep))
        if repeats:
            point, arrival = point[keep], arrival[keep]
        flags = block.flags[keep] if repeats else block.flags
        return Admitted(
            point=point,
            time=verdict.time[arrival],
            value=block.value[keep] if repeats else block.value,
            quality=flags & np.uint8(QUALITY_MASK),
            backfill=verdict.backfill[arrival],
            clock=verdict.clock[arrival],
            flags=flags,
            repeats=repeats,
            unknown=unknown,
        )

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move by the gap (contract, "Log time")."""
        self.run_received += by_ms

    def snapshot(self) -> bytes:
        """Everything, by point id, as MessagePack; `restore` reads it, also for other points."""
        state: dict[str, object] = {name: getattr(self, name).tobytes() for name in (*_COLUMNS, *_RUN)}
        used = np.flatnonzero(self.count > 0)
        state["ids"] = self.ids
        state["used"] = used.tobytes()
        for name in ("sent", "value", "quality"):
            memory = getattr(self, name)
            # A view where all are used: two copies of 10,000 points are 90 MB more for a moment.
            state["memory_" + name] = memoryview(memory if len(used) == len(memory) else memory[used])
        return msgspec.msgpack.encode(state)

    @classmethod
    def restore(cls, points: Sequence[Point], data: bytes | memoryview) -> Admission:
        """The state of `data` for these points; points it does not know begin anew."""
        state = msgspec.msgpack.decode(data)
        new = cls(points)
        old_row = {id_: row for row, id_ in enumerate(state["ids"])}
        here = np.array([i for i, id_ in enumerate(new.ids) if id_ in old_row], np.int64)
        there = np.array([old_row[new.ids[i]] for i in here], np.int64)
        for name in (*_COLUMNS, *_RUN):
            column = getattr(new, name)
            column[here] = np.frombuffer(state[name], column.dtype)[there]
        used = np.frombuffer(state["used"], np.int64)
        memory_row = {int(row): i for i, row in enumerate(used)}
        pairs = [
            (i, memory_row[row]) for i, row in zip(here.tolist(), there.tolist(), strict=True) if row in memory_row
        ]
        to, source = (np.array(pairs, np.int64).reshape(-1, 2)).T
        for name in ("sent", "value", "quality"):
            memory = getattr(new, name)
            memory[to] = np.frombuffer(state["memory_" + name], memory.dtype).reshape(-1, REMEMBERED)[source]
        return new


@dataclass(frozen=True, slots=True)
class _Grouped:
    """A block's rows sorted by point (stable)."""

    by: Groups
    stamp: NDArray[np.int64]
    value: NDArray[np.float64]
    flags: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What became of each row of a _Grouped."""

    keep: NDArray[np.bool_]
    time: NDArray[np.int64]
    backfill: NDArray[np.bool_]
    clock: NDArray[np.uint8]

    @classmethod
    def empty(cls, size: int) -> _Verdict:
        return cls(
            np.zeros(size, np.bool_), np.zeros(size, np.int64), np.zeros(size, np.bool_), np.zeros(size, np.uint8)
        )
