"""What a sample is worth: judged as which value, or bad and why.

It keeps no state and knows no alarms but the two sides of a range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from pipeline.model import Quality
from pipeline.site import Point
from tests.oracle.admission import Sample

BELOW = Decimal("0.0125")  # of the span: 3.8 mA
ABOVE = Decimal("0.03125")  # of the span: 20.5 mA


@dataclass(frozen=True, slots=True)
class Worth:
    """`judged` None: not judged. `bad`: why the sample is BAD (it may be judged all the same). `side`: beyond the
    live zone above (1), below (-1), or inside (0)."""

    judged: float | None
    bad: str | None
    side: int


def live_zone(point: Point) -> tuple[float, float]:
    """The range widened, worked out in decimals and rounded once; without a range everything is live."""
    if point.low is None or point.high is None:
        return -math.inf, math.inf
    low, high = Decimal(repr(point.low)), Decimal(repr(point.high))
    span = high - low
    return float(low - BELOW * span), float(high + ABOVE * span)


def worth(point: Point, sample: Sample) -> Worth:
    """How a sample of this point counts."""
    if math.isnan(sample.value):
        return Worth(None, "quality" if sample.quality == Quality.BAD else "null", 0)
    low, high = live_zone(point)
    side = (sample.value > high) - (sample.value < low)
    if sample.quality == Quality.BAD:
        return Worth(None, "quality", side)
    if side > 0 and point.over_range == "judge":
        return Worth(point.high, "range", side)  # judged as the top of the range, and BAD
    if side:
        return Worth(None, "range", side)
    return Worth(sample.value, None, 0)


def shown(value: float | None) -> float | None:
    """A value as an event carries it: null has none."""
    return None if value is None or math.isnan(value) else value
