"""A site of several files: `include` of files and folders, faults that name both places, one text of them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.sitefile import Loaded, load, load_bytes, pack, render_fault

KINDS = frozenset({"high", "low", "rate", "stale", "bad", "late", "clock"})
MAIN = """schema: hazardwatch/site/v1
site: {id: works}
include: [people.yaml, areas, ../shared/templates.yaml]
"""
PEOPLE = """positions: [{id: desk, people: [li.wei]}]
people: [{id: li.wei, phone: "+8613800000001"}]
"""
TEMPLATES = """templates:
  tank:
    vars: [n, HH]
    points:
      - {id: "LT-${n}", quantity: level, unit: m, range: [0, 15], alarms: {HH: {setpoint: "${HH}"}}}
"""
AREA = """installations:
  - id: NAME
    owner: desk
    equipment: [{id: T-1, use: tank, n: 1, HH: 13}]
"""


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound site of six files, and the folder above it as the working folder."""
    areas = {f"works/areas/{name}.yaml": AREA.replace("NAME", name) for name in ("B", "A", "sub/C")}
    areas = {name: text.replace("sub/", "") for name, text in areas.items()}
    files = {"works/site.yaml": MAIN, "works/people.yaml": PEOPLE, "shared/templates.yaml": TEMPLATES} | areas
    written(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    return Path("works/site.yaml")


def loaded(path: Path) -> Loaded:
    return load(path, KINDS, frozenset())


def told(path: Path) -> list[str]:
    return [render_fault(fault) for fault in loaded(path).faults]


def test_files_and_folders_in_the_order_of_their_names_make_one_site(works: Path) -> None:
    found = loaded(works)
    assert [render_fault(one) for one in found.faults] == []
    assert found.site is not None
    assert [one.id for one in found.site.installations] == ["A", "B", "C"]
    assert [point.id for point in found.site.installations[2].points] == ["LT-1"]
    assert list(found.asked) == [
        "works/site.yaml",
        "works/people.yaml",
        "works/areas",
        "works/areas/sub",
        "works/areas/A.yaml",
        "works/areas/B.yaml",
        "works/areas/sub/C.yaml",
        "shared/templates.yaml",
    ]
    assert found.origin["A/LT-1/HH.setpoint"] == "equipment, works/areas/A.yaml:4"
    assert found.origin["A/LT-1.range"] == "template tank, shared/templates.yaml:5"


def test_a_site_of_many_files_is_the_site_of_one_file(works: Path) -> None:
    whole = MAIN.replace("include: [people.yaml, areas, ../shared/templates.yaml]\n", PEOPLE + TEMPLATES)
    areas = "".join(AREA.replace("NAME", name).partition("\n")[2] for name in "ABC")
    Path("one.yaml").write_text(f"{whole}installations:\n{areas}", encoding="utf-8")
    assert loaded(works).site == loaded(Path("one.yaml")).site


def test_one_text_of_all_files_loads_without_the_disk(works: Path) -> None:
    data, faults = pack(works)
    assert faults == []
    whole = loaded(works)
    for path in [works, *Path("works/areas").rglob("*.yaml")]:
        path.unlink()
    again = load_bytes(data, "sent", KINDS, frozenset())
    assert again.site == whole.site
    assert next(iter(again.trees)) == "works/site.yaml"


def test_a_single_file_is_sent_as_it_is(works: Path) -> None:
    text = MAIN.replace("include: [people.yaml, areas, ../shared/templates.yaml]\n", "installations: []\n")
    works.write_bytes(text.encode("utf-8-sig"))
    assert pack(works) == (text.encode("utf-8-sig"), [])


def test_what_cannot_be_read_is_not_sent(works: Path) -> None:
    Path("works/people.yaml").unlink()
    data, faults = pack(works)
    assert (data, len(faults)) == (b"", 1)


def test_a_text_of_files_that_was_cut_short_is_a_fault(works: Path) -> None:
    data, _ = pack(works)
    [fault] = load_bytes(data[:-20], "sent", KINDS, frozenset()).faults
    assert "cannot be told apart" in render_fault(fault)


CLASHES = {
    "a file that is not there": (
        {"works/site.yaml": MAIN.replace("people.yaml", "peple.yaml")},
        (
            "works/site.yaml:3: include[0]: found works/peple.yaml: no such file; expected a file "
            "(did you mean people.yaml?)"
        ),
    ),
    "a folder without files": (
        {"works/site.yaml": MAIN.replace("areas", "empty"), "works/empty/notes.txt": "x"},
        "works/site.yaml:3: include[1]: found the folder empty; expected a folder with .yaml files",
    ),
    "a circle": (
        {"works/people.yaml": PEOPLE + "include: ../works/site.yaml\n"},
        (
            "works/people.yaml:3: include: found works/site.yaml, which leads here: "
            "works/site.yaml > works/people.yaml > works/site.yaml; expected files that do not include each other"
        ),
    ),
    "a file twice": (
        {"works/people.yaml": PEOPLE + "include: ../shared/templates.yaml\n"},
        (
            "works/site.yaml:3: include[2]: found shared/templates.yaml a second time "
            "(first in works/people.yaml, line 3); expected each file once"
        ),
    ),
    "a template twice": (
        {"works/people.yaml": PEOPLE + TEMPLATES},
        (
            "shared/templates.yaml:2: templates.tank: found tank a second time "
            "(first in works/people.yaml, line 4); expected each template once"
        ),
    ),
    "an installation twice": (
        {"works/areas/B.yaml": AREA.replace("NAME", "A")},
        (
            "works/areas/B.yaml:2: installations[0].id: found the installation A a second time "
            "(first in works/areas/A.yaml, line 2); expected each installation once"
        ),
    ),
    "a person twice": (
        {"works/areas/D.yaml": "people: [{id: li.wei}]\n"},
        (
            "works/areas/D.yaml:1: people[0].id: found the id li.wei a second time "
            "(first in works/people.yaml, line 2); expected each position and each person once"
        ),
    ),
    "one section twice": (
        {"works/people.yaml": PEOPLE + "notify: {}\n", "works/areas/D.yaml": "notify: {}\n"},
        (
            "works/areas/D.yaml:1: notify: found the key notify a second time "
            "(first in works/people.yaml, line 3); expected notify in one file"
        ),
    ),
    "a second site": (
        {"works/people.yaml": PEOPLE + "site: {id: other}\n"},
        "works/people.yaml:3: site: found the key site; expected it in the main file alone, works/site.yaml",
    ),
    "an unknown key": (
        {"works/people.yaml": PEOPLE.replace("people: [{", "peple: [{")},
        "works/people.yaml:2: peple: found the unknown key peple; expected one of ",
    ),
    "a text that is no YAML": (
        {"works/people.yaml": "positions: [{id: desk}\n"},
        "works/people.yaml:1: found a [ that is not closed; expected YAML: ]",
    ),
    "bytes that are no text": (
        {"works/people.yaml": "\udcff"},
        "works/site.yaml:3: include[0]: found works/people.yaml: in line 1 a byte that is not UTF-8 (0xFF); expected ",
    ),
}


@pytest.mark.parametrize("case", CLASHES, ids=str)
def test_what_does_not_fit_together_is_one_fault_that_names_both_places(case: str, works: Path) -> None:
    files, expected = CLASHES[case]
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8", errors="surrogateescape")
    found = told(works)
    assert [one for one in found if one.startswith(expected)] == found[:1], found
    assert len(found) == 1


def test_links_that_lead_in_a_circle_come_to_an_end(works: Path) -> None:
    Path("works/areas/sub/again").symlink_to(Path("works/areas").resolve())
    assert told(works) == []


def test_a_link_to_a_file_is_that_file(works: Path) -> None:
    Path("works/areas/also.yaml").symlink_to(Path("works/areas/A.yaml").resolve())
    [fault] = told(works)
    assert "works/areas/also.yaml a second time" in fault


def test_a_fault_in_a_template_is_told_once_with_its_uses(works: Path) -> None:
    template = Path("shared/templates.yaml")
    template.write_text(TEMPLATES.replace("unit: m,", "unit: mm3,"), encoding="utf-8")
    [fault] = loaded(works).faults
    assert (fault.file, fault.line) == ("shared/templates.yaml", 5)
    assert render_fault(fault).endswith("(in 3 equipments that use it, first T-1, works/areas/A.yaml:4)")


def test_a_fault_of_a_template_as_such_is_told_once_with_its_uses(works: Path) -> None:
    Path("shared/templates.yaml").write_text(TEMPLATES.replace("LT-${n}", "LT-${m}"), encoding="utf-8")
    [fault] = told(works)
    assert "found ${m}" in fault
    assert fault.endswith("(in 3 equipments that use it, first T-1, works/areas/A.yaml:4)")


def test_a_fault_of_a_value_names_the_line_of_the_template_too(works: Path) -> None:
    Path("works/areas/B.yaml").write_text(AREA.replace("NAME", "B").replace("HH: 13", "HH: high"), encoding="utf-8")
    [fault] = loaded(works).faults
    assert (fault.file, fault.line, fault.path) == ("works/areas/B.yaml", 4, "installations[0].equipment[0].HH")
    assert fault.template is not None
    assert (fault.template.name, fault.template.file, fault.template.line) == ("tank", "shared/templates.yaml", 5)


def test_numbers_of_each_equipment_make_no_further_messages(works: Path) -> None:
    text = TEMPLATES.replace('HH: {setpoint: "${HH}"}', 'HH: {setpoint: "${HH}", deadband: 5}, H: {setpoint: 12}')
    Path("shared/templates.yaml").write_text(text, encoding="utf-8")
    Path("works/areas/B.yaml").write_text(AREA.replace("NAME", "B").replace("HH: 13", "HH: 12.5"), encoding="utf-8")
    [fault] = told(works)
    assert "in 3 equipments that use it" in fault


def test_a_fault_of_a_list_item_stands_at_its_first_letter(works: Path) -> None:
    Path("works/people.yaml").write_text(PEOPLE.replace("[li.wei]", "[li.wie]"), encoding="utf-8")
    [fault] = loaded(works).faults
    line = Path("works/people.yaml").read_text(encoding="utf-8").splitlines()[fault.line - 1]
    assert line[fault.column - 1 :].startswith("li.wie")
