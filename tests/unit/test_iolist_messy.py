"""Whatever stands in the cells, what is written has no faults, and every row is either in it or told."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.iolist.sheet import Sheet, Span, clean, is_blank
from tests.io_lists import effective, made, reasons

HEAD = [
    "位号",
    "描述",
    "类型",
    "单位",
    "量程",
    "HH",
    "H",
    "L",
    "LL",
    "优先级",
    "延时",
    "死区",
    "设备",
    "网关",
    "原因",
    "响应时间",
]
_NUMBERS = [
    "0",
    "5",
    "12.5",
    "13.2",
    "-1",
    "100",
    "1e9",
    "０．５",
    "1,000",
    "25/50",
    "≥25",
    ">25%LEL",
    "90%",
    "0.5 MPa",
    "1" * 14,
]
_CELLS: list[st.SearchStrategy[str]] = [
    st.sampled_from(
        ["LT-101", "LT-102", "TT-103", "GT-1", "PT 7", "LSHH-1", "XV-2", "FQ-1", "101", "罐", "LT-1/2", "SYSTEM"]
    ),
    st.sampled_from(
        ["101罐液位(m)", "Tank: level #1", "'", '"', "{a: b}", "- x", "${n}", "备用", "%", "on", "1", "0=报警 1=正常"]
    ),
    st.sampled_from(["AI", "DI", "压力变送器", "level switch", "AO", "", "可燃气体探测器"]),
    st.sampled_from(["m", "kPa", "℃", "%LEL", "%", "ppm", "mA", "?", "", "m3/h", "MPa(G)", "kPaA"]),
    st.sampled_from(["0~15", "0-100 ℃", "-0.1…0.6MPa", "4-20mA", "15", "100~0", "0~100%LEL", "", "±50", "0~1e30"]),
    *[st.sampled_from([*_NUMBERS, "", "-", "无", "TBD", "√", "#N/A", "H:5"]) for _ in range(4)],
    st.sampled_from(["1", "高", "5", "", "critical", "0"]),
    st.sampled_from(["5", "5s", "1h", "", "20d", "99999999d", "x"]),
    st.sampled_from(["1%", "0.1", "50", "", "-1", "5 bar", "120%"]),
    st.sampled_from(["T-101", "甲醇罐", "罐 T-1", "", "owner", "." * 70]),
    st.sampled_from(["gw-a", "", "网关1", "a b"]),
    st.sampled_from(["超量", "", "a\nb", "\x00\x85\u2028\ufeff", "#", "tail:"]),
    st.sampled_from(["5min", "1s", "", "10"]),
]
_USUAL = st.tuples(*_CELLS).map(list)
_ANYTHING = st.lists(st.text(max_size=12), max_size=len(HEAD))
_SPANS = st.builds(
    lambda top, left, down, right: Span(top, left, top + down, left + right),
    st.integers(0, 8), st.integers(0, 12), st.integers(0, 3), st.integers(0, 3),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(_USUAL, _USUAL, _ANYTHING), max_size=8), st.lists(_SPANS, max_size=2))
def test_what_is_written_has_no_faults(rows: list[list[str]], merged: list[Span]) -> None:
    cleaned = [[clean(cell) for cell in row] for row in rows]
    of = made([Sheet("清单", [HEAD, *cleaned], tuple(merged))])
    if of.text is None:
        return
    assert of.text.isprintable() or all(line.isprintable() for line in of.text.splitlines())
    points = {one.removeprefix("TF1/") for one in effective(of) if one.count("/") == 1}
    assert len(points) == of.points


@settings(max_examples=30, deadline=None)
@given(st.lists(_USUAL, min_size=1, max_size=6))
def test_every_limit_of_every_row_is_in_force_or_told(rows: list[list[str]]) -> None:
    of = made([Sheet("", [HEAD, *rows])])
    shown = {} if of.text is None else effective(of)
    told = reasons(of)
    whole = {one.where for one in of.unclear if one.whole}
    for number, row in enumerate(rows, start=2):
        if f"row {number}" in whole:
            continue
        tag = row[0].replace(" ", "-")
        for level, cell in zip(("HH", "H", "L", "LL"), row[5:9], strict=True):
            if not is_blank(cell) and f"TF1/{tag}/{level}" not in shown:
                assert level in told.get(row[0], "") + told.get(tag, ""), (row, told)
