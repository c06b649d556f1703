"""Which readings go into the big table and which beside it: those of odd times would break it up. Pure.

A device whose clock is wild stamps each reading with a day of its own; in the big table each of those days would be
a chunk. It does not change any reading.
"""

from __future__ import annotations

import numpy as np

from historian.copy_binary import END_MS, FIRST_MS, Rows

LATE_MS = 30 * 86_400_000
"""Later than this is odd: at most this much of the big table is ever written to. Migration 0005 has the same figure."""


def parted(rows: Rows, horizon: int | None) -> tuple[Rows, Rows]:
    """The rows for the big table, and the odd ones: late by LATE_MS, from before the horizon, of no calendar's time."""
    odd = (rows.time < rows.received - LATE_MS) | (rows.time < FIRST_MS) | (rows.time >= END_MS)
    if horizon is not None:
        odd |= rows.time < horizon
    if not odd.any():
        return rows, rows.chosen(np.zeros(0, np.intp))
    return rows.chosen(np.flatnonzero(~odd)), rows.chosen(np.flatnonzero(odd))
