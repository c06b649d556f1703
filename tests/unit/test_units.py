"""Units: exact ways between those of one quantity, in setpoints and in payloads."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from hazardwatch.sites import load_site
from ingest.reading import Refusals
from ingest.routes import Routes
from pipeline.site import Alarm
from pipeline.sitefile import Loaded, render_fault
from pipeline.sitefile.tables import QUANTITIES
from pipeline.units import UNITS, way

SITE = """schema: hazardwatch/site/v1
site: {id: park}
installations:
  - id: TF1
    points:
      - {id: A, quantity: pressure, unit: bar, range: [0, 20]}
      - {id: B, quantity: pressure, unit: bar, range: [0, 20]}
      - {id: X, %s}
    alarms: {apart: {type: deviation, point: A, reference: B, setpoint: 30 kPa, deadband: 5 kPa}}
"""


def loaded(folder: Path, point: str) -> Loaded:
    file = folder / "site.yaml"
    file.write_text(SITE % point, encoding="utf-8")
    return load_site(file)


def alarms_of(found: Loaded) -> dict[str, Alarm]:
    assert found.site is not None, [render_fault(one) for one in found.faults]
    here = found.site.installations[0]
    return {one.name: one for one in (*here.points[2].alarms, *here.alarms)}


def test_every_unit_of_every_quantity_has_a_size() -> None:
    assert {name: set(one.units) for name, one in QUANTITIES.items() if one.units} == {
        name: set(units) for name, units in UNITS.items()
    }


@pytest.mark.parametrize(
    ("quantity", "from_", "to", "value", "expected"),
    [
        ("pressure", "kPa", "bar", "95", 0.95),
        ("pressure", "psi", "kPa", "1", 6.894757293168361),
        ("pressure", "mmH2O", "Pa", "100", 980.665),
        ("temperature", "°F", "°C", "212", 100.0),
        ("temperature", "K", "°C", "273.15", 0.0),
        ("temperature", "°C", "°F", "-40", -40.0),
        ("level", "cm", "m", "1234.5", 12.345),
        ("flow", "L/s", "m3/h", "10", 36.0),
        ("flow", "t/h", "kg/s", "3.6", 1.0),
        ("power", "MW", "kW", "0.3", 300.0),
        ("gas_concentration", "%VOL", "ppm", "0.1", 1000.0),
    ],
)
def test_a_number_is_converted_exactly_and_rounded_once(
    quantity: str, from_: str, to: str, value: str, expected: float
) -> None:
    there = way(quantity, from_, to)
    assert there is not None
    assert there.of(value) == expected


@pytest.mark.parametrize("quantity", UNITS)
def test_there_and_back_is_nothing_at_all(quantity: str) -> None:
    for one in UNITS[quantity]:
        for other in UNITS[quantity]:
            there, back = way(quantity, one, other), way(quantity, other, one)
            assert (there is None) == (back is None)
            if there is not None and back is not None:
                assert there.size * back.size == 1
                assert (-there.zero * there.size - back.zero) * back.size == 0
                assert there.size > Fraction(0)


def test_a_difference_of_temperatures_has_no_zero() -> None:
    there = way("temperature", "°F", "°C")
    assert there is not None
    assert (there.of("50"), there.of("9", difference=True)) == (10.0, 5.0)


def test_a_site_writes_its_numbers_in_the_unit_it_likes(tmp_path: Path) -> None:
    point = "quantity: temperature, unit: °C, range: [0 °F, 248 °F]"
    alarms = "{H: {setpoint: 100 °F, deadband: 9 °F}, fast: {type: rate, rising: 18 °F, per: 1min, window: 1min}}"
    found = alarms_of(loaded(tmp_path, f"{point}, alarms: {alarms}"))
    assert found["H"].setpoint == pytest.approx(37.7777777777)
    assert found["H"].deadband == 5.0
    assert found["fast"].rate is not None
    assert found["fast"].rate.rising == 10.0
    assert (found["apart"].setpoint, found["apart"].deadband) == (0.3, 0.05)


def test_mg_per_m3_become_ppm_of_the_gas_at_20_degrees(tmp_path: Path) -> None:
    point = "quantity: gas_concentration, unit: ppm, range: [0, 100], alarms: {H: {setpoint: 10 mg/m3}}"
    assert alarms_of(loaded(tmp_path, f"{point}, gas: hydrogen sulfide"))["H"].setpoint == pytest.approx(
        7.058, rel=1e-3
    )
    [fault] = loaded(tmp_path, point).faults
    assert "the key gas, to tell mg/m3 in ppm" in render_fault(fault)


@pytest.mark.parametrize(
    ("alarms", "words"),
    [
        ("{H: {setpoint: 10 °C}}", ['alarms.H.setpoint: found "10 °C"', "a number in kPa", "Pa, kPa, MPa"]),
        ("{H: {setpoint: 95 kpa}}", ['did you mean "95 kPa"?']),
        ("{H: {setpoint: 10, deadband: 2 m}}", ["alarms.H.deadband", "a percentage of the range"]),
        ("{H: {setpoint: 10, by_mode: {a: {setpoint: 2 m}}}}", ["alarms.H.by_mode.a.setpoint"]),
        ("{odd: {type: cusum, reference: 10, slack: 1 s, threshold: 3}}", ["alarms.odd.slack"]),
    ],
)
def test_mixing_quantities_is_a_fault_of_the_file(tmp_path: Path, alarms: str, words: list[str]) -> None:
    told = [
        render_fault(one)
        for one in loaded(tmp_path, f"quantity: pressure, unit: kPa, range: [0, 20], alarms: {alarms}").faults
    ]
    assert len(told) == 1
    assert "site.yaml:8:" in told[0]
    assert [word for word in words if word not in told[0]] == [], told


def test_a_percentage_needs_a_range(tmp_path: Path) -> None:
    [fault] = loaded(tmp_path, "quantity: pressure, unit: kPa, alarms: {H: {setpoint: 50%}}").faults
    assert "no percentage, as the point has no range" in render_fault(fault)


def payload(folder: Path, text: str, topic: str, data: bytes) -> tuple[list[float], list[str]]:
    """The values that one message gives, and why the others were refused."""
    file = folder / "site.yaml"
    file.write_text(text, encoding="utf-8")
    found = load_site(file)
    assert found.site is not None, [render_fault(one) for one in found.faults]
    routes, refusals = Routes(found.site), Refusals()
    (routes.table.get(topic.encode()) or routes.find(topic.encode()))(data, 0, refusals)
    values = [value for block in routes.columns["TF1"].take_blocks() for value in block.value.tolist()]
    return values, [one.reason for one in refusals]


@pytest.mark.parametrize(
    ("units", "sent", "kept"),
    [
        ("quantity: pressure, unit: kPa, payload_unit: mbar", 123.4, 12.34),
        ("quantity: pressure, unit: kPa, payload_unit: mbar", 3, 0.3),
        ("quantity: temperature, unit: °C, payload_unit: °F", 212, 100.0),
        ("quantity: temperature, unit: °C, payload_unit: K", 300.15, 27.0),
    ],
)
def test_a_payload_in_another_unit_is_kept_in_the_points(tmp_path: Path, units: str, sent: float, kept: float) -> None:
    values, _ = payload(tmp_path, SITE % units, "hazardwatch/v1/TF1/X", str(sent).encode())
    assert values == [pytest.approx(kept, rel=1e-14)]


def test_a_source_has_a_unit_of_its_own_for_what_is_measured_in_such(tmp_path: Path) -> None:
    source = "sources: [{topic: old/+, readings: {installation: TF1, point: '{1}', value: v, unit: mbar}}]\n"
    text = SITE % "quantity: level, unit: m" + source
    assert payload(tmp_path, text, "old/A", b'{"v": 1250}') == ([1.25], [])
    assert payload(tmp_path, text, "old/X", b'{"v": 1250}') == ([], ["wrong_unit"])


@pytest.mark.parametrize(
    ("point", "source", "words"),
    [
        ("quantity: level, unit: m, payload_unit: mbar", "", "a unit that can be told in m: m, cm, mm"),
        ("quantity: level, unit: m", "A, value: v, unit: m", "can be told in the bar of A"),
        ("quantity: level, unit: m", "A, value: v, unit: mBar", "did you mean mbar?"),
    ],
)
def test_a_payloads_unit_of_another_quantity_is_a_fault(tmp_path: Path, point: str, source: str, words: str) -> None:
    entry = f"sources: [{{topic: old/a, readings: {{installation: TF1, point: {source}}}}}]\n" if source else ""
    file = tmp_path / "site.yaml"
    file.write_text(SITE % point + entry, encoding="utf-8")
    [fault] = load_site(file).faults
    assert words in render_fault(fault)
