"""What spreadsheets make of an alarm list, and what we make of it then."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from hazardwatch.alarm_list.cells import Cell, Found, same
from hazardwatch.alarm_list.columns import EDITED
from hazardwatch.alarm_list.csv_files import csv_of, sheet_of_csv
from hazardwatch.alarm_list.read_list import read_list
from hazardwatch.alarm_list.rows import rows_of
from hazardwatch.alarm_list.xlsx_files import sheet_of_xlsx, xlsx_of
from pipeline.errors import ConfigError
from tests.unit.alarm_list_world import ROWS, SMALL, Edits, applied, load, outcome_in, sheet, told


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


def test_a_formula_without_its_result_is_no_empty_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(ROWS[SMALL], "plant.yaml")))
    page = book["Alarms"]
    row = {cell.value: cell.row for cell in page["A"]}["TF1/PT-1/HH"]
    page.cell(row, [cell.value for cell in page[1]].index("setpoint") + 1, "=8*2")
    out = io.BytesIO()
    book.save(out)
    [fault] = told(outcome_in(sheet_of_xlsx(out.getvalue(), "l.xlsx"), SMALL))
    assert 'found "=8*2"; expected a number' in fault


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
