"""The log port: what every log (local file, Kafka) promises, and nothing about how.

Two topics: PLANT (all that decides an alarm) and ALARM (what came of it). Within one installation
entries are in the order they were appended and positions rise (gaps are allowed); between installations
no order is promised. `append` returns only when the entries are durable. A reader sees every entry after
its start position at least once and in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Log(Protocol):
    """Appending, reading and remembering. Every method may raise `pipeline.errors.Transient`."""

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        """Append (installation, data) pairs in order; returns their positions once all are durable."""
        ...

    def reader(self, topic: str, after: Mapping[str, int]) -> Reader:
        """A reader of all installations, each from behind its position in `after` (absent: from the beginning)."""
        ...

    async def installations(self, topic: str) -> list[str]:
        """Every installation that has entries here, also one that the site file no longer knows."""
        ...

    async def last(self, topic: str, installation: str) -> Entry | None:
        """The newest entry of an installation."""
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
