"""What the points of each sample in docs/rules send: made up, and the same every time. It judges nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Signal:
    """`values` by point, one for each of `seconds`; `modes`: (second, equipment, mode) that people set."""

    title: str
    seconds: tuple[float, ...]
    values: dict[str, list[float]]
    modes: tuple[tuple[float, str, str], ...] = ()


Course = Callable[[float], float]


def signal(
    title: str, until: int, step: int, modes: tuple[tuple[float, str, str], ...] = (), **courses: Course
) -> Signal:
    """Values of each point (`LT_101` is LT-101) every `step` seconds."""
    seconds = tuple(float(one) for one in range(0, until + 1, step))
    values = {name.replace("_", "-"): [round(of(one), 4) for one in seconds] for name, of in courses.items()}
    return Signal(title, seconds, values, modes)


def noisy(of: Course, spread: Course | float, seed: int) -> Course:
    """With normal noise of that standard deviation."""
    drawn = Random(seed)
    return lambda second: of(second) + drawn.gauss(0, 1) * (spread(second) if callable(spread) else spread)


def steady(value: float) -> Course:
    """Always the same."""
    return lambda _second: value


def path(*corners: tuple[float, float]) -> Course:
    """Straight lines from corner (second, value) to corner."""

    def of(second: float) -> float:
        for (t1, v1), (t2, v2) in itertools.pairwise(corners):
            if second <= t2:
                return v1 + (v2 - v1) * (second - t1) / (t2 - t1)
        return corners[-1][1]

    return of


def steps(*begins: tuple[float, float]) -> Course:
    """From each second on that value."""
    return lambda second: [value for begin, value in begins if begin <= second][-1]


def frozen(of: Course, first: float, last: float) -> Course:
    """What it last said before `first`, until `last`."""
    said: list[float] = [0.0]

    def value(second: float) -> float:
        said[0] = said[0] if first <= second < last else of(second)
        return said[0]

    return value


def stuck(of: Course, since: float) -> Course:
    """As it was at that second, from then on."""
    return lambda second: of(min(second, since))


_TANK = path((0, 6.0), (3600, 8.4))  # 2.4 m/h x 176.7 m2 = 424 m3/h

SIGNALS = {
    "level": signal(
        "setpoint 12.5 m, deadband 0.2 m, on_delay 5 s: a splash is no alarm", 60, 1,
        LT_101=noisy(
            path((0, 12.2), (10, 12.4), (11, 12.7), (13, 12.7), (14, 12.4), (30, 12.8), (45, 12.1), (60, 12.0)),
            0.02, 1,
        ),
    ),
    "digital": signal(
        "when: tripped", 30, 1, LSHH_101=steps((0, 1), (8, 0), (20, 1)),
    ),
    "rate": signal(
        "rising 0.5 m per min over 60 s", 480, 2,
        LT_101=noisy(path((0, 5.0), (150, 5.5), (300, 7.5), (480, 8.0)), 0.01, 2),
    ),
    "time_to_limit": signal(
        "HH within 15 min: told long before the limit", 3600, 10,
        LT_101=noisy(path((0, 10.0), (1200, 10.2), (3300, 13.6), (3600, 13.6)), 0.004, 3),
    ),
    "flatline": signal(
        "at most 0.01 °C of movement in 10 min: frozen at 15 min", 2400, 10,
        TT_101=frozen(noisy(path((0, 21.0), (2400, 23.0)), 0.05, 4), 900, 2000),
    ),
    "noise": signal(
        "noise of 0.05 kPa: plugged from 15 min (too quiet), a loose wire from 35 min (too loud)", 3000, 5,
        PT_101=noisy(
            path((0, 8.0), (1500, 9.5), (3000, 8.5)),
            lambda second: 0.05 if second < 900 else 0.004 if second < 1800 else 0.05 if second < 2100 else 0.4, 5,
        ),
    ),
    "cusum": signal(
        "reference 22 °C, slack 0.5, threshold 8: a shift of 1 °C in noise of 0.5", 3600, 20,
        TT_101=noisy(steps((0, 22.0), (1200, 23.0), (2600, 22.0)), 0.5, 6),
    ),
    "ewma": signal(
        "reference 22 °C, sigma 0.5, lambda 0.2, L 3: a shift of 1 °C", 3600, 20,
        TT_101=noisy(steps((0, 22.0), (1200, 23.0), (2600, 22.0)), 0.5, 6),
    ),
    "count": signal(
        "three starts within 60 s: two surges are no alarm, the third is", 120, 1,
        PT_101=path(
            (0, 8), (10, 8), (12, 11), (14, 8), (30, 8), (32, 11), (34, 8), (48, 8), (50, 11), (56, 11), (58, 8),
            (120, 8),
        ),
    ),
    "by_mode": signal(
        "setpoint 38 °C, and 60 °C while cleaning: judged by it from the next sample on", 600, 5,
        ((150.0, "T-101", "cleaning"), (400.0, "T-101", "normal")),
        TT_101=path((0, 22), (150, 30), (220, 52), (320, 52), (380, 45), (420, 45), (500, 30), (600, 24)),
    ),
    "deviation": signal(
        "two gauges of one tank, 0.3 m apart for 30 s", 300, 2,
        LT_101=noisy(path((0, 8.0), (300, 9.0)), 0.01, 7),
        LT_101B=noisy(path((0, 8.0), (80, 8.27), (180, 8.15), (240, 8.75), (300, 8.98)), 0.01, 8),
    ),
    "discrepancy": signal(
        "within 15 s: the first order is obeyed, the second is not", 120, 1,
        XV_101_CMD=steps((0, 0), (10, 1), (60, 0)),
        XV_101=steps((0, 0), (12, 2), (20, 1), (61, 2), (100, 0)),
    ),
    "vote": signal(
        "2 out of 3 detectors at 25 %LEL", 120, 1,
        GT_101=noisy(path((0, 3), (30, 3), (50, 45), (90, 45), (110, 5), (120, 5)), 0.5, 9),
        GT_102=noisy(path((0, 2), (45, 2), (70, 40), (85, 40), (110, 4), (120, 4)), 0.5, 10),
        GT_103=noisy(steady(4), 0.5, 11),
    ),
    "balance": signal(
        "tank fills at 424 m3/h; the gauge sticks at 15 min (as at Buncefield)", 3600, 10,
        LT_101=noisy(stuck(_TANK, 900), 0.002, 12), FT_101=noisy(steady(424), 2.0, 13), FT_102=steady(0),
    ),
}  # fmt: skip
