import msgspec
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from historian.resolution import rounded, steps_of
from tests.historian_parts import point

positive = st.floats(min_value=1e-300, max_value=1e300)


def step_of(resolution: float) -> float:
    steps = steps_of([point("LT-1", resolution=resolution)])
    assert steps is not None
    return float(steps[0])


@settings(max_examples=50)
@given(positive)
@example(1.0)
@example(0.1)
@example(5e-324)
def test_the_step_is_the_largest_power_of_two_that_is_not_coarser_than_asked(resolution: float) -> None:
    step = step_of(resolution)
    assert step <= resolution < 2 * step
    assert np.frexp(step)[0] == 0.5


@settings(max_examples=100)
@given(st.floats(allow_nan=False, allow_infinity=False), positive)
@example(1.7e308, 1e-300)
@example(-0.0, 0.1)
def test_a_rounded_value_is_a_multiple_of_the_step_at_most_half_a_step_away(value: float, resolution: float) -> None:
    step = step_of(resolution)
    found = float(rounded(np.array([value]), np.array([step]))[0])
    assert abs(found - value) <= step / 2
    assert found == value or found % step == 0
    assert rounded(np.array([found]), np.array([step]))[0] == found


def test_what_is_no_number_and_what_has_no_resolution_stays() -> None:
    value = np.array([np.nan, np.inf, -np.inf, 0.3])
    assert np.array_equal(rounded(value, np.array([1.0, 1.0, 1.0, 0.0])), value, equal_nan=True)


def test_states_are_not_rounded_and_a_site_without_resolutions_costs_nothing() -> None:
    state = msgspec.structs.replace(point("S-1"), quantity="state", unit="", resolution=2.0)
    assert steps_of([point("LT-1"), state]) is None
