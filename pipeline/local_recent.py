"""The newest durable entries of a topic, in memory, so that readers that keep up need neither disk nor thread.

It holds nothing that is not on disk too. Used on one event loop only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from pipeline.log import Entry

_ENTRY_BYTES = 100  # what an entry costs beside its data


class Recent:
    """The last entries up to `max_bytes`, in order and without a gap, from position `first` on."""

    def __init__(self, first: int, max_bytes: int) -> None:
        self._first = self._behind = first
        self._max_bytes = max_bytes
        self._bytes = 0
        self._appends: deque[tuple[int, list[Entry], int]] = deque()  # position behind it, entries, bytes

    def add(self, stamp: int, items: Sequence[tuple[str, bytes]]) -> None:
        """What was just made durable, directly behind what is here."""
        entries = [Entry(name, position, stamp, data) for position, (name, data) in enumerate(items, self._behind)]
        size = sum(len(data) + _ENTRY_BYTES for _, data in items)
        self._behind += len(entries)
        self._appends.append((self._behind, entries, size))
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._first, _, gone = self._appends.popleft()
            self._bytes -= gone

    def read(self, start: int, after: Mapping[str, int]) -> tuple[list[Entry], int] | None:
        """Entries from position `start` on without those `after` says are known, and where to go on.

        None when entries between `start` and what is held here may be on disk only.
        """
        if start < self._first:
            return None
        new: list[list[Entry]] = []
        for behind, entries, _ in reversed(self._appends):
            if behind <= start:
                break
            new.append(entries)
        found = [
            entry
            for entries in reversed(new)
            for entry in entries
            if entry.position >= start and entry.position > after.get(entry.installation, 0)
        ]
        return found, max(start, self._behind)
