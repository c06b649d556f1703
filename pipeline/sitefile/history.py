"""How long the history is kept, as written -> `pipeline.site.History`. It deletes nothing."""

from __future__ import annotations

from typing import Any

from pipeline.site import History
from pipeline.sitefile.context import Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.scalars import duration_text
from pipeline.sitefile.tree import Mapping
from pipeline.sitefile.written_site import HistoryWritten

LEAST_MS = 30 * 86_400_000
"""What a plant with major hazards has to keep (GB 17681: 30 days of readings)."""


def read_history(raw: Any, context: Context) -> History:
    """The section `history`; with faults, the defaults."""
    if not isinstance(raw, Mapping):
        return History()
    spec = checked(HistoryWritten, raw, raw.mark, context.faults)
    if spec is None:
        return History()
    if spec.readings < LEAST_MS:
        context.faults.add(raw.marks["readings"], duration_text(spec.readings), "at least 30d")
    minutes = spec.readings_1m
    if minutes < spec.readings:
        if "readings_1m" in raw:
            expected = f"at least {duration_text(spec.readings)}, as long as the readings"
            context.faults.add(raw.marks["readings_1m"], duration_text(minutes), expected)
        minutes = spec.readings
    return History(readings_ms=spec.readings, minutes_ms=minutes)
