"""Log time: which whole seconds to judge, and when the log itself was away. Pure; engine and historian share it."""

from __future__ import annotations

from dataclasses import dataclass

AWAY_MS = 5_000
"""Stamps further apart than this mean that we were away, not the plant (contract, "Log time")."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens before a record is taken: judge `seconds` (ms, whole), then move held times by `away_ms`.

    `away_ms` is 0 when nothing was missed; negative when the log's clock went back.
    """

    seconds: range
    away_ms: int


@dataclass(slots=True)
class LogTime:
    """Position in log time of one installation. `gaps` False: a replay of files, where every second is judged."""

    gaps: bool
    newest: int | None = None
    next_second: int | None = None

    def advance(self, stamp: int) -> Step:
        """The step to the record stamped `stamp` (epoch ms); a second is judged just before the first later record."""
        if self.newest is None:
            self.newest, self.next_second = stamp, first_second(stamp)
            return Step(range(0), 0)
        away = stamp - self.newest
        if self.gaps and (away > AWAY_MS or away < 0):
            due = self._due(self.newest + 1)
            self.newest, self.next_second = stamp, first_second(stamp)
            return Step(due, away)
        due = self._due(stamp)
        if due:
            self.next_second = due[-1] + 1000
        self.newest = max(stamp, self.newest)
        return Step(due, 0)

    def _due(self, before: int) -> range:
        assert self.next_second is not None
        return range(self.next_second, before, 1000)


def first_second(stamp: int) -> int:
    """The first whole second not earlier than `stamp`."""
    return -(-stamp // 1000) * 1000
