"""What a reading says of itself: live zone, BAD and its reasons. Pure; STALE, LATE and CLOCK are beside their users."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.model import Quality
from pipeline.site import Point

BELOW, ABOVE = Decimal("0.0125"), Decimal("0.03125")
"""How far the live zone reaches beyond the range, as a part of the span: 3.8 to 20.5 mA (NAMUR NE 43)."""


def live_zone(point: Point) -> tuple[float, float]:
    """The values (point's unit) a working instrument can give; everything where no range is known."""
    if point.states:
        return min(point.states), max(point.states)
    if point.low is None or point.high is None:
        return -math.inf, math.inf
    return _widened(point.low, point.high)


@lru_cache(maxsize=4096)  # few ranges, many points
def _widened(low_end: float, high_end: float) -> tuple[float, float]:
    low, high = Decimal(repr(low_end)), Decimal(repr(high_end))
    return float(low - BELOW * (high - low)), float(high + ABOVE * (high - low))


class Zones(NamedTuple):
    """The live zones of all points, in columns. `top` is the value an over-range sample is judged as, else NaN."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    top: NDArray[np.float64]

    @classmethod
    def of(cls, points: tuple[Point, ...], zones: list[tuple[float, float]]) -> Zones:
        """One row per point."""
        top = [p.high if p.over_range == "judge" and p.high is not None else math.nan for p in points]
        return cls(np.array([z[0] for z in zones]), np.array([z[1] for z in zones]), np.array(top, np.float64))

    def judged_value(
        self, point: NDArray[np.int32], value: NDArray[np.float64], quality: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        """The value each sample is judged by; NaN where it is not judged. Shapes (n,)."""
        above = value > self.high[point]
        judged = np.where(above, self.top[point], np.where(value < self.low[point], np.nan, value))
        return np.where((quality == Quality.BAD) | np.isinf(value), np.nan, judged)


class Fault(NamedTuple):
    """Why a sample is BAD. `side`: its value is above (+1) or below (-1) the live zone, whatever its quality, or 0."""

    reason: str
    side: int


def fault(point: Point, zone: tuple[float, float], value: float, quality: int) -> Fault | None:
    """What is wrong with one sample by itself; None when nothing is. (`uncertain` needs its past: rules.point.)"""
    low, high = zone
    side = 0 if not math.isfinite(value) else int(value > high) - int(value < low)
    if quality == Quality.BAD:
        return Fault("quality", side)
    if not math.isfinite(value):
        return Fault("null", 0)
    if side:
        return Fault("range", side)
    if point.states and value not in point.states:
        return Fault("state", 0)
    return None
