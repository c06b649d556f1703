"""`type: rate`: how fast a value moves, by a straight line through the judged samples of a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point
from rules.condition import UNDECIDED, Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes
from rules.slope_windows import SlopeWindows

_TOLERANCE = 1e-9  # relative, in favour of starting (contract, "Conditions")
_END = 0.9


class RateOfChange:
    """Starts at slope >= rising or <= -falling (per `per`), ends below 90 % of it.

    Least-squares slope over the judged samples in (t - window, t]; at least 3 that span at least half the window,
    else undecided.
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        rates = [alarm.rate for _, alarm in alarms if alarm.rate is not None]
        self._rising = np.array([np.inf if r.rising is None else r.rising / r.per_ms for r in rates])
        self._falling = np.array([np.inf if r.falling is None else r.falling / r.per_ms for r in rates])
        self._windows = SlopeWindows(np.array([r.window_ms for r in rates], np.int64))

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of a rate."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: undecided, or off and surely slower than the limit, or on and surely faster than its end."""
        self._windows.push(lanes, time, value)
        slope, error, _, decided = self._windows.estimate(lanes)
        rising, falling = self._rising[lanes], self._falling[lanes]
        slow = (slope + error < rising) & (-slope + error < falling)
        fast = (slope - error > _END * rising) | (-slope - error > _END * falling)
        return ~decided | np.where(on, fast, slow)

    def signal(self, lane: int, value: float) -> Signal:
        """From the ring itself."""
        fit = self._windows.fit(lane)
        if fit is None:
            return UNDECIDED
        rising, falling = float(self._rising[lane]), float(self._falling[lane])
        favour = 1 - _TOLERANCE
        starts = fit.slope >= rising * favour or -fit.slope >= falling * favour
        holds = fit.slope >= _END * rising * favour or -fit.slope >= _END * falling * favour
        return Signal(starts=starts, ends=not holds)

    def snapshot(self) -> Mapping[int, object]:
        """The windows' samples, so that slopes go on where they were."""
        return self._windows.rings.taken()

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        self._windows.put_back(lane, cast("list[bytes]", state))
