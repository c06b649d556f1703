"""I/O lists for tests: rows imported and read back, and a list of 200 rows with the usual mess."""

from __future__ import annotations

from typing import Any

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
