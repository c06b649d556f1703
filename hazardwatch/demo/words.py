"""Values of the demo's view in words: times, lengths of time, trend lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_BARS = "▁▂▃▄▅▆▇█"


def clock(ms: int, timezone: str) -> str:
    """Wall time of day in the site's zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(timezone)).strftime("%H:%M:%S")


def duration(seconds: float) -> str:
    """A length of time such as 42 s, 3 min 05 s, 2 h 10 min."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def trend_line(values: Sequence[float], width: int, span: float) -> str:
    """All of `values` (oldest first) in at most `width` bars, newest at the right; several become their mean.

    At least 2 % of the range `span` fills the height, so that noise stays flat.
    """
    if not values or width <= 0:
        return " " * max(width, 0)
    each = -(-len(values) // width)
    first = len(values) % each
    groups = ([values[:first]] if first else []) + [values[at : at + each] for at in range(first, len(values), each)]
    means = [sum(group) / len(group) for group in groups]
    low = min(means)
    height = max(max(means) - low, 0.02 * span, 1e-9)
    return "".join(_BARS[min(7, int((mean - low) / height * 8))] for mean in means).rjust(width)
