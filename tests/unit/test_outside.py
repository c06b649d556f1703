"""The outside form of an event is a face others build on: to the letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event
from pipeline.outside import event_json, event_object, iso, ms_of

EVENT = Event(
    event_id="e1",
    seq=17,
    time=1795334405000,
    decided=1795334405120,
    alarm="TF1/LT-101/HH",
    occurrence="o1",
    event="raised",
    from_state="NORMAL",
    state="UNACK",
    priority="critical",
    value=13.21,
    setpoint=13.2,
    unit="m",
    actor=None,
    note=None,
    reason="limit",
    position=5,
    ordinal=2,
)


def test_the_object_is_the_contracts_key_for_key() -> None:
    assert event_json(EVENT).decode() == (
        '{"event_id":"e1","seq":17,"time":"2026-11-22T08:00:05.000Z","decided":"2026-11-22T08:00:05.120Z",'
        '"late_s":0.12,"alarm":"TF1/LT-101/HH","occurrence":"o1","event":"raised","from":"NORMAL","state":"UNACK",'
        '"priority":"critical","value":13.21,"setpoint":13.2,"unit":"m","actor":null,"note":null,"reason":"limit",'
        '"drill":null}'
    )


def test_where_an_event_came_from_stays_inside() -> None:
    assert "position" not in event_object(EVENT)
    assert "ordinal" not in event_object(EVENT)


def test_the_json_is_the_object() -> None:
    assert json.loads(event_json(EVENT)) == event_object(EVENT)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-22T08:00:05.000Z", 1795334405000),
        ("2026-11-22T16:00:05.123+08:00", 1795334405123),
        ("2026-11-22T08:00:05.123999Z", 1795334405123),
        ("2026-11-22T08:00:05Z", 1795334405000),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_times_with_zone_are_read_and_finer_parts_cut(text: str, ms: int) -> None:
    assert ms_of(text) == ms


@pytest.mark.parametrize("text", ["2026-11-22T08:00:05", "yesterday", ""])
def test_a_time_without_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - datetime's own words differ between versions
        ms_of(text)


@given(st.integers(min_value=-62_135_596_800_000, max_value=253_402_300_799_999))
def test_every_millisecond_comes_back(ms: int) -> None:
    assert ms_of(iso(ms)) == ms


def test_years_before_1000_keep_four_digits() -> None:
    assert iso(-62_135_596_800_000) == "0001-01-01T00:00:00.000Z"
