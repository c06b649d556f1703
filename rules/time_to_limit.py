"""`type: time_to_limit`: how long until a limit is reached, if it goes on like this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm, Point, TimeToLimit
from rules.condition import UNDECIDED, Signal
from rules.kind import Everything
from rules.rings import Floats, Lanes
from rules.slope_windows import SlopeWindows

_TOLERANCE = 1e-9  # relative, in favour of starting (contract, "Conditions")
_SIGNIFICANT = 3.0  # standard errors a slope must exceed to be believed
_STILL_COMING = 1.25
_SURELY = 1.01  # the filter's margin on times that are only estimated
_OVER = Signal(starts=False, ends=True)


class TimeToLimitKind:
    """ttl = (limit - fitted value at t) / slope - lateness, by the same straight line as `rate`.

    Toward the limit: the slope exceeds three times its standard error and `min_rate`. Starts at ttl <= within; ends at
    ttl > 1.25 x within, when no longer toward, or when the sample is at or beyond the limit. The limit of a level alarm
    is approached from that alarm's quiet side, a plain number from the side on which the sample is.
    """

    windowed: ClassVar[bool] = True
    side: ClassVar[int] = 0

    def __init__(self, alarms: Sequence[tuple[Point, Alarm]]) -> None:
        of = [alarm.time_to_limit for _, alarm in alarms if alarm.time_to_limit is not None]
        self._limit = np.array([each.limit for each in of])
        self._within = np.array([float(each.within_ms) for each in of])
        self._min_rate = np.array([each.min_rate / each.per_ms for each in of])
        self._direction = np.array([_direction(point, alarm) for point, alarm in alarms], np.int8)
        self._windows = SlopeWindows(np.array([each.window_ms for each in of], np.int64))
        self._toward = np.where(self._direction == 0, 1, self._direction).astype(np.float64)
        self._late = np.zeros(len(of))

    def tune(self, lane: int, alarm: Alarm) -> None:
        """The setpoint of the alarm that is its limit may be another now."""
        self._limit[lane] = cast("TimeToLimit", alarm.time_to_limit).limit

    def band(self, lane: int, on: bool) -> tuple[float, float]:
        """A single value says nothing of a trend."""
        return Everything

    def push(
        self, lanes: Lanes, time: NDArray[np.int64], value: Floats, on: NDArray[np.bool_], received: int
    ) -> NDArray[np.bool_]:
        """Quiet: off, and undecided, surely too slow, or surely further away than `within`."""
        self._windows.push(lanes, time, value)
        slope, error, value_now, decided = self._windows.estimate(lanes)
        self._late[lanes] = received - time
        free = (self._direction[lanes] == 0) & ~on
        side = np.where(value < self._limit[lanes], 1.0, -1.0)
        self._toward[lanes] = np.where(free, side, self._toward[lanes])
        fastest = slope * self._toward[lanes] + error
        slow = fastest < self._min_rate[lanes]
        reach = (self._within[lanes] + np.maximum(self._late[lanes], 0)) * _SURELY
        blur = 2 * error * self._windows.window[lanes] + 1e-9 * (np.abs(value_now) + np.abs(self._limit[lanes]))
        distance = (self._limit[lanes] - value_now) * self._toward[lanes] - blur
        far = (fastest > 0) & (distance > fastest * reach)
        quiet: NDArray[np.bool_] = ~on & (~decided | slow | far)
        return quiet

    def signal(self, lane: int, value: float) -> Signal:
        """From the ring itself. Undecided comes before all of it."""
        fit = self._windows.fit(lane)
        if fit is None:
            return UNDECIDED
        toward, limit = float(self._toward[lane]), float(self._limit[lane])
        speed = fit.slope * toward
        favour = 1 + _TOLERANCE
        believed = speed > 0 and speed * favour >= max(_SIGNIFICANT * fit.error, float(self._min_rate[lane]))
        if (value - limit) * toward >= 0 or not believed:
            return _OVER
        left = (limit - fit.value) / fit.slope - float(self._late[lane])
        within = float(self._within[lane]) * favour
        return Signal(starts=left <= within, ends=left > _STILL_COMING * within, left_ms=left)

    def snapshot(self) -> Mapping[int, object]:
        """The windows' samples and from which side the limit is approached."""
        taken = self._windows.rings.taken()
        return {lane: [*samples, float(self._toward[lane])] for lane, samples in taken.items()}

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        times, values, toward = cast("tuple[bytes, bytes, float]", state)
        self._windows.put_back(lane, [times, values])
        self._toward[lane] = toward


def _direction(point: Point, alarm: Alarm) -> int:
    """+1 toward a high alarm's limit, -1 toward a low one's, 0 where the limit is a plain number."""
    of = alarm.time_to_limit
    named = next((each for each in point.alarms if of is not None and each.id == of.limit_alarm), None)
    return 0 if named is None else 1 if named.kind == "high" else -1
