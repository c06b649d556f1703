"""Rows of a list become points and alarms; what is unclear becomes neither, and is told."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.iolist.columns import columns_of
from pipeline.iolist.headings import Role, heading_of, role_of_key
from pipeline.iolist.sheet import Sheet, Span
from tests.io_lists import HEAD, effective, judge, made, made_of, reasons

LT = ["LT-101", "101罐液位", "AI", "m", "0~15", "13.2", "12.5", "1.5", "0.8", "高", "5", "0.1"]


def row(**cells: str) -> list[str]:
    """LT-101 with other cells, by heading."""
    names = {"tag": "位号", "name": "描述", "kind": "类型", "unit": "单位", "range": "量程", "priority": "优先级"}
    names |= {"delay": "延时(s)", "deadband": "死区"}
    given = {names.get(key, key): text for key, text in cells.items()}
    return [given.get(heading, text) for heading, text in zip(HEAD, LT, strict=True)]


def test_a_row_becomes_a_point_with_its_alarms() -> None:
    of = made_of(LT)
    shown = effective(of)
    point = shown["TF1/LT-101"]
    assert (point["quantity"], point["unit"], point["range"]) == ("level", "m", [0, 15])
    assert point["name"] == {"en": "101罐液位", "zh-CN": "101罐液位"}
    alarms = {one.rpartition("/")[2]: shown[one] for one in shown if one.startswith("TF1/LT-101/")}
    assert {name: one["setpoint"] for name, one in alarms.items()} == {"HH": 13.2, "H": 12.5, "L": 1.5, "LL": 0.8}
    assert {(one["priority"], one["on_delay"], one["deadband"]) for one in alarms.values()} == {("high", "5s", 0.1)}
    assert of.unclear == []


HEADINGS = {
    "tag": "位号 仪表位号 点位 Tag Tag_No. Instrument_Tag TAG_NO 测点编号 位号/Tag_No.",
    "name": "描述 名称 用途 Service Description 测点名称 Tag_Description",
    "kind": "类型 仪表类型 参数 Type Parameter I/O_Type 信号类型",
    "unit": "单位 工程单位 Unit Eng._Unit 量程单位 UOM",
    "range": "量程 测量范围 Range 量程范围 Instrument_Range",
    "range_low": "下限 量程下限 Range_Min 量程_下限 LRV",
    "range_high": "上限 量程上限 Range_Max 量程_上限 URV",
    "HH": "高高报 HH AHH HiHi 高高限 报警设定值_HH High_High_Alarm 高高报(HH) H-H 上上限",
    "H": "高报 H High_Alarm 高限 报警上限 Hi 高报警值(%LEL) High_Limit",
    "L": "低报 L Low_Alarm 低限 报警下限 Lo",
    "LL": "低低报 LL LoLo 低低限 下下限 Low_Low",
    "priority": "优先级 Priority 报警级别 报警优先级",
    "HH.priority": "高高报_优先级 HH_Priority",
    "on_delay": "延时 延时(s) Delay Delay_(s) 报警延时",
    "off_delay": "Off-delay 复位延时",
    "deadband": "死区 回差 Deadband",
    "cause": "原因 Cause 报警原因",
    "consequence": "后果 Consequence",
    "action": "措施 处置 Action Operator_action 处置措施",
    "response_time": "响应时间 Response_time",
    "equipment": "设备 设备位号 Equipment",
    "gateway": "网关 Gateway",
    "alias": "DCS位号 别名",
    "gas": "介质 检测气体 Gas",
    "alarm_type": "报警类型 Alarm_type",
    "setpoint": "报警值 Setpoint 设定值",
}


@pytest.mark.parametrize(("key", "spelling"), [(key, one) for key, all_ in HEADINGS.items() for one in all_.split()])
def test_a_heading_is_known_by_its_many_spellings(key: str, spelling: str) -> None:
    found = heading_of(spelling.replace("_", " "))
    assert found is not None
    assert found.role.key() == key
    assert role_of_key(key) == found.role


@pytest.mark.parametrize(
    "text",
    ["备用", "高度", "Sheet", "正常操作范围", "设计压力", "型号", "P&ID No.", "序号", "电缆号", "使用单位", "装置"],
)
def test_other_headings_are_not_taken_for_anything(text: str) -> None:
    sheet = Sheet("", [["位号", "描述", "单位", text]])
    columns = columns_of(sheet, {})
    assert columns is not None
    assert [one.heading for one in columns.unused] == [text]


def test_two_rows_of_headings_with_merged_cells_below_a_title_are_one() -> None:
    rows = [
        ["甲醇罐区仪表清单"],
        [],
        ["位号", "描述", "量程", "", "单位", "报警设定值", "", "备注"],
        ["", "", "下限", "上限", "", "HH", "H", ""],
        ["LT-101", "101罐液位", "0", "15", "m", "13.2", "12.5", "新增"],
    ]
    merged = (
        Span(0, 0, 0, 7),
        Span(2, 2, 2, 3),
        Span(2, 5, 2, 6),
        *(Span(2, column, 3, column) for column in (0, 1, 4, 7)),
    )
    shown = effective(made([Sheet("储罐", rows, merged)]))
    assert shown["TF1/LT-101"]["range"] == [0, 15]
    assert (shown["TF1/LT-101/HH"]["setpoint"], shown["TF1/LT-101/H"]["setpoint"]) == (13.2, 12.5)


def test_a_csv_of_the_same_list_has_its_blocks_spread_out_again() -> None:
    rows = [
        ["位号", "单位", "量程", "报警", "", "", ""],
        ["", "", "", "上限", "上上限", "下限", ""],
        ["LT-101", "m", "0~15", "12.5", "13.2", "1.5", ""],
    ]
    shown = effective(made([Sheet("", rows)]))
    assert {one.rpartition("/")[2]: shown[one]["setpoint"] for one in shown if one.count("/") == 2} == {
        "HH": 13.2,
        "H": 12.5,
        "L": 1.5,
    }


def test_a_merged_cell_belongs_to_all_its_rows() -> None:
    rows = [
        ["位号", "描述", "单位", "设备位号", "H"],
        ["TT-101", "温度", "℃", "R-1", "80"],
        ["TT-102", "温度", "", "", "90"],
    ]
    shown = effective(made([Sheet("", rows, (Span(1, 2, 2, 2), Span(1, 3, 2, 3)))]))
    assert [shown[f"TF1/TT-10{n}"]["equipment"] for n in (1, 2)] == ["R-1", "R-1"]
    assert shown["TF1/TT-102/H"]["unit"] == "°C"


def test_titles_of_sections_and_headings_again_are_no_rows() -> None:
    of = made_of(["一、储罐"], LT, [], HEAD, ["二、泵区", "", ""], row(tag="LT-102"))
    assert (of.points, of.rows, of.unclear) == (2, 2, [])
    assert of.text is not None
    assert "# 二、泵区\n" in of.text


def test_a_tag_that_stands_twice_comes_through_once_and_is_told() -> None:
    of = made_of(LT, row(tag="lt-101", HH="14"))
    assert effective(of)["TF1/LT-101/HH"]["setpoint"] == 13.2
    assert "second time (first in row 2)" in reasons(of)["lt-101"]


def test_rows_that_say_one_alarm_each_make_one_point() -> None:
    head = ["位号", "描述", "单位", "量程", "报警类型", "设定值", "优先级", "措施"]
    of = made_of(
        ["LT-101", "液位", "m", "0~15", "高高报", "13.2", "1", "停泵"],
        ["LT-101", "液位", "m", "0~15", "H", "12.5", "2", "关小进料"],
        ["LT-101", "液位", "m", "0~15", "H", "12.6", "2", ""],
        head=head,
    )
    shown = effective(of)
    assert [shown[f"TF1/LT-101/{name}"]["priority"] for name in ("HH", "H")] == ["critical", "high"]
    assert shown["TF1/LT-101/H"]["setpoint"] == 12.5
    assert shown["TF1/LT-101/HH"]["action"]["zh-CN"] == "停泵"
    assert "second setpoint" in reasons(of)["LT-101"]


@pytest.mark.parametrize(
    ("tag", "kind", "name", "unit", "span", "quantity"),
    [
        ("LIT-101", "", "", "m", "0~15", "level"),
        ("11-LICA-101A", "", "", "%", "0~100", "level"),
        ("TE101", "", "", "℃", "0~100", "temperature"),
        ("PDIT-7", "", "", "kPa", "0~100", "pressure"),
        ("T-101-PT-01", "", "", "MPa", "0~1", "pressure"),
        ("FIC-1", "", "", "m3/h", "0~100", "flow"),
        ("GT-1", "", "", "%LEL", "0~100", "gas_concentration"),
        ("AT-1", "", "氧含量", "%", "0~25", "gas_concentration"),
        ("QT-1", "", "硫化氢", "ppm", "0~100", "gas_concentration"),
        ("JT-1", "", "", "kW", "0~100", "power"),
        ("ZT-1", "", "", "mm", "0~100", "displacement"),
        ("X-1", "压力变送器", "", "kPa", "0~100", "pressure"),
        ("X-1", "Level transmitter", "", "m", "0~10", "level"),
        ("X-1", "", "", "kPa", "0~100", "pressure"),
        ("X-1", "", "罐底沉降", "mm", "0~100", "displacement"),
        ("1001", "热电偶", "", "℃", "0~100", "temperature"),
        ("TK101-01", "LT", "", "m", "0~15", "level"),
        ("TK101-02", "PT100", "", "℃", "0~100", "temperature"),
        ("LSHH-101", "DI", "", "", "", "state"),
        ("LS-101", "", "", "", "", "state"),
        ("XV-101", "", "进料阀开到位", "", "", "state"),
        ("P-101-RUN", "DI", "泵运行", "", "", "state"),
    ],
)
def test_letters_words_and_units_decide_the_quantity(
    tag: str, kind: str, name: str, unit: str, span: str, quantity: str
) -> None:
    of = made_of([tag, name, kind, unit, span])
    assert {one["quantity"] for id_, one in effective(of).items() if id_.count("/") == 1} == {quantity}, of.unclear


NOTHING_OF_IT: list[tuple[dict[str, str], str]] = [
    ({"unit": "", "range": "0~15"}, "no unit"),
    ({"unit": "kPa", "range": "0~15"}, "level is not told in kPa"),
    ({"unit": "kgf/cm2"}, "none that hazardwatch knows"),
    ({"tag": "", "name": "无位号"}, "no tag"),
    ({"tag": "LT-101A/B"}, "more than one tag"),
    ({"tag": "101罐液位"}, "cannot be an id"),
    ({"tag": "FQ-101", "unit": "m3/h"}, "no quantity"),
    ({"tag": "X-101", "unit": "m", "name": "某参数"}, "nothing says what it measures"),
    ({"kind": "DO"}, "an output"),
    ({"kind": "压力", "unit": "", "range": "0~15"}, "by its columns"),
    ({"kind": "DI"}, "a contact, and yet the unit"),
    ({"unit": "%", "range": "0~15m"}, "the range is in m"),
    ({"name": "备用"}, "spare"),
    ({"tag": "GT-1", "name": "可燃气", "unit": "%", "range": "0~100"}, "%LEL) or of the volume"),
]


@pytest.mark.parametrize(("cells", "because"), NOTHING_OF_IT, ids=str)
def test_a_row_that_makes_no_point_is_told_and_the_others_come_through(cells: dict[str, str], because: str) -> None:
    of = made_of(["TT-1", "温度", "", "℃", "0~100"], row(**cells))
    assert [one for one in effective(of) if one.count("/") == 1] == ["TF1/TT-1"]
    assert [one.whole for one in of.unclear] == [True]
    assert because in of.unclear[0].reason


LIMITS_LEFT_OUT: list[tuple[dict[str, str], str, set[str]]] = [
    ({"HH": "16"}, "outside the range 0 to 15 m", {"H", "L", "LL"}),
    ({"HH": "12"}, "HH 12 is not above H 12.5", {"L", "LL"}),
    ({"HH": "12.5"}, "is not above", {"L", "LL"}),
    ({"L": "13"}, "H 12.5 is not above L 13", {"HH", "LL"}),
    ({"HH": "25/50"}, "two numbers", {"H", "L", "LL"}),
    ({"HH": "≤13.2"}, "on the other side", {"H", "L", "LL"}),
    ({"HH": "TBD"}, "not decided", {"H", "L", "LL"}),
    ({"HH": "13.2 kPa"}, "cannot be told in m", {"H", "L", "LL"}),
    ({"HH": "H:13.2"}, "names another level", {"H", "L", "LL"}),
    ({"HH": "#REF!"}, "the cell holds #REF!", {"H", "L", "LL"}),
    ({"range": "", "H": "80%", "HH": ""}, "cannot be told in m", {"L", "LL"}),
]


@pytest.mark.parametrize(("cells", "because", "kept"), LIMITS_LEFT_OUT, ids=lambda one: str(sorted(one)))
def test_a_limit_in_doubt_is_left_out_and_told(cells: dict[str, str], because: str, kept: set[str]) -> None:
    of = made_of(row(**cells))
    assert {one.rpartition("/")[2] for one in effective(of) if one.count("/") == 2} == kept
    assert because in reasons(of)["LT-101"]
    assert not any(one.whole for one in of.unclear)


ATTRIBUTES_LEFT_OUT: list[tuple[dict[str, str], str, str, Any]] = [
    ({"priority": "A"}, "no priority", "priority", "medium"),
    ({"deadband": "-1"}, "not negative", "deadband", 0.15),
    ({"deadband": "20"}, "deadband that ends inside the range", "deadband", 0.15),
    ({"delay": "soon"}, "no time", "on_delay", "0s"),
]


@pytest.mark.parametrize(("cells", "because", "key", "default"), ATTRIBUTES_LEFT_OUT, ids=str)
def test_an_attribute_in_doubt_is_left_out_and_told(
    cells: dict[str, str], because: str, key: str, default: Any
) -> None:
    of = made_of(row(**cells))
    assert effective(of)["TF1/LT-101/H"][key] == default
    assert because in reasons(of)["LT-101"]


def test_limits_and_ranges_in_other_units_are_those_of_the_point() -> None:
    of = made_of(["PT-1", "罐压", "", "kPa", "0~0.6MPa", "5 bar", "400", "-", "/", "1", "", "2%"])
    shown = effective(of)
    assert shown["TF1/PT-1"]["range"] == [0, 600]
    assert (shown["TF1/PT-1/HH"]["setpoint"], shown["TF1/PT-1/H"]["setpoint"]) == (500, 400)
    assert shown["TF1/PT-1/H"]["deadband"] == 12
    assert of.unclear == []


def test_a_percentage_is_of_the_range() -> None:
    assert effective(made_of(row(HH="90%", H="80％")))["TF1/LT-101/HH"]["setpoint"] == 13.5


def test_units_may_stand_in_the_range_the_heading_or_the_description() -> None:
    in_range = made_of(["TT-1", "温度", "", "", "-20～120℃", "", "80"])
    in_name = made_of(["TT-1", "温度(℃)", "", "", "-20~120", "", "80"])
    in_heading = made_of(["TT-1", "80"], head=["位号", "高报(℃)"])
    assert {effective(of)["TF1/TT-1"]["unit"] for of in (in_range, in_name, in_heading)} == {"°C"}


def test_the_unit_of_a_heading_is_that_of_its_numbers() -> None:
    of = made_of(["PT-1", "kPa", "0~600", "0.5"], head=["位号", "单位", "量程", "高高报(MPa)"])
    assert effective(of)["TF1/PT-1/HH"]["setpoint"] == 500


def test_the_signal_in_the_range_column_is_no_range() -> None:
    of = made_of(row(range="4-20mA"))
    assert "range" not in effective(of)["TF1/LT-101"]
    assert "is the signal" in reasons(of)["LT-101"]


def test_the_low_and_high_alarm_of_a_gas_are_its_two_levels_and_that_is_told() -> None:
    of = made_of(["GT-1", "可燃气", "", "%LEL", "0~100", "", "50", "≥25", "", "1"])
    assert {one[-2:]: shown["setpoint"] for one, shown in effective(of).items() if "alarm" in shown} == {
        "HH": 50,
        "/H": 25,
    }
    assert "L and H were read as H and HH" in reasons(of)["GT-1"]


@pytest.mark.parametrize(
    "limits", [["", "", "25", ""], ["50", "", "25", ""], ["", "25", "50", ""], ["", "50", "25", "10"]]
)
def test_other_low_alarms_of_a_gas_are_left_out(limits: list[str]) -> None:
    of = made_of(["GT-1", "可燃气", "", "%LEL", "0~100", *limits])
    assert {one[-2:] for one in effective(of) if one.count("/") == 2} <= {"HH"}
    assert reasons(of)["GT-1"]


def test_oxygen_has_a_low_and_a_high_alarm() -> None:
    for unit in ("%VOL", "%"):
        of = made_of(["AE-1", "缺氧 O2", "", unit, "0~30", "", "23.5", "19.5", "", "1"])
        assert {one[-2:] for one in effective(of) if one.count("/") == 2} == {"/H", "/L"}
        assert of.unclear == []


def test_an_output_of_the_same_tag_does_not_keep_the_feedback_out() -> None:
    of = made_of(["XV-101", "开阀命令", "DO"], ["XV-101", "开到位", "DI"])
    assert [one for one in effective(of) if one.count("/") == 1] == ["TF1/XV-101"]
    assert "an output" in reasons(of)["XV-101"]


@pytest.mark.parametrize(
    ("head", "row_", "setpoints"),
    [
        (["位号", "单位", "量程", "下限", "上限"], ["LT-1", "m", "0~15", "1", "12"], {"L": 1, "H": 12}),
        (["位号", "单位", "上限", "上上限"], ["LT-1", "m", "12", "13"], {"H": 12, "HH": 13}),
        (["位号", "单位", "下限", "上限", "高高报"], ["LT-1", "m", "0", "15", "13"], {"HH": 13}),
        (["位号", "量程/单位", "高报", "回差%"], ["LT-1", "0~15m", "12", "2"], {"H": 12}),
        (["点名", "单位", "高报"], ["TF1.LT101.PV", "m", "12"], {"H": 12}),
        (["Alarm tag", "Unit", "Limit"], ["LAHH-101", "m", "12"], {"HH": 12}),
    ],
)
def test_what_a_column_holds_may_follow_from_the_others(
    head: list[str], row_: list[str], setpoints: dict[str, float]
) -> None:
    of = made_of(row_, head=head)
    found = {one.rpartition("/")[2]: shown["setpoint"] for one, shown in effective(of).items() if "alarm" in shown}
    assert (found, of.unclear) == (setpoints, [])


def test_a_deadband_in_percent_of_the_span_is_one_whatever_the_words() -> None:
    for heading in ("回差%", "Deadband (% of span)", "死区(%FS)", "死区（%）"):
        of = made_of(["LT-1", "m", "0~15", "12", "2"], head=["位号", "单位", "量程", "高报", heading])
        assert effective(of)["TF1/LT-1/H"]["deadband"] == 0.3


def test_numbers_in_a_description_that_fit_the_quantity_are_its_range_and_others_are_not() -> None:
    head = ["位号", "描述", "单位", "高报"]
    shown = effective(made_of(["GT-1", "距地0.3-0.6m处", "%LEL", "25"], ["TT-1", "水温 0-100 ℃", "", "40"], head=head))
    assert "range" not in shown["TF1/GT-1"]
    assert (shown["TF1/TT-1"]["range"], shown["TF1/TT-1"]["unit"]) == ([0, 100], "°C")


def test_a_title_above_the_headings_is_none_of_them() -> None:
    columns = columns_of(Sheet("", [["探测器一览表", "", ""], ["位号", "单位", "量程"], ["GT-1", "%LEL", "0~100"]]), {})
    assert columns is not None
    assert columns.headings == (1,)


def test_the_first_and_second_level_of_a_gas_are_h_and_hh() -> None:
    head = ["位号", "检测气体", "测量范围", "一级报警值", "二级报警值"]
    shown = effective(made_of(["GT-1", "H2S", "0~100ppm", "7", "14"], head=head))
    assert (shown["TF1/GT-1/H"]["setpoint"], shown["TF1/GT-1/HH"]["setpoint"]) == (7, 14)
    assert shown["TF1/GT-1"]["gas"] == "hydrogen sulfide"


@pytest.mark.parametrize("text", ["25/50", "高报25 高高报50", "H:25%LEL; HH:50%LEL"])
def test_both_levels_of_a_gas_may_stand_in_one_cell(text: str) -> None:
    shown = effective(made_of(["GT-1", "%LEL", "0~100", text], head=["位号", "单位", "量程", "报警值"]))
    assert (shown["TF1/GT-1/H"]["setpoint"], shown["TF1/GT-1/HH"]["setpoint"]) == (25, 50)


def test_a_limit_without_level_or_sign_is_unclear_and_with_a_sign_it_is_not() -> None:
    head = ["位号", "单位", "量程", "报警值"]
    of = made_of(["TT-1", "℃", "0~100", "80"], ["TT-2", "℃", "0~100", "≥80"], ["TT-3", "℃", "0~100", "<5"], head=head)
    assert {one for one in effective(of) if one.count("/") == 2} == {"TF1/TT-2/H", "TF1/TT-3/L"}
    assert "which of HH, H, L, LL?" in reasons(of)["TT-1"]


def test_a_switch_has_an_alarm_only_where_the_list_says_which_state_it_is() -> None:
    head = ["位号", "描述", "类型", "HH", "备注"]
    of = made_of(
        ["LSHH-1", "开关", "DI", "√", ""],
        ["LSHH-2", "开关", "DI", "√", "0=报警，1=正常"],
        ["LSHH-3", "开关", "DI", "1", ""],
        ["XV-1", "阀开反馈", "DI", "", "1:开 0:关"],
        head=head,
    )
    shown = effective(of)
    assert {one for one in shown if one.count("/") == 2} == {"TF1/LSHH-2/HH", "TF1/LSHH-3/HH"}
    assert (shown["TF1/LSHH-2/HH"]["when"], shown["TF1/LSHH-3/HH"]["when"]) == ("报警", "on")
    assert shown["TF1/XV-1"]["states"] == {"0": "关", "1": "开"}
    assert "whether 0 or 1 is the alarm" in reasons(of)["LSHH-1"]


def test_what_a_heading_says_of_one_level_wins_over_the_row() -> None:
    head = [
        "位号",
        "单位",
        "量程",
        "HH",
        "HH 优先级",
        "H",
        "优先级",
        "HH 措施",
        "措施",
        "响应时间(min)",
        "网关",
        "DCS位号",
    ]
    of = made_of(["LT-1", "m", "0~15", "13", "1", "12", "3", "停泵", "查看", "5", "gw-a", "FIC_1"], head=head)
    shown = effective(of)
    assert [shown[f"TF1/LT-1/{name}"]["priority"] for name in ("HH", "H")] == ["critical", "medium"]
    assert [shown[f"TF1/LT-1/{name}"]["action"]["en"] for name in ("HH", "H")] == ["停泵", "查看"]
    assert shown["TF1/LT-1/H"]["response_time"] == "5min"
    assert (shown["TF1/LT-1"]["gateway"], shown["TF1/LT-1"]["alias"]) == ("gw-a", "FIC_1")


def test_a_tag_that_cannot_be_an_id_keeps_its_own_form_as_an_alias() -> None:
    shown = effective(made_of(row(tag="LT 101#")))
    assert shown["TF1/LT-101"]["alias"] == "LT 101#"


def test_full_width_tags_are_plain_ids() -> None:
    assert "TF1/LT-101" in effective(made_of(row(tag="ＬＴ－１０１")))


def test_english_names_stay_english_and_two_columns_give_both_languages() -> None:
    assert effective(made_of(row(name="Tank 101 level")))["TF1/LT-101"]["name"]["en"] == "Tank 101 level"
    head = ["Tag No.", "描述", "Description", "Unit", "Range"]
    both = effective(made_of(["LT-1", "液位", "Level", "m", "0-15"], head=head))["TF1/LT-1"]["name"]
    assert both == {"en": "Level", "zh-CN": "液位"}


def test_columns_given_by_hand_win_over_the_headings_and_serve_without_any() -> None:
    rows = [["LT-101", "液位", "m", "0~15", "13", "99"]]
    given = {Role("tag"): 0, Role("name"): 1, Role("unit"): 2, Role("range"): 3, Role("setpoint", "HH"): 4}
    assert effective(made([Sheet("", rows)], given))["TF1/LT-101/HH"]["setpoint"] == 13
    headed = [
        ["位号", "单位", "量程", "HH", "动作值", "原因", "说法"],
        ["LT-101", "m", "0~15", "13", "12", "超量", "blocked"],
    ]
    alarm = effective(made([Sheet("", headed)], {Role("setpoint", "HH"): 4, Role("cause"): 6}))["TF1/LT-101/HH"]
    assert (alarm["setpoint"], alarm["cause"]) == (12, {"en": "blocked", "zh-CN": "blocked"})


def test_the_mapping_stands_at_the_beginning_and_what_is_unclear_at_the_end() -> None:
    of = made_of(LT, row(tag="LT-102", HH="99"))
    assert of.text is not None
    lines = of.text.splitlines()
    assert any(line.split() == ["#", "HH", "F", "HH"] for line in lines[:20])
    assert lines[-1].startswith("#   row 3, LT-102: imported, but HH: 99 is outside the range")


def test_all_sheets_with_headings_are_read_and_tags_are_unique_over_all() -> None:
    sheets = [
        Sheet("封面", [["东园化工"], ["编制", "李伟"]]),
        Sheet("A", [HEAD, LT]),
        Sheet("B", [HEAD, row(tag="LT-102"), LT]),
    ]
    of = made(sheets)
    assert of.points == 2
    assert "first in sheet A row 2" in reasons(of)["LT-101"]


IO_SHEET = Sheet(
    "IO", [["位号", "描述", "单位", "量程"], ["LT-1", "液位", "m", "0~15"], ["TT-1", "温度", "℃", "0~100"]]
)
ALARM_SHEETS = [
    Sheet("报警", [["位号", "HH", "H", "优先级"], ["LT-1", "13", "12", "1"], ["PT-1", "1", "", "1"]]),
    Sheet(
        "报警",
        [
            ["位号", "报警类型", "设定值", "优先级"],
            ["LT-1", "HH", "13", "1"],
            ["LT-1", "H", "12", "1"],
            ["PT-1", "H", "1"],
        ],
    ),
]


@pytest.mark.parametrize("alarms", ALARM_SHEETS)
@pytest.mark.parametrize("first", [True, False])
def test_an_alarm_list_on_another_sheet_gives_the_points_of_the_io_list_their_limits(
    alarms: Sheet, first: bool
) -> None:
    of = made([IO_SHEET, alarms] if first else [alarms, IO_SHEET])
    shown = effective(of)
    assert {one: shown[one].get("setpoint") for one in shown} == {
        "TF1/LT-1": None, "TF1/TT-1": None, "TF1/LT-1/HH": 13, "TF1/LT-1/H": 12,
    }  # fmt: skip
    assert list(reasons(of)) == ["PT-1"]


def test_guidance_in_two_columns_is_in_two_languages() -> None:
    head = ["Tag", "Unit", "Range", "H", "处置措施", "Operator action", "原因"]
    of = made_of(["LT-1", "m", "0-15", "12", "停泵", "Stop the pump", "#REF!"], head=head)
    assert effective(of)["TF1/LT-1/H"]["action"] == {"en": "Stop the pump", "zh-CN": "停泵"}
    assert reasons(of)["LT-1"] == "cause: the cell holds #REF!"


def test_a_list_without_headings_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match="--columns"):
        made([Sheet("", [["a", "b"], ["1", "2"]])])


def test_a_list_without_a_single_clear_row_gives_no_file() -> None:
    of = made_of(row(unit="?"))
    assert (of.text, of.points, len(of.unclear)) == (None, 0, 1)


def test_a_part_is_taken_by_a_site_that_has_the_rest() -> None:
    text = made([Sheet("", [HEAD, LT])], part=True).text
    assert text is not None
    assert "\nsite:" not in text
    whole = judge("schema: hazardwatch/site/v1\nsite: {id: park}\n" + text)
    assert whole.faults == []
