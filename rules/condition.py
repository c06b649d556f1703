"""On-delay, off-delay and how long a value holds: when a starting sample becomes a condition. Pure.

This is the contract's paragraph "A judged value holds ..." in code. Knows nothing of what makes a sample start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Signal(NamedTuple):
    """What the latest sample says of one alarm. Undecided: it neither starts nor ends nor cancels.

    `left_ms`: until a limit is reached, where that is what the kind works out.
    """

    starts: bool
    ends: bool
    decided: bool = True
    left_ms: float | None = None


QUIET = Signal(starts=False, ends=False)
UNDECIDED = Signal(starts=False, ends=False, decided=False)


class Delays(NamedTuple):
    """ms."""

    on: int
    off: int


@dataclass(slots=True)
class Condition:
    """The confirmed condition of one alarm, and the change that waits for its delay.

    `pending` device time (ms) of the sample that would start (or end) it, `pending_received` when that came;
    `broken` a bad sample ended the hold of the last judged value.
    """

    on: bool = False
    pending: int | None = None
    pending_received: int = 0
    broken: bool = False

    def drop_pending(self) -> None:
        """Forget the change that waits."""
        self.pending = None

    def _delay(self, delays: Delays) -> int:
        return delays.off if self.on else delays.on

    def held_past(self, time: int, delays: Delays, holds_until: int) -> int | None:
        """An accepted sample at `time`, whatever its value: was the pending change held for its delay before it?

        `holds_until`: last judged sample + stale_after. Returns the time of confirmation.
        """
        if self.pending is None or self.broken:
            return None
        due = self.pending + self._delay(delays)
        return self._confirm(due) if due < time and due <= holds_until else None

    def by_second(self, second: int, delays: Delays, holds_until: int) -> int | None:
        """Log time passed `second` without a sample that decides: is the pending change due?"""
        if self.pending is None or self.broken:
            return None
        delay = self._delay(delays)
        due = self.pending + delay
        return self._confirm(due) if second >= self.pending_received + delay and due <= holds_until else None

    def by_sample(self, time: int, received: int, signal: Signal, delays: Delays, holds_until: int) -> int | None:
        """A judged sample, after `held_past`: starts, keeps, cancels or confirms. Returns the time of a change."""
        self.broken = False
        wanted = signal.ends if self.on else signal.starts
        if self.pending is not None:
            if time > holds_until or (signal.decided and not wanted):
                self.pending = None
            elif wanted and time >= self.pending + self._delay(delays):
                return self._confirm(self.pending + self._delay(delays))
        if self.pending is None and wanted:
            self.pending, self.pending_received = time, received
            if self._delay(delays) == 0:
                return self._confirm(time)
        return None

    def trip(self, time: int) -> int | None:
        """What is no longer judged counts as on, from now; what waits is dropped. Returns the time of a change."""
        self.pending = None
        return None if self.on else self._confirm(time)

    def _confirm(self, time: int) -> int:
        self.on = not self.on
        self.pending = None
        return time
