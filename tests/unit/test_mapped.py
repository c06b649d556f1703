"""Other people's payloads: + levels, field paths, quality maps, times, lists; each fault with its word."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from ingest.reading import Refusals
from ingest.routes import Routes
from pipeline.model import NO_STAMP
from pipeline.site import Source, SourceReadings
from tests.ingest_parts import site

LEGACY = Source(
    topic="legacy/+/+/telemetry",
    time="ts",
    readings=SourceReadings(installation="{1}", point="{2}", value="data.pv", quality="data.q"),
    quality_map={"192": "good", "64": "uncertain", "0": "bad", "poor": "bad", "1.5": "bad"},
)
Row = tuple[str, int, float | None, int]


def read(source: Source, topic: str, payload: object) -> tuple[list[Row], list[tuple[str, str]]]:
    routes = Routes(site(sources=[source]))
    refusals: Refusals = []
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    for again in range(2):  # the second time the topic is remembered
        refusals.clear()
        for columns in routes.columns.values():
            columns.take_blocks()
        reader = routes.table.get(topic.encode()) if again else routes.find(topic.encode())
        (reader or routes.find(topic.encode()))(data, 0, refusals)
    rows: list[Row] = []
    for columns in routes.columns.values():
        for b in columns.take_blocks():
            found = zip(b.index, b.stamp.tolist(), b.value.tolist(), b.flags.tolist(), strict=True)
            rows += [
                (f"{columns.installation}/{b.points[i]}", t, None if math.isnan(v) else v, f) for i, t, v, f in found
            ]
    return rows, [(one.reason, one.detail) for one in refusals]


@pytest.mark.parametrize(("quality", "flag"), [(192, 0), (64, 1), (0, 2), ("poor", 2), ("192", 0), (1.5, 2), (None, 0)])
def test_levels_paths_time_and_quality_are_found(quality: object, flag: int) -> None:
    payload = {"ts": 1795305600123, "data": {"pv": 1.25, "q": quality}}
    assert read(LEGACY, "legacy/TF1/LT-101/telemetry", payload) == ([("TF1/LT-101", 1795305600123, 1.25, flag)], [])


def test_iso_time_absent_time_and_absent_quality() -> None:
    iso = {"ts": "2026-11-22T08:00:00.123+08:00", "data": {"pv": 1}}
    assert read(LEGACY, "legacy/TF2/LT-101/telemetry", iso) == ([("TF2/LT-101", 1795305600123, 1.0, 0)], [])
    assert read(LEGACY, "legacy/TF1/LT-101/telemetry", {"data": {"pv": 1}})[0] == [("TF1/LT-101", 0, 1.0, NO_STAMP)]


def test_aliases_raw_scaling_states_and_missing_values_are_as_on_native_topics() -> None:
    assert read(LEGACY, "legacy/TF1/2PI-1101/telemetry", {"data": {"pv": 12}})[0] == [("TF1/PT-101", 0, 10.0, NO_STAMP)]
    assert read(LEGACY, "legacy/TF1/LSHH-101/telemetry", {"data": {"pv": "tripped"}})[0][0][2] == 0.0
    assert read(LEGACY, "legacy/TF1/LT-101/telemetry", {"data": {"pv": None}})[0][0][2] is None
    assert read(LEGACY, "legacy/TF1/LT-101/telemetry", b'{"data":{"pv":NaN}}')[0][0][2] is None


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("legacy/TF1/LT-101/telemetry", b"{", "not_json"),
        ("legacy/TF1/LT-101/telemetry", {"data": {}}, "no_value"),
        ("legacy/TF1/LT-101/telemetry", {"data": 5}, "no_value"),
        ("legacy/TF1/LT-101/telemetry", [], "no_value"),
        ("legacy/TF1/LT-101/telemetry", {"data": {"pv": "x"}}, "wrong_type"),
        ("legacy/TF1/LT-101/telemetry", {"data": {"pv": 1, "q": 7}}, "unknown_quality"),
        ("legacy/TF1/LT-101/telemetry", {"ts": "2026-11-22T08:00:00", "data": {"pv": 1}}, "no_zone"),
        ("legacy/TF1/LT-999/telemetry", {"data": {"pv": 1}}, "unknown_point"),
        ("legacy/TF1/TT-109/telemetry", {"data": {"pv": 1}}, "disabled_point"),
        ("legacy/TF9/LT-101/telemetry", {"data": {"pv": 1}}, "unknown_installation"),
        ("legacy/TF1/LT-101/other", {"data": {"pv": 1}}, "unknown_topic"),
        ("legacy/TF1/x/LT-101/telemetry", {"data": {"pv": 1}}, "unknown_topic"),
    ],
)
def test_each_fault_has_its_word(topic: str, payload: object, reason: str) -> None:
    rows, refusals = read(LEGACY, topic, payload)
    assert (rows, [one[0] for one in refusals]) == ([], [reason])


def test_a_list_of_readings_with_names_in_the_payload() -> None:
    source = Source(
        topic="plc/#",
        each="tags",
        time="at",
        readings=SourceReadings(installation="TF1", point="id", value="v.0"),
    )
    payload: dict[str, Any] = {
        "at": 5, "tags": [{"id": "LT-101", "v": [1]}, {"id": "no", "v": [2]}, {"id": "TT-101", "v": [3], "at": 6}],
    }  # fmt: skip
    rows, refusals = read(source, "plc/7/x", payload)
    assert rows == [("TF1/LT-101", 5, 1.0, 0), ("TF1/TT-101", 6, 3.0, 0)]
    assert refusals == [("unknown_point", "1: 'no' is no point here")]
    assert read(source, "plc", {"tags": 1})[1][0][0] == "wrong_shape"


def test_a_bare_value_of_a_fixed_point() -> None:
    source = Source(topic="old/level", readings=SourceReadings(installation="TF1", point="LT-101", value="."))
    assert read(source, "old/level", 7)[0] == [("TF1/LT-101", 0, 7.0, NO_STAMP)]


def test_native_topics_need_no_source_and_come_first() -> None:
    source = Source(topic="#", readings=SourceReadings(installation="TF2", point="LT-101", value="."))
    routes = Routes(site(sources=[source]))
    routes.table[b"hazardwatch/v1/TF1/LT-101"](b"1", 0, [])
    assert [len(routes.columns[one]) for one in ("TF1", "TF2")] == [1, 0]
    assert routes.knows(b"whatever")
    assert not Routes(site()).knows(b"whatever")
