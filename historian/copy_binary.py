"""Readings in columns -> the bytes of PostgreSQL's binary COPY, built by numpy in one go. Pure.

Format: https://www.postgresql.org/docs/current/sql-copy.html ("Binary Format"). It knows no connection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8  # no flags, no header extension
_TRAILER = b"\xff\xff"
_EPOCH_2000_US = 946_684_800_000_000  # PostgreSQL counts microseconds from 2000-01-01 UTC
FIRST_MS = -210_866_803_200_000  # 4713-11-24 BC, PostgreSQL's earliest timestamp
END_MS = 9_224_318_016_000_000  # 294277-01-01, the first after its latest
_MINUS_INFINITY, _INFINITY = np.iinfo(np.int64).min, np.iinfo(np.int64).max

# One row as COPY wants it: the number of fields, then each field behind its length in bytes; big-endian.
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("time_size", ">i4"),
        ("time", ">i8"),
        ("received_size", ">i4"),
        ("received", ">i8"),
        ("value_size", ">i4"),
        ("value", ">f8"),
        ("series_size", ">i4"),
        ("series", ">i4"),
        ("quality_size", ">i4"),
        ("quality", ">i2"),
        ("backfill_size", ">i4"),
        ("backfill", "u1"),
    ]
)
_VALUE_AT = 2 + 12 + 12 + 4  # where in a row the 8 bytes of the value begin


@dataclass(frozen=True, slots=True)
class Rows:
    """Accepted readings as they are stored. Every column (n,).

    `time`, `received` epoch ms; `value` in the unit of the series, NaN = none; `quality` 0 good 1 uncertain 2 bad.
    """

    time: NDArray[np.int64]
    received: NDArray[np.int64]
    value: NDArray[np.float64]
    series: NDArray[np.int32]
    quality: NDArray[np.uint8]
    backfill: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)

    def chosen(self, at: NDArray[np.intp]) -> Rows:
        """Only the rows at these places."""
        return Rows(
            self.time[at], self.received[at], self.value[at], self.series[at], self.quality[at], self.backfill[at]
        )

    def numbered(self, series: NDArray[np.int32]) -> Rows:
        """The same with the series' numbers looked up: own number -> the database's."""
        return replace(self, series=series[self.series])


def timestamps(ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Epoch ms -> PostgreSQL's microseconds; what it cannot hold becomes its infinity or -infinity."""
    inside = (ms >= FIRST_MS) & (ms < END_MS)
    if inside.all():
        return ms * 1000 - _EPOCH_2000_US
    shifted = np.where(inside, ms, 0) * 1000 - _EPOCH_2000_US
    return np.where(inside, shifted, np.where(ms < 0, _MINUS_INFINITY, _INFINITY))


def encode(rows: Rows) -> bytes:
    """The whole COPY stream, for the columns time, received, value, series, quality, backfill."""
    table = np.empty(len(rows), _ROW)
    table["fields"] = 6
    for name, size in (("time", 8), ("received", 8), ("value", 8), ("series", 4), ("quality", 2), ("backfill", 1)):
        table[f"{name}_size"] = size
    table["time"] = timestamps(rows.time)
    table["received"] = timestamps(rows.received)
    table["value"] = rows.value
    table["series"] = rows.series
    table["quality"] = rows.quality
    table["backfill"] = rows.backfill
    return b"".join((_SIGNATURE, _without_nulls(table, ~np.isfinite(rows.value)), _TRAILER))


def _without_nulls(table: NDArray[np.void], null: NDArray[np.bool_]) -> bytes:
    """The rows' bytes; where `null`, the value's length is -1 and its 8 bytes are left out."""
    if not null.any():
        return table.tobytes()
    table["value_size"][null] = -1
    octets = table.view(np.uint8).reshape(len(table), _ROW.itemsize)
    kept = np.ones(octets.shape, np.bool_)
    kept[null, _VALUE_AT : _VALUE_AT + 8] = False
    return octets[kept].tobytes()
