"""Whether every published reading is in the history, once: counted by device time, for hours, without counting all.

Pure: it is told what was published and what the history counted.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

_MARK_MS = 1000
_ON_THE_WAY_MS = 3000
_SETTLE_MS = 60_000


class Mark(NamedTuple):
    """`total` readings were published with device times up to and with `time_ms`."""

    time_ms: int
    total: int


class Tally:
    """What lies behind `settled` (published and stored agreed there) is not counted again."""

    def __init__(self, start_ms: int) -> None:
        self.settled = self.last = Mark(start_ms, 0)
        self._marks: deque[Mark] = deque()

    def published(self, time_ms: int, total: int) -> None:
        """`total` readings were published up to and with the device time `time_ms`."""
        self.last = Mark(time_ms, total)
        if not self._marks or time_ms - self._marks[-1].time_ms >= _MARK_MS:
            self._marks.append(Mark(time_ms, total))

    def cut(self, now_ms: int) -> Mark:
        """The newest mark whose readings have had time to arrive: the history is asked for its count up to there."""
        while len(self._marks) > 1 and self._marks[1].time_ms <= now_ms - _ON_THE_WAY_MS:
            self._marks.popleft()
        if self._marks and self._marks[0].time_ms <= now_ms - _ON_THE_WAY_MS:
            return self._marks[0]
        return self.settled

    def agrees(self, cut: Mark, stored: int) -> bool:
        """Whether `stored`, the history's count behind `settled` up to `cut`, is what was published there."""
        whole = self.settled.total + stored == cut.total
        if whole and cut.time_ms - self.settled.time_ms > _SETTLE_MS:
            self.settled = cut
        return whole
