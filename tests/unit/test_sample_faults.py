"""What is wrong with one sample by itself, and on which side of the live zone it lies."""

from __future__ import annotations

import math

import pytest

from pipeline.model import Quality
from rules.quality import fault, live_zone
from tests.oracle.sites import point

LEVEL = point("LT")
SWITCH = point("LSHH", quantity="state", unit="", low=None, high=None, states={0.0: "tripped", 1.0: "healthy"})


@pytest.mark.parametrize(
    ("value", "quality", "expected"),
    [
        (7.0, Quality.GOOD, None),
        (7.0, Quality.BAD, ("quality", 0)),
        (16.0, Quality.BAD, ("quality", 1)),
        (-1.0, Quality.BAD, ("quality", -1)),
        (math.nan, Quality.GOOD, ("null", 0)),
        (math.inf, Quality.GOOD, ("null", 0)),
        (15.46875, Quality.GOOD, None),
        (15.5, Quality.GOOD, ("range", 1)),
        (-0.1875, Quality.GOOD, None),
        (-0.2, Quality.GOOD, ("range", -1)),
    ],
)
def test_a_sample_is_bad_for_one_reason(value: float, quality: int, expected: tuple[str, int] | None) -> None:
    assert fault(LEVEL, live_zone(LEVEL), value, quality) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.0, None), (1.0, None), (0.5, ("state", 0)), (2.0, ("range", 1))])
def test_a_number_that_is_none_of_the_states_is_bad(value: float, expected: tuple[str, int] | None) -> None:
    assert fault(SWITCH, live_zone(SWITCH), value, Quality.GOOD) == expected
