"""Presets: every number with its source, changed by a site one at a time, and a site's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hazardwatch.cli import app
from hazardwatch.sites import load_site
from pipeline.site import Alarm
from pipeline.sitefile import Loaded, render_fault
from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.presets import PRESETS
from pipeline.sitefile.presets_shown import presets_shown
from pipeline.units import way

HEAD = "schema: hazardwatch/site/v1\nsite: {id: park}\n"
OWN = "presets:\n  ours: {quantity: level, units: [m], source: standard 12, alarms: {HH: {setpoint: 92%}}}\n"
PLANT = "installations:\n  - id: TF1\n    equipment: [{id: P-1, modes: [running, stopped]}]\n    points:\n"
LEVEL = "quantity: level, unit: m, range: [0, 15]"


def loaded(folder: Path, point: str, own: str = "") -> Loaded:
    file = folder / "site.yaml"
    file.write_text(f"{HEAD}{own}{PLANT}      - {{id: X-1, {point}}}\n", encoding="utf-8")
    return load_site(file)


def alarms_of(found: Loaded) -> dict[str, Alarm]:
    assert found.site is not None, [render_fault(one) for one in found.faults]
    return {one.name: one for one in found.site.installations[0].points[0].alarms}


def test_every_number_of_every_preset_has_a_source() -> None:
    for name, preset in presets_shown().items():
        for alarm, values in preset.get("alarms", {}).items():
            numbers = {key for key in values if key not in ("type", "class", "limit")}
            assert all(preset["sources"][alarm][key] for key in numbers), (name, alarm)
        assert all(gas["source"] for gas in preset.get("gases", {}).values())


@pytest.mark.parametrize("gas", TOXIC)
def test_ppm_of_the_table_are_its_mg_per_m3_at_20_degrees(gas: str) -> None:
    to_ppm = way("gas_concentration", "mg/m3", "ppm", gas)
    assert to_ppm is not None
    for mass, parts in ((TOXIC[gas].level_1, TOXIC[gas].ppm_1), (TOXIC[gas].level_2, TOXIC[gas].ppm_2)):
        assert to_ppm.of(repr(mass)) == pytest.approx(parts, rel=0.04)  # the table is rounded to two figures


def test_a_tank_is_judged_in_percent_of_its_range_and_in_time(tmp_path: Path) -> None:
    alarms = alarms_of(loaded(tmp_path, f"{LEVEL}, preset: tank"))
    assert {name: alarms[name].setpoint for name in ("HH", "H", "L", "LL")} == {
        "HH": 13.5, "H": 12.75, "L": 2.25, "LL": 1.5,
    }  # fmt: skip
    to_limit = [alarms[name].time_to_limit for name in ("to-HH", "nearing-HH")]
    assert [(one.limit, one.within_ms) for one in to_limit if one] == [(13.5, 900_000), (13.5, 1_800_000)]


def test_a_vessel_reckons_from_its_design_pressure(tmp_path: Path) -> None:
    point = "quantity: pressure, unit: bar, range: [0, 20], preset: pressure-vessel, alarms: {H: {setpoint: 11}}"
    assert alarms_of(loaded(tmp_path, f"{point}, design: 1.6 MPa"))["HH"].setpoint == 12.8
    [fault] = loaded(tmp_path, point).faults
    assert "expected the key design" in render_fault(fault)


def test_the_power_of_a_motor_that_should_stand_still(tmp_path: Path) -> None:
    point = "quantity: power, unit: kW, range: [0, 200], period: 15min, preset: motor-power, equipment: P-1"
    alarms = alarms_of(loaded(tmp_path, point))
    assert (alarms["use"].setpoint, alarms["use"].by_mode["stopped"].setpoint) == (190.0, 10.0)
    assert alarms["drop"].rate is not None
    assert alarms["drop"].rate.falling == 60.0


def test_what_a_site_changes_is_a_hint_with_what_it_was_and_why(tmp_path: Path) -> None:
    found = loaded(tmp_path, f"{LEVEL}, preset: tank, alarms: {{H: {{setpoint: 12, priority: high}}}}")
    [hint] = [render_fault(one) for one in found.hints]
    assert 'alarms.H.setpoint: H: setpoint 12 instead of "85%" of the preset tank (proposed' in hint
    assert alarms_of(found)["H"].setpoint == 12


def test_the_hint_at_a_change_of_the_sites_own_preset_names_its_source_and_the_reason(tmp_path: Path) -> None:
    changed = "alarms: {HH: {setpoint: 13.9, why: MOC 7}}"
    [hint] = [render_fault(one) for one in loaded(tmp_path, f"{LEVEL}, preset: ours, {changed}", OWN).hints]
    assert hint.endswith('setpoint 13.9 instead of "92%" of the preset ours (standard 12): MOC 7')


def test_a_site_has_presets_of_its_own(tmp_path: Path) -> None:
    found = loaded(tmp_path, f"{LEVEL}, preset: ours", OWN)
    assert alarms_of(found)["HH"].setpoint == 13.8
    assert found.origin["TF1/X-1/HH.setpoint"] == "preset ours, line 4"
    assert found.warnings == []


@pytest.mark.parametrize(
    ("point", "own", "words"),
    [
        (f"{LEVEL}, preset: tank", OWN.replace("ours", "tank"), "a name of its own, not that of a built-in preset"),
        (f"{LEVEL}, preset: our", OWN, "did you mean ours?"),
        ("quantity: level, unit: cm, range: [0, 1500], preset: ours", OWN, "the unit m for this preset"),
        ("quantity: level, unit: m, preset: tank", "", "the key range: the preset tank reckons in % of it"),
        (f"{LEVEL}, preset: ours", OWN.replace("level", "levl"), "did you mean level?"),
    ],
)
def test_a_preset_that_does_not_fit_is_a_fault(tmp_path: Path, point: str, own: str, words: str) -> None:
    told = [render_fault(one) for one in loaded(tmp_path, point, own).faults]
    assert any(words in one for one in told), told


def test_the_verb_shows_numbers_with_their_sources() -> None:
    shown = CliRunner().invoke(app, ["presets", "gas-combustible"])
    assert shown.exit_code == 0
    assert "setpoint: 25  # GB/T 50493-2019" in shown.output
    listed = json.loads(CliRunner().invoke(app, ["presets", "--json"]).output)
    assert [one["preset"] for one in listed["presets"]] == list(PRESETS)


def test_the_verb_knows_a_sites_own_and_refuses_what_there_is_not(tmp_path: Path) -> None:
    loaded(tmp_path, f"{LEVEL}, preset: ours", OWN)
    shown = CliRunner().invoke(app, ["presets", "ours", "--site", str(tmp_path / "site.yaml")])
    assert "setpoint: 92%  # standard 12" in shown.output
    assert CliRunner().invoke(app, ["presets", "our"]).exit_code == 2
