"""A kind that goes on from a snapshot says what it would have said without one, sample by sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pipeline.site import Cusum, Ewma, Flatline, Noise, Rate, TimeToLimit
from rules.balance import Balance
from rules.compared import Comparison
from rules.discrepancy import Discrepancy
from rules.kind import Kind
from rules.table import KINDS
from tests.oracle.kinds_site import kinds_site
from tests.oracle.sites import alarm, point

WINDOWED: dict[str, Any] = {
    "rate": Rate(rising=0.2, falling=0.2, per_ms=1_000, window_ms=8_000),
    "time_to_limit": TimeToLimit(limit=13.0, within_ms=20_000, window_ms=8_000, min_rate=0.1, per_ms=60_000),
    "flatline": Flatline(for_ms=6_000, band=0.3),
    "noise": Noise(quiet=0.05, loud=1.5, window_ms=30_000),
    "cusum": Cusum(reference=9.0, slack=0.3, threshold=4.0),
    "ewma": Ewma(reference=9.0, sigma=0.5, weight=0.3, width=3.0),
}
VALUES = [9 + 3 * math.sin(second / 7) * (second % 40 > 12) for second in range(120)]
ONE = np.array([0])


def _kind(name: str) -> Kind:
    judged = alarm("PT", name, name, **{name: WINDOWED[name]})
    return KINDS[name]([(point("PT", (judged,)), judged)])


@pytest.mark.parametrize("name", WINDOWED)
def test_a_kind_over_one_point_goes_on_from_a_snapshot(name: str) -> None:
    whole, broken, said = _kind(name), _kind(name), set()
    for second, value in enumerate(VALUES):
        for kind in (whole, broken):
            kind.push(ONE, 1_000 * (second + ONE), np.array([value]), np.array([False]), 1_000 * second)
        assert broken.signal(0, value) == whole.signal(0, value), second
        said.add(whole.signal(0, value))
        state, broken = broken.snapshot().get(0), _kind(name)
        if state is not None:
            broken.restore(0, state)
    assert {True, False} <= {signal.starts for signal in said}


@pytest.mark.parametrize("name", ["valve", "stuck"])
def test_a_kind_over_several_points_goes_on_from_a_snapshot(name: str) -> None:
    [judged] = [one for one in kinds_site().installations[0].alarms if one.name == name]

    def fresh() -> Comparison:
        return Discrepancy([(judged, 10_000)]) if name == "valve" else Balance([(judged, 10_000)])

    whole, broken, said = fresh(), fresh(), set()
    for second, value in enumerate(VALUES):
        sent = [float(second // 20 % 2), float(second // 23 % 2)] if name == "valve" else [value, 20.0, 0.0, 20.0]
        for kind in (whole, broken):
            kind.push(ONE, 1_000 * (second + ONE), np.array([sent]), np.array([False]))
        assert (broken.signal(0), broken.afresh(0)) == (whole.signal(0), whole.afresh(0)), second
        said.add(whole.signal(0).starts)
        state, broken = broken.snapshot().get(0), fresh()
        assert state is not None
        broken.restore(0, state)
    assert said == {True, False}


@pytest.mark.parametrize("name", WINDOWED)
def test_what_a_kind_over_one_point_calls_quiet_changes_nothing(name: str) -> None:
    kind, on, changes = _kind(name), False, 0
    for second, value in enumerate(VALUES):
        quiet = kind.push(ONE, 1_000 * (second + ONE), np.array([value]), np.array([on]), 1_000 * second)
        signal = kind.signal(0, value)
        changed = signal.ends if on else signal.starts
        assert not (quiet[0] and changed), second
        changes, on = changes + changed, on != changed
    assert changes


def test_an_imbalance_called_quiet_changes_nothing() -> None:
    [judged] = [one for one in kinds_site().installations[0].alarms if one.name == "stuck"]
    kind, on, changes = Balance([(judged, 10_000)]), False, 0
    for second, value in enumerate(VALUES):
        sent = np.array([[value, 20.0, 0.0, 20.0]])
        quiet = kind.push(ONE, 1_000 * (second + ONE), sent, np.array([on]))
        signal = kind.signal(0)
        changed = signal.ends if on else signal.starts
        assert not (quiet[0] and changed), second
        changes, on = changes + changed, on != changed
    assert changes


def test_an_imbalance_of_the_uncertainty_exactly_is_looked_at() -> None:
    [judged] = [one for one in kinds_site().installations[0].alarms if one.name == "stuck"]
    exact = Balance([(judged, 10_000)])
    for second in range(9):
        level = 5.0 if second < 8 else 5.0 + 4.0 / 1.7  # m3 by m2
        quiet = exact.push(ONE, 1_000 * (second + ONE), np.array([[level, 0.0, 0.0, 0.0]]), np.array([False]))
    assert not quiet[0]
    assert exact.signal(0).starts
