"""Lengths of time as people type them (30min, 8h) -> milliseconds; the words are those of the site file."""

from __future__ import annotations

EXPECTED = "a length of time such as 500ms, 90s, 30min, 8h, 2d"


def duration_ms(text: str) -> int:
    """Milliseconds, greater than 0. Raises ValueError with what was expected."""
    from pipeline.sitefile import scalars  # heavy, and --help must be there at once  # noqa: PLC0415

    length = scalars.duration_ms(text.strip())
    if not length:
        raise ValueError(EXPECTED)
    return length
