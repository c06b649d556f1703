"""I/O lists for tests: rows imported and read back, and a list of 200 rows with the usual mess."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook

from hazardwatch.sites import load_text
from pipeline.iolist.headings import Role
from pipeline.iolist.importing import Asked, Made, imported
from pipeline.iolist.sheet import Sheet
from pipeline.sitefile import Loaded, expanded

HEAD = ["位号", "描述", "类型", "单位", "量程", "HH", "H", "L", "LL", "优先级", "延时(s)", "死区"]


def judge(text: str) -> Loaded:
    return load_text(text.encode(), "list.yaml")


def made(sheets: list[Sheet], columns: dict[Role, int] | None = None, *, part: bool = False) -> Made:
    return imported(sheets, Asked("TF1", "", "list.csv", columns or {}, None, part), None, judge)


def made_of(*rows: list[str], head: list[str] | None = None) -> Made:
    """Of one sheet: the usual headings, and these rows."""
    return made([Sheet("", [HEAD if head is None else head, *rows])])


def effective(of: Made) -> dict[str, dict[str, Any]]:
    """Points and alarms of limits and switches by id (TF1/LT-101, TF1/LT-101/HH), as `check --expand` shows them."""
    assert of.text is not None
    loaded = judge(of.text)
    assert loaded.faults == []
    shown = expanded(loaded)
    own = {"stale", "bad", "late", "clock"}
    return {one["point"]: one for one in shown["points"]} | {
        one["alarm"]: one for one in shown["alarms"] if one["type"] not in own
    }


def reasons(of: Made) -> dict[str, str]:
    """What is unclear, by tag; several reasons of one tag together."""
    told: dict[str, str] = {}
    for row in of.unclear:
        told[row.tag] = f"{told[row.tag]}; {row.reason}" if row.tag in told else row.reason
    return told


def messy_workbook() -> Workbook:
    """About 200 rows as an engineer keeps them: a title, two rows of headings, merged cells, sections, units anywhere.

    Twelve methanol tanks with a pump each, gas detectors, utilities; then duplicates, blanks, spares and slips.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "I-O清单"
    for row in (*_TITLE, *_tanks(), *_detectors(), *_others()):
        sheet.append(row)
    for block in ("A1:R1", "G3:H3", "J3:M3", *(f"{one}3:{one}4" for one in "ABCDEFINOPQR")):
        sheet.merge_cells(block)
    for top in range(6, 6 + 12 * _PER_TANK, _PER_TANK):
        sheet.merge_cells(f"C{top}:C{top + _PER_TANK - 1}")
    cover = book.create_sheet("封面", 0)
    cover.append(["东园化工有限公司"])
    cover.append(["甲醇罐区 I/O 清单", "Rev. 3"])
    return book


_PER_TANK = 12
_NO_ENDS = (None, None, None)
_NO_LOW = (None, None)
_TITLE: list[list[Any]] = [
    ["东园化工有限公司 甲醇罐区仪表 I/O 清单"],
    [],
    ["序号", "仪表位号", "所属设备", "用途", "仪表类型", "信号", "量程", None, "工程单位", "报警设定值", *_NO_ENDS,
     "优先级", "延时\n(s)", "可能原因", "处置措施", "备注"],
    [None, None, None, None, None, None, "下限", "上限", None, "HH", "H", "L", "LL"],
]  # fmt: skip


def _tanks() -> list[list[Any]]:
    rows: list[list[Any]] = [["一、甲醇储罐"]]
    for n in range(101, 113):
        high = 13.2 if n < 109 else 11.8
        ends = (0, 15, "m")
        rows += [
            [None, f"LT-{n}", f"T-{n}", f"{n}罐液位", "雷达液位计", "AI", *ends, high, high - 0.7, 1.5, 0.8, "高", 5,
             "进料未停", f"关闭 MOV-{n} 阀"],
            [None, f"LT-{n}B", None, f"{n}罐第二液位", "磁致伸缩", "AI", 0, 15, "米", "-", "/", "无"],
            [None, f"LSHH-{n}", None, f"{n}罐高高液位开关", "音叉", "DI", *_NO_ENDS, "√", *_NO_ENDS, "紧急", None, None,
             f"确认 MOV-{n} 已关", "0=报警 1=正常"],
            [None, f"TT-{n}", None, f"{n}罐温度(℃)", "热电阻", "AI", "-20", "120", *_NO_LOW, "≥38", *_NO_LOW, "中",
             "10s"],
            [None, f"PIT-{n}", None, f"{n}罐压力", "压力变送器", "4-20mA", "-2", "20", "ＫＰａ", 16, 12, -1, None, 2,
             2],
            [None, f"FT-{n}", None, f"{n}罐进料", "流量计", "AI", 0, 400, "m³/h", None, 380, *_NO_LOW, "低", "3秒"],
            [None, f"FT-{n}X", None, f"{n}罐出料", "质量流量计", "AI", 0, 400, "m3/h"],
            [None, f"XV-{n}", None, f"{n}罐进料阀开到位", "阀位开关", "DI"],
            [None, f"XV-{n}C", None, f"{n}罐进料阀关到位", "阀位开关", "DI"],
            [None, f"XY-{n}", None, f"{n}罐进料阀开阀命令", "电磁阀", "DO"],
            [None, f"PT-{n}P", None, f"P-{n} 出口压力", "变送器", "AI", "0～1.6MPa", None, "MPa", 1.2, "1.0", 0.2,
             None, 3],
            [None, f"JT-{n}", None, f"P-{n} 泵功率", "变送器", "AI", 0, 55, "kW", None, "90%", *_NO_LOW, 3, "1min"],
        ]  # fmt: skip
    return rows


def _detectors() -> list[list[Any]]:
    detectors: list[list[Any]] = [
        [None, f"GT-{n:03}", None, f"可燃气 {n:03}", "催化燃烧", "4-20mA", 0, 100, "％ＬＥＬ", ">50", "≥25%LEL", "-",
         "/", 1, None, "泵或法兰泄漏", "携便携式检测仪查找漏点"]
        for n in range(1, 37)
    ]  # fmt: skip
    return [
        [],
        ["二、可燃、有毒气体检测"],
        *detectors,
        [None, "AE-201", None, "分析小屋氧含量", "电化学", "4-20mA", 0, 30, "%", None, 23.5, 19.5, None, 2],
        [None, "QT-202", None, "装车台 H2S", "电化学", "4-20mA", 0, 100, "ppm", 14, 7, None, None, 1],
    ]


def _others() -> list[list[Any]]:
    return [
        [],
        ["三、公用工程"],
        ["序号", "仪表位号", "所属设备", "用途"],
        [None, "TT-301", None, "循环水温度 0-100 ℃", "热电偶", "AI", None, None, None, None, 40, None, None, "低"],
        [None, "PT-302", None, "仪表风压力", "压力变送器", "AI", 0, 1, "MPa", None, None, "400 kPa", "0.35", "高"],
        [None, "LT 303", None, "事故池液位", "超声波", "AI", 0, 5000, "mm", 4500, 4000, None, None, "高"],
        [None, "LT-101", "T-101", "101罐液位", "雷达液位计", "AI", 0, 15, "m", 13],
        [None, "LT-304", None, "污水池液位", "超声波", "AI", 0, 5, "m", 6, 4],
        [None, "PT-305", None, "蒸汽压力", "压力变送器", "AI", 0, 10, "kgf/cm2", 9],
        [None, "AIT-306", None, "污水 pH", "pH计", "AI", 0, 14, "pH", None, 9, 6],
        [None, "TT-307A/B", None, "换热器进出口温度", "热电阻", "AI", 0, 200, "℃", None, 150],
        [None, "TT-308", None, "备用", "热电阻", "AI"],
        [None, "FQ-309", None, "装车累积量", "流量计", "AI", 0, 9999, "t"],
        [None, None, None, "无位号测点", "热电阻", "AI", 0, 100, "℃", None, 80],
        [None, "LT-310", None, "地下槽液位", "雷达液位计", "AI", 0, 3, "m", 2.5, 2.8],
        [None, "PT-311", None, "氮气压力", "压力变送器", "AI", 0, 1, "MPa", None, None, "待定", None, "高"],
        [None, "TT-312", None, "界区温度", "热电阻", "AI", -50, 100, "℃", None, "60/80"],
        [],
        ["编制：张三        审核：李四"],
    ]
