"""Log time: which whole seconds to judge, and when the log itself was away. Pure; engine and historian share it."""

from __future__ import annotations

from dataclasses import dataclass

AWAY_MS = 5_000
"""Stamps further apart than this mean that we were away, not the plant (contract, "Log time")."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens before a record is taken: move held received times by `away_ms`, then judge `seconds` (ms).

    `away_ms` is 0 when nothing was missed; negative when the log's clock went back. Then seconds repeat: an
    engine that waited for the old time to come again would be blind until then.
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
        assert self.next_second is not None
        passed = stamp - self.newest
        self.newest = stamp
        if passed < 0:
            self.next_second = first_second(stamp)
        due = range(self.next_second, stamp, 1000)
        if due:
            self.next_second = due[-1] + 1000
        away = self.gaps and (passed > AWAY_MS or passed < 0)
        return Step(due, passed if away else 0)


def first_second(stamp: int) -> int:
    """The first whole second not earlier than `stamp`."""
    return -(-stamp // 1000) * 1000
