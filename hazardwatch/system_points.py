"""What the points of SYSTEM have in common. Pure values."""

from __future__ import annotations

from pipeline.model import SYSTEM
from pipeline.site import Alarm

STALE_MS = 30_000


def alarm_id(point: str, name: str) -> str:
    """SYSTEM/POINT/NAME."""
    return f"{SYSTEM}/{point}/{name}"


def about(point: str) -> tuple[Alarm, ...]:
    """STALE, BAD, LATE, CLOCK, as every point has them."""
    return tuple(
        Alarm(
            id=alarm_id(point, kind.upper()),
            name=kind.upper(),
            point=point,
            kind=kind,
            alarm_class="system",
            priority="high" if kind == "stale" else "low",
        )
        for kind in ("stale", "bad", "late", "clock")
    )
