"""Recorded files: what is read, in which order, and everything that can be wrong with them."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazardwatch.readings_files import read_readings
from hazardwatch.recorded_faults import BadRecording, Faults
from pipeline.errors import ConfigError
from pipeline.model import NO_STAMP, Quality
from pipeline.records import encode_block
from pipeline.site import Installation, Point, Site, Text

NAME = Text(en="x", zh="x")


def level(id_: str, **more: Any) -> Point:
    return Point(id=id_, name=NAME, quantity="level", unit="m", **more)


SITE = Site(
    id="s",
    name=NAME,
    installations=(
        Installation(
            id="TF1",
            name=NAME,
            points=(
                level("A"),
                level("B"),
                level("off", enabled=False),
                Point(id="S", name=NAME, quantity="state", unit="", states={0.0: "tripped", 1.0: "healthy"}),
            ),
        ),
        Installation(id="TF2", name=NAME, points=(level("A"),)),
    ),
)
T0 = 1_763_800_000_000


def iso(ms: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat()


def record_list(*files: Path) -> list[tuple[int, str, list[tuple[str, int, float | None, int]]]]:
    faults = Faults()
    readings = read_readings(files, SITE, faults)
    faults.raise_if_any()
    return [
        (
            received,
            home,
            [
                (block.points[i], int(stamp), None if math.isnan(value) else float(value), int(flags))
                for i, stamp, value, flags in zip(block.index, block.stamp, block.value, block.flags, strict=True)
            ],
        )
        for received, home, block in readings.blocks()
    ]


def fault_texts(*files: Path) -> list[str]:
    faults = Faults()
    read_readings(files, SITE, faults)
    with pytest.raises(BadRecording) as caught:
        faults.raise_if_any()
    assert caught.value.count >= len(caught.value.faults)
    return [str(fault).partition(":")[2] for fault in caught.value.faults]


def write(folder: Path, text: str, name: str = "r.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_rows_of_one_installation_and_time_are_one_record(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"time,installation,point,value,quality\n{T0},TF1,B,2,bad\n{T0},TF2,A,3,\n"
        f"{T0},TF1,A,1.5,uncertain\n{T0 + 1},TF1,A,,good\n",
    )
    assert record_list(file) == [
        (T0, "TF1", [("B", T0, 2.0, Quality.BAD), ("A", T0, 1.5, Quality.UNCERTAIN)]),
        (T0, "TF2", [("A", T0, 3.0, Quality.GOOD)]),
        (T0 + 1, "TF1", [("A", T0 + 1, None, Quality.GOOD)]),
    ]


def test_received_time_orders_rows_of_all_files_and_equal_times_keep_their_order(tmp_path: Path) -> None:
    one = write(
        tmp_path, f"received,time,installation,point,value\n{T0 + 9},{T0},TF1,A,1\n,{T0 + 5},TF1,A,2\n", "1.csv"
    )
    two = write(tmp_path, f"time,installation,point,value\n{T0 + 9},TF1,A,3\n{T0 + 5},TF1,B,4\n", "2.csv")
    assert record_list(one, two) == [
        (T0 + 5, "TF1", [("A", T0 + 5, 2.0, 0), ("B", T0 + 5, 4.0, 0)]),
        (T0 + 9, "TF1", [("A", T0, 1.0, 0), ("A", T0 + 9, 3.0, 0)]),
    ]


@pytest.mark.parametrize(
    "written",
    [
        str(T0),
        f"{T0}.999",
        "1.7638E+12",
        "2025-11-22T08:26:40Z",
        "2025-11-22t08:26:40.000999999z",
        "2025-11-22 16:26:40.0009+08:00",
        "20251122T082640Z",
    ],
)
def test_times_are_iso_with_zone_or_epoch_ms_and_finer_parts_are_cut(tmp_path: Path, written: str) -> None:
    [(received, _, [(_, stamp, _, _)])] = record_list(
        write(tmp_path, f"time,installation,point,value\n{written},TF1,A,1\n")
    )
    assert (received, stamp) == (T0, T0)


def test_a_row_without_a_time_but_received_has_no_stamp(tmp_path: Path) -> None:
    file = write(tmp_path, f"time,installation,point,value,received\n,TF1,A,1,{T0}\n")
    assert record_list(file) == [(T0, "TF1", [("A", 0, 1.0, NO_STAMP)])]


@pytest.mark.parametrize("written", ["", "NaN", "nan", "inf", "-Infinity", "1e999"])
def test_nothing_nan_and_infinity_are_null(tmp_path: Path, written: str) -> None:
    [(_, _, [(_, _, value, flags)])] = record_list(
        write(tmp_path, f"time,installation,point,value\n{T0},TF1,A,{written}\n")
    )
    assert (value, flags) == (None, Quality.GOOD)


@pytest.mark.parametrize(
    ("written", "value"), [("tripped", 0.0), ("healthy", 1.0), ("true", 1.0), ("False", 0.0), ("1", 1.0), ("", None)]
)
def test_a_state_point_takes_names_of_states_and_truth_values(tmp_path: Path, written: str, value: float) -> None:
    [(_, _, [reading])] = record_list(write(tmp_path, f"time,installation,point,value\n{T0},TF1,S,{written}\n"))
    assert reading == ("S", T0, value, 0)


def test_json_lines_take_the_same_names_and_json_types(tmp_path: Path) -> None:
    lines = [
        {"time": T0 + 0.75, "installation": "TF1", "point": "A", "value": 1, "quality": "bad"},
        {"time": iso(T0), "installation": "TF1", "point": "B", "value": None},
        {"time": T0, "installation": "TF1", "point": "S", "value": True, "quality": None},
        {"time": None, "installation": "TF1", "point": "A", "value": float("nan"), "received": T0},
    ]
    file = write(tmp_path, "\n".join(map(json.dumps, lines)) + "\n\n", "r.jsonl")
    assert record_list(file) == [
        (T0, "TF1", [("A", T0, 1.0, 2), ("B", T0, None, 0), ("S", T0, 1.0, 0), ("A", 0, None, NO_STAMP)])
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_takes_timestamps_with_a_zone_of_any_unit(tmp_path: Path, unit: str) -> None:
    moment = datetime(2025, 11, 22, 16, 26, 40, tzinfo=timezone(timedelta(hours=8)))
    table = pa.table(
        {
            "time": pa.array([moment], pa.timestamp(unit, "Asia/Shanghai")),
            "installation": pa.array(["TF1"]).dictionary_encode(),
            "point": ["A"],
            "value": pa.array([1.5], pa.float32()),
        }
    )
    pq.write_table(table, tmp_path / "r.parquet")
    assert record_list(tmp_path / "r.parquet") == [(T0, "TF1", [("A", T0, 1.5, 0)])]


def test_parquet_timestamps_without_a_zone_are_refused(tmp_path: Path) -> None:
    table = pa.table(
        {"time": [datetime(2025, 1, 1)], "installation": ["TF1"], "point": ["A"], "value": [1.0]}  # noqa: DTZ001  # the fault
    )
    pq.write_table(table, tmp_path / "r.parquet")
    [text] = fault_texts(tmp_path / "r.parquet")
    assert "time: found the type timestamp" in text
    assert "zone" in text


def test_the_columns_of_the_readings_view_are_read_and_its_units_checked(tmp_path: Path) -> None:
    head = "time,installation,point,value,unit,quality,received,backfill\n"
    assert record_list(write(tmp_path, f"{head}{iso(T0)},TF1,A,1,m,good,{iso(T0 + 7)},f\n")) == [
        (T0 + 7, "TF1", [("A", T0, 1.0, 0)])
    ]
    [text] = fault_texts(write(tmp_path, f"{head}{iso(T0)},TF1,A,1,mm,good,,f\n"))
    assert text == "2: unit: found 'mm', expected m, the unit of A in the site file"


def test_all_faults_are_told_at_once_with_line_and_field(tmp_path: Path) -> None:
    rows = [
        "2026-11-22T08:00:00,TF1,A,1,good,",
        f"{T0},TF1,A,twelve,great,",
        f"{T0},TF1,A",
        f"{T0},,A,1,good,",
        f"{T0},TF1,A,true,good,yesterday",
        ",TF1,A,1_0,good,",
        f"{T0},TF1,S,broken,good,",
        "-5,TF1,A,１,,",
    ]
    file = write(tmp_path, "time,installation,point,value,quality,received\n" + "\n".join(rows) + "\n")
    told = fault_texts(file)
    assert [text.split(", expected")[0] for text in told] == [
        "2: time: found '2026-11-22T08:00:00'",
        "3: value: found 'twelve'",
        "3: quality: found 'great'",
        "4: found 3 fields",
        "5: installation: found None",
        "6: received: found 'yesterday'",
        "6: value: found 'true'",
        "7: time: found None",
        "7: value: found '1_0'",
        "8: value: found 'broken'",
        "9: time: found '-5'",
        "9: value: found '１'",
    ]
    assert told[9].endswith("a number, true, false, tripped, healthy or nothing (null)")


def test_many_faults_are_counted_and_only_the_first_told(tmp_path: Path) -> None:
    file = write(tmp_path, "time,installation,point,value\n" + f"{T0},TF1,A,x\n" * 50)
    faults = Faults()
    read_readings([file], SITE, faults)
    with pytest.raises(BadRecording, match="and 30 more") as caught:
        faults.raise_if_any()
    assert (caught.value.count, len(caught.value.faults)) == (50, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: time: found no such column"),
        ("a;b\n", "1: time: found no such column"),
        ("time,installation,point,value,qualty\n", "1: header: found 'qualty', expected quality (did you mean that?)"),
        ("time,time,installation,point,value\n", "1: time: found the column twice"),
        ('time,installation,point,value\n1,TF1,A,"2\n', "2: found unexpected end of data"),
    ],
)
def test_a_csv_file_that_is_none_says_so(tmp_path: Path, text: str, expected: str) -> None:
    assert any(told.startswith(expected) for told in fault_texts(write(tmp_path, text)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "1: found '{', expected one JSON object per line"),
        ("[1]", "1: found '[1]', expected one JSON object per line"),
        ('{"time":1,"installation":"TF1","point":"A"}', "1: value: found no such column"),
        ('{"time":true,"installation":"TF1","point":"A","value":1}', "1: time: found True"),
        (
            '{"time":1,"installation":"TF1","point":["A"],"value":1}',
            "1: point: found ['A'], expected the id of a point",
        ),
        ('{"time":1,"installation":"TF1","point":"A","value":[1]}', "1: value: found [1]"),
        ('{"time":1,"installation":"TF1","point":"A","value":1,"quality":0}', "1: quality: found 0"),
    ],
)
def test_a_json_line_that_is_none_says_so(tmp_path: Path, line: str, expected: str) -> None:
    assert any(told.startswith(expected) for told in fault_texts(write(tmp_path, line + "\n", "r.jsonl")))


@pytest.mark.parametrize("name", ["r.csv.gz", "r.jsonl.gz", "r.parquet", "r.parquet.gz"])
def test_damaged_files_are_faults(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"time,installation,point,value\n" * 100)[:40])
    assert fault_texts(tmp_path / name)


def test_a_parquet_file_damaged_inside_is_a_fault(tmp_path: Path) -> None:
    table = pa.table({"time": list(range(9)), "installation": ["TF1"] * 9, "point": ["A"] * 9, "value": [1.0] * 9})
    pq.write_table(table, tmp_path / "good.parquet")
    data = bytearray((tmp_path / "good.parquet").read_bytes())
    data[4:60] = b"\xff" * 56  # the first page, behind a footer that is whole
    (tmp_path / "r.parquet").write_bytes(data)
    assert "expected a whole" in fault_texts(tmp_path / "r.parquet")[0]


@pytest.mark.parametrize("written", ["1e999999999", "9" * 400, "1e99"])
def test_a_number_that_would_fill_the_memory_is_no_time(tmp_path: Path, written: str) -> None:
    [told] = fault_texts(write(tmp_path, f"time,installation,point,value\n{written},TF1,A,1\n"))
    assert told.startswith("2: time: found '")


@pytest.mark.parametrize("written", ["1e-999999999", "0.9999", "+0"])
def test_a_fraction_of_the_first_millisecond_is_cut(tmp_path: Path, written: str) -> None:
    assert record_list(write(tmp_path, f"time,installation,point,value\n{written},TF1,A,1\n"))[0][0] == 0


def test_bytes_that_are_no_utf_8_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(b"time,installation,point,value\n1,TF1,\xff,1\n")
    assert fault_texts(tmp_path / "r.csv") == [" found the byte 0xff, expected text in UTF-8"]


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    assert "No such file" in fault_texts(tmp_path / "absent.csv")[0]


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rename"):
        read_readings([write(tmp_path, "", "r.xlsx")], SITE, Faults())


def test_rows_of_points_that_are_not_judged_are_left_out_with_a_warning(tmp_path: Path) -> None:
    rows = f"{T0},TF1,A,1\n{T0},TF1,off,1\n{T0},TF1,AA,x\n{T0},TF9,A,1\n{T0},TF9,A,1\n"
    readings = read_readings(
        [write(tmp_path, "time,installation,point,value,comment\n" + rows.replace("\n", ",c\n"))], SITE, Faults()
    )
    assert len(readings) == 1
    told = "\n".join(readings.warnings)
    assert "not read: the columns comment" in told
    assert "1 rows of TF1/off are left out: the point is not enabled" in told
    assert "1 rows of TF1/AA are left out: the installation has no such point (did you mean A?)" in told
    assert (
        "2 rows of TF9/A are left out: the site has no such installation (did you mean TF2?)" in told or "TF1?" in told
    )


def test_a_recording_of_another_plant_is_refused(tmp_path: Path) -> None:
    [told] = fault_texts(write(tmp_path, f"time,installation,point,value\n{T0},XX,YY,1\n"))
    assert "1 rows of XX/YY are left out" in told


def test_epoch_seconds_are_warned_of(tmp_path: Path) -> None:
    readings = read_readings([write(tmp_path, "time,installation,point,value\n1763800000,TF1,A,1\n")], SITE, Faults())
    assert "not seconds" in readings.warnings[0]


def test_seconds_beside_milliseconds_are_a_fault_and_no_replay_of_fifty_years(tmp_path: Path) -> None:
    rows = f"1763800000,TF1,A,1\n{T0},TF1,A,1\n"
    [told] = fault_texts(write(tmp_path, f"time,installation,point,value\n{rows}"))
    assert "times before 1973 beside later ones" in told
    assert "not seconds" in told


def test_suffixes_in_capitals_and_blanks_behind_commas_are_read(tmp_path: Path) -> None:
    file = write(tmp_path, f"time, installation, point, value\n{T0}, TF1, A, 1\n", "R.1.CSV")
    assert record_list(file) == [(T0, "TF1", [("A", T0, 1.0, 0)])]


def test_a_header_alone_is_an_empty_recording(tmp_path: Path) -> None:
    assert record_list(write(tmp_path, "\ufefftime,installation,point,value\n")) == []


Rows = Sequence[tuple[int, str, str, float | None, str, int]]
ROWS: st.SearchStrategy[Rows] = st.lists(
    st.tuples(
        st.integers(T0, T0 + 5),
        st.sampled_from(["TF1", "TF2"]),
        st.just("A"),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["good", "uncertain", "bad"]),
        st.integers(T0, T0 + 5),
    ),
    max_size=20,
)
HEAD = ("time", "installation", "point", "value", "quality", "received")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ROWS)
def test_csv_json_lines_and_parquet_plain_and_gzip_give_the_same_blocks(tmp_path: Path, rows: Rows) -> None:
    with gzip.open(tmp_path / "r.csv.gz", "wt", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *rows])
    with (tmp_path / "r.jsonl").open("w") as stream:
        stream.writelines(json.dumps(dict(zip(HEAD, (iso(row[0]), *row[1:]), strict=True))) + "\n" for row in rows)
    schema = pa.schema(
        zip(
            HEAD,
            (pa.timestamp("ms", "UTC"), pa.string(), pa.string(), pa.float64(), pa.string(), pa.int64()),
            strict=True,
        )
    )
    pq.write_table(
        pa.Table.from_pylist([dict(zip(HEAD, row, strict=True)) for row in rows], schema), tmp_path / "r.parquet"
    )
    read = [
        [
            (received, home, encode_block(block))
            for received, home, block in read_readings([file], SITE, Faults()).blocks()
        ]
        for file in (tmp_path / "r.csv.gz", tmp_path / "r.jsonl", tmp_path / "r.parquet")
    ]
    assert read[0] == read[1] == read[2]
    assert sum(len(one[2]) for one in record_list(tmp_path / "r.jsonl")) == len(rows)
