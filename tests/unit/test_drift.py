"""What windowed kinds hold depends on their window alone: no spike stays, and nothing adds up over a week at 10 Hz."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.site import Alarm, Balance, Cusum, Ewma, Flatline, Noise, Point, Rate, TimeToLimit
from rules.balance import Balance as BalanceKind
from rules.condition import Signal
from rules.cusum import CumulativeSum
from rules.ewma import ExponentialAverage
from rules.flatline import FlatLine
from rules.kind import Kind
from rules.noise import NoiseKind
from rules.rate import RateOfChange
from rules.time_to_limit import TimeToLimitKind
from tests.oracle.sites import alarm, point

WINDOW_MS = 20_000
STEP_MS = 100
SPIKE = 1e12
LANE = np.array([0])
LIMIT = TimeToLimit(limit=1e6, within_ms=60_000, window_ms=WINDOW_MS, min_rate=0.1, per_ms=3_600_000)
RATE = Rate(rising=6.0, falling=6.0, per_ms=60_000, window_ms=WINDOW_MS)
KINDS: dict[str, tuple[Callable[[list[tuple[Point, Alarm]]], Kind], Any]] = {
    "rate": (RateOfChange, RATE),
    "time_to_limit": (TimeToLimitKind, LIMIT),
    "flatline": (FlatLine, Flatline(for_ms=WINDOW_MS, band=0.001)),
    "noise": (NoiseKind, Noise(quiet=0.001, loud=3.0, window_ms=WINDOW_MS)),
    "cusum": (CumulativeSum, Cusum(reference=10.0, slack=1.0, threshold=8.0)),
    "ewma": (ExponentialAverage, Ewma(reference=10.0, sigma=0.5, weight=0.2, width=3.0)),
}


def kind_of(word: str) -> Kind:
    made, settings = KINDS[word]
    return made([(point("X", high=None, low=None), alarm("X", word, word, **{word: settings}))])


def values(count: int, seed: int = 1) -> list[float]:
    """A signal with a noise of 0.3 around 10, at 10 Hz."""
    drawn = np.random.default_rng(seed).normal(10.0, 0.3, count)
    return [float(one) for one in drawn.round(4)]


def drive(kind: Kind, signal: list[float], first: int) -> list[bool]:
    """Each sample's verdict: surely quiet while off."""
    off = np.zeros(1, np.bool_)
    told = []
    for number, value in enumerate(signal):
        time = first + STEP_MS * number
        told.append(bool(kind.push(LANE, np.array([time]), np.array([value]), off, time)[0]))
    return told


@pytest.mark.parametrize("word", KINDS)
def test_a_spike_of_a_million_millions_is_forgotten(word: str) -> None:
    kind, first = kind_of(word), 1_700_000_000_000
    before, after = values(700), values(2_000, seed=2)
    assert all(drive(kind, before, first)[300:])
    drive(kind, [SPIKE], first + STEP_MS * 700)
    told = drive(kind, after, first + STEP_MS * 701)
    assert all(told[300:]), "a window (200 samples) and a rebase (64) later nothing is left of it"
    signal = kind.signal(0, after[-1])
    assert not signal.starts


@pytest.mark.parametrize("word", KINDS)
def test_what_it_says_is_what_it_would_say_had_it_begun_a_window_ago(word: str) -> None:
    """So a week at 10 Hz cannot add up to anything; cusum and ewma, without a window, forget as fast as they should."""
    old, young, first = kind_of(word), kind_of(word), 1_700_000_000_000
    long = [*values(1_500), SPIKE, *values(1_500, seed=3), -SPIKE, *values(1_500, seed=4)]
    drive(old, long, first)
    drive(young, long[-400:], first + STEP_MS * (len(long) - 400))
    rising = [10.0 + 0.02 * number for number in range(200)]
    for number, value in enumerate(rising):
        here = first + STEP_MS * (len(long) + number)
        drive(old, [value], here)
        drive(young, [value], here)
        assert said(old.signal(0, value)) == said(young.signal(0, value)), number


def said(signal: Signal) -> tuple[bool, bool, bool, float | None]:
    left = signal.left_ms
    return signal.starts, signal.ends, signal.decided, None if left is None else float(f"{left:.9g}")


def test_a_balance_forgets_too() -> None:
    of = Balance(level="LT", level_factor=1.0, flows={"FT": 1.0}, area=10.0, window_ms=WINDOW_MS)
    tank = Alarm(id="TF1/b", name="b", kind="balance", alarm_class="process", priority="high", setpoint=5.0, balance=of)
    kind, first, off = BalanceKind([(tank, 10_000)]), 1_700_000_000_000, np.zeros(1, np.bool_)
    level, told = 5.0, []
    for number in range(3_000):
        flow = 36.0 + math.sin(number)
        sent = SPIKE if number == 1_000 else level
        told.append(bool(kind.push(LANE, np.array([first + STEP_MS * number]), np.array([[sent, flow]]), off)[0]))
        level += flow / 10.0 * STEP_MS / 3_600_000
    assert not told[1_000]
    assert all(told[1_300:])
    assert kind.value(0, []) == pytest.approx(0.0, abs=0.001)
