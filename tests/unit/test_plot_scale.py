"""The numbers beside a plot are round, few, and inside it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazardwatch.plot_scale import round_steps


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [
        (68.41, 85.69, [70, 75, 80, 85]),
        (-0.3, 3.3, [0, 1, 2, 3]),
        (0, 0.034, [0, 0.01, 0.02, 0.03]),
        (-41, 2, [-40, -30, -20, -10, 0]),
    ],
)
def test_the_steps_are_round(low: float, high: float, steps: list[float]) -> None:
    assert round_steps(low, high) == pytest.approx(steps)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_there_are_some_and_not_many(low: float, length: float) -> None:
    steps = round_steps(low, low + length)
    assert 2 <= len(steps) <= 7
    assert all(
        low - 1e-9 * abs(low) <= one <= (low + length) * (1 + math.copysign(1e-9, low + length)) for one in steps
    )
