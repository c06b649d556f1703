"""`hazardwatch table import` and `hazardwatch init`: files in, a site file out that `check` accepts."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from typer.testing import CliRunner

from hazardwatch.cli import app
from pipeline.iolist import files
from pipeline.iolist.sheet import column_of, letters
from tests.io_lists import messy_workbook

runner = CliRunner()
LIST = "位号,描述,单位,量程,HH,H\nLT-101,101罐液位,m,0~15,13.2,12.5\nLT-101,重复,m,0~15,13,12\n"


def invoke(*words: object, answers: str | None = None) -> Any:
    return runner.invoke(app, [str(word) for word in words], input=answers)


def table_import(table: Path, *more: object) -> tuple[Any, Path]:
    site = table.with_suffix(".yaml")
    return invoke("table", "import", table, "--installation", "TF1", "-o", site, *more), site


def expanded(site: Path) -> dict[str, Any]:
    told = invoke("check", site, "--expand", "--json")
    assert told.exit_code == 0
    found: dict[str, Any] = json.loads(told.stdout)
    return {one.get("alarm", one.get("point")): one for one in (*found["points"], *found["alarms"])}


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    return file


def test_a_list_becomes_a_site_file_that_check_accepts(listed: Path) -> None:
    told, site = table_import(listed)
    assert (told.exit_code, told.stdout) == (0, "")
    assert "tag             A   位号" in told.stderr
    assert "row 3, LT-101: not imported: this tag stands a second time" in told.stderr
    assert expanded(site)["TF1/LT-101/HH"]["setpoint"] == 13.2
    assert (
        "row 3, LT-101: not imported: this tag stands a second time"
        in site.read_text(encoding="utf-8").splitlines()[-1]
    )


def test_a_file_that_is_there_is_not_written_over_unless_asked(listed: Path) -> None:
    listed.with_suffix(".yaml").write_text("mine")
    told, site = table_import(listed)
    assert (told.exit_code, site.read_text()) == (2, "mine")
    assert "--force" in told.stderr
    told, site = table_import(listed, "--force")
    assert told.exit_code == 0
    assert "LT-101" in site.read_text(encoding="utf-8")


def test_without_a_clear_row_nothing_is_written(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("位号,单位\nLT-101,\n", encoding="utf-8")
    told, site = table_import(table)
    assert told.exit_code == 1
    assert not site.exists()
    assert "row 2, LT-101: not imported: no unit" in told.stderr


def test_the_answer_for_programs_says_how_the_list_was_read(listed: Path) -> None:
    told, _ = table_import(listed, "--json")
    answer = json.loads(told.stdout)
    assert (answer["points"], answer["alarms"], answer["rows"]) == (1, 2, 2)
    assert {one["read_as"] for one in answer["columns"]} == {"tag", "name", "unit", "range", "HH", "H"}
    assert [one["tag"] for one in answer["unclear"]] == ["LT-101"]


@pytest.mark.parametrize(
    ("flag", "value"), [("--columns", "tag=1"), ("--columns", "tga=A"), ("--installation", "T F"), ("--sheet", "x")]
)
def test_flags_that_make_no_sense_are_wrong_use(listed: Path, flag: str, value: str) -> None:
    told, site = table_import(listed, flag, value)
    assert told.exit_code == 2
    assert not site.exists()


def test_columns_can_be_given(listed: Path) -> None:
    told, site = table_import(listed, "--columns", "HH=F,H=E")
    assert told.exit_code == 0
    assert "HH, H" in told.stderr  # 12.5 above 13.2: both left out, as asked
    assert "TF1/LT-101/HH" not in expanded(site)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_every_encoding_and_separator_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(LIST.replace(",", separator).encode(encoding))
    [sheet] = files.read_sheets(file)
    assert sheet.rows[1][:3] == ["LT-101", "101罐液位", "m"]


def test_a_workbook_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "储罐"
    sheet.append([0.1 + 0.2, 0.8, 13.2, 100.0, 7, True, "=A1*2", None, "多\n行"])
    sheet["B1"].number_format = "0%"
    sheet["C1"].number_format = '0.0"m"'
    sheet.merge_cells("A3:B4")
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "list.xlsx")
    [read] = files.read_sheets(tmp_path / "list.xlsx")
    assert read.rows == [["0.3", "80%", "13.2m", "100", "7", "TRUE", "#UNCALCULATED!", "", "多 行"]]
    assert [tuple(one) for one in read.merged] == [(2, 0, 3, 1)]


def test_a_formula_that_was_never_calculated_is_told_and_no_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Tag", "Unit", "Range", "HH", "H"], ["LT-1", "m", "0-15", "=15*0.9", 12]):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    told, site = table_import(tmp_path / "list.xlsx")
    assert "HH: the cell holds #UNCALCULATED!" in told.stderr
    assert expanded(site)["TF1/LT-1/H"]["setpoint"] == 12


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "save it as .xlsx"),
        (b"PK\x03\x04 no zip at all", "cannot be read as a workbook"),
        (b"\x81\xff\xff\xfe", "no text in UTF-8"),
        (b"", "no row of headings"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    table = tmp_path / "list.xlsx"
    table.write_bytes(data)
    told, site = table_import(table)
    assert told.exit_code == 2
    assert words in told.stderr
    assert not site.exists()


def test_a_list_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    told, _ = table_import(tmp_path / "absent.xlsx")
    assert told.exit_code == 2
    assert "No such file" in told.stderr


def test_a_quote_too_many_spoils_no_list_of_another_separator(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST + 'TT-1,5" pipe,℃,0~100,,40\n' + "TT-2,x,℃,0~100,,40\n" * 9000, encoding="utf-8")
    [sheet] = files.read_sheets(file)
    assert sheet.rows[3][:3] == ["TT-1", '5" pipe', "℃"]
    assert len(sheet.rows) == 9004


def test_a_cell_as_long_as_excel_allows_does_not_hold_the_import_up(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    long = "9" * 16_000 + "液" * 16_000
    file.write_text(f"{LIST}{long},{long},{long},{long},{long},{long}\n", encoding="utf-8")
    told, site = table_import(file)
    assert told.exit_code == 0
    assert "TF1/LT-101" in expanded(site)


def test_what_unpacks_to_more_than_a_list_ever_has_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (files.MAX_UNPACKED + 1))
    told, _ = table_import(tmp_path / "list.xlsx")
    assert told.exit_code == 2
    assert "unpacks to" in told.stderr


UNCLEAR_IN_THE_MESS = {
    *(f"XY-{n}" for n in range(101, 113)),  # outputs
    *("LT-101", "LT-304", "PT-305", "AIT-306", "TT-307A/B", "TT-308", "FQ-309", "", "LT-310", "PT-311", "TT-312"),
}


def test_a_list_of_two_hundred_rows_with_the_usual_mess_comes_through(tmp_path: Path) -> None:
    messy_workbook().save(tmp_path / "list.xlsx")
    told, site = table_import(tmp_path / "list.xlsx", "--json")
    answer = json.loads(told.stdout)
    assert (answer["rows"], answer["points"], answer["alarms"]) == (196, 177, 250)
    assert {one["tag"] for one in answer["unclear"]} == UNCLEAR_IN_THE_MESS
    shown = expanded(site)
    assert shown["TF1/LT-103"]["equipment"] == "T-103"
    assert shown["TF1/LT-109/H"]["setpoint"] == 11.1
    assert shown["TF1/LSHH-112/HH"]["when"] == "报警"
    assert shown["TF1/PT-112P"]["range"] == [0, 1.6]
    assert shown["TF1/JT-101/H"]["setpoint"] == 49.5
    assert shown["TF1/GT-036/HH"]["action"]["zh-CN"] == "携便携式检测仪查找漏点"
    assert (shown["TF1/AE-201"]["unit"], shown["TF1/PT-302/L"]["setpoint"]) == ("%VOL", 0.4)
    assert "TF1/LT-304/HH" not in shown
    assert len(site.read_text(encoding="utf-8").splitlines()) < 300


def test_columns_are_named_as_excel_names_them() -> None:
    assert [letters(one) for one in range(800)] == [get_column_letter(one + 1) for one in range(800)]
    assert [column_of(letters(one)) for one in range(800)] == list(range(800))


def test_init_without_questions_writes_a_file_that_check_accepts(tmp_path: Path) -> None:
    site = tmp_path / "plant.yaml"
    told = invoke("init", site, "--id", "park", "--name", "东园", "--language", "zh-CN", "--person", "li.wei", "--yes")
    assert told.exit_code == 0
    assert told.stderr.count("\n  hazardwatch ") == 3
    checked = invoke("check", site)
    assert (checked.exit_code, checked.stderr) == (0, "hint: no escalations: nobody is told of any alarm\n")
    assert "Asia/Shanghai" in site.read_text(encoding="utf-8")


def test_init_asks_for_what_no_flag_gave_and_takes_the_list(tmp_path: Path, listed: Path) -> None:
    site = tmp_path / "plant.yaml"
    answers = f"park\n\nzh-CN\n\nTF2\nli.wei\n+8613800000001\n{listed}\n"
    told = invoke("init", "-o", site, answers=answers)
    assert told.exit_code == 0
    assert "TF2/LT-101/HH" in expanded(site)
    assert 'phone: "+8613800000001"' in site.read_text(encoding="utf-8")


def test_init_takes_defaults_where_nobody_answers(tmp_path: Path) -> None:
    told = invoke("init", tmp_path / "plant.yaml", answers="")
    assert told.exit_code == 0
    assert invoke("check", tmp_path / "plant.yaml").exit_code == 0


def test_answers_that_make_no_sound_site_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    site = tmp_path / "plant.yaml"
    told = invoke("init", site, "--id", "park", "--timezone", "Shanghai", "--person", "li", "--phone", "138", "--yes")
    assert told.exit_code == 2
    assert not site.exists()
    assert told.stderr.count("; expected ") == 2
