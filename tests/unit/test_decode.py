"""The payload forms of the contract, and their agreement with a slow reference written from its words."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BeforeValidator, Field, StrictFloat, TypeAdapter, ValidationError

from ingest.reading import LATEST_MS, Refusals, stamp_of
from ingest.routes import Routes
from pipeline.model import NO_STAMP, RETAINED
from tests.ingest_parts import POINTS, site

Row = tuple[str, int, float | None, int]


def read(topic: str, payload: bytes | str, flags: int = 0) -> tuple[list[Row], list[tuple[str, str]]]:
    """(readings, (reason, detail) of refusals) of one message through the real tables."""
    routes = Routes(site())
    refusals: Refusals = []
    data = payload.encode() if isinstance(payload, str) else payload
    reader = routes.table.get(topic.encode()) or routes.find(topic.encode())
    added = reader(data, flags, refusals)
    rows: list[Row] = []
    for columns in routes.columns.values():
        for b in columns.take_blocks():
            values = [None if math.isnan(value) else value for value in b.value.tolist()]
            ids = [b.points[i] for i in b.index]
            rows += zip(ids, b.stamp.tolist(), values, b.flags.tolist(), strict=True)
    assert added == len(rows)
    return rows, [(one.reason, one.detail) for one in refusals]


def level(payload: bytes | str) -> tuple[list[Row], list[str]]:
    rows, refusals = read("hazardwatch/v1/TF1/LT-101", payload)
    return rows, [reason for reason, _ in refusals]


def batch(payload: object) -> tuple[list[Row], list[tuple[str, str]]]:
    return read("hazardwatch/v1/TF1", json.dumps(payload))


@pytest.mark.parametrize(
    "payload", ["12.3", " 12.3 ", "12.3\n", '{"value":12.3}', '{"value":12.3,"time":null}', "1.23e1"]
)
def test_a_number_alone_or_in_an_object_is_a_reading_without_a_stamp(payload: str) -> None:
    assert level(payload) == ([("LT-101", 0, 12.3, NO_STAMP)], [])


@pytest.mark.parametrize(
    "time",
    ['"2026-11-22T08:00:00.123+08:00"', '"2026-11-22T00:00:00.123Z"', "1795305600123", "1795305600123.9",
     '"2026-11-22T00:00:00.123999999Z"', '"2026-11-22 00:00:00,123Z"', '"20261122T000000.123Z"'],
)  # fmt: skip
def test_a_time_is_iso_8601_with_a_zone_or_epoch_ms_and_finer_parts_are_cut(time: str) -> None:
    assert level(f'{{"value":1,"time":{time}}}') == ([("LT-101", 1795305600123, 1.0, 0)], [])


@pytest.mark.parametrize(("word", "flag"), [("good", 0), ("uncertain", 1), ("bad", 2)])
def test_quality_words_become_flags(word: str, flag: int) -> None:
    assert level(f'{{"value":1,"time":5,"quality":"{word}"}}') == ([("LT-101", 5, 1.0, flag)], [])


@pytest.mark.parametrize(
    "payload", ["null", "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "nan", "-nan", "inf"]
)
def test_a_missing_or_infinite_value_is_a_bad_sample_and_no_refusal(payload: str) -> None:
    assert level(payload) == ([("LT-101", 0, None, NO_STAMP)], [])


@pytest.mark.parametrize("value", ["null", "NaN", "Infinity", "1e999"])
def test_a_missing_value_in_an_object_is_a_bad_sample_with_its_time(value: str) -> None:
    assert level(f'{{"value":{value},"time":5}}') == ([("LT-101", 5, None, 0)], [])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "empty"),
        ("12,3", "not_json"),
        ("1_000", "not_json"),
        ("+5", "not_json"),
        ("0x10", "not_json"),
        ("{", "not_json"),
        (b"\xff\xfe1", "not_json"),
        ("[" * 100_000, "not_json"),
        ("tripped", "not_json"),
        ("true", "wrong_type"),
        ('"12.3"', "wrong_type"),
        ('"NaN"', "wrong_type"),
        ("[1]", "wrong_type"),
        ("{}", "no_value"),
        ('{"value":"12"}', "wrong_type"),
        ('{"value":true}', "wrong_type"),
        ('{"value":{}}', "wrong_type"),
        ('{"value":1,"quality":"GOOD"}', "unknown_quality"),
        ('{"value":1,"quality":192}', "unknown_quality"),
        ('{"value":1,"quality":[]}', "unknown_quality"),
        ('{"value":1,"time":"2026-11-22T08:00:00"}', "no_zone"),
        ('{"value":1,"time":"2026-11-22"}', "no_zone"),
        ('{"value":1,"time":"yesterday"}', "bad_time"),
        ('{"value":1,"time":"1795305600123"}', "bad_time"),
        ('{"value":1,"time":true}', "wrong_type"),
        ('{"value":1,"time":[]}', "wrong_type"),
        ('{"value":1,"time":-1}', "time_out_of_range"),
        ('{"value":1,"time":1e300}', "time_out_of_range"),
        ('{"value":1,"time":NaN}', "time_out_of_range"),
        ('{"value":1,"time":Infinity}', "time_out_of_range"),
        ('{"value":1,"time":"1969-12-31T23:59:59Z"}', "time_out_of_range"),
        ('{"value":1,"time":"0001-01-01T00:00:00+14:00"}', "time_out_of_range"),
        ('{"value":1,"time":"9999-12-31T23:59:59-14:00"}', "time_out_of_range"),
    ],
)
def test_anything_else_is_refused_with_its_word(payload: str | bytes, reason: str) -> None:
    assert level(payload) == ([], [reason])


def test_the_first_and_last_stamps_that_are_taken() -> None:
    assert stamp_of(0.0) == 0
    assert stamp_of(float(LATEST_MS - 1)) == LATEST_MS - 1
    assert datetime.fromtimestamp(LATEST_MS / 1000, UTC).isoformat() == "2100-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("hazardwatch/v1/TF1/LT-999", "unknown_point"),
        ("hazardwatch/v1/TF1/LT-101/x", "unknown_point"),
        ("hazardwatch/v1/TF1/", "unknown_point"),
        ("hazardwatch/v1/TF9/LT-101", "unknown_installation"),
        ("hazardwatch/v1/TF9", "unknown_installation"),
        ("hazardwatch/v1/SYSTEM/blind", "unknown_installation"),
        ("hazardwatch/v2/TF1/LT-101", "unknown_topic"),
        ("other", "unknown_topic"),
        ("hazardwatch/v1/TF1/TT-109", "disabled_point"),
    ],
)
def test_a_topic_that_is_nobodys_is_refused(topic: str, reason: str) -> None:
    rows, refusals = read(topic, "1")
    assert (rows, [one[0] for one in refusals]) == ([], [reason])


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        ("true", 1.0),
        ("false", 0.0),
        ('"tripped"', 0.0),
        ('{"value":"healthy"}', 1.0),
        ("1", 1.0),
        ('{"value":true}', 1.0),
    ],
)
def test_a_state_point_also_takes_booleans_and_the_names_of_its_states(payload: str, value: float) -> None:
    assert read("hazardwatch/v1/TF1/LSHH-101", payload) == ([("LSHH-101", 0, value, NO_STAMP)], [])


def test_a_name_that_is_no_state_is_refused_with_the_names_there_are() -> None:
    _, refusals = read("hazardwatch/v1/TF1/LSHH-101", '"Tripped"')
    assert refusals == [("unknown_state", "'Tripped' is none of tripped, healthy")]


@pytest.mark.parametrize(("sent", "value"), [(4, 0.0), (20, 20.0), (12, 10.0), (3.8, -0.25), (20.5, 20.625)])
def test_raw_values_are_scaled_to_the_unit(sent: float, value: float) -> None:
    ((_, _, found, _),), refusals = read("hazardwatch/v1/TF1/PT-101", str(sent))
    assert found == pytest.approx(value, abs=1e-12)
    assert refusals == []


def test_an_alias_stands_for_its_point_in_topics_and_in_batches() -> None:
    assert read("hazardwatch/v1/TF1/2PI-1101", "12")[0] == [("PT-101", 0, 10.0, NO_STAMP)]
    assert batch({"readings": [{"point": "2PI-1101", "value": 12}]})[0] == [("PT-101", 0, 10.0, NO_STAMP)]


def test_the_flags_of_the_message_are_kept() -> None:
    assert read("hazardwatch/v1/TF1/LT-101", "1", RETAINED)[0] == [("LT-101", 0, 1.0, NO_STAMP | RETAINED)]


def test_the_good_readings_of_a_batch_are_taken_and_the_bad_ones_refused_each_with_its_index() -> None:
    rows, refusals = batch({"readings": [
        {"point": "LT-101", "value": 1, "time": 5},
        {"point": "LT-999", "value": 1},
        {"point": "TT-101", "value": "warm"},
        {"value": 3},
        7,
        {"point": "LSHH-101", "value": "tripped", "quality": "uncertain"},
        {"point": "TT-109", "value": 3},
        {"point": "TT-101", "value": None, "time": 6},
    ]})  # fmt: skip
    assert rows == [
        ("LT-101", 5, 1.0, 0), ("LSHH-101", 0, 0.0, NO_STAMP | 1), ("TT-101", 6, None, 0),
    ]  # fmt: skip
    assert [(reason, detail.split(":")[0]) for reason, detail in refusals] == [
        ("unknown_point", "readings[1]"), ("wrong_type", "readings[2]"), ("no_point", "readings[3]"),
        ("wrong_type", "readings[4]"), ("disabled_point", "readings[6]"),
    ]  # fmt: skip


def test_the_refused_part_of_a_batch_is_kept_as_it_was_sent() -> None:
    refusals: Refusals = []
    sent = [{"point": "LT-999", "value": None}, {"point": "TT-109", "value": 1.5, "time": 5, "quality": "bad"}]
    Routes(site()).table[b"hazardwatch/v1/TF1"](json.dumps({"readings": sent}).encode(), 0, refusals)
    assert [json.loads(one.part or b"") for one in refusals] == sent


def test_columns_are_one_row_of_values_per_point_and_null_is_no_reading() -> None:
    rows, refusals = batch({"points": ["LT-101", "PT-101"], "times": [5, 6], "values": [[1, 2], [12, None]]})
    assert rows == [("LT-101", 5, 1.0, 0), ("LT-101", 6, 2.0, 0), ("PT-101", 5, 10.0, 0)]
    assert refusals == []


def test_in_columns_nan_is_a_bad_sample_and_null_is_none() -> None:
    payload = '{"points":["LT-101"],"times":[5,6,7,null],"values":[[NaN,null,1e999,4]]}'
    assert read("hazardwatch/v1/TF1", payload) == (
        [("LT-101", 5, None, 0), ("LT-101", 7, None, 0), ("LT-101", 0, 4.0, NO_STAMP)], [],
    )  # fmt: skip


def test_the_bad_parts_of_columns_are_refused_each_with_its_place() -> None:
    rows, refusals = batch({
        "points": ["LT-101", "LT-999", "TT-101", "LSHH-101", "TT-109"],
        "times": [5, "noon", 7],
        "values": [[1, 2, 3], [1, 2, 3], [1, 2], [True, False, "broken"], [1, 2, 3]],
    })  # fmt: skip
    assert rows == [("LT-101", 5, 1.0, 0), ("LT-101", 7, 3.0, 0), ("LSHH-101", 5, 1.0, 0)]
    assert [(reason, detail.split(":")[0]) for reason, detail in refusals] == [
        ("bad_time", "times[1]"), ("unknown_point", "points[1]"), ("wrong_shape", "points[2]"),
        ("unknown_state", "values[3][2]"), ("disabled_point", "points[4]"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (5, "wrong_type"),
        ([], "wrong_type"),
        ({}, "wrong_shape"),
        ({"readings": {}}, "wrong_shape"),
        ({"readings": [], "points": []}, "wrong_shape"),
        ({"points": ["LT-101"], "times": [1]}, "wrong_shape"),
        ({"points": ["LT-101"], "times": [1], "values": []}, "wrong_shape"),
        ({"points": ["LT-101"], "times": 1, "values": [[1]]}, "wrong_shape"),
    ],
)
def test_a_batch_of_another_shape_is_refused_whole(payload: object, reason: str) -> None:
    rows, refusals = batch(payload)
    assert (rows, [one[0] for one in refusals]) == ([], [reason])


# The slow reference: json and pydantic, one reading at a time.


def _truly_number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true is no number")  # noqa: TRY004  # what pydantic turns into a ValidationError
    return math.nan if value is None else value


Number = Annotated[StrictFloat, BeforeValidator(_truly_number)]
_number = TypeAdapter(Number)
_zoned = TypeAdapter(AwareDatetime)
_quality = TypeAdapter(Annotated[str, Field(pattern="^(good|uncertain|bad)$")])
_by_name = {name: point for point in POINTS for name in (point.id, point.alias) if name and point.enabled}


def expected(point: str, reading: Any) -> Row | None:
    """What the contract makes of one reading; None: refused."""
    known = _by_name.get(point)
    if known is None or not isinstance(reading, dict) or "value" not in reading:
        return None
    value, time, quality = reading["value"], reading.get("time"), reading.get("quality")
    try:
        if known.states and isinstance(value, bool | str):
            number = float(value) if isinstance(value, bool) else {v: k for k, v in known.states.items()}[value]
        else:
            number = _number.validate_python(value)
        flags = 0 if quality is None else ["good", "uncertain", "bad"].index(_quality.validate_python(quality))
        stamp = _expected_stamp(time)
    except (ValidationError, KeyError):
        return None
    if known.raw:
        number = (number - 4) * 20 / 16
    if stamp is None and time is not None:
        return None
    return known.id, stamp or 0, number if math.isfinite(number) else None, flags | (NO_STAMP if time is None else 0)


def _expected_stamp(time: object) -> int | None:
    if time is None:
        return None
    if isinstance(time, str):
        moment = _zoned.validate_python(time)
        stamp = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000
        return math.floor(round(stamp, 3)) if 0 <= stamp < LATEST_MS else None
    number = _number.validate_python(time)
    return math.floor(number) if 0 <= number < LATEST_MS else None


numbers = st.one_of(st.floats(), st.integers(-(10**20), 10**20), st.sampled_from([1e308, -1e308, 0.1, 4, 20]))
values: st.SearchStrategy[Any] = st.one_of(
    numbers, st.none(), st.booleans(), st.sampled_from(["tripped", "healthy", "x", "1"]), st.just([])
)
EARLY, LATE = datetime(1969, 12, 31), datetime(2101, 1, 1)  # noqa: DTZ001  # hypothesis wants them naive
times = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**14), 10**14),
    st.datetimes(EARLY, LATE, timezones=st.just(UTC)).map(lambda t: t.isoformat()),
    st.sampled_from(["2026-11-22T08:00:00.123+08:00", "2026-11-22T08:00:00", "x", True, []]),
)
qualities = st.sampled_from([None, "good", "uncertain", "bad", "Good", "", 1, True])
names = st.sampled_from(["LT-101", "PT-101", "2PI-1101", "LSHH-101", "TT-109", "nobody"])
readings = st.one_of(
    st.fixed_dictionaries({"value": values}, optional={"time": times, "quality": qualities, "extra": values}),
    st.dictionaries(st.sampled_from(["time", "quality", "x"]), values),
)


def same(found: Row, wanted: Row) -> bool:
    near = found[2] == wanted[2] or (
        None not in (found[2], wanted[2]) and found[2] == pytest.approx(wanted[2], rel=1e-12, abs=1e-12)
    )
    return near and (found[0], found[1], found[3]) == (wanted[0], wanted[1], wanted[3])


@given(names, readings)
@settings(max_examples=600, deadline=None)
def test_an_object_on_a_point_topic_reads_as_the_reference_reads_it(point: str, reading: dict[str, Any]) -> None:
    rows, refusals = read(f"hazardwatch/v1/TF1/{point}", json.dumps(reading))
    wanted = expected(point, reading)
    if wanted is None:
        assert rows == []
        assert len(refusals) == 1
    else:
        assert same(rows[0], wanted)
        assert refusals == []


@given(names, st.one_of(values, st.just({}), st.text(max_size=3)))
@settings(max_examples=300, deadline=None)
def test_a_bare_value_reads_as_the_reference_reads_it(point: str, value: object) -> None:
    rows, refusals = read(f"hazardwatch/v1/TF1/{point}", json.dumps(value))
    wanted = None if isinstance(value, dict) else expected(point, {"value": value})
    assert [same(row, wanted) for row in rows] == [True] if wanted else rows == []
    assert len(refusals) == (wanted is None)


@given(st.lists(st.one_of(st.tuples(names, readings).map(lambda p: {**p[1], "point": p[0]}), st.just(3)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_list_of_readings_reads_as_the_reference_reads_it(sent: list[Any]) -> None:
    rows, refusals = batch({"readings": sent})
    wanted = [expected(one["point"], one) if isinstance(one, dict) else None for one in sent]
    taken = [one for one in wanted if one is not None]
    assert len(rows) == len(taken)
    assert all(map(same, rows, taken))
    assert [detail.split(":")[0] for _, detail in refusals] == [
        f"readings[{i}]" for i, w in enumerate(wanted) if w is None
    ]


@given(st.lists(names, max_size=3), st.lists(times, max_size=3), st.data())
@settings(max_examples=300, deadline=None)
def test_columns_read_as_the_reference_reads_them(points: list[str], stamps: list[Any], data: st.DataObject) -> None:
    row = st.lists(values, min_size=len(stamps), max_size=len(stamps))
    cells = data.draw(st.lists(row, min_size=len(points), max_size=len(points)))
    rows, _ = batch({"points": points, "times": stamps, "values": cells})
    wanted = [
        expected(point, {"value": value, "time": stamp})
        for point, line in zip(points, cells, strict=True)
        for value, stamp in zip(line, stamps, strict=True)
        if value is not None
    ]
    taken = [one for one in wanted if one is not None]
    assert len(rows) == len(taken)
    assert all(map(same, rows, taken))


@given(st.binary(max_size=60), names)
@settings(max_examples=500, deadline=None)
def test_no_payload_whatever_does_more_than_one_thing_or_raises(payload: bytes, point: str) -> None:
    rows, refusals = read(f"hazardwatch/v1/TF1/{point}", payload)
    assert len(rows) + len(refusals) == 1
    read("hazardwatch/v1/TF1", payload)


def test_of_very_many_faults_in_one_message_all_are_counted_and_a_hundred_told_in_full() -> None:
    rows, refusals = batch({"readings": [0] * 5_000 + [{"point": "LT-101", "value": 1}]})
    assert rows == [("LT-101", 0, 1.0, NO_STAMP)]
    assert [reason for reason, _ in refusals] == ["wrong_type"] * 5_000
    assert refusals[99][1] == "readings[99]: 0.0 is no object"
    assert refusals[100][1] == "readings[100], one of very many in one message"
