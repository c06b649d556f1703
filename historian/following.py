"""What following the plant log and the alarm log have in common: gathering entries, waiting for a thread.

It knows neither records nor the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from historian.progress import NOTHING, Stored, other_log
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import Permanent
from pipeline.log import Entry, Log, Reader
from pipeline.metrics import Hop

OWNER = "historian"
"""Under this name the log keeps our snapshots and claims."""
QUIET_S = 0.5  # a batch is written this long after its first entry at the latest
_BATCH_BYTES = 1024 * 1024  # about 50,000 readings; larger batches measured no faster
_T = TypeVar("_T")


async def gather(reader: Reader) -> list[Entry]:
    """Entries for one batch: as many as make a good one, or what came within half a second of the first."""
    entries = await reader.fetch(QUIET_S)
    until = monotonic_s() + QUIET_S
    size = sum(len(entry.data) for entry in entries)
    while entries and size < _BATCH_BYTES and (left := until - monotonic_s()) > 0:
        more = await reader.fetch(left)
        entries += more
        size += sum(len(entry.data) for entry in more)
    return entries


async def in_thread(action: Callable[[], _T]) -> _T:
    """Like asyncio.to_thread, but a cancelled caller waits for the thread: its connection is still in use till then."""
    running = asyncio.ensure_future(asyncio.to_thread(action))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)  # nobody waits for what it has to say any more
        raise


async def joins(log: Log, topic: str, stored: Mapping[str, Stored]) -> None:
    """Raises Permanent where the log ends before the position up to which the database holds an installation.

    Where it has forgotten all it ever held of the installation (one that was given up long ago), it is the same log
    all the same; what may be missing then is told as a gap when something comes.
    """
    held = {id_: one.position for id_, one in stored.items() if one.position != NOTHING}
    newest = await log.last(topic, held)
    known = await log.installations(topic) if newest.keys() != held.keys() else ()
    for id_, position in held.items():
        last = newest.get(id_)
        if last is None and id_ in known:
            continue
        if last is None or last.position < position:
            raise Permanent(other_log(id_, position))


def count(hop: Hop, received: int, stored: int, left_out: dict[str, int]) -> None:
    """A batch was written: of `received` items `stored` are in the database, the others were left out, by reason."""
    hop.received(received)
    hop.passed(stored)
    for reason, number in left_out.items():
        if number:
            hop.refused(number, reason)


def behind_ms(entries: list[Entry]) -> int:
    """How old the newest of these entries is."""
    return now_ms() - max(entry.stamp for entry in entries)
