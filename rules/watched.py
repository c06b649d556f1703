"""One process alarm of a point: its configuration, how it is judged, its condition. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pipeline.site import Alarm
from rules.condition import Condition, Delays, Signal
from rules.counted import Counted, Turn, turn_of
from rules.kind import Kind, Tunable

REMEMBERED_SPELLS = 1_000
"""How many past on-times of a level alarm are kept, to know whether a late sample tells something new."""

_HALF = 0.5 - 1e-6
"""Seconds; a hair less than half, so that a fit's rounding error does not decide at half a second."""


@dataclass(slots=True)
class Watched:
    """`condition` is the kind's own; with `count` it is the underlying one and `counted` makes the alarm's of it.

    `spells`: [on, off] device times of a level alarm's condition (off None while on); `excursions`: times told.
    `left_ms`: until the limit is reached, as the latest sample has it; None for most kinds.
    """

    alarm: Alarm
    kind: Kind
    lane: int
    condition: Condition = field(default_factory=Condition)
    counted: Counted | None = None
    spells: list[list[int | None]] = field(default_factory=list)
    excursions: list[int] = field(default_factory=list)
    left_ms: float | None = None

    def __post_init__(self) -> None:
        if self.alarm.count is not None:
            self.counted = Counted(self.alarm.count)

    @property
    def time_left_s(self) -> int | None:
        """Until the limit is reached, as the latest sample has it: whole seconds, not less than 0."""
        return None if self.left_ms is None else max(0, math.floor(self.left_ms / 1000 + _HALF))

    @property
    def delays(self) -> Delays:
        """Ms."""
        return Delays(self.alarm.on_delay_ms, self.alarm.off_delay_ms)

    @property
    def on(self) -> bool:
        """The alarm's condition."""
        return self.condition.on if self.counted is None else self.counted.lasting.on

    @property
    def fresh(self) -> bool:
        """Whether everything here is as at the start."""
        condition = self.condition
        touched = condition.on or condition.broken or condition.pending is not None or condition.pending_received
        counted = self.counted is not None and self.counted != Counted(self.counted.count)
        return not (touched or counted or self.spells or self.excursions)

    @property
    def waits(self) -> bool:
        """Whether time alone may change something."""
        return self.condition.pending is not None or (
            self.counted is not None and self.counted.lasting.pending is not None
        )

    @property
    def calm(self) -> bool:
        """Whether a sample that is quiet for the kind changes nothing."""
        return not self.waits and not self.condition.broken

    def sample(
        self, time: int, received: int, signal: Signal | None, holds_until: int, *, further_out: bool
    ) -> list[Turn]:
        """One accepted sample; `signal` None: not judged. `further_out`: beyond the live zone, where it would start."""
        self.left_ms = None if signal is None else signal.left_ms
        start_received = self._start_received(received)
        turns = turn_of(self.condition, self.condition.held_past(time, self.delays, holds_until))
        if signal is not None:
            changed = self.condition.by_sample(time, received, signal, self.delays, holds_until)
            turns += turn_of(self.condition, changed)
        else:
            self.condition.broken |= self.condition.on or not further_out
        if self.counted is None:
            return turns
        return self._count(turns, time, received, signal, start_received, holds_until, further_out=further_out)

    def _count(
        self,
        turns: list[Turn],
        time: int,
        received: int,
        signal: Signal | None,
        start_received: int,
        holds_until: int,
        *,
        further_out: bool,
    ) -> list[Turn]:
        assert self.counted is not None
        found = self.counted.follow(turns, start_received, holds_until)
        if Turn(on=True, time=time) in turns:  # it has been on for nothing yet
            return found
        found += self.counted.held_past(time, holds_until)
        if signal is None:
            self.counted.lasting.broken |= self.counted.lasting.on or not further_out
            return found
        on = self.condition.on
        lasts = Signal(starts=on and signal.decided, ends=not on and signal.decided, decided=signal.decided)
        return found + self.counted.by_sample(time, received, lasts, holds_until)

    def second(self, second: int, holds_until: int) -> list[Turn]:
        """A whole second without a sample that decides."""
        start_received = self._start_received(second)
        turns = turn_of(self.condition, self.condition.by_second(second, self.delays, holds_until))
        if self.counted is None:
            return turns
        return self.counted.follow(turns, start_received, holds_until) + self.counted.by_second(second, holds_until)

    def trip(self, time: int) -> list[Turn]:
        """What is no longer judged counts as on, from this moment."""
        turns = turn_of(self.condition, self.condition.trip(time))
        return turns if self.counted is None else self.counted.trip(time, started=bool(turns))

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move."""
        self.condition.pending_received += by_ms
        if self.counted is not None:
            self.counted.lasting.pending_received += by_ms

    def drop_pending(self) -> None:
        """Changed attributes empty pending delays."""
        self.condition.drop_pending()
        if self.counted is not None:
            self.counted.lasting.drop_pending()

    def change(self, alarm: Alarm) -> None:
        """Attributes are others from the next sample on; what is pending is dropped."""
        self.alarm = alarm
        self.drop_pending()
        if isinstance(self.kind, Tunable):
            self.kind.tune(self.lane, alarm)

    def _start_received(self, received: int) -> int:
        """The received time that answers to a start: where a delay confirms it, its sample's and the delay."""
        waits = self.condition.pending is not None and not self.condition.on
        return self.condition.pending_received + self.delays.on if waits else received

    def remember(self, turn: Turn) -> None:
        """Keep when a level alarm's condition was on."""
        if turn.on:
            self.spells.append([turn.time, None])
            del self.spells[:-REMEMBERED_SPELLS]
        elif self.spells:
            self.spells[-1][1] = turn.time

    def was_on(self, time: int) -> bool:
        """Whether the condition was on at device time `time`."""
        return any(on is not None and on <= time and (off is None or time < off) for on, off in reversed(self.spells))
