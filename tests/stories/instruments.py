"""STALE, LATE, BAD and CLOCK.

Point LT, 0 to 15 m, stale_after 10 s, late_after 60 s.
"""

from __future__ import annotations

from tests.oracle.records import NULL
from tests.oracle.sites import alarm, point, site
from tests.stories import AGAIN, RAISED, RETURNED, Story, asked, got, level, level_with, live, r, told

UNCERTAIN, BAD = 1, 2
PLAIN = level_with()
FOREVER = level_with(stale_after_ms=None)
GAS = site(
    point(
        "GT",
        (alarm("GT", "HH", "high", setpoint=50.0), alarm("GT", "L", "low", setpoint=10.0, on_bad="trip")),
        quantity="gas_concentration",
        high=100.0,
        stale_after_ms=5_000,
        over_range="judge",
    )
)

STALE = [
    Story(
        "stale when more than stale_after has passed, not at exactly that; the time is heard + stale_after",
        PLAIN,
        live("LT", (0, 5.0)),
        [told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale", setpoint=None)],
        until=12,
    ),
    Story(
        "between two seconds the first later one tells",
        PLAIN,
        live("LT", (0.5, 5.0)),
        [told("raised", "LT/STALE", 10.5, 11, RAISED, 5.0, "stale")],
        until=12,
    ),
    Story(
        "a sample in a record stamped exactly T is heard before second T is judged",
        PLAIN,
        live("LT", (0, 5.0), (11, 5.0)),
        [],
    ),
    Story(
        "stale is off with the next accepted sample, at its received time",
        PLAIN,
        [got(0, r("LT", 0, 5.0)), got(21.5, r("LT", 20, 5.1))],
        [
            told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("returned", "LT/STALE", 21.5, 21.5, RETURNED, 5.1),
        ],
    ),
    Story(
        "bad samples are heard too",
        PLAIN,
        [got(0, r("LT", 0, 5.0)), got(9, r("LT", 9, 5.0, BAD))],
        [told("raised", "LT/BAD", 9, 9, RAISED, 5.0, "quality")],
        until=19,
    ),
    Story(
        "a point never heard is stale from the first record of the replay on",
        site(point("A"), point("B")),
        live("A", (0, 5.0), (9, 5.0)),
        [told("raised", "B/STALE", 10, 11, RAISED, None, "stale")],
        until=15,
    ),
    Story(
        "a command is a record too: it begins the wait for points never heard",
        PLAIN,
        [asked(0, "acknowledge", "LT/BAD")],
        [told("raised", "LT/STALE", 10, 11, RAISED, None, "stale")],
        until=12,
    ),
    Story("what is never stale is not", FOREVER, live("LT", (0, 5.0)), [], until=4_000),
]

LATE = [
    Story(
        "late when received more than late_after after the accepted time, not at exactly that",
        FOREVER,
        [got(60, r("LT", 0, 5.0)), got(61.001, r("LT", 1, 5.1))],
        [told("raised", "LT/LATE", 1, 61.001, RAISED, 5.1, "late", setpoint=None)],
    ),
    Story(
        "not at exactly that either when the sample is looked at for another reason",
        FOREVER,
        [got(60, r("LT", 0, NULL))],
        [told("raised", "LT/BAD", 0, 60, RAISED, None, "null")],
    ),
    Story(
        "late until at most half of late_after",
        FOREVER,
        [got(61, r("LT", 0, 5.0)), got(62, r("LT", 31.999, 5.0)), got(63, r("LT", 33, 5.2))],
        [told("raised", "LT/LATE", 0, 61, RAISED, 5.0, "late"), told("returned", "LT/LATE", 33, 63, RETURNED, 5.2)],
    ),
]

BADNESS = [
    Story(
        "the live zone is the range widened by 1.25 % of its span below and 3.125 % above, ends included",
        FOREVER,
        live("LT", (0, 15.46875), (1, 15.46876), (2, -0.1875), (3, -0.18751)),
        [
            told("raised", "LT/BAD", 1, 1, RAISED, 15.46876, "range"),
            told("returned", "LT/BAD", 2, 2, RETURNED, -0.1875),
            told("reraised", "LT/BAD", 3, 3, AGAIN, -0.18751, "range"),
        ],
    ),
    Story(
        "a bad sample is not judged, whatever its value",
        level(),
        [got(0, r("LT", 0, 13.0, BAD)), got(1, r("LT", 1, NULL))],
        [told("raised", "LT/BAD", 0, 0, RAISED, 13.0, "quality")],
    ),
    Story(
        "BAD changes at the sample's accepted time",
        FOREVER,
        [got(7, r("LT", 3, NULL)), got(8, r("LT", 5, 5.0))],
        [told("raised", "LT/BAD", 3, 7, RAISED, None, "null"), told("returned", "LT/BAD", 5, 8, RETURNED, 5.0)],
    ),
    Story(
        "uncertain is judged like good",
        level(),
        [got(0, r("LT", 0, 12.6, UNCERTAIN))],
        [told("raised", "LT/H", 0, 0, RAISED, 12.6)],
    ),
    Story(
        "uncertain for more than stale_after since the first uncertain one is BAD, exactly that long is not",
        PLAIN,
        [*[got(s, r("LT", s, 5.0, UNCERTAIN)) for s in (0, 5, 10, 10.5)], got(11, r("LT", 11, 5.0))],
        [
            told("raised", "LT/BAD", 10.5, 10.5, RAISED, 5.0, "uncertain"),
            told("returned", "LT/BAD", 11, 11, RETURNED, 5.0),
        ],
    ),
    Story(
        "a good sample begins the wait of the uncertain anew",
        PLAIN,
        [
            got(0, r("LT", 0, 5.0, UNCERTAIN)),
            got(6, r("LT", 6, 5.0)),
            got(12, r("LT", 12, 5.0, UNCERTAIN)),
            got(22, r("LT", 22, 5.0, UNCERTAIN)),
        ],
        [],
    ),
    Story(
        "bad ones between do not begin it anew",
        PLAIN,
        [
            got(0, r("LT", 0, 5.0, UNCERTAIN)),
            got(5, r("LT", 5, NULL)),
            got(6, r("LT", 6, 5.0, UNCERTAIN)),
            got(11, r("LT", 11, 5.0, UNCERTAIN)),
        ],
        [
            told("raised", "LT/BAD", 5, 5, RAISED, None, "null"),
            told("returned", "LT/BAD", 6, 6, RETURNED, 5.0),
            told("reraised", "LT/BAD", 11, 11, AGAIN, 5.0, "uncertain"),
        ],
    ),
    Story(
        "over_range judge: above the live zone it is judged as the top of the range and BAD, and nothing is lost",
        GAS,
        live("GT", (0, 20.0), (1, 110.0)),
        [
            told("raised", "GT/HH", 1, 1, RAISED, 100.0, setpoint=50.0),
            told("raised", "GT/BAD", 1, 1, RAISED, 110.0, "range"),
        ],
    ),
    Story(
        "over_range judge: of quality bad it is not judged",
        GAS,
        [got(0, r("GT", 0, 20.0)), got(1, r("GT", 1, 110.0, BAD))],
        [
            told("raised", "GT/L", 1, 1, RAISED, 110.0, "lost"),
            told("raised", "GT/BAD", 1, 1, RAISED, 110.0, "quality"),
        ],
    ),
    Story(
        "over_range judge: below the live zone is bad and not judged",
        GAS,
        live("GT", (0, 20.0), (1, -2.0)),
        [told("raised", "GT/L", 1, 1, RAISED, -2.0, "lost"), told("raised", "GT/BAD", 1, 1, RAISED, -2.0, "range")],
    ),
]

CLOCK = [
    Story(
        "the clock is ahead by more than 60 s, not at exactly that; until at most 30 s",
        FOREVER,
        [
            got(0, r("LT", 60, 5.0)),
            got(1, r("LT", 61.001, 5.1)),
            got(2, r("LT", 32.001, 5.2)),
            got(3, r("LT", 33, 5.3)),
        ],
        [
            told("raised", "LT/CLOCK", 1, 1, RAISED, 5.1, "ahead", setpoint=None),
            told("returned", "LT/CLOCK", 3, 3, RETURNED, 5.3),
        ],
    ),
    Story(
        "a reading without a stamp says nothing of the clock",
        FOREVER,
        [got(0, r("LT", 61, 5.0)), got(1, r("LT", None, 5.0)), got(2, r("LT", 2, 5.0))],
        [told("raised", "LT/CLOCK", 0, 0, RAISED, 5.0, "ahead"), told("returned", "LT/CLOCK", 2, 2, RETURNED, 5.0)],
    ),
]

STORIES = STALE + LATE + BADNESS + CLOCK
