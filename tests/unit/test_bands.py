"""The values that a level alarm need not look at: as wide as they can be, and nothing in them changes it."""

from __future__ import annotations

import math

import pytest

from rules.level import High, Low
from tests.oracle.sites import alarm, point

HIGH = High([(point("LT"), alarm("LT", "H", "high", setpoint=13.2, deadband=0.1))])
LOW = Low([(point("LT"), alarm("LT", "L", "low", setpoint=1.5, deadband=0.15))])


@pytest.mark.parametrize(
    ("kind", "on", "band"),
    [
        (HIGH, False, (-math.inf, math.nextafter(13.2, 0))),
        (HIGH, True, (13.1, math.inf)),
        (LOW, False, (math.nextafter(1.5, 2), math.inf)),
        (LOW, True, (-math.inf, 1.65)),
    ],
    ids=["high off", "high on", "low off", "low on"],
)
def test_a_value_is_looked_at_exactly_where_it_may_change_the_condition(
    kind: High | Low, on: bool, band: tuple[float, float]
) -> None:
    assert kind.band(0, on) == band
    for end, beyond in zip(band, (-math.inf, math.inf), strict=True):
        outside = math.nextafter(end, beyond)
        for value, changes in [(end, False)] + [(outside, True)] * math.isfinite(outside):
            signal = kind.signal(0, value)
            assert (signal.ends if on else signal.starts) is changes
