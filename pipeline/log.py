"""The log port: what every log (local file, Kafka) promises, and nothing about how.

Two topics: PLANT (all that decides an alarm) and ALARM (what came of it). Within one installation
entries are in the order they were appended and positions rise (gaps are allowed); between installations
no order is promised. `append` returns only when the entries are durable. A reader sees every entry after
its start position at least once and in order. Processes of one role divide the installations among
themselves by a `share`, and tell each other small facts through a `table`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

PLANT = "plant"
ALARM = "alarm"


class Entry(NamedTuple):
    """One record as read back. `stamp` is the log's own time of appending: epoch ms, the received time."""

    installation: str
    position: int
    stamp: int
    data: bytes


class Snapshot(NamedTuple):
    """The state of one reader of one installation, complete up to `position`."""

    position: int
    data: bytes


class Reader(Protocol):
    """Reads one topic forward. Used by one task."""

    async def fetch(self, wait_s: float) -> list[Entry]:
        """The next entries (bounded in bytes), or [] when none came within `wait_s`."""
        ...


class Share(Protocol):
    """What part of the site is this process's, of one role. Used by one task."""

    async def owned(self) -> frozenset[str]:
        """The installations that are ours from now; the first call waits for the first division, others for the next.

        Calling it says that what was given up is let go of: nothing of it is written, sent or waited for any more,
        and the next owner may begin. So call it again at once, and act on what it returns. While a division is
        under way it returns the empty set: stop acting, keep what is in memory, since most of it comes back.
        A process that was held up may believe in its share a while longer than the others do; what it then
        writes must do no harm (readers skip what an engine says twice, a historian's batch fails whole).
        """
        ...


class Table(Protocol):
    """The newest value of each key, the same for all processes of the site once they have heard of it."""

    def items(self) -> Mapping[str, bytes]:
        """All keys as heard so far."""
        ...

    async def put(self, key: str, value: bytes | None) -> None:
        """Set one key, or forget it; durable and heard by this process on return."""
        ...


class Log(Protocol):
    """Appending, reading and remembering. Every method may raise `pipeline.errors.Transient`."""

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        """Append (installation, data) pairs in order; returns their positions once all are durable."""
        ...

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> Reader:
        """Reads each installation from behind its position in `after` (absent: from the beginning).

        `only` names the installations wanted; None is all, also those first seen later.
        """
        ...

    def share(self, role: str, installations: Collection[str]) -> AbstractAsyncContextManager[Share]:
        """Take part in `role` until left. `installations`: those of the site file, known to the log or not."""
        ...

    def table(self, name: str) -> AbstractAsyncContextManager[Table]:
        """A table of this site; entered once all that was there is heard."""
        ...

    async def installations(self, topic: str) -> list[str]:
        """Every installation that has entries here, also one that the site file no longer knows."""
        ...

    async def last(self, topic: str, installations: Collection[str]) -> dict[str, Entry]:
        """The newest entry of each of these that has any. Ask for many at once."""
        ...

    async def save_snapshot(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        """Keep the newest snapshot of `owner` (engine, notifier ...); older ones may be forgotten."""
        ...

    async def load_snapshot(self, owner: str, installation: str) -> Snapshot | None:
        """The newest whole snapshot; a damaged one is passed over for the one before."""
        ...

    async def claim(self, topic: str, owner: str, installation: str, position: int) -> None:
        """`owner` still needs what comes after `position`; trimming respects it while the disk has room."""
        ...
