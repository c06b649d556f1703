"""Lengths of time as people write them (30min, 8h) -> milliseconds. Pure."""

from __future__ import annotations

import re

EXPECTED = "a length of time such as 500ms, 90s, 30min, 8h, 2d"
_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)", re.ASCII)


def duration_ms(text: str) -> int:
    """Milliseconds, greater than 0. Raises ValueError with what was expected."""
    match = _WRITTEN.fullmatch(text.strip())
    length = round(float(match[1]) * _MS[match[2]]) if match and len(text) < 20 else 0
    if length <= 0:
        raise ValueError(EXPECTED)
    return length
