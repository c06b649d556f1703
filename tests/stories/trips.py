"""What `on_bad: trip` makes of STALE and BAD, and the order of a second.

Point LT, 0 to 15 m, stale_after 10 s.
"""

from __future__ import annotations

from tests.oracle.records import NULL
from tests.oracle.sites import alarm, point, site
from tests.stories import ACKED, CLEARED, RAISED, RETURNED, Story, asked, got, level, level_with, live, r, told

UNCERTAIN, BAD = 1, 2
PLAIN = level_with()
TRIPS = level("HH", setpoint=13.2, deadband=0.1, on_bad="trip")

TRIP = [
    Story(
        "when STALE begins the condition goes on, at the time of STALE, and is judged by the samples that come",
        TRIPS,
        live("LT", (0, 5.0), (12, 5.1)),
        [
            told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("raised", "LT/HH", 10, 11, RAISED, 5.0, "lost", setpoint=13.2),
            told("returned", "LT/HH", 12, 12, RETURNED, 5.1, "limit"),
            told("returned", "LT/STALE", 12, 12, RETURNED, 5.1),
        ],
    ),
    Story(
        "when BAD (not judged) begins the condition goes on; further bad samples change nothing",
        TRIPS,
        [got(0, r("LT", 0, 5.0)), got(3, r("LT", 2, NULL)), got(4, r("LT", 4, 5.0, BAD)), got(5, r("LT", 5, 5.0))],
        [
            told("raised", "LT/HH", 2, 3, RAISED, None, "lost"),
            told("raised", "LT/BAD", 2, 3, RAISED, None, "null"),
            told("returned", "LT/HH", 5, 5, RETURNED, 5.0),
            told("returned", "LT/BAD", 5, 5, RETURNED, 5.0),
        ],
    ),
    Story(
        "hold keeps the condition as it is",
        level("HH", setpoint=13.2, on_bad="hold"),
        live("LT", (0, 5.0)),
        [told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale")],
        until=20,
    ),
    Story(
        "an alarm that is on already is not raised again by a trip",
        TRIPS,
        [got(0, r("LT", 0, 13.3)), got(1, r("LT", 1, NULL))],
        [told("raised", "LT/HH", 0, 0, RAISED, 13.3), told("raised", "LT/BAD", 1, 1, RAISED, None, "null")],
    ),
    Story(
        "a trip drops a pending end",
        level("HH", setpoint=13.2, deadband=0.1, on_bad="trip", off_delay_ms=5_000),
        [
            got(0, r("LT", 0, 13.3)),
            got(1, r("LT", 1, 13.0)),
            got(2, r("LT", 2, NULL)),
            got(7, r("LT", 7, 13.0)),
            got(11, r("LT", 11, 13.0)),
        ],
        [
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/BAD", 2, 2, RAISED, None, "null"),
            told("returned", "LT/BAD", 7, 7, RETURNED, 13.0),
            told("returned", "LT/HH", 12, 12, RETURNED, 13.0),
        ],
        until=12,
    ),
    Story(
        "badness that is not judged begins also where BAD was on for an uncertain sample",
        TRIPS,
        [*[got(s, r("LT", s, 5.0, UNCERTAIN)) for s in (0, 6, 11)], got(12, r("LT", 12, NULL))],
        [
            told("raised", "LT/BAD", 11, 11, RAISED, 5.0, "uncertain"),
            told("raised", "LT/HH", 12, 12, RAISED, None, "lost"),
        ],
    ),
    Story(
        "a second tells STALE with what it trips first, then the delays, each in the site file's order",
        site(
            point("A", (alarm("A", "H", "high", setpoint=12.5, on_delay_ms=11_000, on_bad="hold"),)),
            point("B", (alarm("B", "HH", "high", setpoint=13.2, on_bad="trip"),)),
            point("C", (alarm("C", "H", "high", setpoint=12.5, on_delay_ms=5_000),)),
        ),
        [got(0, r("A", 0, 5.0), r("B", 0, 5.0)), got(6, r("C", 6, 12.6))],
        [
            told("raised", "A/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("raised", "B/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("raised", "B/HH", 10, 11, RAISED, 5.0, "lost"),
            told("raised", "C/H", 11, 11, RAISED, 12.6),
        ],
        until=11,
    ),
    Story(
        "instrument alarms are acknowledged and cleared like any other",
        PLAIN,
        [got(0, r("LT", 0, 5.0)), asked(12, "acknowledge", "LT/STALE"), got(13, r("LT", 13, 5.0))],
        [
            told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("acknowledged", "LT/STALE", 12, 12, ACKED, 5.0, None, actor="li.wei"),
            told("cleared", "LT/STALE", 13, 13, CLEARED, 5.0),
        ],
    ),
]

STORIES = TRIP
