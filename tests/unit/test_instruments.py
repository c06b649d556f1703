"""Instruments show the plant with their own noise, range and resolution."""

from dataclasses import replace

import numpy as np
import pytest

from simulators import instruments
from simulators.instruments import Instrument, measure, milliamperes
from simulators.scenario import beginning


def test_every_reading_is_a_whole_number_of_steps() -> None:
    rng = np.random.default_rng(3)
    values = [instruments.RADAR.read(3.3333, rng) for _ in range(500)]
    assert all((value * 1024).is_integer() for value in values)
    assert np.mean(values) == pytest.approx(3.3333, abs=0.0005)
    assert np.std(values) == pytest.approx(0.0015, rel=0.2)


def test_no_reading_lies_outside_what_the_instrument_can_show() -> None:
    rng = np.random.default_rng(3)
    meter = Instrument(noise=1.0, resolution=0.25, low=0.0, high=10.0)
    assert {meter.read(50.0, rng), meter.read(-50.0, rng)} == {0.0, 10.0}


def test_pressure_is_sent_as_the_current_of_its_loop() -> None:
    assert milliamperes(-1.0) == 4.0
    assert milliamperes(5.0) == 20.0
    readings = measure(beginning(), np.random.default_rng(1))
    assert readings["PT-101"] == pytest.approx(milliamperes(1.8), abs=0.1)


def test_a_tripped_switch_and_a_closed_valve_read_zero() -> None:
    farm = beginning()
    tripped = replace(farm, tanks=(replace(farm.tanks[0], tripped=True), farm.tanks[1]))
    readings = measure(tripped, np.random.default_rng(1))
    assert (readings["LSHH-101"], readings["LSHH-102"]) == (0.0, 1.0)
    assert (readings["MOV-101"], readings["MOV-102"]) == (2.0, 0.0)


def test_standing_liquid_reads_as_no_flow_at_all() -> None:
    readings = measure(beginning(), np.random.default_rng(1))
    assert readings["FT-102"] == readings["FT-102X"] == readings["JT-102"] == 0.0


def test_the_same_seed_gives_the_same_readings() -> None:
    assert measure(beginning(), np.random.default_rng(9)) == measure(beginning(), np.random.default_rng(9))
