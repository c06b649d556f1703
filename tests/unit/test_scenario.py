"""The story keeps its times: levels in the first minute, gas in the second, then quiet waves for hours."""

from collections.abc import Callable

import numpy as np
import pytest

from simulators import scenario
from simulators.instruments import measure
from simulators.tank_farm import step

DT = 0.1


def told(until_s: float, seed: int) -> list[tuple[float, dict[str, float]]]:
    """Every reading of the story up to `until_s`, as the instruments show it."""
    rng = np.random.default_rng(seed)
    farm, before, told = scenario.beginning(), 0.0, []
    for tick in range(1, round(until_s / DT) + 1):
        now = tick * DT
        for due in scenario.due(before, now):
            farm = scenario.apply(farm, due.action)
        farm, before = step(farm, DT, rng), now
        told.append((now, measure(farm, rng)))
    return told


@pytest.fixture(scope="module", params=[1, 2, 3])
def story(request: pytest.FixtureRequest) -> list[tuple[float, dict[str, float]]]:
    return told(200, request.param)


def first(story: list[tuple[float, dict[str, float]]], wanted: Callable[[dict[str, float]], bool]) -> float:
    return next(time for time, readings in story if wanted(readings))


def test_high_and_then_high_high_level_come_within_the_first_minute(
    story: list[tuple[float, dict[str, float]]],
) -> None:
    high = first(story, lambda r: r["LT-101"] >= 5.1)
    high_high = first(story, lambda r: r["LT-101"] >= 5.4)
    assert 8 < high < 30 < high_high < 57


def test_the_hand_wheel_is_turned_before_the_interlock_has_to_act(story: list[tuple[float, dict[str, float]]]) -> None:
    assert all(readings["LSHH-101"] == 1.0 for _, readings in story)


def test_gas_crosses_both_limits_and_is_gone_within_the_second_minute(
    story: list[tuple[float, dict[str, float]]],
) -> None:
    second = [(time, readings) for time, readings in story if time > 60]
    high = first(second, lambda r: r["GT-101"] >= 25)
    high_high = first(second, lambda r: r["GT-101"] >= 50)
    other = first(second, lambda r: r["GT-102"] >= 25)
    gone = max(time for time, r in second if max(r["GT-101"], r["GT-102"]) >= 25)
    assert 60 < high < high_high < 85
    assert high < other
    assert high_high + scenario.reaction(high_high).acknowledge_s < 100
    assert gone + scenario.reaction(gone).reset_s < 115
    assert all(readings["GT-103"] < 25 for _, readings in story)


def test_the_first_alarm_has_returned_by_the_end_of_the_story(story: list[tuple[float, dict[str, float]]]) -> None:
    assert story[-1][1]["LT-101"] < 5.0


def test_an_hour_of_waves_stays_inside_the_tanks_and_brings_an_alarm_now_and_then() -> None:
    hour = told(scenario.STORY_END_S + 3600, seed=5)[round(scenario.STORY_END_S / DT) :]
    limits = {"LT-101": 5.1, "LT-102": 5.1, "GT-101": 25, "PT-101": 4 + 16 * 3.2 / 6, "PT-102": 4 + 16 * 3.2 / 6}
    begins = sum(
        before[point] < limit <= after[point]
        for point, limit in limits.items()
        for (_, before), (_, after) in zip(hour[::50], hour[50::50], strict=False)
    )
    assert 4 <= begins <= 16
    assert all(1.0 < r[tank] < 5.4 for _, r in hour for tank in ("LT-101", "LT-102"))
    assert all(r["GT-101"] < 50 for _, r in hour)


def test_steps_come_once_each_however_time_is_cut() -> None:
    whole = scenario.due(0, 9000)
    cut = [step for second in range(9000) for step in scenario.due(second, second + 1)]
    assert whole == cut
    assert [step.at_s for step in whole] == sorted(step.at_s for step in whole)
    assert len([step for step in whole if step.at_s > 7200]) > 5


def test_every_step_is_told_in_both_languages() -> None:
    assert all(step.told.en and step.told.zh for step in scenario.due(-1, 7200))
