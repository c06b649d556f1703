"""Log time: seconds, ticks, where a replay ends, and being away.

Point LT, stale_after 10 s, H at 12.5 with on_delay 5 s.
"""

from __future__ import annotations

from tests.stories import RAISED, RETURNED, Story, asked, got, level, live, r, told

DELAYED = level(on_delay_ms=5_000)
REALARMS = level(realarm_ms=30_000)
FOREVER = level(stale_after_ms=None)

SECONDS = [
    Story(
        "it ends with the last whole second not later than the last record",
        DELAYED,
        live("LT", (0, 12.6), (4.9, 12.6)),
        [],
    ),
    Story(
        "the last whole second is judged, after the record stamped with it",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(5)],
        [told("raised", "LT/H", 5, 5, RAISED, 12.6)],
    ),
    Story(
        "a tick only moves log time on: however many, they change nothing",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(0), got(3), got(3.1), got(5.001), got(5.002)],
        [told("raised", "LT/H", 5, 5, RAISED, 12.6)],
    ),
    Story(
        "readings and commands later than `until` are not read",
        FOREVER,
        live("LT", (0, 5.0), (2.5, 12.6), (3, 12.6)),
        [told("raised", "LT/H", 2.5, 2.5, RAISED, 12.6)],
        until=2.7,
    ),
]

AWAY = [
    Story(
        "a replay of files has no gap: its seconds tick through",
        level(),
        live("LT", (0, 5.0), (100, 5.0)),
        [
            told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("returned", "LT/STALE", 100, 100, RETURNED, 5.0),
        ],
    ),
    Story(
        "stamps more than 5 s apart move the received time last heard",
        level(),
        [*live("LT", (0, 5.0)), *[got(s) for s in (4, 8, 100, 101, 102)]],  # 92 s away: heard at 92
        [told("raised", "LT/STALE", 102, 103, RAISED, 5.0, "stale")],
        until=103,
        replay=False,
    ),
    Story(
        "exactly 5 s apart is no gap",
        level(),
        [*live("LT", (0, 5.0)), *[got(s) for s in (5, 10, 11)]],
        [told("raised", "LT/STALE", 10, 11, RAISED, 5.0, "stale")],
        replay=False,
    ),
    Story(
        "they move the received time of what is pending, not its device time",
        DELAYED,
        [got(0, r("LT", 0, 12.6)), got(2), got(62), got(65), got(66)],  # 60 s away: r0 is 60
        [told("raised", "LT/H", 5, 65, RAISED, 12.6)],
        replay=False,
    ),
    Story(
        "a clock of the log that goes back moves them back, and its seconds are judged",
        level(),
        [*live("LT", (100, 5.0)), got(104), got(60), got(65), got(66), got(67)],  # 44 s back: heard at 56
        [told("raised", "LT/STALE", 66, 67, RAISED, 5.0, "stale")],
        replay=False,
    ),
    Story(
        "an acknowledgement's time does not move: the re-alarm comes when it was due",
        level(stale_after_ms=None, realarm_ms=30_000),
        [got(0, r("LT", 0, 12.6)), asked(1, "acknowledge", "LT/H"), got(100)],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("acknowledged", "LT/H", 1, 1, ("UNACK", "ACKED"), 12.6, None),
            told("reraised", "LT/H", 31, 31, ("ACKED", "UNACK"), 12.6, "realarm"),
        ],
        replay=False,
    ),
]

STORIES = SECONDS + AWAY
