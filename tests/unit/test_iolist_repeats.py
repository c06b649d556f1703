"""Equipment that repeats becomes a template, and means exactly what the rows mean written out."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.iolist.repeats import LEAST, with_templates, written_out
from tests.io_lists import effective, made_of

HEAD = ["位号", "描述", "单位", "量程", "HH", "H", "L", "优先级", "设备位号", "措施"]


def tank(number: str, *, hh: str = "13.2", named: bool = True, action: str = "") -> list[list[str]]:
    place = f"T-{number}" if named else ""
    return [
        [f"LT-{number}", f"{number}罐液位", "m", "0~15", hh, "12.5", "1.5", "高", place, action],
        [f"TT-{number}", f"T-{number} 温度", "℃", "-20~120", "", "38", "", "中", place, ""],
    ]


def written(rows: list[list[str]]) -> Any:
    of = made_of(*rows, head=HEAD)
    assert of.text is not None
    effective(of)
    return yaml.safe_load(of.text)


@pytest.mark.parametrize("named", [True, False])
def test_three_equipments_of_one_structure_make_a_template(named: bool) -> None:
    site = written([row for number in ("101", "102", "103") for row in tank(number, named=named)])
    [template] = site["templates"].values()
    [installation] = site["installations"]
    assert template["vars"] == ["n"]
    assert [one["id"] for one in template["points"]] == ["LT-${n}", "TT-${n}"]
    assert template["points"][0]["name"] == {"zh-CN": "${n}罐液位"}
    assert [one["id"] for one in installation["equipment"]] == ["T-101", "T-102", "T-103"]
    assert "points" not in installation


def test_two_do_not() -> None:
    assert "templates" not in written([*tank("101"), *tank("102")])


def test_what_differs_is_a_variable() -> None:
    site = written(
        [row for number, hh in (("101", "13.2"), ("102", "13.1"), ("103", "13")) for row in tank(number, hh=hh)]
    )
    [template] = site["templates"].values()
    assert template["vars"] == ["n", "LT-HH"]
    assert [one["LT-HH"] for one in site["installations"][0]["equipment"]] == [13.2, 13.1, 13]


def test_one_of_another_structure_is_written_out_beside_them() -> None:
    rows = (
        [row for number in ("101", "102", "103") for row in tank(number)]
        + tank("104", action="关阀")[:1]
        + tank("105")[1:]
    )
    site = written(rows)
    [installation] = site["installations"]
    assert [one["id"] for one in installation["points"]] == ["LT-104", "TT-105"]
    assert [one.get("use") is not None for one in installation["equipment"]] == [True, True, True, False, False]


def test_a_point_that_only_one_of_them_has_is_written_out_with_its_equipment() -> None:
    rows = [row for number in ("101", "102", "103") for row in tank(number)]
    rows.append(["PT-101", "罐压", "kPa", "0~20", "16", "12", "", "高", "T-101", ""])
    [installation] = written(rows)["installations"]
    assert [(one["id"], one["equipment"]) for one in installation["points"]] == [("PT-101", "T-101")]
    assert len(installation["equipment"]) == 3


def test_a_gas_detector_does_not_belong_to_the_tank_of_its_number() -> None:
    rows = [row for number in ("101", "102", "103") for row in tank(number, named=False)]
    rows += [
        [f"GT-{number}", f"可燃气{number}", "%LEL", "0~100", "50", "25", "", "1", "", ""]
        for number in ("101", "102", "103")
    ]
    templates = written(rows)["templates"]
    assert [[point["id"] for point in one["points"]] for one in templates.values()] == [
        ["LT-${n}", "TT-${n}"],
        ["GT-${n}"],
    ]


def test_loops_of_a_unit_are_numbered_behind_its_own_number() -> None:
    rows = [
        [f"TT-{unit}{loop}", "温度", "℃", "0~100", "90", "80", "", "2", f"R-{unit}", ""]
        for unit in (1, 2, 3)
        for loop in ("01", "02")
    ]
    [template] = written(rows)["templates"].values()
    assert [one["id"] for one in template["points"]] == ["TT-${n}01", "TT-${n}02"]


def test_a_text_with_a_dollar_and_a_brace_is_not_taken_for_a_variable() -> None:
    rows = [row for number in ("101", "102", "103") for row in tank(number, action="see ${n}")]
    site = written(rows)
    assert [one["id"] for one in site["templates"]["TF1-TT"]["points"]] == ["TT-${n}"]


_NUMBERS = st.sampled_from(["1", "2", "3", "11", "12", "101", "102", "103", "0101", "1011"])
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["LT", "TT", "GT", "LT-A", "PIT"]),
        _NUMBERS,
        st.sampled_from(["罐{}", "T-{}", "1号罐{}", "tank"]),
        st.sampled_from(["13.2", "13.1", "", "≥9"]),
        st.sampled_from(["", "T-{}", "罐{}", "T-1"]),
        st.sampled_from(["", "gw-1", "gw-2"]),
    ),
    max_size=24,
)
_UNITS = {
    "LT": ("m", "0~15"),
    "TT": ("℃", "0~100"),
    "GT": ("%LEL", "0~100"),
    "LT-A": ("%", "0~100"),
    "PIT": ("kPa", "0~20"),
}


@settings(max_examples=40, deadline=None)
@given(_ROWS)
def test_templates_change_no_alarm_of_whatever_repeats(rows: list[tuple[str, str, str, str, str, str]]) -> None:
    head = ["位号", "描述", "单位", "量程", "H", "设备位号", "网关"]
    listed = [
        [f"{kind}-{number}", name.format(number), *_UNITS[kind], h, place.format(number), gateway]
        for kind, number, name, h, place, gateway in rows
    ]
    of = made_of(*listed, head=head)
    if of.text is None:
        return
    assert {one for one in effective(of) if one.count("/") == 1} == {
        f"TF1/{kind}-{number}" for kind, number, *_ in rows
    }
    setpoints = {row[0]: row[4].strip("≥") for row in reversed(listed)}
    shown = {one["alarm"].split("/")[1]: f"{one['setpoint']:g}" for one in effective(of).values() if "alarm" in one}
    assert shown == {tag: text for tag, text in setpoints.items() if text}


def test_nothing_is_lost_between_points_templates_and_equipment() -> None:
    points = [{"id": f"LT-{n}", "quantity": "level", "unit": "m"} for n in range(1, LEAST + 1)]
    assert with_templates(points, "X").points == []
    assert written_out(points).points == points
