"""The time left until a limit is reached, as the note of a time_to_limit alarm's event carries it. Words for people are
in alerting.texts.
"""

from __future__ import annotations

import math
import re

_NOTE = re.compile(r"time left ([0-9]{1,12}) s\Z")
_HALF = 0.5 - 1e-6
"""Seconds; a hair less than half, so that a fit's rounding error does not decide at half a second."""


def note_of(left_ms: float) -> str:
    """`time left 680 s`: whole seconds, not less than 0."""
    return f"time left {max(0, math.floor(left_ms / 1000 + _HALF))} s"


def left_of(note: str | None) -> int | None:
    """Milliseconds, of such a note; None for any other."""
    found = _NOTE.match(note or "")
    return None if found is None else 1000 * int(found[1])
