"""`--for` and `--until` as typed -> milliseconds, with typer's way of refusing."""

from __future__ import annotations

import typer

from hazardwatch.durations import EXPECTED, duration_ms


def length_ms(text: str | None, flag: str = "--for") -> int | None:
    """None stays None. Raises typer.BadParameter."""
    if text is None:
        return None
    try:
        return duration_ms(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not {EXPECTED}", param_hint=flag) from None
