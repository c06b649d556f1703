"""The quick way through a big CSV file of recorded readings, in which nothing is out of the ordinary.

It tells no fault: where anything at all is odd it gives the file back, and the rows go one by one (recorded_rows,
recorded_columns), which alone decide what a row means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hazardwatch.recorded_fields import END_MS, quality_of
from hazardwatch.recorded_rows import COLUMNS, IGNORED, REQUIRED
from pipeline.model import NO_STAMP

if TYPE_CHECKING:
    from hazardwatch.recorded_columns import Columns

WORTH_IT = 1_000_000
"""Bytes; below, importing Arrow takes longer than the rows do."""
_KNOWN = {*COLUMNS, *IGNORED}
_BLOCK = 1 << 23  # bytes read at a time

_Texts = Any  # an Arrow array of strings, null where the file has nothing


class OddError(Exception):
    """Something in the file wants a look row by row."""


@dataclass(slots=True)
class Packed:
    """Readings of a file in its order; columns as in `Columns`. `left_out`: rows of points that are not read."""

    code: list[NDArray[np.int32]] = field(default_factory=list)
    received: list[NDArray[np.int64]] = field(default_factory=list)
    stamp: list[NDArray[np.int64]] = field(default_factory=list)
    value: list[NDArray[np.float64]] = field(default_factory=list)
    flags: list[NDArray[np.uint8]] = field(default_factory=list)
    left_out: Counter[tuple[object, object]] = field(default_factory=Counter)


def packed(stream: IO[bytes], columns: Columns) -> Packed:
    """All readings of a CSV file, plain or unpacked already. Raises OddError, and OSError as reading does."""
    import pyarrow as pa  # heavy, and only needed for big files  # noqa: PLC0415

    found = Packed()
    try:
        for batch in _batches(stream):
            _take(batch, columns, found)
    except pa.ArrowException as error:  # a field that is no number, a row of another length, bytes that are not UTF-8
        raise OddError from error
    return found


def _batches(stream: IO[bytes]) -> Iterator[dict[str, _Texts]]:
    import pyarrow as pa  # as above  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415  # as above

    reader = csv.open_csv(
        stream,
        read_options=csv.ReadOptions(block_size=_BLOCK),
        parse_options=csv.ParseOptions(quote_char=False),  # so that a quoted field is odd
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(_KNOWN, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    names = reader.schema.names
    if not (set(names) >= set(REQUIRED) and set(names) <= _KNOWN and len(set(names)) == len(names)):
        raise OddError
    for batch in reader:
        yield {name: batch.column(name) for name in names}


def _take(batch: dict[str, _Texts], columns: Columns, found: Packed) -> None:
    code = _codes(batch, columns, found.left_out)
    stamp, no_stamp = _times(batch["time"])
    received, no_received = _times(batch["received"]) if "received" in batch else (stamp, np.ones(len(code), np.bool_))
    if (no_stamp & no_received).any():
        raise OddError
    flags = _flags(batch.get("quality"), len(code)) | np.where(no_stamp, NO_STAMP, 0).astype(np.uint8)
    read = code >= 0
    found.code.append(code[read])
    found.received.append(np.where(no_received, stamp, received)[read])
    found.stamp.append(stamp[read])
    found.value.append(_values(batch["value"])[read])
    found.flags.append(flags[read])


def _codes(batch: dict[str, _Texts], columns: Columns, left_out: Counter[tuple[object, object]]) -> NDArray[np.int32]:
    """The code of each row's point; -1 where it is not read."""
    homes, home = _distinct(batch["installation"])
    points, point = _distinct(batch["point"])
    units, unit = _distinct(batch["unit"]) if "unit" in batch else ([None], np.zeros(len(home), np.int64))
    keys, row, count = np.unique(
        (home * len(points) + point) * len(units) + unit, return_inverse=True, return_counts=True
    )
    codes = np.empty(len(keys), np.int32)
    for place, (key, times) in enumerate(zip(keys.tolist(), count.tolist(), strict=True)):
        pair, its_unit = divmod(key, len(units))
        where, named = homes[pair // len(points)], points[pair % len(points)]
        if not (_plain_name(where) and _plain_name(named)):
            raise OddError
        try:
            codes[place] = columns.code_of(where, named, units[its_unit])
        except ValueError as error:
            raise OddError from error
        if codes[place] < 0:
            left_out[where, named] += times
    return codes[row]


def _plain_name(name: str | None) -> bool:
    """Not one that the rows' own reader would take out of its quotes, or blanks before it away."""
    return name is not None and '"' not in name and name[0] != " "


def _distinct(texts: _Texts) -> tuple[list[str | None], NDArray[np.int64]]:
    """The different texts, and which of them each row has."""
    encoded = texts.dictionary_encode(null_encoding="encode")
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _times(texts: _Texts) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Epoch ms (0 where there is none), and where there is none."""
    import pyarrow as pa  # as above  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415  # as above

    none = texts.is_null().to_numpy(zero_copy_only=False)
    if pc.all(pc.utf8_is_digit(texts), min_count=0).as_py():
        times = texts.cast(pa.int64())
    else:
        times = pc.floor_temporal(texts.cast(pa.timestamp("us", "UTC")), unit="millisecond")
        times = times.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    ms = times.fill_null(0).to_numpy(zero_copy_only=False)
    if ((ms < 0) | (ms >= END_MS)).any():
        raise OddError
    return ms, none


def _values(texts: _Texts) -> NDArray[np.float64]:
    import pyarrow as pa  # as above  # noqa: PLC0415

    value = texts.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(value), value, np.nan)


def _flags(texts: _Texts | None, size: int) -> NDArray[np.uint8]:
    if texts is None:
        return np.zeros(size, np.uint8)
    names, index = _distinct(texts)
    try:
        flags = np.array([int(quality_of(name)) for name in names], np.uint8)
    except ValueError as error:
        raise OddError from error
    return flags[index]
