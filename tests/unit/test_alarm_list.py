"""The alarm list: out of a site file, through a spreadsheet, and back into the very places it came from."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from hazardwatch.alarm_list.applying import Outcome, outcome_of
from hazardwatch.alarm_list.cells import Cell, Found, same
from hazardwatch.alarm_list.columns import ALARM, EDITED
from hazardwatch.alarm_list.csv_files import csv_of, sheet_of_csv
from hazardwatch.alarm_list.read_list import Sheet, read_list
from hazardwatch.alarm_list.rows import Row, rows_of
from hazardwatch.alarm_list.xlsx_files import sheet_of_xlsx, xlsx_of
from hazardwatch.sites import load_text
from pipeline.errors import ConfigError
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


@pytest.mark.parametrize("text", list(texts()))
def test_a_list_that_nobody_edited_changes_nothing(text: str) -> None:
    rows = rows_of(load(text))
    for back in (sheet_of_xlsx(xlsx_of(rows, "site.yaml"), "l.xlsx"), sheet_of_csv(csv_of(rows), "l.csv")):
        outcome = outcome_in(back, text)
        assert outcome.reading == outcome.reading._replace(changes=[], faults=[], missing=[], ignored=[], notified=[])
        assert outcome.texts == {}


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf"]), min_size=1, max_size=8)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "setpoint": st.decimals(0, 100, places=2).map(float),
    "deadband": st.decimals(0, 2, places=3).map(float),
    "on_delay": st.sampled_from(["0s", "7s", "90s"]),
    "off_delay": st.sampled_from(["0s", "3s", "2min"]),
    "response_time": st.sampled_from(["10min", "1h", None]),
    "realarm": st.sampled_from(["20min", "1h", None]),
    "latching": st.booleans(),
    "ack_required": st.booleans(),
    "on_bad": st.sampled_from(["hold", "trip"]),
    "shelving.allowed": st.booleans(),
    "shelving.max": st.sampled_from(["1h", "12h"]),
    "exempt_from_bundling": st.booleans(),
    "cause en": WORDS | st.none(),
    "cause zh-CN": WORDS | st.sampled_from(["=1+1", "#x: y", "'", "-"]),
    "action en": WORDS,
    "consequence zh-CN": WORDS,
    "count": st.sampled_from(["times: 4; within: 2min; sustained: 3min", None]),
}


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_what_was_edited_is_what_is_exported_next_and_nothing_else_moves(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    rows = [row for row in ROWS[text] if row.cells["type"] != "degraded"]
    assume(rows)
    edits: Edits = {}
    for _ in range(data.draw(st.integers(1, 4))):
        row, title = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(sorted(VALUES)))
        edits[row.alarm, title] = data.draw(VALUES[title])
    outcome = applied(text, edits)
    assume(not outcome.faults)
    after = outcome.texts.get(FILE, text)
    again = outcome_in(sheet(ROWS[text], edits), after)
    assert outcome.follows == []
    assert (again.placed, again.faults, again.texts) == ([], [], {})
    edited = {one.change.row.alarm for one in outcome.placed}
    now = {row.alarm: row.attributes for row in rows_of(load(after))}
    assert all(now[row.alarm] == row.attributes for row in ROWS[text] if row.alarm not in edited)
    assert _comments(text) == _comments(after)


def _comments(text: str) -> list[str]:
    return [line.partition(" # ")[2] for line in text.splitlines() if line.lstrip().startswith("# ") or "  # " in line]


TEXTS = [param.values[0] for param in texts()] + [SMALL]
ROWS = {text: rows_of(load(text)) for text in TEXTS}


def lines(before: str, after: str) -> list[tuple[str, str]]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(one.strip(), other.strip()) for one, other in pairs if one != other]


def test_a_value_of_its_own_is_changed_in_place() -> None:
    outcome = applied(SMALL, {("TF1/PT-1/HH", "setpoint"): 17.0})
    [(before, after)] = lines(SMALL, outcome.texts[FILE])
    assert after == before.replace("setpoint: 16", "setpoint: 17")


def test_what_a_template_gives_is_overridden_with_the_reason() -> None:
    outcome = applied(SMALL, {("TF1/LT-1/H", "on_delay"): "8s"})
    [(before, after)] = lines(SMALL, outcome.texts[FILE])
    assert after == before.replace("}", ", override: {LT-1/H: {on_delay: 8s, why: annual review (zhao.min)}}}")
    assert "override, line" in load(outcome.texts[FILE]).origin["TF1/LT-1/H.on_delay"]


def test_a_variable_that_serves_for_one_thing_is_changed_where_the_equipment_gives_it() -> None:
    outcome = applied(SMALL, {("TF1/LT-1/HH", "setpoint"): 12.9})
    [(before, after)] = lines(SMALL, outcome.texts[FILE])
    assert after == before.replace("HH: 13}", "HH: 12.9}")


def test_a_variable_that_serves_for_two_things_is_left_alone() -> None:
    text = SMALL.replace('setpoint: "${HH}"', 'setpoint: "${HH}", cause: "over ${HH} m"', 1)
    assert text != SMALL
    outcome = applied(text, {("TF1/LT-1/HH", "setpoint"): 12.9})
    [(_, after)] = lines(text, outcome.texts[FILE])
    assert "HH: 13, override: {LT-1/HH: {setpoint: 12.9" in after


def test_what_a_preset_gives_is_changed_at_the_point_with_the_reason() -> None:
    outcome = applied(SMALL, {("TF1/GT-1/H", "setpoint"): 20.0})
    [(_, after)] = lines(SMALL, outcome.texts[FILE])
    assert after.endswith("alarms: {H: {setpoint: 20, why: annual review (zhao.min)}}}")
    assert load(outcome.texts[FILE]).origin["TF1/GT-1/H.setpoint"].endswith(f": {NOTE}")


def test_a_second_review_adds_its_reason_to_the_first() -> None:
    once = applied(SMALL, {("TF1/LT-1/H", "on_delay"): "8s"}).texts[FILE]
    twice = outcome_in(sheet(rows_of(load(once)), {("TF1/LT-1/H", "on_delay"): "9s"}), once, "MOC 7 (li)").texts[FILE]
    assert "{on_delay: 9s, why: annual review (zhao.min); MOC 7 (li)}" in twice


def test_a_class_brings_what_it_gives_and_the_difference_says_so() -> None:
    outcome = applied(SMALL, {("TF1/PT-1/HH", "class"): "safety"})
    assert told(outcome) == []
    assert {(one.alarm, ".".join(one.path), one.after) for one in outcome.follows} >= {
        ("TF1/PT-1/HH", "latching", True),
        ("TF1/PT-1/HH", "realarm", "15min"),
    }


def test_every_fault_of_the_list_is_told_at_once_with_its_cell_and_nothing_is_written() -> None:
    edits: Edits = {
        ("TF1/LT-1/H", "setpoint"): "abc",
        ("TF1/LT-2/HH", "class"): "safty",
        ("TF1/LT-2/H", "on_delay"): 5,
        ("TF1/PT-1/H", "setpoint"): 18,
        ("TF1/PT-1/HH", "type"): "low",
        ("TF1/PT-1/STALE", "priority"): None,
        ("TF1/GT-1/H", "alarm"): "TF1/GT-1/HX",
    }
    rows = rows_of(load(SMALL))
    outcome = applied(SMALL, edits)
    row = {one.alarm: number for number, one in enumerate(rows, 2)}
    place = [f"list.xlsx:{row[alarm]}: " for alarm, _ in edits if alarm != "TF1/PT-1/H"]
    place.append(f"list.xlsx:{row['TF1/PT-1/HH']}: TF1/PT-1/HH setpoint (cell J{row['TF1/PT-1/HH']}): found 16;")
    said = told(outcome)
    assert all(any(one.startswith(here) for one in said) for here in place), said
    assert len(said) == len(edits)
    assert {one.nearest for one in outcome.faults} >= {"safety", "5s", "TF1/GT-1/H"}
    assert outcome.texts == {}


@pytest.mark.parametrize(
    ("title", "found", "after"),
    [
        ("setpoint", Found("  １２．４ "), 12.4),
        ("setpoint", Found("12.4\u00a0"), 12.4),
        ("setpoint", Found("1240 cm"), "1240 cm"),
        ("deadband", Found(0.02, percent=True), "2%"),
        ("priority", Found("High"), "high"),
        ("latching", Found("是"), True),
        ("latching", Found("TRUE"), True),
        ("on_delay", Found("6 s"), "6 s"),
        ("cause en", Found(12), "12"),
        ("cause en", Found(" two\r\nlines "), "two\nlines"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_makes_of_a_value_is_understood(title: str, found: Found, after: object) -> None:
    rows = rows_of(load(SMALL))
    at = list(rows[0].cells).index(title)
    edited = sheet(rows, {})
    number = next(number for number, row in enumerate(rows) if row.alarm == "TF1/LT-1/H")
    edited.rows[number][1][at] = found
    reading = read_list(edited, rows)
    assert reading.faults == []
    assert reading.changes[0].after == after


def test_the_same_in_another_writing_is_no_change() -> None:
    edits: Edits = {("TF1/PT-1/HH", "setpoint"): "0.16 bar", ("TF1/LT-1/H", "on_delay"): "5000ms"}
    outcome = applied(SMALL, edits)
    assert (outcome.placed, outcome.faults) == ([], [])
    assert same("60s", "1min")
    assert not same("1", True)


def test_rows_in_any_order_left_out_or_of_ones_own_columns_are_no_fault() -> None:
    rows = rows_of(load(SMALL))
    some = sheet(rows[::-2], {})
    some.columns["reviewed by"] = len(some.columns)
    reading = read_list(some, rows)
    assert (reading.changes, reading.faults, reading.ignored) == ([], [], ["reviewed by"])
    assert len(reading.missing) == len(rows) - len(rows[::-2])


def test_a_row_that_the_site_file_changed_meanwhile_is_not_written_back() -> None:
    list_ = sheet(rows_of(load(SMALL)), {("TF1/PT-1/HH", "on_delay"): "3s"})
    newer = SMALL.replace("setpoint: 16", "setpoint: 17")
    outcome = outcome_in(list_, newer)
    assert outcome.texts == {}
    assert ["changed this alarm meanwhile" in one for one in told(outcome)] == [True]
    same_now = SMALL.replace("setpoint: 12,", "setpoint: 12.0,")
    assert outcome_in(list_, same_now).faults == []


def test_a_formula_without_its_result_is_no_empty_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(ROWS[SMALL], "plant.yaml")))
    page = book["Alarms"]
    row = {cell.value: cell.row for cell in page["A"]}["TF1/PT-1/HH"]
    page.cell(row, [cell.value for cell in page[1]].index("setpoint") + 1, "=8*2")
    out = io.BytesIO()
    book.save(out)
    [fault] = told(outcome_in(sheet_of_xlsx(out.getvalue(), "l.xlsx"), SMALL))
    assert 'found "=8*2"; expected a number' in fault


MODES = SMALL.replace("on_delay: 5s}", "on_delay: 5s, by_mode: {cleaning: {setpoint: 11, on_delay: 9s}}}")


def test_a_mode_of_a_template_is_overridden_with_all_that_the_template_says_of_modes() -> None:
    edits: Edits = {("TF1/LT-1/H", "by_mode"): "cleaning: setpoint 11.5, on_delay 9s"}
    outcome = applied(MODES, edits)
    assert (told(outcome), outcome.follows) == ([], [])
    assert "{by_mode: {cleaning: {setpoint: 11.5, on_delay: 9s}}, why: " in outcome.texts[FILE]
    [row] = [one for one in rows_of(load(outcome.texts[FILE])) if one.alarm == "TF1/LT-1/H"]
    assert row.cells["by_mode"] == "cleaning: setpoint 11.5, on_delay 9s"


def test_what_the_alarm_says_itself_can_be_emptied_and_what_others_give_cannot() -> None:
    gone = applied(SMALL, {("TF1/PT-1/H", "response_time"): None})
    assert "H: {setpoint: 12, deadband: 1}" in gone.texts[FILE]
    kept = applied(SMALL, {("TF1/LT-1/HH", "response_time"): None, ("TF1/LT-2/HH", "realarm"): None})
    assert [one.partition("found ")[2] for one in told(kept)] == [
        "nothing; expected a value: it cannot be emptied here (template tank, line 17)",
        "nothing; expected a value: it cannot be emptied here (class safety)",
    ]


def test_a_number_that_a_spreadsheet_shortened_is_no_change() -> None:
    text = SMALL.replace("setpoint: 16", "setpoint: 16.333333333333332")
    assert applied(text, {("TF1/PT-1/HH", "setpoint"): "16.3333333333"}).placed == []


def test_texts_of_the_site_never_become_formulas() -> None:
    text = SMALL.replace("class: safety,", "class: safety, cause: '=cmd()', action: \"'+1\", consequence: '-x',", 1)
    assert text != SMALL
    rows = rows_of(load(text))
    page = openpyxl.load_workbook(io.BytesIO(xlsx_of(rows, "s")))["Alarms"]
    assert isinstance(page, Worksheet)
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    written = csv_of(rows).decode("utf-8-sig")
    assert ",'=cmd()," in written
    assert ",''+1," in written
    assert read_list(sheet_of_csv(written.encode(), "l.csv"), rows).changes == []


@pytest.mark.parametrize(
    "data",
    [
        csv_of(ROWS[SMALL]).decode("utf-8-sig").encode("gb18030"),
        csv_of(ROWS[SMALL]).decode("utf-8-sig").encode("utf-16"),
        csv_of(ROWS[SMALL]),
    ],
    ids=["gb18030", "utf-16", "utf-8"],
)  # fmt: skip
def test_a_csv_file_is_read_as_spreadsheets_save_it(data: bytes) -> None:
    assert read_list(sheet_of_csv(data, "l.csv"), ROWS[SMALL])[:3] == ([], [], [])


def test_a_workbook_is_made_to_be_worked_with() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(ROWS[SMALL], "plant.yaml")))
    page = book["Alarms"]
    assert isinstance(page, Worksheet)
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref
    row = {cell.value: cell.row for cell in page["A"]}["TF1/LT-1/H"]
    from_ = book["Sources"]
    titles = [cell.value for cell in from_[1]]
    assert str(from_.cell(row, titles.index("on_delay") + 1).value).startswith("template tank, line")
    assert [one.title for one in EDITED] == titles[1:]


def test_what_is_no_list_is_refused_in_words() -> None:
    with pytest.raises(ConfigError, match="cannot be read as a workbook"):
        sheet_of_xlsx(b"PK", "l.xlsx")
    with pytest.raises(ConfigError, match="no heading 'alarm'"):
        sheet_of_csv(b"a,b\n1,2\n", "l.csv")
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(ConfigError, match="no sheet whose first row has the heading"):
        sheet_of_xlsx(out.getvalue(), "l.xlsx")


def test_every_cell_says_where_its_value_comes_from() -> None:
    for text, rows in ROWS.items():
        for row in rows:
            cells: dict[str, Cell] = {one.title: row.cells[one.title] for one in EDITED}
            silent = [title for title, cell in cells.items() if cell is not None and not row.sources.get(title)]
            assert silent == [], (row.alarm, text[:40])


PLANT = {
    "plant.yaml": "schema: hazardwatch/site/v1\nsite: {id: park}\ninclude: [tanks.yaml, common.yaml]\n",
    "tanks.yaml": "installations:\n  - id: TF1  # tanks\n    table: [tanks.csv, gas.csv]\n",
    "common.yaml": "templates:\n  tank:\n    vars: [n, HH]\n    points:\n      - id: LT-${n}\n        quantity: level\n"
    "        unit: m\n        alarms:\n          HH: {setpoint: '${HH}', deadband: 0.1}\n",
    "tanks.csv": "id,use,n,HH\r\nT-1,tank,1,13\r\nT-2,tank,2,13\r\n",
    "gas.csv": "id,quantity,unit,range[0],range[1],preset\nGT-1,gas_concentration,%LEL,0,100,gas-combustible\n",
}


def test_every_change_goes_into_the_file_it_belongs_to() -> None:
    loaded = load_all(PLANT)
    assert [render_fault(one) for one in loaded.faults] == []
    edits: Edits = {
        ("TF1/LT-2/HH", "setpoint"): 12.5,
        ("TF1/LT-1/HH", "on_delay"): "3s",
        ("TF1/GT-1/H", "setpoint"): 20,
    }
    outcome = outcome_of(sheet(rows_of(loaded), edits), PLANT, loaded, load_all, NOTE)
    assert told(outcome) == []
    assert outcome.texts == {
        "tanks.csv": "id,use,n,HH,override.LT-1/HH.on_delay,override.LT-1/HH.why\r\n"
        f"T-1,tank,1,13,3s,{NOTE}\r\nT-2,tank,2,12.5\r\n",
        "gas.csv": "id,quantity,unit,range[0],range[1],preset,alarms.H.setpoint,alarms.H.why\n"
        f"GT-1,gas_concentration,%LEL,0,100,gas-combustible,20,{NOTE}\n",
    }
    edits["TF1/LT-2/HH", "setpoint"] = "deep"
    outcome = outcome_of(sheet(rows_of(loaded), edits), PLANT, loaded, load_all, NOTE)
    assert ['setpoint (cell J7): found "deep"; expected a number' in one for one in told(outcome)] == [True]
