"""Cells of a list as numbers, ranges, times and units: what is read, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.iolist.numbers import NotUnderstood, duration, labelled, limit, measure, plain, range_of
from pipeline.iolist.sheet import is_blank
from pipeline.iolist.unit_names import unit_of, unit_within
from pipeline.iolist.words import priority_of


@pytest.mark.parametrize(
    ("text", "number", "unit", "side"),
    [
        ("13.2", "13.2", None, ""),
        ("13.20", "13.2", None, ""),
        ("≥25", "25", None, "high"),
        (">25%LEL", "25", "%LEL", "high"),
        ("＞２５％ＬＥＬ", "25", "%LEL", "high"),
        ("<= 1.5 m", "1.5", "m", "low"),
        ("≤-0.5kPa", "-0.5", "kPa", "low"),
        ("0.5 MPaG", "0.5", "MPa", ""),
        ("90%", "90", "%", ""),
        ("90% FS", "90", "%", ""),
        ("12,5", "12.5", None, ""),
        ("0,125", "0.125", None, ""),
        ("1,000.5", "1000.5", None, ""),
        ("13.2（联锁停泵）", "13.2", None, ""),
        ("−5℃", "-5", "°C", ""),
        ("1e3", "1000", None, ""),
        ("25 (%LEL)", "25", "%LEL", ""),
    ],
)
def test_a_limit_is_read_with_its_unit_and_its_sign(text: str, number: str, unit: str | None, side: str) -> None:
    found = limit(text)
    assert (plain(found.at.number), found.at.unit, found.side) == (number, unit, side)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("1,000", "more than one reading"),
        ("25/50", "two numbers"),
        ("12-13", "two numbers"),
        ("25±1", "two numbers"),
        ("1.2.3", "more than one reading"),
        ("50 bananas", "no unit"),
        ("10 kPa(A)", "absolute"),
        ("10 kPa (abs)", "absolute"),
        ("10 bara", "absolute"),
        ("TBD", "not decided"),
        ("待定", "not decided"),
        ("#REF!", "#REF!"),
        ("约12", "no number"),
        ("高", "no number"),
    ],
)
def test_a_limit_with_two_readings_or_none_is_refused(text: str, because: str) -> None:
    with pytest.raises(NotUnderstood, match=because):
        limit(text)


def test_the_unit_of_the_heading_is_that_of_a_bare_number_only() -> None:
    assert measure("12", "kPa").unit == "kPa"
    assert measure("12 bar", "kPa").unit == "bar"


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("0~100%LEL", "0", "100", "%LEL"),
        ("０～１００％ＬＥＬ", "0", "100", "%LEL"),
        ("0-100 ℃", "0", "100", "°C"),
        ("-0.1…0.6MPa", "-0.1", "0.6", "MPa"),
        ("-20~+120", "-20", "120", None),
        ("-50--10", "-50", "-10", None),
        ("-20 — 120", "-20", "120", None),
        ("0 to 15 m", "0", "15", "m"),
        ("0至15米", "0", "15", "m"),
        ("0℃~100℃", "0", "100", "°C"),
        ("(0~1.6)MPa", "0", "1.6", "MPa"),
        ("0~1.6MPa(G)", "0", "1.6", "MPa"),
        ("0 m3/h ~ 120 m3/h", "0", "120", "m3/h"),
        ("0~100%LEL (4-20mA)", "0", "100", "%LEL"),
        ("4-20mA 0~15m", "0", "15", "m"),
        ("±50mm", "-50", "50", "mm"),
    ],
)
def test_a_range_is_read(text: str, low: str, high: str, unit: str | None) -> None:
    found = range_of(text)
    assert found is not None
    assert (found.low, found.high, found.unit) == (Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize("text", ["4-20mA", "4~20 mA DC", "1-5V"])
def test_the_signal_is_no_range(text: str) -> None:
    assert range_of(text) is None


@pytest.mark.parametrize("text", ["15", "100~0", "5~5", "0~10m~20", "0~10kPa~", "2026-01-05T00:00:00", "0m~100kPa"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        range_of(text)


@pytest.mark.parametrize(
    ("text", "otherwise", "read"),
    [("5", "s", "5s"), ("5s", None, "5s"), ("5秒", None, "5s"), ("２ min", "s", "2min"), ("3", "分", "3min")],
)  # fmt: skip
def test_a_time_is_read(text: str, otherwise: str | None, read: str) -> None:
    assert duration(text, otherwise) == read


@pytest.mark.parametrize("text", ["5", "soon", "-5s", "5 apples"])
def test_a_time_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        duration(text, None)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("H:12.5 HH:13.2", {"H": "12.5", "HH": "13.2"}),
        ("高报25%LEL；高高报50%LEL", {"H": "25", "HH": "50"}),
        ("HH=13.2, H=12.5, L=1.5, LL=0.8", {"HH": "13.2", "H": "12.5", "L": "1.5", "LL": "0.8"}),
        ("12.5", {}),
        ("see DCS", {}),
    ],
)
def test_several_limits_in_one_cell_are_read_by_their_names(text: str, levels: dict[str, str]) -> None:
    assert {name: plain(one.at.number) for name, one in labelled(text).items()} == levels


@pytest.mark.parametrize("text", ["", "-", "—", "/", "N/A", "n/a", "无", "　", "－"])
def test_a_cell_may_say_nothing(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("℃", "°C"), ("degC", "°C"), ("MPAG", "MPa"), ("barg", "bar"), ("m³/h", "m3/h"), ("㎜", "mm"), ("Nm3/h", "Nm3/h"),
     ("LEL%", "%LEL"), ("％", "%"), ("mmH₂O", "mmH2O"), ("kgf/cm2", None), ("pH", None), ("mA", None)],
)  # fmt: skip
def test_units_are_known_by_their_many_spellings(text: str, unit: str | None) -> None:
    assert unit_of(text) == unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("101罐液位（m）", "m"),
        ("Tank level, mm", "mm"),
        ("101罐液位", None),
        ("(m) or (mm)", None),
        ("Pump P-101 A", None),
    ],
)
def test_a_description_may_name_the_unit(text: str, unit: str | None) -> None:
    assert unit_within(text) == unit


@pytest.mark.parametrize(
    ("text", "priority"),
    [("1", "critical"), ("紧急", "critical"), ("一级", "critical"), ("1-Critical", "critical"), ("2", "high"),
     ("高", "high"), ("High", "high"), ("Ⅱ", "high"), ("中", "medium"), ("3级", "medium"), ("优先级3", "medium"),
     ("P4", "low"), ("低", "low")],
)  # fmt: skip
def test_priorities_are_known_by_their_words_and_numbers(text: str, priority: str) -> None:
    assert priority_of(text) == priority


@pytest.mark.parametrize("text", ["5", "0", "A", "1-low", "高高"])
def test_other_priorities_are_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        priority_of(text)
