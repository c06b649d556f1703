"""The quick way through a big recording: where it takes a file, it takes it exactly as going row by row does."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hazardwatch import readings_files
from hazardwatch.recorded_columns import Columns
from hazardwatch.recorded_faults import Faults
from hazardwatch.recorded_plain import OddError, packed
from hazardwatch.recorded_rows import Source
from tests.unit.test_readings_files import SITE, T0, record_list

TIMES = ("", f"{T0}", f"{T0 + 7}", "2026-11-22T08:00:00+08:00", "2026-11-22T08:00:00.123456Z", "1969-12-31T23:00:00Z",
         "2026-11-22 08:00:00Z", "0x10", "-5", "1763800000000.5", "253402300800000", "soon", "٣")  # fmt: skip
VALUES = ("1", "-2.5e3", "", "nan", "inf", "1e400", " 7", "0x1", "tripped", "true", '"3"', "x")
QUALITIES = ("", "good", "uncertain", "bad", "so-so", "GOOD")
NAMES = ("TF1", "TF2", "TF9", "", " TF1", '"TF1"')
POINTS = ("A", "B", "S", "off", "gone", "", '"A"', " A")
UNITS = ("", "m", "mm")
ROW = st.tuples(*map(st.sampled_from, (TIMES, NAMES, POINTS, VALUES, QUALITIES, TIMES, UNITS)))
PLAIN = (f"{T0}", "TF1", "A", "1", "", "", "m")
HEADER = "time,installation,point,value,quality,received,unit"


def row_by_row(file: Path) -> tuple[Columns, Faults]:
    columns, faults = Columns(SITE, Faults()), Faults()
    for row in Source(file, faults).rows():
        columns.add(file, row)
    return columns, faults


def same(one: Columns, other: Columns) -> bool:
    whole = all(getattr(one, name) == getattr(other, name) for name in ("code", "received", "stamp", "flags"))
    return (
        whole
        and one.left_out == other.left_out
        and np.array_equal(np.array(one.value), np.array(other.value), equal_nan=True)
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.one_of(st.just(PLAIN), ROW), min_size=1, max_size=4))
@example(rows=[PLAIN, ("", "TF2", "A", "inf", "bad", f"{T0 + 9}", "")])
@example(rows=[PLAIN, (f"{T0}", "TF1", "gone", "1", "", "", ""), (f"{T0}", "TF1", "off", "1", "", "", "")])
def test_what_is_read_quickly_is_read_as_row_by_row(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    file = tmp_path / "r.csv"
    file.write_text("\n".join([HEADER, *map(",".join, rows)]) + "\n", "utf-8")
    quick = Columns(SITE, Faults())
    try:
        quick.add_packed(packed(io.BytesIO(file.read_bytes()), quick))
    except OddError:
        return
    slow, faults = row_by_row(file)
    assert faults.count == 0
    assert same(quick, slow)


@pytest.mark.parametrize(
    "text",
    [
        f"{T0},TF1,A,1,good,{T0 + 5},m",
        f"{T0},TF1,A,,bad,,",
        "2026-11-22T08:00:00.123+08:00,TF1,A,1.5,,2026-11-22T00:00:01Z,m",
        f"{T0},TF1,gone,1,,,",
        f",TF2,A,nan,uncertain,{T0},",
    ],
)
def test_an_ordinary_row_is_read_quickly(text: str) -> None:
    columns = Columns(SITE, Faults())
    read = packed(io.BytesIO(f"{HEADER}\n{text}\n".encode()), columns)
    assert sum(map(len, read.code)) + read.left_out.total() == 1


def test_a_big_file_gives_the_same_records_either_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "r.csv"
    lines = [f"{T0 + n // 3},TF1,{'ABS'[n % 3]},{math.sin(n):.4f},{'good' if n % 7 else 'bad'}" for n in range(500)]
    file.write_text("time,installation,point,value,quality\n" + "\n".join(lines) + "\n", "utf-8")
    slow = record_list(file)
    monkeypatch.setattr(readings_files, "WORTH_IT", 0)
    monkeypatch.setattr(Source, "rows", None)  # nobody goes row by row
    assert record_list(file) == slow
    assert len(slow) == 167
