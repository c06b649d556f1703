"""count, time_to_limit, flatline, cusum: the kinds over one point that look further than one sample.

Point LT, 0 to 15 m, never stale unless said.
"""

from __future__ import annotations

from typing import Any

from pipeline.site import Count, Cusum, Flatline, Site, TimeToLimit
from tests.oracle.records import NULL
from tests.oracle.sites import alarm, point, site
from tests.stories import RAISED, RETURNED, Story, got, level, live, r, told


def counted(**attributes: Any) -> Site:
    """H at 12.5, three starts within 60 s, or on for 60 s."""
    count = Count(times=3, within_ms=60_000, sustained_ms=60_000)
    return level(stale_after_ms=None, count=count, **attributes)


COUNTS = [
    Story(
        "on by the third start when the first is not more than the time before it, off with the underlying",
        counted(),
        live("LT", (0, 12.6), (5, 12.0), (10, 12.6), (15, 12.0), (60, 12.7), (61, 12.4), (62, 12.0)),
        [told("raised", "LT/H", 60, 60, RAISED, 12.7), told("returned", "LT/H", 62, 62, RETURNED, 12.0)],
    ),
    Story(
        "not when the first of three is longer ago",
        counted(),
        live("LT", (0, 12.6), (5, 12.0), (10, 12.6), (15, 12.0), (60.001, 12.7), (61, 12.0)),
        [],
    ),
    Story(
        "on also when it lasts, timed as an on_delay from its start",
        counted(),
        live("LT", (0.5, 12.6), (30, 12.4)),
        [told("raised", "LT/H", 60.5, 61, RAISED, 12.4)],
        until=62,
    ),
    Story(
        "the wait to last begins where the underlying's own delay confirmed it",
        counted(on_delay_ms=5_000),
        live("LT", (0, 12.6)),
        [told("raised", "LT/H", 65, 65, RAISED, 12.6)],
        until=66,
    ),
    Story(
        "and in received time where a later sample of one upload confirmed it",
        counted(on_delay_ms=5_000),
        [got(20, r("LT", 0, 12.6), r("LT", 6, 12.6))],
        [told("raised", "LT/H", 65, 85, RAISED, 12.6)],
        until=90,
    ),
    Story(
        "what on_bad trips goes on at once",
        counted(on_bad="trip"),
        [got(0, r("LT", 0, 5.0)), got(1, r("LT", 1, NULL)), got(2, r("LT", 2, 5.0))],
        [
            told("raised", "LT/H", 1, 1, RAISED, None, "lost"),
            told("raised", "LT/BAD", 1, 1, RAISED, None, "null"),
            told("returned", "LT/H", 2, 2, RETURNED, 5.0),
            told("returned", "LT/BAD", 2, 2, RETURNED, 5.0),
        ],
    ),
]

TO_LIMIT = site(
    point(
        "LT",
        (
            alarm(
                "LT",
                "to-HH",
                "time_to_limit",
                time_to_limit=TimeToLimit(
                    limit=13.2, within_ms=60_000, window_ms=10_000, min_rate=0.1, per_ms=3_600_000
                ),
            ),
        ),
        stale_after_ms=None,
    )
)
SLOW = site(
    point(
        "LT",
        (
            alarm(
                "LT",
                "to-HH",
                "time_to_limit",
                time_to_limit=TimeToLimit(limit=13.2, within_ms=60_000, window_ms=10_000, min_rate=0.15, per_ms=1_000),
            ),
        ),
        stale_after_ms=None,
    )
)
TO_LL = site(
    point(
        "LT",
        (
            alarm("LT", "LL", "low", setpoint=2.0),
            alarm(
                "LT",
                "to-LL",
                "time_to_limit",
                time_to_limit=TimeToLimit(
                    limit=2.0,
                    limit_alarm="TF1/LT/LL",
                    within_ms=60_000,
                    window_ms=10_000,
                    min_rate=0.1,
                    per_ms=3_600_000,
                ),
            ),
        ),
        stale_after_ms=None,
    )
)
RISE = [(0, 6.4), (2, 6.6), (4, 6.8), (6, 7.0), (8, 7.2)]  # 0.1 a second: 62 s to the limit at 6, 60 s at 8
TOS = [
    Story(
        "starts when the straight line reaches the limit within the time exactly",
        TO_LIMIT,
        live("LT", *RISE),
        [told("raised", "LT/to-HH", 8, 8, RAISED, 7.2)],
    ),
    Story(
        "lateness has passed already",
        TO_LIMIT,
        [got(second + 2.5, r("LT", second, value)) for second, value in RISE[:4]],
        [told("raised", "LT/to-HH", 6, 8.5, RAISED, 7.0)],
    ),
    Story(
        "ends at the limit",
        TO_LIMIT,
        live("LT", *RISE, (9, 13.2)),
        [told("raised", "LT/to-HH", 8, 8, RAISED, 7.2), told("returned", "LT/to-HH", 9, 9, RETURNED, 13.2)],
    ),
    Story(
        "the limit of a low alarm is approached from above: a tank that runs empty, never one that fills",
        TO_LL,
        live("LT", (0, 8.7), (2, 8.5), (4, 8.3), (6, 8.1), (8, 7.9), (20, 7.9), (24, 8.4), (28, 8.9)),
        [told("raised", "LT/to-LL", 8, 8, RAISED, 7.9), told("returned", "LT/to-LL", 28, 28, RETURNED, 8.9)],
    ),
    Story(
        "ends when it moves toward the limit no longer; undecided ends nothing",
        TO_LIMIT,
        live("LT", *RISE, (18, 7.2), (21, 7.2), (24, 7.2)),
        [told("raised", "LT/to-HH", 8, 8, RAISED, 7.2), told("returned", "LT/to-HH", 24, 24, RETURNED, 7.2)],
    ),
    Story(
        "a slope below min_rate is no movement",
        SLOW,
        live("LT", *RISE, (10, 7.4), (12, 7.6), (14, 7.8)),
        [],
    ),
    Story(
        "a slope within three times its standard error is no movement",
        TO_LIMIT,
        # slope 1.5 / 18 or 0.083 a second, standard error sqrt(0.375 / 1 / 18) or 0.144
        live("LT", (0, 12.0), (3, 13.0), (6, 12.5)),
        [],
    ),
]

FLAT = site(
    point("LT", (alarm("LT", "frozen", "flatline", flatline=Flatline(for_ms=10_000, band=0.01)),), stale_after_ms=None)
)
DRIFT = site(
    point(
        "LT",
        (alarm("LT", "drift", "cusum", cusum=Cusum(reference=5.0, slack=0.5, threshold=1.0)),),
        stale_after_ms=None,
    )
)
OTHERS = [
    Story(
        "flat when nothing moved more than the band, the last sample before the time included",
        FLAT,
        live("LT", (0, 5.0), (5, 5.005), (10, 5.01), (15, 5.011)),
        [told("raised", "LT/frozen", 10, 10, RAISED, 5.01), told("returned", "LT/frozen", 15, 15, RETURNED, 5.011)],
    ),
    Story(
        "two samples are too few, and 90 % of the time has to be spanned",
        FLAT,
        live("LT", (0, 5.0), (8.9, 5.0), (8.95, 5.0)),
        [],
    ),
    Story(
        "cusum starts when a side reaches the threshold and ends when both are 0; it counts samples",
        DRIFT,
        # up: 0.5, 1.0; then 4.0: up 0, down 0.5; then 5.0: down 0
        live("LT", (0, 6.0), (100, 6.0), (200, 4.0), (201, 5.0)),
        [
            told("raised", "LT/drift", 100, 100, RAISED, 6.0),
            told("returned", "LT/drift", 201, 201, RETURNED, 5.0),
        ],
    ),
]

STORIES = COUNTS + TOS + OTHERS
