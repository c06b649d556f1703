"""An alarm over the latest judged values of several points: when it is asked, and what bad samples do to it. Pure.

What the values mean stands in the kinds: rules.deviation, rules.discrepancy, rules.balance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm
from rules.condition import UNDECIDED, Condition, Delays, Signal
from rules.counted import Turn, turn_of
from rules.point import FOREVER, Seen
from rules.rings import Floats, Lanes


class Comparison(Protocol):
    """Judging of one kind over several points; every alarm has a lane. Values are in the points' units."""

    def __init__(self, alarms: Sequence[tuple[Alarm, int]]) -> None:
        """Lane i judges the alarm i; with it the longest stale_after (ms) of its points."""
        ...

    def push(self, lanes: Lanes, time: NDArray[np.int64], values: Floats, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Take the next values of each lane (no lane twice), shape (n, most points of one alarm) in the order of
        `alarm.compared`, NaN beyond its own.

        True where they surely change nothing, the condition being `on` and nothing pending.
        """
        ...

    def signal(self, lane: int) -> Signal:
        """Exactly what the latest values say."""
        ...

    def afresh(self, lane: int) -> bool:
        """Whether the latest values begin the wait for the alarm's delay anew."""
        ...

    def value(self, lane: int, values: Sequence[float]) -> float | None:
        """What the alarm's event shows, of the latest values."""
        ...

    def snapshot(self) -> Mapping[int, object]:
        """Lane -> what `restore` needs of it (plain data); lanes with nothing to keep are left out."""
        ...

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        ...


@dataclass(slots=True)
class Gauge:
    """One of the points as it was at the accepted time that is looked at.

    `judged`: time and value of its latest judged sample; `failing`: STALE, or bad without being judged.
    """

    stale_after: int
    judged: tuple[int, float] | None = None
    failing: bool = False

    def take(self, seen: Seen) -> None:
        """What happened to the point next."""
        self.failing = not seen.judged
        if seen.judged:
            self.judged = (seen.time, seen.value)


@dataclass(slots=True)
class Compared:
    """One alarm. Asked once per accepted time of any of its points, after all samples of that time.

    Undisturbed while all are fresh and good and their times within the longest `stale_after`; the time of what it then
    says is the latest of theirs. `last`: that of the latest one.
    """

    alarm: Alarm
    kind: Comparison
    lane: int
    gauges: tuple[Gauge, ...]
    condition: Condition = field(default_factory=Condition)
    last: int = -FOREVER

    @property
    def delays(self) -> Delays:
        """Ms."""
        return Delays(self.alarm.on_delay_ms, self.alarm.off_delay_ms)

    @property
    def longest(self) -> int:
        """The longest stale_after, ms."""
        return max(gauge.stale_after for gauge in self.gauges)

    @property
    def holds_until(self) -> int:
        """What was found holds at most the longest stale_after."""
        return self.last + self.longest

    def value(self) -> float | None:
        """What its event shows; None before all were judged once."""
        judged = [gauge.judged for gauge in self.gauges if gauge.judged is not None]
        whole = len(judged) == len(self.gauges)
        return self.kind.value(self.lane, [value for _, value in judged]) if whole else None

    def worsened(self, time: int, seen: list[Seen]) -> tuple[list[Turn], list[Turn]]:
        """What bad samples of accepted time `time` make: what had held until then, and what losing a point trips."""
        before: list[Turn] = []
        if any(not one.judged for one in seen):
            before = turn_of(self.condition, self.condition.held_past(time, self.delays, self.holds_until))
            self.condition.broken = True
        return before, self.trip(time) if any(one.lost for one in seen) else []

    def after_samples(self, received: int, *, bypassed: bool = False) -> list[Turn]:
        """All samples of an accepted time are in (`worsened` was asked first). Bypassed: undecided."""
        turns: list[Turn] = []
        judged = [gauge.judged for gauge in self.gauges if gauge.judged is not None and not gauge.failing]
        times = [at for at, _ in judged]
        if len(judged) < len(self.gauges) or max(times) - min(times) > self.longest:
            return turns
        later = max(times)
        turns += turn_of(self.condition, self.condition.held_past(later, self.delays, self.holds_until))
        lanes, on = np.array([self.lane]), np.array([self.condition.on])
        self.kind.push(lanes, np.array([later]), np.array([[value for _, value in judged]]), on)
        if self.kind.afresh(self.lane):
            self.condition.drop_pending()
        signal = UNDECIDED if bypassed else self.kind.signal(self.lane)
        return turns + self.decided(later, received, signal)

    def decided(self, later: int, received: int, signal: Signal) -> list[Turn]:
        """What the latest values, of the time `later`, make of the condition."""
        changed = self.condition.by_sample(later, received, signal, self.delays, self.holds_until)
        self.last = later
        return turn_of(self.condition, changed)

    def trip(self, time: int) -> list[Turn]:
        """`on_bad: trip`, by the loss of any."""
        return turn_of(self.condition, self.condition.trip(time)) if self.alarm.on_bad == "trip" else []

    def by_second(self, second: int) -> list[Turn]:
        """Log time passed `second`."""
        return turn_of(self.condition, self.condition.by_second(second, self.delays, self.holds_until))
