"""Clocks that were set back: what proves it, what is accepted meanwhile, and when they are believed again.

Point LT, with H at 12.5 and deadband 0.2, never stale unless said.
"""

from __future__ import annotations

from pipeline.site import Site
from tests.stories import QUIET, RAISED, RETURNED, Story, got, level, r, told

FOREVER: Site = level(stale_after_ms=None)
STALES: Site = level()

BACK = "back"
SET_BACK = [
    Story(
        "three backfill samples over 10 s whose stamps keep pace: the clock was set back, the third is accepted",
        STALES,  # and those after it, until a stamp is not older than the newest accepted time
        [
            got(100, r("LT", 100, 5.0)),
            got(101, r("LT", 51, 5.0)),
            got(106, r("LT", 56, 5.0)),
            got(111, r("LT", 61, 12.6)),
            got(112, r("LT", 62, 12.7)),
            got(112.5, r("LT", 62, 12.8)),  # an equal stamp does not fall
            got(113, r("LT", 112.5, 12.0)),
            got(114, r("LT", 70, 12.6)),  # believed again is not set back again: backfill
        ],
        [
            told("raised", "LT/H", 111, 111, RAISED, 12.6),
            told("raised", "LT/CLOCK", 111, 111, RAISED, 12.6, BACK),
            told("returned", "LT/H", 112.5, 113, RETURNED, 12.0),
            told("returned", "LT/CLOCK", 112.5, 113, RETURNED, 12.0),
            told("late_excursion", "LT/H", 70, 114, ("RTN_UNACK", "RTN_UNACK"), 12.6),
        ],
    ),
    Story(
        "under 10 s of received time it is no proof",
        FOREVER,
        [got(100, r("LT", 100, 5.0)), *[got(101 + n, r("LT", 51 + n, 5.0)) for n in (0, 5, 9.999)]],
        [],
    ),
    Story(
        "two samples are no proof",
        FOREVER,
        [got(100, r("LT", 100, 5.0)), got(101, r("LT", 51, 5.0)), got(121, r("LT", 71, 5.0))],
        [],
    ),
    Story(
        "stamps that advance by exactly half of received time keep pace, by less they do not",
        FOREVER,
        [
            got(100, r("LT", 100, 5.0)),
            got(101, r("LT", 51, 5.0)),
            got(106, r("LT", 53, 5.0)),
            got(111, r("LT", 55.999, 5.1)),
            got(113, r("LT", 57, 5.2)),
        ],
        [told("raised", "LT/CLOCK", 113, 113, RAISED, 5.2, BACK)],
    ),
    Story(
        "stamps that advance by exactly twice received time keep pace, by more they do not",
        FOREVER,
        [
            got(100, r("LT", 100, 5.0)),
            got(101, r("LT", 11, 5.0)),
            got(106, r("LT", 30, 5.0)),
            got(111, r("LT", 31.001, 5.1)),
            got(112, r("LT", 33, 5.2)),
        ],
        [told("raised", "LT/CLOCK", 112, 112, RAISED, 5.2, BACK)],
    ),
    Story(
        "an equal stamp neither counts nor breaks the run, a lower one begins it anew",
        FOREVER,
        [
            got(100, r("LT", 100, 5.0)),
            got(101, r("LT", 51, 5.0)),
            got(106, r("LT", 51, 5.1)),
            got(112, r("LT", 62, 5.2)),  # the second that counts
            got(113, r("LT", 60, 5.3)),  # lower
            got(118, r("LT", 65, 5.4)),
            got(123, r("LT", 70, 5.5)),
        ],
        [told("raised", "LT/CLOCK", 123, 123, RAISED, 5.5, BACK)],
    ),
    Story(
        "an accepted sample between begins the run anew",
        FOREVER,
        [
            got(100, r("LT", 100, 5.0)),
            got(101, r("LT", 51, 5.0)),
            got(106, r("LT", 56, 5.0)),
            got(107, r("LT", 107, 5.0)),
            got(112, r("LT", 62, 5.0)),
            got(117, r("LT", 67, 5.0)),
        ],
        [],
    ),
    Story(
        "in the set-back time a stamp that falls is backfill and has to be proved anew; CLOCK stays on",
        FOREVER,
        [
            got(100, r("LT", 100, 5.0)),
            *[got(101 + n, r("LT", 51 + n, 5.0)) for n in (0, 5, 10)],  # accepted at 111
            got(112, r("LT", 55, 12.6)),  # falls
            got(113, r("LT", 63, 12.7)),  # backfill too
            got(114, r("LT", 114, 5.2)),
        ],
        [
            told("raised", "LT/CLOCK", 111, 111, RAISED, 5.0, BACK),
            told("late_excursion", "LT/H", 55, 112, QUIET, 12.6),
            told("returned", "LT/CLOCK", 114, 114, RETURNED, 5.2),
        ],
    ),
]

STORIES = SET_BACK
