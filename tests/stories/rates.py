"""`rate`: least-squares slopes, when they are undecided, and what that does to delays.

Point TT, never stale unless said, rising 6 and falling 6 per minute over a window of 10 s: 0.1 per second.
"""

from __future__ import annotations

from typing import Any

from pipeline.site import Rate, Site
from tests.oracle.sites import alarm, point, site
from tests.stories import RAISED, RETURNED, Story, got, live, r, told

BAD = 2


def rates(stale_after_ms: int | None = None, **attributes: Any) -> Site:
    rate = Rate(rising=6.0, falling=6.0, per_ms=60_000, window_ms=10_000)
    fast = alarm("TT", "fast", "rate", rate=rate, **attributes)
    return site(point("TT", (fast,), quantity="temperature", low=-20.0, high=120.0, stale_after_ms=stale_after_ms))


PLAIN = rates()

SLOPES = [
    Story(
        "starts at the slope exactly, though binary thirds and tenths stand in between",
        PLAIN,
        live("TT", (0, 40.1), (3, 40.4), (5, 40.6)),  # in binary 4e-15 below 6 per minute
        [told("raised", "TT/fast", 5, 5, RAISED, 40.6)],
    ),
    Story(
        "a slope a millionth smaller does not start",
        PLAIN,
        live("TT", (0, 20.0), (3, 20.3), (5, 20.4999)),
        [],
    ),
    Story(
        "falling counts on its own side",
        PLAIN,
        live("TT", (0, 20.0), (3, 19.7), (5, 19.5)),
        [told("raised", "TT/fast", 5, 5, RAISED, 19.5)],
    ),
    Story(
        "two samples are too few, three that span less than half the window too",
        PLAIN,
        live("TT", (0, 20.0), (5, 30.0)) + live("TT", (20, 20.0), (22, 25.0), (24.999, 30.0)),
        [],
    ),
    Story(
        "the window is open at its far end: a sample exactly window ago is out",
        PLAIN,  # at 10: 3 s, 6 s and 10 s count; with second 0 among them the slope would be negative
        live("TT", (0, 90.0), (3, 20.3), (6, 20.6), (10, 21.0)),
        # at 6: second 0 counts, falling steeply; at 10 it is out, and rising 0.1 per second stays on
        [told("raised", "TT/fast", 6, 6, RAISED, 20.6)],
    ),
    Story(
        "ends below 90 % of it, not at 90 % exactly",
        PLAIN,
        # steeper at 12; at 16 too few; at 20 the window holds 12, 16 and 20: 0.09 per second
        live("TT", (0, 20.0), (3, 20.3), (5, 20.5), (12, 30.0), (16, 30.36), (20, 30.72)),
        [told("raised", "TT/fast", 5, 5, RAISED, 20.5)],
    ),
    Story(
        "a slope below 90 % ends it",
        PLAIN,
        live("TT", (0, 20.0), (3, 20.3), (5, 20.5), (16, 30.0), (19, 30.2), (22, 30.4)),
        [told("raised", "TT/fast", 5, 5, RAISED, 20.5), told("returned", "TT/fast", 22, 22, RETURNED, 30.4)],
    ),
    Story(
        "bad samples are no part of it",
        PLAIN,
        [
            *live("TT", (0, 20.0), (3, 20.3)),
            got(4, r("TT", 4, 80.0, BAD)),
            *live("TT", (5, 20.5)),
        ],
        [
            told("raised", "TT/BAD", 4, 4, RAISED, 80.0, "quality"),
            told("raised", "TT/fast", 5, 5, RAISED, 20.5),
            told("returned", "TT/BAD", 5, 5, RETURNED, 20.5),
        ],
    ),
]

DELAYED = rates(stale_after_ms=30_000, on_delay_ms=20_000)
SHORT = rates(stale_after_ms=9_000, on_delay_ms=12_000)
UNDECIDED = [
    Story(
        "undecided samples neither end nor cancel: what is pending is confirmed",
        DELAYED,
        [
            got(0, r("TT", 0, 20.0)),
            got(3, r("TT", 3, 20.3)),
            got(5, r("TT", 5, 20.5)),  # starts: due at 25
            got(20, r("TT", 20, 20.5)),  # alone in its window
        ],
        [told("raised", "TT/fast", 25, 25, RAISED, 20.5)],
        until=26,
    ),
    Story(
        "an undecided sample after the delay confirms like any other",
        DELAYED,
        [got(40, r("TT", 0, 20.0), r("TT", 3, 20.3), r("TT", 5, 20.5), r("TT", 26, 20.6))],
        [told("raised", "TT/fast", 25, 40, RAISED, 20.6)],
    ),
    Story(
        "undecided and later than the last judged sample + stale_after cancels what is pending",
        SHORT,
        # 5 starts, due at 17, which is later than 5 + 9; 16 is undecided and later than 14
        [got(30, r("TT", 0, 20.0), r("TT", 3, 20.3), r("TT", 5, 20.5), r("TT", 16, 20.5), r("TT", 18, 20.5))],
        [],
        until=31,
    ),
    Story(
        "undecided in time renews the hold",
        SHORT,
        [got(30, r("TT", 0, 20.0), r("TT", 3, 20.3), r("TT", 5, 20.5), r("TT", 14, 20.5), r("TT", 18, 20.5))],
        [told("raised", "TT/fast", 17, 30, RAISED, 20.5)],
        until=31,
    ),
]

STORIES = SLOPES + UNDECIDED
