"""Which readings are accepted, and when: repeats, clocks ahead, backfill and its excursions.

Point LT, never stale here, with H at 12.5 and deadband 0.2.
"""

from __future__ import annotations

from pipeline.site import Site
from tests.stories import AGAIN, QUIET, RAISED, RETURNED, Story, got, level, live, r, told

FOREVER: Site = level(stale_after_ms=None)
STALES: Site = level()

REPEATS = [
    Story(
        "a repeat is dropped: it is not heard",
        STALES,
        [got(0, r("LT", 0, 5.0)), got(8, r("LT", 0, 5.0))],
        [told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale")],
        until=11,
    ),
    Story(
        "another value or another quality at the same stamp is no repeat and is accepted",
        STALES,
        [got(0, r("LT", 0, 5.0)), got(5, r("LT", 0, 5.0, 1)), got(8, r("LT", 0, 12.6))],
        [told("raised", "LT/H", 0, 8, RAISED, 12.6)],
        until=18,
    ),
    Story(
        "a repeat of the 256th accepted sample back is known, of the 257th no longer",
        FOREVER,
        [
            got(1, r("LT", 0, 12.6)),
            *[got(2 + n / 10, r("LT", 0, 12.6 + n / 1000)) for n in range(1, 256)],
            got(30, r("LT", 0, 12.6), r("LT", 0, 5.0)),
            got(32, r("LT", 0, 12.6)),
        ],
        # At 30 the 12.6 of second 1 is the 256th back: dropped, then 5.0 ends. At 32 it is the 257th: judged.
        [
            told("raised", "LT/H", 0, 1, RAISED, 12.6),
            told("returned", "LT/H", 0, 30, RETURNED, 5.0),
            told("reraised", "LT/H", 0, 32, AGAIN, 12.6),
        ],
    ),
    Story(
        "a reading without a stamp gets the received time and cannot be recognised",
        STALES,
        [got(0, r("LT", None, 5.0)), got(8, r("LT", None, 5.0)), got(9, r("LT", None, 12.6))],
        [told("raised", "LT/H", 9, 9, RAISED, 12.6)],
        until=19,
    ),
]

AHEAD = [
    Story(
        "all stamps of the record are moved back by what the newest is ahead",
        FOREVER,
        [got(10, r("LT", 12, 12.6), r("LT", 15, 12.0))],
        [told("raised", "LT/H", 7, 10, RAISED, 12.6), told("returned", "LT/H", 10, 10, RETURNED, 12.0)],
    ),
    Story(
        "moved behind the newest accepted time it is put there if the device sent nothing newer before",
        FOREVER,
        [got(0, r("LT", 5, 5.0)), got(1, r("LT", 5, 12.6), r("LT", 13, 12.0))],
        [told("raised", "LT/H", 0, 1, RAISED, 12.6), told("returned", "LT/H", 1, 1, RETURNED, 12.0)],
    ),
    Story(
        "else it is backfill, told as a late excursion at its moved time",
        FOREVER,
        [got(0, r("LT", 5, 5.0)), got(1, r("LT", 4, 12.6), r("LT", 13, 12.0))],
        [told("late_excursion", "LT/H", -8, 1, QUIET, 12.6, setpoint=12.5, occurrence=None)],
    ),
    Story(
        "one stamp far ahead never mutes what follows",
        FOREVER,
        [got(0, r("LT", 7200, 5.0)), got(1, r("LT", 1, 12.6)), got(2, r("LT", 2, 12.0))],
        [
            told("raised", "LT/CLOCK", 0, 0, RAISED, 5.0, "ahead"),
            told("raised", "LT/H", 1, 1, RAISED, 12.6),
            told("returned", "LT/CLOCK", 1, 1, RETURNED, 12.6),
            told("returned", "LT/H", 2, 2, RETURNED, 12.0),
        ],
    ),
    Story(
        "a repeat far ahead moves nothing: it is left out before the clock is looked at",
        FOREVER,
        [got(0, r("LT", 90, 5.0)), got(1, r("LT", 90, 5.0), r("LT", 1, 12.6))],
        [
            told("raised", "LT/CLOCK", 0, 0, RAISED, 5.0, "ahead"),
            told("raised", "LT/H", 1, 1, RAISED, 12.6),
            told("returned", "LT/CLOCK", 1, 1, RETURNED, 12.6),
        ],
    ),
]

BACKFILL = [
    Story(
        "newest first: what is older than the newest accepted time is kept, not judged",
        FOREVER,
        [got(10, r("LT", 10, 5.0), r("LT", 9, 12.6), r("LT", 8, 12.7))],
        [told("late_excursion", "LT/H", 9, 10, QUIET, 12.6)],
    ),
    Story(
        "an excursion is told before the record's accepted samples are judged",
        FOREVER,
        [got(5, r("LT", 5, 5.0)), got(10, r("LT", 10, 12.6), r("LT", 4, 12.8))],
        [told("late_excursion", "LT/H", 4, 10, QUIET, 12.8), told("raised", "LT/H", 10, 10, RAISED, 12.6)],
    ),
    Story(
        "no excursion at a time when the condition was on; it was from the raise until the return",
        FOREVER,
        [
            *live("LT", (2000, 12.6), (4000, 5.0), (6000, 5.0)),
            got(6001, r("LT", 2000, 12.7), r("LT", 3999, 12.7)),
            got(6002, r("LT", 4000, 12.7)),
            got(6003, r("LT", 1999, 12.7)),
        ],
        [
            told("raised", "LT/H", 2000, 2000, RAISED, 12.6),
            told("returned", "LT/H", 4000, 4000, RETURNED, 5.0),
            told("late_excursion", "LT/H", 4000, 6002, ("RTN_UNACK", "RTN_UNACK"), 12.7, occurrence=1),
            told("late_excursion", "LT/H", 1999, 6003, ("RTN_UNACK", "RTN_UNACK"), 12.7, occurrence=1),
        ],
    ),
    Story(
        "not again within 10 minutes of device time around one that was told",
        FOREVER,
        [
            got(5000, r("LT", 5000, 5.0)),
            got(5001, r("LT", 2000, 12.6), r("LT", 2600, 12.6), r("LT", 1400, 12.6)),
            got(5002, r("LT", 2600.001, 12.8), r("LT", 1399.999, 12.9)),
        ],
        [
            told("late_excursion", "LT/H", 2000, 5001, QUIET, 12.6),
            told("late_excursion", "LT/H", 2600.001, 5002, QUIET, 12.8),
            told("late_excursion", "LT/H", 1399.999, 5002, QUIET, 12.9),
        ],
    ),
    Story(
        "bad backfill is no excursion",
        FOREVER,
        [got(10, r("LT", 10, 5.0), r("LT", 9, 12.6, 2), r("LT", 8, 99.0))],
        [],
    ),
    Story(
        "backfill is not heard",
        STALES,
        [got(0, r("LT", 0, 5.0)), got(5, r("LT", -1, 5.0))],
        [told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale")],
        until=11,
    ),
    Story(
        "a retained reading is backfill, however new",
        STALES,
        [got(0, r("LT", 0, 5.0)), got(5, r("LT", 5, 12.6, retained=True))],
        [
            told("late_excursion", "LT/H", 5, 5, QUIET, 12.6),
            told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale"),
        ],
        until=11,
    ),
]

STORIES = REPEATS + AHEAD + BACKFILL
