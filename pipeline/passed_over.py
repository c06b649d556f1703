"""Counts the records a reader cannot read: damage, or a kind that only another version knows. It reads none itself."""

from __future__ import annotations

import structlog

from pipeline.log import Entry
from pipeline.metrics import PASSED_OVER
from pipeline.records import Kind

_KNOWN = frozenset(Kind)
_log = structlog.get_logger(__name__)


def foreign(data: bytes) -> bool:
    """Whether this record is of a kind that only another version knows."""
    return not data or data[0] not in _KNOWN


class PassedOver:
    """Of one reader. A kind of a newer version may come each second, so its first record alone is told."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._count = PASSED_OVER.labels(reader)
        self._told: set[bytes] = set()

    def note(self, entry: Entry, why: str) -> None:
        """Counts an entry that is passed over, and says why."""
        self._count.inc()
        kind = entry.data[:1]
        if foreign(entry.data) and kind in self._told:
            return
        self._told.add(kind)
        _log.error(
            "a record of the log is passed over",
            reader=self._reader,
            installation=entry.installation,
            position=entry.position,
            why=why,
        )
