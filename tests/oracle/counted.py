"""A condition with `count`: on after n starts of the underlying one within a time, or when it lasts.

Without `count` the underlying condition is the alarm's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.site import Count
from tests.oracle.condition import Condition, Delays, Pending, Says


@dataclass(slots=True)
class Counted:
    """`under` is the condition as the kind has it; `lasting` times how long it has been on, like an on_delay."""

    count: Count | None
    under: Condition = field(default_factory=Condition)
    lasting: Condition = field(default_factory=Condition)
    starts: list[int] = field(default_factory=list)

    @property
    def on(self) -> bool:
        """The alarm's condition."""
        return self.under.on if self.count is None else self.lasting.on

    def sample(self, says: Says, time: int, received: int, delays: Delays) -> list[tuple[bool, int]]:
        """The changes (on, time) one accepted sample makes."""
        since = self._start_received(received, delays)
        changes = self.under.sample(says, time, received, delays)
        if self.count is None:
            return changes
        found = self._follow(changes, since, delays)
        if (True, time) in changes:
            self.lasting.remember(says, time)  # it has been on for nothing yet
            return found
        if says.judged and says is not Says.UNDECIDED:
            says = Says.START if self.under.on else Says.END  # the deadband counts as on
        return found + self.lasting.sample(says, time, received, self._timing(delays))

    def second(self, second: int, delays: Delays) -> list[tuple[bool, int]]:
        """The changes a whole second makes."""
        since = self._start_received(second, delays)
        changes = self.under.second(second, delays)
        if self.count is None:
            return changes
        return self._follow(changes, since, delays) + self.lasting.second(second, self._timing(delays))

    def trip(self, time: int) -> list[tuple[bool, int]]:
        """What `on_bad` trips goes on at once."""
        changes = self.under.trip(time)
        if self.count is None:
            return changes
        if changes:
            self.starts.append(time)
        return self.lasting.trip(time)

    def shift(self, by: int) -> None:
        """Held received times move."""
        self.under.shift(by)
        self.lasting.shift(by)

    def forget_pending(self) -> None:
        """Pending delays are emptied."""
        self.under.pending = None
        self.lasting.pending = None

    def _timing(self, delays: Delays) -> Delays:
        assert self.count is not None
        return Delays(self.count.sustained_ms, 0, delays.stale_after)

    def _start_received(self, received: int, delays: Delays) -> int:
        """Received time that answers to the start's time: where a delay confirms it, r0 + on_delay."""
        pending = self.under.pending
        return pending.r0 + delays.on if pending is not None and pending.on else received

    def _follow(self, changes: list[tuple[bool, int]], since: int, delays: Delays) -> list[tuple[bool, int]]:
        """What the underlying condition's changes make at once."""
        found: list[tuple[bool, int]] = []
        for on, time in changes:
            if on:
                found += self._starts(time, since)
            else:
                found += self.lasting.lasted(time, self._timing(delays))
                if self.lasting.on:
                    self.lasting.on = False
                    found.append((False, time))
        return found

    def _starts(self, time: int, since: int) -> list[tuple[bool, int]]:
        """n starts, this one included, within the time; or else it has to last, timed as an on_delay from here."""
        assert self.count is not None
        self.starts.append(time)
        of_n = self.starts[-self.count.times :]
        if len(of_n) == self.count.times and time - of_n[0] <= self.count.within_ms:
            self.lasting.on, self.lasting.pending = True, None
            return [(True, time)]
        self.lasting.pending = Pending(True, time, since)
        return []
