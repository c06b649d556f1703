"""Resolution and faults of site files, with the small site of tests/sites changed in one place or another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.site import Alarm
from pipeline.sitefile import Loaded, load, render_fault, validate
from pipeline.sitefile.document import document

ROOT = Path(__file__).parents[2]
SMALL = (ROOT / "tests" / "sites" / "small.yaml").read_text(encoding="utf-8")
GT_1 = "range: [0, 100], preset: gas-combustible"


def _load(*changes: tuple[str, str]) -> Loaded:
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return validate(text, "small.yaml", frozenset(), frozenset())


def _line(text: str) -> int:
    return SMALL.count("\n", 0, SMALL.index(text)) + 1


def _alarms(loaded: Loaded) -> dict[str, Alarm]:
    assert loaded.site is not None, [render_fault(fault) for fault in loaded.faults]
    return {alarm.id: alarm for point in loaded.site.installations[0].points for alarm in point.alarms}


def _told(loaded: Loaded) -> list[str]:
    return [render_fault(fault) for fault in loaded.faults]


def test_every_fault_is_told_at_once_in_the_order_of_the_file() -> None:
    loaded = _load(
        ("Asia/Shanghai", "Asia/Shangai"),
        ("setpoint: 16", "setpoint: 11"),
        ("people: [wang]", "people: [wong]"),
        ("value: data.pv", "valeu: data.pv"),
        ("when: tripped", "when: triped"),
    )
    assert [(fault.line, fault.nearest) for fault in loaded.faults] == [
        (_line("timezone:"), "Asia/Shanghai"),
        (_line("setpoint: 16"), None),
        (_line("type: digital"), "tripped"),
        (_line("people: [wang]"), "wang"),
        (_line("value: data.pv"), "value"),
    ]


def test_a_fault_in_a_template_is_told_once_for_many_equipments() -> None:
    more = "".join(f"      - {{id: T-{n}, use: tank, n: {n}, HH: 13}}\n" for n in range(3, 60))
    loaded = _load(
        ("    points:\n      - id: PT-1", f"{more}    points:\n      - id: PT-1"), ("on_delay: 5s}", "on_dealy: 5s}")
    )
    assert len(loaded.faults) == 1
    fault = loaded.faults[0]
    assert (fault.path, fault.line) == ("templates.tank.points[0].alarms.H.on_dealy", _line("on_delay: 5s}"))
    assert fault.nearest == "on_delay"


def test_a_fault_of_a_variable_is_told_at_each_equipment() -> None:
    loaded = _load(("n: 1, HH: 13}", "n: 1, HH: 99}"), ("n: 2, HH: 13}", "n: 2, HH: 98}"))
    assert [fault.path for fault in loaded.faults] == [
        "installations[0].equipment[0].HH",
        "installations[0].equipment[1].HH",
    ]


def test_a_variable_in_a_text_keeps_leading_zeros() -> None:
    loaded = _load(("n: 1, HH", "n: 001, HH"))
    assert "TF1/LT-001/H" in _alarms(loaded)


def test_a_preset_is_changed_one_attribute_at_a_time() -> None:
    alarms = _alarms(_load((GT_1, f"{GT_1}, alarms: {{H: {{setpoint: 20}}, HH: {{latching: false}}}}")))
    h, hh = alarms["TF1/GT-1/H"], alarms["TF1/GT-1/HH"]
    assert (h.setpoint, h.priority, h.latching) == (20.0, "high", True)
    assert (hh.setpoint, hh.priority, hh.latching) == (50.0, "critical", False)


def test_an_override_may_name_an_alarm_of_a_preset_and_a_points_own() -> None:
    gas = (
        "      - {id: 'GX-${n}', quantity: gas_concentration, unit: '%LEL', range: [0, 100], preset: gas-combustible}\n"
    )
    change = "override: {GX-1/HH: {setpoint: 40, why: closer}, GX-1/STALE: {priority: critical, why: alone}}"
    loaded = _load(("    suppress:\n", f"{gas}    suppress:\n"), ("n: 1, HH: 13}", f"n: 1, HH: 13, {change}}}"))
    alarms = _alarms(loaded)
    assert (alarms["TF1/GX-1/HH"].setpoint, alarms["TF1/GX-2/HH"].setpoint) == (40.0, 50.0)
    assert (alarms["TF1/GX-1/STALE"].priority, alarms["TF1/GX-2/STALE"].priority) == ("critical", "high")
    assert loaded.origin["TF1/GX-1/STALE.priority"].endswith("alone")


def test_toxic_levels_are_in_the_points_unit() -> None:
    in_ppm = _alarms(_load())
    assert (in_ppm["TF1/GT-2/H"].setpoint, in_ppm["TF1/GT-2/HH"].setpoint) == (28.2, 56.5)
    in_mg = _alarms(_load(("unit: ppm", "unit: mg/m3")))
    assert (in_mg["TF1/GT-2/H"].setpoint, in_mg["TF1/GT-2/HH"].setpoint) == (20.0, 40.0)


def test_a_toxic_level_below_the_resolution_falls_back_to_the_idlh_and_says_so() -> None:
    loaded = _load(
        ("unit: ppm, range: [0, 100], gas: ammonia", "unit: mg/m3, range: [0, 100], resolution: 2, gas: chlorine")
    )
    alarms = _alarms(loaded)
    assert (alarms["TF1/GT-2/H"].setpoint, alarms["TF1/GT-2/HH"].setpoint) == (4.4, 8.8)
    assert any("IDLH" in warning.found for warning in loaded.warnings)


@pytest.mark.parametrize(
    ("written", "stale_after", "late_after"),
    [
        ("", 30_000, 60_000),
        ("period: 1min", 180_000, 180_000),
        ("stale_after: never", None, 60_000),
        ("late_after: 5s", 30_000, 5_000),
    ],
)
def test_stale_and_late_have_documented_defaults(written: str, stale_after: int | None, late_after: int) -> None:
    loaded = _load(("      - id: PT-2\n", f"      - id: PT-2\n        {written}\n"))
    assert loaded.site is not None
    point = next(one for one in loaded.site.installations[0].points if one.id == "PT-2")
    assert (point.stale_after_ms, point.late_after_ms) == (stale_after, late_after)


def test_a_point_without_a_range_has_no_deadband_and_a_warning() -> None:
    loaded = _load(
        (
            "      - id: PT-2\n        quantity: pressure\n        unit: kPa\n        range: [0, 20]\n",
            "      - id: PT-2\n        quantity: pressure\n        unit: kPa\n        alarms: {H: {setpoint: 3}}\n",
        ),
    )
    assert _alarms(loaded)["TF1/PT-2/H"].deadband == 0.0
    assert [warning.path for warning in loaded.warnings if "no range" in warning.found] == [
        "installations[0].points[1]"
    ]


def test_priorities_follow_from_names_and_neighbours() -> None:
    alarms = _alarms(_load())
    assert (alarms["TF1/PT-1/HH"].priority, alarms["TF1/PT-1/H"].priority) == ("high", "medium")
    assert alarms["TF1/PT-1/STALE"].priority == "medium"
    assert alarms["TF1/LT-1/STALE"].priority == "high"  # beside a safety alarm
    assert alarms["TF1/PT-2/STALE"].priority == "low"


def test_a_class_of_the_file_replaces_the_built_in_one_whole() -> None:
    alarms = _alarms(_load(("gateways:\n", "alarm_classes:\n  safety: {priority: high}\ngateways:\n")))
    assert (alarms["TF1/LT-1/HH"].priority, alarms["TF1/LT-1/HH"].latching) == ("high", False)
    assert alarms["TF1/LT-1/STALE"].priority == "high"


def test_an_unused_template_is_a_warning() -> None:
    loaded = _load(("templates:\n", "templates:\n  spare: {vars: [n]}\n"))
    assert any(warning.path == "templates.spare" for warning in loaded.warnings)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a: \xff\xfe", "not UTF-8"), (b"a: 1\nb: \xe9", "in line 2"), (b"", "no keys"), (b"a: \x01", "U+0001")],
)
def test_bytes_that_are_no_site_file_are_a_fault(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(content)
    loaded = load(path, frozenset(), frozenset())
    assert loaded.site is None
    assert words in _told(loaded)[0]


def test_a_file_that_is_not_there_or_is_a_folder_is_a_fault(tmp_path: Path) -> None:
    assert "no such file" in _told(load(tmp_path / "none.yaml", frozenset(), frozenset()))[0]
    assert "found a folder" in _told(load(tmp_path, frozenset(), frozenset()))[0]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load(path, frozenset(), frozenset()).faults == []


def test_the_documentation_is_current() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == document()
