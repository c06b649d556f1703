"""Setpoints, deadbands and delays of one level alarm.

Point LT, 0 to 15 m, stale_after 10 s, H at 12.5 with deadband 0.2 unless a story says otherwise.
"""

from __future__ import annotations

from tests.oracle.sites import alarm, point, site
from tests.stories import AGAIN, RAISED, RETURNED, Story, got, level, level_with, live, r, told

BAD = 2
DELAYED = level(on_delay_ms=5_000)
SLOW = level(on_delay_ms=12_000)  # longer than a value holds
RELEASED = level(off_delay_ms=5_000)
SWITCH = site(
    point("ZS", (alarm("ZS", "HH", "digital", when=0.0),), quantity="state", low=None, high=None),
)

SETPOINTS = [
    Story(
        "a high alarm starts at the setpoint exactly",
        level(),
        live("LT", (0, 12.49), (1, 12.5)),
        [told("raised", "LT/H", 1, 1, RAISED, 12.5, setpoint=12.5, priority="high", occurrence=1, seq=1)],
    ),
    Story(
        "a high alarm stays on at setpoint minus deadband and ends below it, worked out in decimals",
        level(setpoint=12.4),  # 12.4 - 0.2 is 12.200000000000001 in binary
        live("LT", (0, 12.4), (1, 12.2), (2, 12.19)),
        [told("raised", "LT/H", 0, 0, RAISED, 12.4), told("returned", "LT/H", 2, 2, RETURNED, 12.19)],
    ),
    Story(
        "a low alarm starts at the setpoint exactly, stays on at setpoint plus deadband, ends above it",
        level("L", "low", setpoint=1.5, deadband=0.15),
        live("LT", (0, 1.51), (1, 1.5), (2, 1.65), (3, 1.66)),
        [told("raised", "LT/L", 1, 1, RAISED, 1.5), told("returned", "LT/L", 3, 3, RETURNED, 1.66)],
    ),
    Story(
        "a digital alarm is on in the state named and off in any other",
        SWITCH,
        live("ZS", (0, 1.0), (1, 0.0), (2, 0.0), (3, 1.0)),
        [told("raised", "ZS/HH", 1, 1, RAISED, 0.0), told("returned", "ZS/HH", 3, 3, RETURNED, 1.0)],
    ),
    Story(
        "two samples of one time are judged in order of arrival",
        level(),
        [got(1, r("LT", 1, 12.6), r("LT", 1, 12.0))],
        [told("raised", "LT/H", 1, 1, RAISED, 12.6), told("returned", "LT/H", 1, 1, RETURNED, 12.0)],
    ),
]

ON_DELAY = [
    Story(
        "a sample at exactly t0 + on_delay confirms if it starts too",
        DELAYED,
        live("LT", (0, 12.6), (5, 12.7)),
        [told("raised", "LT/H", 5, 5, RAISED, 12.7)],
    ),
    Story(
        "a sample at exactly t0 + on_delay that does not start cancels",
        DELAYED,
        live("LT", (0, 12.6), (5, 12.4), (9, 12.4)),
        [],
    ),
    Story(
        "a sample after t0 + on_delay confirms whatever its value, and is then judged in the new state",
        DELAYED,  # received 0.7 s late, so that no second confirms before it: 0.7 + 5 < 6
        [got(0.7, r("LT", 0, 12.6)), got(5.9, r("LT", 5.5, 12.0))],
        [told("raised", "LT/H", 5, 5.9, RAISED, 12.0), told("returned", "LT/H", 5.5, 5.9, RETURNED, 12.0)],
    ),
    Story(
        "a second T at exactly r0 + on_delay confirms with the latest value",
        DELAYED,
        live("LT", (0, 12.6), (3, 12.8)),
        [told("raised", "LT/H", 5, 5, RAISED, 12.8)],
        until=5,
    ),
    Story(
        "a second before r0 + on_delay does not confirm, the next one does, with time t0 + on_delay",
        DELAYED,
        live("LT", (0.3, 12.6)),
        [told("raised", "LT/H", 5.3, 6, RAISED, 12.6)],
        until=7,
    ),
    Story(
        "seconds count from the received time of the starting sample, the event's time from its device time",
        DELAYED,
        [got(2, r("LT", 0, 12.6))],
        [told("raised", "LT/H", 5, 7, RAISED, 12.6)],
        until=7,
    ),
    Story(
        "a judged sample before it that does not start cancels, also one inside the deadband",
        DELAYED,
        live("LT", (0, 12.6), (3, 12.4), (4, 12.6), (8, 12.6)),
        [told("raised", "LT/H", 9, 9, RAISED, 12.6)],
        until=9,
    ),
    Story(
        "the sample that confirms a start may begin the delay of the end",
        level(on_delay_ms=5_000, off_delay_ms=3_000),
        [got(20, r("LT", 0, 12.6), r("LT", 6, 12.0), r("LT", 9, 12.0))],
        [told("raised", "LT/H", 5, 20, RAISED, 12.0), told("returned", "LT/H", 9, 20, RETURNED, 12.0)],
    ),
]

HOLD = [
    Story(
        "a value holds for stale_after: a sample exactly that much later goes on with what is pending",
        SLOW,
        [got(30, r("LT", 0, 12.6), r("LT", 10, 12.6), r("LT", 12, 12.6))],
        [told("raised", "LT/H", 12, 30, RAISED, 12.6)],
    ),
    Story(
        "a starting sample later than the last judged one + stale_after makes it pending anew",
        SLOW,
        [got(30, r("LT", 0, 12.6), r("LT", 11, 12.6), r("LT", 20, 12.6), r("LT", 23, 12.7))],
        [told("raised", "LT/H", 23, 30, RAISED, 12.7)],
    ),
    Story(
        "a sample that late which does not start cancels, although it is later than t0 + on_delay",
        SLOW,
        [got(30, r("LT", 0, 12.6), r("LT", 20, 12.0), r("LT", 30, 12.0))],
        [],
    ),
    Story(
        "what had held for on_delay before a gap is confirmed by the sample after it",
        DELAYED,
        [got(21, r("LT", 0, 12.6), r("LT", 20, 12.0))],
        [told("raised", "LT/H", 5, 21, RAISED, 12.0), told("returned", "LT/H", 20, 21, RETURNED, 12.0)],
    ),
    Story(
        "a second confirms what is due exactly stale_after after the last judged sample",
        level(on_delay_ms=10_000),
        live("LT", (0, 12.6)),
        [told("raised", "LT/H", 10, 10, RAISED, 12.6)],
        until=10,
    ),
    Story(
        "no second confirms what is due later than the last judged sample + stale_after",
        SLOW,
        live("LT", (0, 12.6)),
        [told("raised", "LT/STALE", 10, 11, RAISED, 12.6, "stale")],
        until=15,
    ),
    Story(
        "where nothing is ever stale a value holds for ever",
        level(stale_after_ms=None, on_delay_ms=3_600_000),
        live("LT", (0, 12.6)),
        [told("raised", "LT/H", 3600, 3600, RAISED, 12.6)],
        until=3700,
    ),
]

BOTH = level_with(
    alarm("LT", "HH", "high", setpoint=13.2, deadband=0.1),
    alarm("LT", "H", "high", setpoint=12.5, deadband=0.2, on_delay_ms=2_000),
)
ORDER = [
    Story(
        "a record's samples are judged in order of time, then of the points in the site file, then of arrival",
        site(
            point("A", (alarm("A", "H", "high", setpoint=12.5),)), point("B", (alarm("B", "H", "high", setpoint=12.5),))
        ),
        [got(3, r("B", 1, 12.6), r("B", 2, 12.0), r("A", 2, 12.6), r("B", 3, 12.7), r("A", 3, 12.0))],
        [
            told("raised", "B/H", 1, 3, RAISED, 12.6),
            told("raised", "A/H", 2, 3, RAISED, 12.6),
            told("returned", "B/H", 2, 3, RETURNED, 12.0),
            told("returned", "A/H", 3, 3, RETURNED, 12.0),
            told("reraised", "B/H", 3, 3, AGAIN, 12.7),
        ],
    ),
    Story(
        "one sample's changes are told in the site file's order of its alarms; seq, not time, gives the order",
        BOTH,
        [got(9, r("LT", 0, 12.6), r("LT", 3, 13.2))],
        [
            told("raised", "LT/HH", 3, 9, RAISED, 13.2, seq=1),
            told("raised", "LT/H", 2, 9, RAISED, 13.2, seq=2),
        ],
    ),
]

STORIES = SETPOINTS + ON_DELAY + HOLD + ORDER
