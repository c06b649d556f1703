"""`type: digital`: a state point in the state named, or not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import Signal
from rules.kind import Nothing
from rules.rings import Floats, Lanes


class Digital:
    """Starts in the state `when` (its number), ends in any other."""

    windowed: ClassVar[bool] = False
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        self._when = [alarm.when for _, alarm in alarms]

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """Off: none, because states around `when` need not be an interval. On: `when` itself."""
        when = self._when[lane]
        return (when, when) if on and when is not None else Nothing

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Not windowed: never called."""
        raise NotImplementedError

    def signal(self, lane: int, value: float) -> Signal:
        """See the class."""
        return Signal(starts=value == self._when[lane], ends=value != self._when[lane])

    def snapshot(self) -> Mapping[int, object]:
        """Nothing to keep."""
        return {}

    def restore(self, lane: int, state: object) -> None:
        """Nothing was kept."""
