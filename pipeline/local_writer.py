"""Group commit: one thread per topic takes everything that waits, writes it in one transaction with one fsync.

It does not know what the entries mean, and it deletes nothing but the ballast when the disk is full.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Transient
from pipeline.local_catalogue import Catalogue
from pipeline.local_files import TopicFiles
from pipeline.local_segment import SegmentWriter
from pipeline.local_sqlite import LogDamaged, fate

MAX_WAITING_BYTES = 32 << 20
"""What may wait for the disk, per topic; a further `append` waits outside (back-pressure, not memory)."""
_COMMIT_BYTES = 4 << 20
_ITEM_BYTES = 100  # what an item costs beside its data
SEGMENT_AGE_MS = 24 * 3_600_000
"""A segment older than this is ended, so that trimming by age has something to delete on quiet plants too."""


@dataclass(slots=True)
class _Append:
    items: Sequence[tuple[str, bytes]]
    size: int
    done: asyncio.Future[list[int]]


class TopicWriter:
    """The appending side of one topic. Made, used and closed on one event loop."""

    def __init__(
        self,
        files: TopicFiles,
        topic: str,
        catalogue: Catalogue,
        segment_bytes: int,
        now_ms: Callable[[], int],
        make_room: Callable[[Exception], bool],
    ) -> None:
        """Opens the newest segment. `make_room` is asked once after an error; True: it is worth one more try."""
        self._files = files
        self._topic = topic
        self._catalogue = catalogue
        self._segment_bytes = segment_bytes
        self._now_ms = now_ms
        self._make_room = make_room
        self._newest = files.firsts()[-1]
        self._segment: SegmentWriter | None = SegmentWriter(self._path(), self._newest)
        self.last_error: str | None = None
        self.committed = self._segment.next - 1  # last durable position
        self.wake = asyncio.Event()  # set, and replaced, at each commit
        self.waiting_bytes = 0
        self._gate = asyncio.Lock()  # whoever waits for room waits in order
        self._room = asyncio.Event()
        self._queue: list[_Append] = []
        self._queued = threading.Condition()
        self._ending = False
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"log-{topic}")
        self._thread.start()

    def _path(self) -> Path:
        return self._files.path(self._newest)

    async def append(self, items: Sequence[tuple[str, bytes]]) -> list[int]:
        """Positions of `items` once they are durable. Raises Transient, LogDamaged; then none of them is written.

        A cancelled append may or may not be written. One larger than the bound is taken when nothing else waits.
        """
        if not items:
            return []
        size = sum(len(data) + _ITEM_BYTES for _, data in items)
        async with self._gate:
            while self.waiting_bytes and self.waiting_bytes + size > MAX_WAITING_BYTES:
                self._room.clear()
                await self._room.wait()
            if self._ending:
                raise Transient("the log is closed")
            self.waiting_bytes += size
            waiting = _Append(items, size, self._loop.create_future())
            with self._queued:
                self._queue.append(waiting)
                self._queued.notify()
        return await waiting.done

    def _run(self) -> None:
        while batch := self._take():
            outcome: int | Exception
            try:
                outcome = self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait for this batch
                outcome = error
            self._loop.call_soon_threadsafe(self._settle, batch, outcome)

    def _take(self) -> list[_Append]:
        with self._queued:
            self._queued.wait_for(lambda: self._queue or self._ending)
            size = count = 0
            for waiting in self._queue:
                if count and size + waiting.size > _COMMIT_BYTES:
                    break
                size += waiting.size
                count += 1
            batch, self._queue = self._queue[:count], self._queue[count:]
        return batch

    def _write(self, batch: list[_Append]) -> int:
        """Position of the batch's first item. The second try is not a retry: room was made in between."""
        items = [item for waiting in batch for item in waiting.items]
        try:
            return self._transaction(items)
        except (sqlite3.Error, OSError, Transient) as error:
            self._after(error)
            if not self._make_room(error):
                raise fate(error, self._path()) from error
        try:
            return self._transaction(items)
        except (sqlite3.Error, OSError) as error:
            self._after(error)
            raise fate(error, self._path()) from error

    def _transaction(self, items: Sequence[tuple[str, bytes]]) -> int:
        now = self._now_ms()
        if self._segment is None:
            self._segment = SegmentWriter(self._path(), self._newest)
        started = self._segment.started
        if started is not None and (self._segment.bytes >= self._segment_bytes or now - started >= SEGMENT_AGE_MS):
            self._begin_segment(self._segment.next)
        return self._segment.append(items, now)

    def _begin_segment(self, first: int) -> None:
        """File first, then the catalogue: after a crash in between the file is taken over when the log is opened."""
        if first not in self._files.firsts():
            self._files.create(first)
        self._catalogue.begun(self._topic, first)
        if self._segment is not None:
            self._segment.seal()
        self._let_go()
        self._newest = first
        self._segment = SegmentWriter(self._path(), first)

    def _after(self, error: Exception) -> None:
        """After an I/O error the connection's idea of the file is not to be trusted: the next write opens it anew.

        A full disk is no such error, and on a full disk it could not be opened.
        """
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
            self._let_go()

    def _let_go(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _settle(self, batch: list[_Append], outcome: int | Exception) -> None:
        if isinstance(outcome, int):
            self.last_error = None
            self.committed = outcome + sum(len(waiting.items) for waiting in batch) - 1
        else:
            self.last_error = str(outcome)
        position = outcome
        for waiting in batch:
            self.waiting_bytes -= waiting.size
            if waiting.done.done():  # cancelled
                pass
            elif isinstance(position, int):
                waiting.done.set_result(list(range(position, position + len(waiting.items))))
            else:
                waiting.done.set_exception(_own_copy(position))
            if isinstance(position, int):
                position += len(waiting.items)
        self._room.set()
        wake, self.wake = self.wake, asyncio.Event()
        wake.set()

    async def close(self) -> None:
        """Writes what waits, then ends the thread."""
        with self._queued:
            self._ending = True
            self._queued.notify()
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)  # the thread's last word has been scheduled; let it be delivered
        await asyncio.to_thread(self._let_go)


def _own_copy(error: Exception) -> Exception:
    """Several wait for one batch; each gets an error with a traceback of its own."""
    if isinstance(error, Transient | LogDamaged):
        return type(error)(*error.args).with_traceback(None)
    return error
