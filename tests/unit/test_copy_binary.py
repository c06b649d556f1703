import math
import struct
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from historian.copy_binary import Rows, encode, timestamps

Reading = tuple[int, int, float, int, int, bool]


def rows_of(readings: list[Reading]) -> Rows:
    time, received, value, series, quality, backfill = zip(*readings, strict=True) if readings else ((),) * 6
    return Rows(
        np.array(time, np.int64),
        np.array(received, np.int64),
        np.array(value, np.float64),
        np.array(series, np.int32),
        np.array(quality, np.uint8),
        np.array(backfill, np.bool_),
    )


def fields_of(stream: bytes) -> list[list[bytes | None]]:
    """The tuples of a binary COPY stream, read field by field as PostgreSQL's documentation says."""
    assert stream[:19] == b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
    at, tuples = 19, []
    while (count := struct.unpack_from(">h", stream, at)[0]) != -1:
        at += 2
        fields: list[bytes | None] = []
        for _ in range(count):
            (size,) = struct.unpack_from(">i", stream, at)
            at += 4
            fields.append(None if size == -1 else stream[at : at + size])
            at += max(size, 0)
        tuples.append(fields)
    assert at + 2 == len(stream)
    return tuples


YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)
MS = st.integers(-62_135_596_800_000, 253_402_300_799_999)  # the years 1 to 9999
READING = st.tuples(
    MS, MS, st.floats(allow_nan=True), st.integers(0, 2**31 - 1), st.integers(0, 2), st.booleans()
)  # fmt: skip


@given(st.lists(READING, max_size=30))
def test_every_row_is_a_tuple_of_six_fields_with_its_values(readings: list[Reading]) -> None:
    for (time, received, value, series, quality, backfill), fields in zip(
        readings, fields_of(encode(rows_of(readings))), strict=True
    ):
        for ms, field in ((time, fields[0]), (received, fields[1])):
            assert field is not None
            since_2000 = timedelta(microseconds=struct.unpack(">q", field)[0])
            assert YEAR_2000 + since_2000 == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
        assert fields[2] == (struct.pack(">d", value) if math.isfinite(value) else None)
        assert fields[3:] == [struct.pack(">i", series), struct.pack(">h", quality), struct.pack(">?", backfill)]


def test_times_postgresql_cannot_hold_are_its_infinities() -> None:
    ends = np.array([-(2**63), -210_866_803_200_001, -210_866_803_200_000, 0, 9_224_318_015_999_999, 2**62])
    low, high = -(2**63), 2**63 - 1
    first, newest = -211_813_488_000_000_000, 9_223_371_331_199_999_000
    assert timestamps(ends).tolist() == [low, low, first, -946_684_800_000_000, newest, high]
