"""Round numbers for the side of a plot. Pure."""

from __future__ import annotations

import math


def round_steps(low: float, high: float) -> list[float]:
    """Some three to six multiples of 1, 2 or 5 times a power of ten, all within `low` and `high` (low < high)."""
    span = (high - low) / 4
    scale = 10.0 ** math.floor(math.log10(span))
    step = next(scale * one for one in (1, 2, 5, 10) if scale * one >= span * 0.8)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
