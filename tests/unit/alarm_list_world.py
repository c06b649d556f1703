"""What the tests of the alarm list share: site files of every style, and a list of one with cells edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hazardwatch.alarm_list.applying import Outcome, outcome_of
from hazardwatch.alarm_list.cells import Found
from hazardwatch.alarm_list.columns import ALARM
from hazardwatch.alarm_list.read_list import Sheet
from hazardwatch.alarm_list.rows import Row, rows_of
from hazardwatch.sites import load_text
from pipeline.sitefile import Loaded, render_fault
from pipeline.sitefile.files import packed

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared" / "contract" / "site.yaml"
GOOD = sorted((ROOT / "tests" / "good_sites").glob("*.yaml"))
SMALL = (ROOT / "tests" / "sites" / "small.yaml").read_text(encoding="utf-8")
NOTE = "annual review (zhao.min)"
FILE = "site.yaml"
Edits = dict[tuple[str, str], object]


def load(text: str) -> Loaded:
    return load_text(text.encode(), FILE)


def sheet(rows: list[Row], edits: Edits) -> Sheet:
    columns = {title: at for at, title in enumerate(rows[0].cells)} if rows else {ALARM.title: 0}
    cells = [[Found(edits.get((row.alarm, title), row.cells[title])) for title in columns] for row in rows]
    return Sheet("list.xlsx", columns, list(enumerate(cells, 2)))


def load_all(texts: Mapping[str, str]) -> Loaded:
    return load_text(packed(texts), next(iter(texts)))


def outcome_in(list_: Sheet, text: str, reason: str = NOTE) -> Outcome:
    """Of a site of one file."""
    return outcome_of(list_, {FILE: text}, load(text), load_all, reason)


def applied(text: str, edits: Edits) -> Outcome:
    return outcome_in(sheet(rows_of(load(text)), edits), text)


def told(outcome: Outcome) -> list[str]:
    return [render_fault(one) for one in outcome.faults]


def texts() -> Iterator[Any]:
    for path in [*GOOD, *([CONTRACT] if CONTRACT.exists() else [])]:
        yield pytest.param(path.read_bytes().decode("utf-8-sig"), id=path.stem)


TEXTS = [param.values[0] for param in texts()] + [SMALL]
ROWS = {text: rows_of(load(text)) for text in TEXTS}
