"""CSV tables of points and equipment beside the YAML files: the same site, and faults with file, line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.sitefile import Loaded, load, render_fault

KINDS = frozenset({"high", "low", "stale", "bad", "late", "clock"})
MAIN = """schema: hazardwatch/site/v1
site: {id: works}
templates:
  tank:
    vars: [n, HH]
    points:
      - {id: "LT-${n}", quantity: level, unit: m, range: [0, 15], alarms: {HH: {setpoint: "${HH}"}}}
installations:
  - id: TF1
    points: [{id: P-1, quantity: pressure, unit: bar, range: [0, 10]}]
"""
TABLE = "    table: points.csv\n"
POINTS = """id,name.en,name.zh-CN,quantity,unit,range[0],range[1],alias,alarms.H.setpoint,alarms.H.cause.en
TT-1,"Inlet, north",入口,temperature,°C,-20,120,1101,80,"Heater ""A"" runs on"
TT-2,7,出口,temperature,°C,0,100,,,
"""


def loaded(folder: Path, table: str, main: str = MAIN + TABLE) -> Loaded:
    (folder / "site.yaml").write_text(main, encoding="utf-8")
    (folder / "points.csv").write_bytes(table.encode())
    return load(folder / "site.yaml", KINDS, frozenset())


def told(folder: Path, table: str, main: str = MAIN + TABLE) -> list[str]:
    return [render_fault(one).removeprefix(f"{folder}/") for one in loaded(folder, table, main).faults]


IN_YAML = """
      - {id: TT-1, name: {en: "Inlet, north", zh-CN: 入口}, quantity: temperature, unit: °C, range: [-20, 120],
         alias: "1101", alarms: {H: {setpoint: 80, cause: {en: 'Heater "A" runs on'}}}}
      - {id: TT-2, name: {en: "7", zh-CN: 出口}, quantity: temperature, unit: °C, range: [0, 100]}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_rows_are_points_as_if_they_were_written_in_yaml(ends: str, mark: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, mark + POINTS.replace("\n", ends))
    assert [render_fault(one) for one in found.faults] == []
    point = "{id: P-1, quantity: pressure, unit: bar, range: [0, 10]}"
    same = MAIN.replace(f" [{point}]", f"\n      - {point}{IN_YAML.rstrip()}")
    assert found.site is not None
    assert found.site == loaded(tmp_path, "", same).site


def test_a_column_use_makes_the_rows_equipment(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "id,use,n,HH,override.LT-2/HH.deadband,override.LT-2/HH.why\nT-1,tank,1,13,,\nT-2,tank,2,12.5,0.4,7\n"
    )
    assert [render_fault(one) for one in found.faults] == []
    assert found.site is not None
    [tanks] = found.site.installations
    assert [(one.id, one.equipment) for one in tanks.points] == [("LT-1", "T-1"), ("LT-2", "T-2"), ("P-1", None)]
    assert tanks.points[1].alarms[0].deadband == 0.4


def test_a_whole_list_or_mapping_may_stand_in_a_cell(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'id,quantity,unit,range,alarms\nL,level,m,"[0, 15]","{H: {setpoint: 12}}"\n')
    assert found.site is not None
    level = found.site.installations[0].points[1]
    assert (level.high, level.alarms[0].setpoint) == (15, 12)


def test_states_may_have_columns_of_their_own(tmp_path: Path) -> None:
    table = "id,quantity,states.0,states.1,alarms.HH.type,alarms.HH.when\nS,state,tripped,healthy,digital,tripped\n"
    found = loaded(tmp_path, table)
    assert [render_fault(one) for one in found.faults] == []
    assert found.site is not None
    assert found.site.installations[0].points[1].states == {0: "tripped", 1: "healthy"}


def test_lines_without_anything_are_passed_over(tmp_path: Path) -> None:
    found = loaded(tmp_path, ",,\nid,quantity,unit\n\n,,\nL,level,m\n,,")
    assert found.site is not None
    assert [one.id for one in found.site.installations[0].points] == ["P-1", "L"]


HEAD = "id,quantity,unit,range[0],range[1]\n"
FAULTS = {
    "a cell of the wrong kind": (
        HEAD + "L,level,m,0,high\n",
        'points.csv:2: L.range[1]: found "high"; expected a number',
    ),
    "a unit of another quantity": (
        HEAD + "L,level,bar,0,15\n",
        'points.csv:2: L.unit: found "bar"; expected a unit of level',
    ),
    "a cell that is empty": (HEAD + "L,level,,0,15\n", "points.csv:2: L.unit: found nothing; expected the key unit"),
    "an unknown heading, once": (
        "id,quantity,unit,perod\nL,level,m,1s\nL2,level,m,2s\n",
        "points.csv:1: found the unknown key perod; expected one of ",
    ),
    "a column that is missing": (
        "id,unit\nL,m\nL2,m\n",
        "points.csv:1: quantity: found nothing; expected the key quantity",
    ),
    "a point twice": (
        HEAD + "L,level,m,0,15\nL,level,m,0,15\n",
        "points.csv:3: L (line 3): found the point L a second time (first in line 2); expected each point once",
    ),
    "a point of the file": (
        HEAD + "P-1,level,m,0,15\n",
        "points.csv:2: P-1: found the point P-1 a second time (first in ",
    ),
    "a quotation mark that is not closed": (
        HEAD + 'L,level,"m,0,15\n',
        "points.csv:2: found a quotation mark that is not closed; expected a second one",
    ),
    "a quotation mark in a cell": (
        HEAD + 'L,level,m,0,15"\n',
        'points.csv:2: found a quotation mark behind "15"; expected the cell in quotes',
    ),
    "a text behind quotes": (HEAD + 'L,"level"x,m,0,15\n', 'points.csv:2: found "x" after a closing quotation mark'),
    "a cell beyond the headings": (HEAD + "L,level,m,0,15,x\n", 'points.csv:2: found "x"; expected no cell beyond'),
    "semicolons": ("id;quantity\nL;level\n", "points.csv:1: "),
    "a heading that is no path": (
        "id,quantity,unit,alarms..H\nL,level,m,1\n",
        'points.csv:1: found the heading "alarms..H"',
    ),
    "a heading twice": ("id,quantity,unit,unit\nL,level,m,m\n", "points.csv:1: found the heading unit beside another"),
    "a second number without the first": (
        "id,quantity,unit,range[1]\nL,level,m,15\n",
        "points.csv:1: found the heading range[1]",
    ),
    "nothing": ("", "points.csv:1: found no rows; expected a table"),
    "a brace that is not closed": (
        'id,quantity,unit,alarms\nL,level,m,"{H: {setpoint: 12}"\n',
        "points.csv:2: L.alarms: found ",
    ),
}


@pytest.mark.parametrize("case", FAULTS, ids=str)
def test_a_fault_of_a_table_is_told_once_in_its_line(case: str, tmp_path: Path) -> None:
    table, expected = FAULTS[case]
    found = told(tmp_path, table)
    assert [one for one in found if one.startswith(expected)] == found, found
    assert len(found) == 1, found


def test_a_fault_of_a_cell_names_its_column_in_the_line(tmp_path: Path) -> None:
    [fault] = loaded(tmp_path, HEAD + 'L,"level",m,0,high\n').faults
    assert (fault.line, fault.column) == (2, 15)


def test_a_line_counts_in_the_file_also_behind_a_cell_of_two_lines(tmp_path: Path) -> None:
    [fault] = told(tmp_path, 'id,quantity,unit,name\nL,level,m,"two\nlines"\nM,level,bar,x\n')
    assert fault.startswith("points.csv:4: M.unit")


def test_a_table_that_is_not_there_names_what_is(tmp_path: Path) -> None:
    [fault] = told(tmp_path, POINTS, MAIN + "    table: point.csv\n")
    assert fault.startswith("site.yaml:11: installations[0].table: found ")
    assert fault.endswith("no such file; expected a file (did you mean points.csv?)")


def test_a_table_twice_is_a_fault(tmp_path: Path) -> None:
    [fault] = told(tmp_path, POINTS, MAIN + "    table: [points.csv, points.csv]\n")
    assert fault.startswith("site.yaml:11: installations[0].table[1]: found ")
    assert "a second time (first in line 11)" in fault


def test_a_value_for_a_template_names_the_templates_line(tmp_path: Path) -> None:
    [fault] = loaded(tmp_path, "id,use,n,HH\nT-1,tank,1,13\nT-2,tank,2,x\n").faults
    assert (fault.line, fault.path) == (3, "T-2.HH")
    assert fault.template is not None
    assert (fault.template.name, fault.template.line) == ("tank", 7)


def test_an_unknown_variable_is_told_once_at_its_heading(tmp_path: Path) -> None:
    [fault] = told(tmp_path, "id,use,n,HH,span\nT-1,tank,1,13,5\nT-2,tank,2,13,5\n")
    assert fault.startswith("points.csv:1: found the unknown key span")


def test_the_tables_of_the_page_load(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    gas, tanks = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "gas.csv").write_text(gas, encoding="utf-8")
    template = MAIN.replace("[n, HH]", "[n, span, HH, H]").replace(
        'HH: {setpoint: "${HH}"}', 'HH: {setpoint: "${HH}"}, H: {setpoint: "${H}"}'
    )
    found = loaded(tmp_path, tanks, template + "    table: [gas.csv, points.csv]\n")
    assert [render_fault(one) for one in found.faults] == []
    assert found.site is not None
    tank_102 = found.site.installations[0].points[1]
    assert [(one.name, one.on_delay_ms) for one in tank_102.alarms[:2]] == [("HH", 0), ("H", 10_000)]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("id,quantity\nL,level\nM,level\n", "points.csv:1: unit: found nothing; expected the key unit: for level"),
        ("quantity,unit\nlevel,m\nlevel,m\n", "points.csv:1: id: found nothing; expected the key id"),
        ("id,use,n\nT-1,tank,1\nT-2,tank,2\n", "points.csv:1: HH: found nothing; expected the template's variable HH"),
        ("id,use,n,HH\nT-1,tank,1,13\nT-2,tank,2,\n", "points.csv:3: T-2.HH: found nothing; expected the template's"),
    ],
    ids=["unit", "id", "variable", "a variable of one row"],
)
def test_a_column_that_is_not_there_is_missed_once(table: str, expected: str, tmp_path: Path) -> None:
    [fault] = told(tmp_path, table)
    assert fault.startswith(expected)
