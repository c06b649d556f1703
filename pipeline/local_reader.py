"""Reads one topic of the local log forward, in bounded batches, over read-only connections of its own.

It never writes. Entries trimmed before they were read are passed over (their hole is on record), nothing else is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from pipeline import clock
from pipeline.errors import Transient
from pipeline.local_files import TopicFiles
from pipeline.local_recent import Recent
from pipeline.local_segment import SegmentReader
from pipeline.local_sqlite import damaged
from pipeline.log import Entry

BATCH_BYTES = 4 << 20
_POLL_S = 0.25  # how often a reader looks when another process is the one that appends


class Appending(Protocol):
    """What a reader wants to know of the writer in the same process."""

    recent: Recent
    wake: asyncio.Event


class LocalReader:
    """See pipeline.log.Reader. `writer` is None where another process appends: then it looks four times a second."""

    def __init__(
        self,
        files: TopicFiles,
        after: Mapping[str, int],
        pool: ThreadPoolExecutor,
        writer: Appending | None,
        only: Collection[str] | None = None,
    ) -> None:
        self._files = files
        self._after = dict(after)
        self._only = None if only is None else frozenset(only)
        self._pool = pool
        self._writer = writer
        self._next = 0
        self._segment: SegmentReader | None = None
        self._begin = 0  # of what is wanted of that segment
        self._lock = threading.Lock()

    async def fetch(self, wait_s: float) -> list[Entry]:
        """See pipeline.log.Reader. A cancelled fetch loses nothing: its entries come again."""
        deadline = clock.monotonic_s() + wait_s
        loop = asyncio.get_running_loop()
        while True:
            wake = self._writer.wake if self._writer else asyncio.Event()
            found = self._writer.recent.read(self._next, self._after) if self._writer else None
            if found is None:
                found = await loop.run_in_executor(self._pool, self._read, self._next)
            entries, self._next = found
            if self._only is not None:
                entries = [entry for entry in entries if entry.installation in self._only]
            if entries:
                return entries
            remaining = deadline - clock.monotonic_s()
            if remaining <= 0:
                return []
            with suppress(TimeoutError):  # asyncio.wait_for may swallow a cancellation that meets the wake
                async with asyncio.timeout(remaining if self._writer else min(remaining, _POLL_S)):
                    await wake.wait()

    def _read(self, start: int) -> tuple[list[Entry], int]:
        """The next entries from position `start` on and where to go on; [] at the end of the log."""
        with self._lock:
            while True:
                firsts = self._files.firsts()  # asked before reading: what has a follower now is complete
                first = max((f for f in firsts if f <= start), default=firsts[0])
                if (self._segment is None or self._segment.first != first) and not self._open(first, firsts):
                    continue  # trimmed away just now
                assert self._segment is not None
                start = max(start, self._begin)
                entries, start, whole = self._segment.read(start, self._after, BATCH_BYTES)
                follower = min((f for f in firsts if f > first), default=None)
                if entries or (whole and follower is None):
                    return entries, start
                if whole and follower is not None and start < follower and self._files.firsts() == firsts:
                    raise damaged(self._files.path(start), f"positions {start} to {follower - 1} are missing")

    def _open(self, first: int, firsts: Sequence[int]) -> bool:
        """False when there is no such segment any more."""
        self._close()
        try:
            self._segment = SegmentReader(self._files.path(first), first, complete=first < firsts[-1])
        except Transient:
            if first in self._files.firsts():
                raise
            return False
        try:
            self._begin = self._segment.first_wanted(self._after)
        except BaseException:
            self._close()
            raise
        return True

    def _close(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def __del__(self) -> None:
        # A connection is in a cycle with its own cache of statements: dropped, it would hold the file until some
        # later garbage collection.
        self._close()

    def release(self, *, all_of_them: bool = False) -> None:
        """Lets go of a segment that was trimmed (else its room stays taken), or of any."""
        with self._lock:
            if self._segment is not None and (all_of_them or self._segment.first not in self._files.firsts()):
                self._close()
