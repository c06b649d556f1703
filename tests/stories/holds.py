"""What bad samples do to a delay that runs, and the off-delay.

Point LT, 0 to 15 m, stale_after 10 s, H at 12.5 with deadband 0.2.
"""

from __future__ import annotations

from tests.oracle.records import NULL
from tests.stories import AGAIN, RAISED, RETURNED, Story, got, level, live, r, told

BAD = 2
DELAYED = level(on_delay_ms=5_000)
RELEASED = level(off_delay_ms=5_000)

BAD_WHILE_PENDING = [
    Story(
        "a bad sample ends the hold; a starting one at or after t0 + on_delay confirms",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2, r("LT", 2, 12.6, BAD)), got(9, r("LT", 9, 12.7))],
        [
            told("raised", "LT/BAD", 2, 2, RAISED, 12.6, "quality"),
            told("raised", "LT/H", 5, 9, RAISED, 12.7),
            told("returned", "LT/BAD", 9, 9, RETURNED, 12.7),
        ],
    ),
    Story(
        "a starting sample before t0 + on_delay resumes the hold, and a second confirms",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2, r("LT", 2, NULL)), got(4, r("LT", 4, 12.7))],
        [
            told("raised", "LT/BAD", 2, 2, RAISED, None, "null"),
            told("returned", "LT/BAD", 4, 4, RETURNED, 12.7),
            told("raised", "LT/H", 5, 5, RAISED, 12.7),
        ],
        until=6,
    ),
    Story(
        "after a bad sample one that does not start cancels, however late",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2, r("LT", 2, NULL)), got(7, r("LT", 7, 12.4)), got(9, r("LT", 9, 12.6))],
        [
            told("raised", "LT/BAD", 2, 2, RAISED, None, "null"),
            told("returned", "LT/BAD", 7, 7, RETURNED, 12.4),
        ],
        until=13,
    ),
    Story(
        "a bad sample after t0 + on_delay confirms, for the value had held until it",
        DELAYED,
        [got(0.7, r("LT", 0, 12.6)), got(5.9, r("LT", 5.5, 11.0, BAD))],
        [
            told("raised", "LT/H", 5, 5.9, RAISED, 11.0),
            told("raised", "LT/BAD", 5.5, 5.9, RAISED, 11.0, "quality"),
        ],
    ),
    Story(
        "a bad sample at exactly t0 + on_delay does not confirm",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(5, r("LT", 5, 12.6, BAD))],
        [told("raised", "LT/BAD", 5, 5, RAISED, 12.6, "quality")],
        until=8,
    ),
    Story(
        "beyond the live zone on the alarm's own side the hold goes on",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2, r("LT", 2, 15.6))],
        [
            told("raised", "LT/BAD", 2, 2, RAISED, 15.6, "range"),
            told("raised", "LT/H", 5, 5, RAISED, 15.6),
        ],
        until=8,
    ),
    Story(
        "beyond the live zone on the other side the hold ends",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2, r("LT", 2, -0.6))],
        [told("raised", "LT/BAD", 2, 2, RAISED, -0.6, "range")],
        until=8,
    ),
    Story(
        "a low alarm's own side is below",
        level("L", "low", setpoint=1.5, on_delay_ms=5_000),
        [got(0, r("LT", 0, 1.0)), got(2, r("LT", 2, -0.6))],
        [
            told("raised", "LT/BAD", 2, 2, RAISED, -0.6, "range"),
            told("raised", "LT/L", 5, 5, RAISED, -0.6),
        ],
        until=8,
    ),
]

OFF_DELAY = [
    Story(
        "a second confirms the end, with time t0 + off_delay",
        RELEASED,
        live("LT", (0, 12.6), (1.5, 12.0)),
        [told("raised", "LT/H", 0, 0, RAISED, 12.6), told("returned", "LT/H", 6.5, 7, RETURNED, 12.0)],
        until=8,
    ),
    Story(
        "an ending sample at exactly t0 + off_delay confirms, one inside the deadband cancels",
        RELEASED,
        live("LT", (0, 12.6), (1, 12.0), (6, 12.0)),
        [told("raised", "LT/H", 0, 0, RAISED, 12.6), told("returned", "LT/H", 6, 6, RETURNED, 12.0)],
    ),
    Story(
        "a sample inside the deadband before t0 + off_delay cancels the end",
        RELEASED,
        live("LT", (0, 12.6), (1, 12.0), (5, 12.4), (9, 12.4)),
        [told("raised", "LT/H", 0, 0, RAISED, 12.6)],
        until=15,
    ),
    Story(
        "a bad sample ends the hold of an end: nothing clears until a judged one does",
        RELEASED,
        [
            got(0, r("LT", 0, 12.6)),
            got(1, r("LT", 1, 12.0)),
            got(3, r("LT", 3, 12.0, BAD)),
            got(10, r("LT", 10, 12.1)),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("raised", "LT/BAD", 3, 3, RAISED, 12.0, "quality"),
            told("returned", "LT/H", 6, 10, RETURNED, 12.1),
            told("returned", "LT/BAD", 10, 10, RETURNED, 12.1),
        ],
    ),
    Story(
        "beyond the live zone on either side the hold of an end ends too",
        RELEASED,
        [
            got(0, r("LT", 0, 12.6)),
            got(1, r("LT", 1, 12.0)),
            got(3, r("LT", 3, 16.0)),
            got(7, r("LT", 7, 12.6)),
            got(8, r("LT", 8, 12.0)),
            got(10, r("LT", 10, -1.0)),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("raised", "LT/BAD", 3, 3, RAISED, 16.0, "range"),
            told("returned", "LT/BAD", 7, 7, RETURNED, 12.6),
            told("reraised", "LT/BAD", 10, 10, AGAIN, -1.0, "range"),
        ],
        until=16,
    ),
    Story(
        "nothing but a judged sample clears: silence and bad samples leave an alarm on",
        level(),
        [got(0, r("LT", 0, 12.6)), got(1, r("LT", 1, NULL))],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("raised", "LT/BAD", 1, 1, RAISED, None, "null"),
            told("raised", "LT/STALE", 11, 12, RAISED, None, "stale"),
        ],
        until=30,
    ),
]

STORIES = BAD_WHILE_PENDING + OFF_DELAY
