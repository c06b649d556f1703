"""A point's `resolution`: stored values are rounded to a step that a binary fraction can hold. Pure.

The step is the largest power of two that is not greater than the resolution, so it is never coarser than asked; such
values end in zeros and compress several times better. What is judged is never rounded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Point


def steps_of(points: Sequence[Point]) -> NDArray[np.float64] | None:
    """The step of each point in its unit, 0 where values stay as they are; None where that is all of them."""
    steps = np.array([_step(point) for point in points], np.float64)
    return steps if steps.any() else None


def _step(point: Point) -> float:
    if point.resolution is None or point.quantity == "state":
        return 0.0
    _, exponent = np.frexp(point.resolution)  # resolution = fraction * 2**exponent, 0.5 <= fraction < 1
    return float(np.ldexp(1.0, int(exponent) - 1))


def rounded(value: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value to the nearest multiple of its step (ties to the even one); shapes (n,). NaN and infinity stay."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        steps = value / step  # exact: a power of two only moves the exponent
        found = np.rint(steps) * step
        stays = (step == 0) | ~np.isfinite(found) | (np.abs(steps) >= 2.0**52)
        return np.where(stays, value, found)
