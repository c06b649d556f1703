"""The demo's plant obeys conservation, its own seed, and common sense."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import tank_farm
from simulators.scenario import Draw, Fill, Leak, Stick, Vent, apply, beginning
from simulators.tank_farm import Farm


def run(farm: Farm, seconds: float, dt_s: float = 0.1, seed: int = 1) -> Farm:
    rng = np.random.default_rng(seed)
    for _ in range(round(seconds / dt_s)):
        farm = tank_farm.step(farm, dt_s, rng)
    return farm


def total_kg(farm: Farm) -> float:
    return sum(tank.mass_kg for tank in farm.tanks)


actions = st.lists(
    st.one_of(
        st.builds(Fill, st.sampled_from([0, 1]), st.floats(0.5, 5.5), st.floats(0.1, 1)),
        st.builds(Draw, st.sampled_from([0, 1]), st.floats(0.5, 5.0)),
        st.builds(Stick, st.sampled_from([0, 1]), st.one_of(st.none(), st.floats(0, 1))),
        st.builds(Leak, st.floats(0, 0.05)),
        st.builds(Vent, st.sampled_from([0, 1]), st.floats(0.05, 1)),
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(actions, st.sampled_from([0.05, 0.1, 0.25]))
def test_what_came_in_less_what_went_out_is_what_is_there_more(chosen: list[object], dt_s: float) -> None:
    farm = before = beginning()
    for action in chosen:
        farm = run(apply(farm, action), 20, dt_s)  # type: ignore[arg-type]  # hypothesis loses the union
    change = farm.entered_kg - farm.left_kg - farm.leaked_kg
    assert total_kg(farm) - total_kg(before) == pytest.approx(change, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(actions)
def test_nothing_ever_leaves_the_range_of_its_instrument(chosen: list[object]) -> None:
    farm = beginning()
    for action in chosen:
        farm = run(apply(farm, action), 30)  # type: ignore[arg-type]  # hypothesis loses the union
        for tank in farm.tanks:
            assert 0 < tank.level_m < tank_farm.HEIGHT_M
            assert 10 < tank.temperature_c < 40
            assert -0.9 < tank.pressure_kpa < 5
        assert all(0 <= gas <= 120 for gas in farm.detector_lel)


def test_the_same_seed_is_the_same_plant_and_another_seed_another() -> None:
    leaking = apply(beginning(), Leak(0.03))
    assert run(leaking, 60, seed=4) == run(leaking, 60, seed=4)
    assert run(leaking, 60, seed=4).wind_m_s != run(leaking, 60, seed=5).wind_m_s


def test_a_level_rises_as_fast_as_inflow_over_area_says() -> None:
    farm = run(apply(beginning(), Stick(0, 1.0)), 10)
    later = run(farm, 10)
    expected = tank_farm.FEED_M3H / 3600 / tank_farm.AREA_M2 * 10
    assert later.tanks[0].level_m - farm.tanks[0].level_m == pytest.approx(expected, rel=0.01)


def test_the_high_high_switch_stops_the_feed_before_the_tank_is_full() -> None:
    farm = run(apply(beginning(), Stick(0, 1.0)), 300)
    assert tank_farm.SWITCH_M - 0.06 < farm.tanks[0].level_m < tank_farm.SWITCH_M + 0.06
    assert farm.tanks[0].feed < 1


def test_a_filled_tank_breathes_out_at_its_valve_and_a_drawn_one_breathes_in() -> None:
    farm = beginning()
    farm = run(apply(apply(farm, Fill(0, 5.5)), Draw(1, 1.0)), 20)
    assert tank_farm.RELIEF_KPA < farm.tanks[0].pressure_kpa < tank_farm.RELIEF_KPA * 1.1
    assert tank_farm.VACUUM_KPA * 1.2 < farm.tanks[1].pressure_kpa < tank_farm.VACUUM_KPA


def test_a_choked_flame_arrester_shows_as_pressure() -> None:
    farm = run(apply(apply(beginning(), Fill(1, 5.0)), Vent(1, 0.12)), 20)
    assert farm.tanks[1].pressure_kpa > 2.2


def test_gas_reaches_the_nearest_detector_first_and_strongest_and_goes_away() -> None:
    leaking = run(apply(beginning(), Leak(0.035)), 18)
    near, middle, far = leaking.detector_lel
    assert near > 50 > middle > 25 > far > 0
    gone = run(apply(leaking, Leak(0.0)), 60)
    assert max(gone.detector_lel) < 1


def test_the_plume_thins_with_distance_and_wind() -> None:
    there = tank_farm.concentration_lel(0.03, 4.0, 2.0)
    assert tank_farm.concentration_lel(0.03, 8.0, 2.0) == pytest.approx(there / 4)
    assert tank_farm.concentration_lel(0.03, 4.0, 4.0) == pytest.approx(there / 2)


def test_warm_product_warms_the_tank_and_the_air_cools_it() -> None:
    filled = run(apply(beginning(), Fill(1, 5.0)), 120)
    assert 22.5 < filled.tanks[1].temperature_c < 26
    warm = replace(
        filled, tanks=tuple(replace(t, temperature_c=30.0, orders=beginning().tanks[1].orders) for t in filled.tanks)
    )
    assert run(warm, 120).tanks[1].temperature_c < 30.0
