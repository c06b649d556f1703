"""On-delay, off-delay and hold of one alarm's condition.

It does not know what starts or ends the condition, only that a sample does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto


class Says(Enum):
    """What one accepted sample says to one condition."""

    START = auto()
    END = auto()
    NEITHER = auto()
    UNDECIDED = auto()  # judged, but too few samples to tell
    BAD = auto()  # not judged
    BAD_OWN_SIDE = auto()  # not judged, but beyond the live zone on the alarm's own side

    @property
    def judged(self) -> bool:
        """Whether the sample was judged at all."""
        return self not in (Says.BAD, Says.BAD_OWN_SIDE)


@dataclass(slots=True)
class Pending:
    """A change to `on` that waits for its delay: device and received time of the sample that started it."""

    on: bool
    t0: int
    r0: int


@dataclass(slots=True)
class Delays:
    """Lengths in force now, ms; `stale_after` None means a value holds for ever."""

    on: int
    off: int
    stale_after: int | None


@dataclass(slots=True)
class Condition:
    """`holds`: no bad sample since the last judged one; `last`: time of the point's last judged sample; `tripped`: the
    latest change that a loss made."""

    on: bool = False
    pending: Pending | None = None
    holds: bool = False
    last: int | None = None
    tripped: list[tuple[bool, int]] = field(default_factory=list)

    def sample(self, says: Says, time: int, received: int, delays: Delays) -> list[tuple[bool, int]]:
        """The changes (on, time) that this accepted sample makes, in order."""
        changes = []
        waited = self.pending is not None
        if self._confirmed_by(says, time, delays):
            changes.append(self._confirm(delays))
            waited = False  # and the sample is then judged in the new state
        elif self.pending is not None:
            self._wait_on(says, time, received, delays, changes)
        if not waited:
            changes += self._begin(says, time, received, delays)
        self.remember(says, time)
        return changes

    def second(self, second: int, delays: Delays) -> list[tuple[bool, int]]:
        """A second T >= r0 + delay confirms while t0 + delay is not later than last judged sample + stale_after."""
        if self.pending is None or not self._held(delays):
            return []
        if second < self.pending.r0 + self._length(delays):
            return []
        return [self._confirm(delays)]

    def trip(self, time: int) -> list[tuple[bool, int]]:
        """STALE or BAD (not judged) began: on at that moment; a pending change is dropped."""
        self.pending = None
        if self.on:
            return []
        self.on = True
        self.tripped = [(True, time)]
        return self.tripped

    def lasted(self, until: int, delays: Delays) -> list[tuple[bool, int]]:
        """What is pending, confirmed if it was due before `until` and the value had held that long; else dropped."""
        if self.pending is not None and self._held(delays) and self._due(delays) < until:
            return [self._confirm(delays)]
        self.pending = None
        return []

    def shift(self, by: int) -> None:
        """We were away: the received time of what is pending moves."""
        if self.pending is not None:
            self.pending.r0 += by

    def _length(self, delays: Delays) -> int:
        assert self.pending is not None
        return delays.on if self.pending.on else delays.off

    def _due(self, delays: Delays) -> int:
        assert self.pending is not None
        return self.pending.t0 + self._length(delays)

    def _held(self, delays: Delays) -> bool:
        """Whether the value has held (or will hold) until the change is due."""
        if not self.holds or self.last is None:
            return False
        return delays.stale_after is None or self._due(delays) <= self.last + delays.stale_after

    def _toward(self, says: Says) -> bool:
        assert self.pending is not None
        return says is (Says.START if self.pending.on else Says.END)

    def _confirmed_by(self, says: Says, time: int, delays: Delays) -> bool:
        """The next accepted sample after t0 + delay, whatever its value; at exactly that time if it starts too."""
        if self.pending is None or not self._held(delays):
            return False
        due = self._due(delays)
        return time > due or (time == due and self._toward(says))

    def _wait_on(self, says: Says, time: int, received: int, delays: Delays, changes: list[tuple[bool, int]]) -> None:
        """A sample that does not confirm by holding: it keeps, renews, cancels, or confirms after a bad one."""
        assert self.pending is not None
        if not says.judged:
            return  # it may end the hold, and changes nothing else
        gap = self.last is not None and delays.stale_after is not None and time > self.last + delays.stale_after
        if gap:  # later than the last judged sample + stale_after: pending anew, or cancelled
            self.pending = Pending(self.pending.on, time, received) if self._toward(says) else None
        elif says is Says.UNDECIDED:
            return  # neither starts nor ends nor cancels
        elif not self._toward(says):
            self.pending = None
        elif time >= self._due(delays):  # the hold had been ended by a bad sample; a starting one confirms again
            changes.append(self._confirm(delays))

    def _begin(self, says: Says, time: int, received: int, delays: Delays) -> list[tuple[bool, int]]:
        """With nothing pending: a sample that starts (or ends) decides, or makes the change pending."""
        wanted = {Says.START: True, Says.END: False}.get(says, self.on)
        if wanted == self.on:
            return []
        if (delays.on if wanted else delays.off) > 0:
            self.pending = Pending(wanted, time, received)
            return []
        self.on = wanted
        return [(wanted, time)]

    def _confirm(self, delays: Delays) -> tuple[bool, int]:
        assert self.pending is not None
        change = (self.pending.on, self._due(delays))
        self.on = self.pending.on
        self.pending = None
        return change

    def remember(self, says: Says, time: int) -> None:
        """A judged sample renews the hold, a bad one ends it."""
        if says.judged:
            self.holds, self.last = True, time
        elif says is Says.BAD or not self._rising():
            self.holds = False

    def _rising(self) -> bool:
        """Silent: beyond the live zone on the alarm's own side keeps the hold of a start only, never of an end."""
        return self.pending is not None and self.pending.on
