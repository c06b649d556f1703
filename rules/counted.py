"""`count`: a condition that is on only when the underlying one starts n times within a time, or lasts. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.site import Count
from rules.condition import Condition, Delays, Signal


class Turn(NamedTuple):
    """A condition went on or off at `time` (device time, ms)."""

    on: bool
    time: int


@dataclass(slots=True)
class Counted:
    """`lasting` times how long the underlying condition has been on, like an on-delay of `sustained`; its `on` is the
    alarm's condition. `starts`: times of the underlying condition's latest starts.
    """

    count: Count
    lasting: Condition = field(default_factory=Condition)
    starts: list[int] = field(default_factory=list)

    @property
    def _delays(self) -> Delays:
        return Delays(self.count.sustained_ms, 0)

    def follow(self, turns: list[Turn], start_received: int, holds_until: int) -> list[Turn]:
        """What the underlying condition's turns make at once. `start_received` answers to a start's time."""
        found: list[Turn] = []
        for turn in turns:
            if turn.on:
                found += self._started(turn.time, start_received)
                continue
            lasted = self.lasting.held_past(turn.time, self._delays, holds_until)
            found += [] if lasted is None else [Turn(on=True, time=lasted)]
            if self.lasting.on:
                found.append(turn)
            self.lasting.on, self.lasting.pending = False, None
        return found

    def _started(self, time: int, received: int) -> list[Turn]:
        """N starts, this one included, within the time; or else it has to last, from here on."""
        self.starts = [*self.starts, time][-self.count.times :]
        if len(self.starts) == self.count.times and time - self.starts[0] <= self.count.within_ms:
            self.lasting.on, self.lasting.pending = True, None
            return [Turn(on=True, time=time)]
        self.lasting.pending, self.lasting.pending_received, self.lasting.broken = time, received, False
        return []

    def held_past(self, time: int, holds_until: int) -> list[Turn]:
        """An accepted sample at `time`, whatever its value: had it lasted before?"""
        return turn_of(self.lasting, self.lasting.held_past(time, self._delays, holds_until))

    def by_sample(self, time: int, received: int, signal: Signal, holds_until: int) -> list[Turn]:
        """A judged sample; `signal` says whether the underlying condition is on."""
        return turn_of(self.lasting, self.lasting.by_sample(time, received, signal, self._delays, holds_until))

    def by_second(self, second: int, holds_until: int) -> list[Turn]:
        """Log time passed `second`."""
        return turn_of(self.lasting, self.lasting.by_second(second, self._delays, holds_until))

    def trip(self, time: int, *, started: bool) -> list[Turn]:
        """What `on_bad` trips goes on at once, and counts as a start where the underlying condition was off."""
        if started:
            self.starts = [*self.starts, time][-self.count.times :]
        return turn_of(self.lasting, self.lasting.trip(time))


def turn_of(condition: Condition, time: int | None) -> list[Turn]:
    """The turn a condition took at `time`, if it did."""
    return [] if time is None else [Turn(condition.on, time)]
