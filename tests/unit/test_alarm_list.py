"""The alarm list: out of a site file, and what was edited back into the very places it came from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hazardwatch.alarm_list.applying import outcome_of
from hazardwatch.alarm_list.csv_files import csv_of, sheet_of_csv
from hazardwatch.alarm_list.rows import rows_of
from hazardwatch.alarm_list.xlsx_files import sheet_of_xlsx, xlsx_of
from pipeline.sitefile import render_fault
from tests.unit.alarm_list_world import (
    FILE,
    NOTE,
    ROWS,
    SMALL,
    TEXTS,
    Edits,
    applied,
    load,
    load_all,
    outcome_in,
    sheet,
    texts,
    told,
)


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
@settings(max_examples=150, deadline=None)
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


def test_a_row_that_the_site_file_changed_meanwhile_is_not_written_back() -> None:
    list_ = sheet(rows_of(load(SMALL)), {("TF1/PT-1/HH", "on_delay"): "3s"})
    newer = SMALL.replace("setpoint: 16", "setpoint: 17")
    outcome = outcome_in(list_, newer)
    assert outcome.texts == {}
    assert ["changed this alarm meanwhile" in one for one in told(outcome)] == [True]
    same_now = SMALL.replace("setpoint: 12,", "setpoint: 12.0,")
    assert outcome_in(list_, same_now).faults == []


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
