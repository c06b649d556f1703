"""What a rule kind is: the one face every kind implements, and nothing else.

A kind judges all alarms of that kind in one installation; each alarm has a `lane`. To add one: a file beside
this one and a line in rules/table.py (docs/how-to-add-a-rule.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.rings import Floats, Lanes

Everything = (-np.inf, np.inf)
Nothing = (np.inf, -np.inf)


class Kind(Protocol):
    """Judging of one kind. Values are in the point's unit, times epoch ms."""

    windowed: ClassVar[bool]
    """Whether samples must be pushed, one by one, before `signal` is asked."""
    side: ClassVar[int]
    """+1 high, -1 low: a level, so that one sample by itself can be beyond it. 0: not a level."""

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        """Lane i judges `alarms[i]`."""
        ...

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Judged values from..to (inclusive) that surely change nothing while the condition is `on`."""
        ...

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Take the next judged sample of each lane (no lane twice), of a record received at `received` (ms).

        True where it surely changes nothing, the condition being `on`.
        """
        ...

    def signal(self, lane: int, value: float) -> Signal:
        """Exactly what the latest sample (`value`) says."""
        ...

    def snapshot(self) -> Mapping[int, object]:
        """Lane -> what `restore` needs of it (plain data); lanes with nothing to keep are left out."""
        ...

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        ...


@runtime_checkable
class Tunable(Protocol):
    """A kind whose own numbers `by_mode` can change (setpoint, deadband, a limit); delays and priority are not its."""

    def tune(self, lane: int, alarm: Alarm) -> None:
        """Judge that lane by these attributes from the next sample on."""
        ...
