"""What people and conditions make of an alarm: states, latching, acknowledging, resetting, refusals, re-alarms.

Point LT, never stale here, with H at 12.5 and deadband 0.2.
"""

from __future__ import annotations

from tests.oracle.sites import alarm, point, site
from tests.stories import (
    ACKED,
    AGAIN,
    CLEARED,
    NO_STATE,
    QUIET,
    RAISED,
    RETURNED,
    States,
    Story,
    asked,
    got,
    level,
    live,
    r,
    told,
)

PLAIN = level(stale_after_ms=None)
LATCHING = level(stale_after_ms=None, latching=True)
UNASKED = level(stale_after_ms=None, ack_required=False)
UNASKED_LATCHING = level(stale_after_ms=None, ack_required=False, latching=True)
REALARMS = level(stale_after_ms=None, realarm_ms=30_000)

LATCHED: States = ("UNACK", "LATCH_UNACK")
LATCHED_ACKED: States = ("ACKED", "LATCH_ACKED")
STILL_UNACK: States = ("UNACK", "UNACK")
STILL_ACKED: States = ("ACKED", "ACKED")

PLAIN_LIFE = [
    Story(
        "acknowledged while on, then cleared by the return; the next raise is a new occurrence",
        PLAIN,
        [
            *live("LT", (0, 12.6)),
            asked(1, "acknowledge", "LT/H", note="on my way"),
            *live("LT", (2, 12.0), (3, 12.7)),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1, actor=None, note=None),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None, occurrence=1, actor="li.wei", note="on my way"),
            told("cleared", "LT/H", 2, 2, CLEARED, 12.0, occurrence=1),
            told("raised", "LT/H", 3, 3, RAISED, 12.7, occurrence=2),
        ],
    ),
    Story(
        "returned unacknowledged, then acknowledged into NORMAL",
        PLAIN,
        [*live("LT", (0, 12.6), (1, 12.0)), asked(2, "acknowledge", "LT/H"), *live("LT", (3, 12.6))],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("returned", "LT/H", 1, 1, RETURNED, 12.0, occurrence=1),
            told("acknowledged", "LT/H", 2, 2, ("RTN_UNACK", "NORMAL"), 12.0, None, occurrence=1),
            told("raised", "LT/H", 3, 3, RAISED, 12.6, occurrence=2),
        ],
    ),
    Story(
        "on again before anybody acknowledged is the same occurrence, reraised",
        PLAIN,
        live("LT", (0, 12.6), (1, 12.0), (2, 12.7)),
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("returned", "LT/H", 1, 1, RETURNED, 12.0, occurrence=1),
            told("reraised", "LT/H", 2, 2, AGAIN, 12.7, occurrence=1),
        ],
    ),
    Story(
        "acknowledging what needs none is no event and no error",
        PLAIN,
        [
            got(0, r("LT", 0, 5.0)),
            asked(1, "acknowledge", "LT/H"),
            got(2, r("LT", 2, 12.6)),
            asked(3, "acknowledge", "LT/H"),
            asked(4, "acknowledge", "LT/H"),
        ],
        [told("raised", "LT/H", 2, 2, RAISED, 12.6), told("acknowledged", "LT/H", 3, 3, ACKED, 12.6, None)],
    ),
    Story(
        "where no acknowledgement is required it is raised into ACKED and cleared",
        UNASKED,
        live("LT", (0, 12.6), (1, 12.0)),
        [told("raised", "LT/H", 0, 0, ("NORMAL", "ACKED"), 12.6), told("cleared", "LT/H", 1, 1, CLEARED, 12.0)],
    ),
    Story(
        "a command counts after the readings of its received time, and before the second of that time",
        level(stale_after_ms=None, on_delay_ms=5_000),
        [got(0, r("LT", 0, 12.6)), asked(5, "acknowledge", "LT/H")],
        [told("raised", "LT/H", 5, 5, RAISED, 12.6)],
    ),
]

LATCHES = [
    Story(
        "a latching alarm returns into LATCH_UNACK, is acknowledged into LATCH_ACKED and reset into NORMAL",
        LATCHING,
        [
            *live("LT", (0, 12.6), (1, 12.0)),
            asked(2, "acknowledge", "LT/H"),
            asked(3, "reset", "LT/H", note="checked"),
            *live("LT", (4, 12.6)),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("returned", "LT/H", 1, 1, LATCHED, 12.0, occurrence=1),
            told("acknowledged", "LT/H", 2, 2, ("LATCH_UNACK", "LATCH_ACKED"), 12.0, None, occurrence=1),
            told("reset", "LT/H", 3, 3, ("LATCH_ACKED", "NORMAL"), 12.0, None, occurrence=1, note="checked"),
            told("raised", "LT/H", 4, 4, RAISED, 12.6, occurrence=2),
        ],
    ),
    Story(
        "acknowledged while on it returns into LATCH_ACKED; on again it is reraised into UNACK",
        LATCHING,
        [*live("LT", (0, 12.6)), asked(1, "acknowledge", "LT/H"), *live("LT", (2, 12.0), (3, 12.6))],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None),
            told("returned", "LT/H", 2, 2, LATCHED_ACKED, 12.0),
            told("reraised", "LT/H", 3, 3, ("LATCH_ACKED", "UNACK"), 12.6, occurrence=1),
        ],
    ),
    Story(
        "LATCH_UNACK and on again: reraised into UNACK",
        LATCHING,
        live("LT", (0, 12.6), (1, 12.0), (2, 12.7)),
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("returned", "LT/H", 1, 1, LATCHED, 12.0),
            told("reraised", "LT/H", 2, 2, ("LATCH_UNACK", "UNACK"), 12.7, occurrence=1),
        ],
    ),
    Story(
        "latching without acknowledgement: ACKED, LATCH_ACKED, reset",
        UNASKED_LATCHING,
        [*live("LT", (0, 12.6), (1, 12.0)), asked(2, "reset", "LT/H")],
        [
            told("raised", "LT/H", 0, 0, ("NORMAL", "ACKED"), 12.6),
            told("returned", "LT/H", 1, 1, LATCHED_ACKED, 12.0),
            told("reset", "LT/H", 2, 2, ("LATCH_ACKED", "NORMAL"), 12.0, None),
        ],
    ),
]

REFUSALS = [
    Story(
        "a reset is refused while the condition is on, while unacknowledged, and where nothing is latched",
        LATCHING,
        [
            got(0, r("LT", 0, 5.0)),
            asked(1, "reset", "LT/H"),
            got(2, r("LT", 2, 12.6)),
            asked(3, "reset", "LT/H"),
            got(4, r("LT", 4, 12.0)),
            asked(5, "reset", "LT/H"),
        ],
        [
            told("refused", "LT/H", 1, 1, QUIET, 5.0, "not_latched", actor="li.wei", occurrence=None),
            told("raised", "LT/H", 2, 2, RAISED, 12.6),
            told("refused", "LT/H", 3, 3, STILL_UNACK, 12.6, "condition_on", occurrence=1),
            told("returned", "LT/H", 4, 4, LATCHED, 12.0),
            told("refused", "LT/H", 5, 5, ("LATCH_UNACK", "LATCH_UNACK"), 12.0, "not_acknowledged"),
        ],
    ),
    Story(
        "an unknown alarm is refused without states",
        PLAIN,
        [got(0, r("LT", 0, 5.0)), asked(1, "acknowledge", "LT/HHH")],
        [told("refused", "LT/HHH", 1, 1, NO_STATE, None, "unknown_alarm", actor="li.wei", occurrence=None, seq=1)],
    ),
    Story(
        "an unknown person is refused",
        PLAIN,
        [got(0, r("LT", 0, 12.6)), asked(1, "acknowledge", "LT/H", by="nobody")],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("refused", "LT/H", 1, 1, STILL_UNACK, 12.6, "unknown_person", actor="nobody"),
        ],
    ),
    Story(
        "the acknowledgement of another occurrence is refused, of the one that stands it counts",
        PLAIN,
        [
            got(0, r("LT", 0, 12.6)),
            asked(1, "acknowledge", "LT/H"),
            *live("LT", (2, 12.0), (3, 12.6)),
            asked(4, "acknowledge", "LT/H", occurrence="1"),
            asked(5, "acknowledge", "LT/H", occurrence="2"),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None),
            told("cleared", "LT/H", 2, 2, CLEARED, 12.0),
            told("raised", "LT/H", 3, 3, RAISED, 12.6, occurrence=2),
            told("refused", "LT/H", 4, 4, STILL_UNACK, 12.6, "other_occurrence"),
            told("acknowledged", "LT/H", 5, 5, ACKED, 12.6, None, occurrence=2),
        ],
    ),
]

REALARM = [
    Story(
        "that long after a person's acknowledgement an alarm still on is reraised, by the first second not earlier",
        REALARMS,
        [
            got(0, r("LT", 0, 12.6)),
            asked(10.5, "acknowledge", "LT/H"),
            asked(50, "acknowledge", "LT/H"),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("acknowledged", "LT/H", 10.5, 10.5, ACKED, 12.6, None),
            told("reraised", "LT/H", 40.5, 41, ("ACKED", "UNACK"), 12.6, "realarm", occurrence=1, actor=None),
            told("acknowledged", "LT/H", 50, 50, ACKED, 12.6, None),
            told("reraised", "LT/H", 80, 80, ("ACKED", "UNACK"), 12.6, "realarm"),
        ],
        until=90,
    ),
    Story(
        "not when it has returned meanwhile, nor when nobody had to acknowledge",
        site(
            point(
                "LT",
                (
                    alarm("LT", "H", "high", setpoint=12.5, realarm_ms=30_000),
                    alarm("LT", "HH", "high", setpoint=12.5, realarm_ms=30_000, ack_required=False),
                ),
                stale_after_ms=None,
            )
        ),
        [
            got(0, r("LT", 0, 12.6)),
            asked(1, "acknowledge", "LT/H"),
            *live("LT", (2, 12.0), (3, 12.6)),
            asked(4, "acknowledge", "LT/HH"),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("raised", "LT/HH", 0, 0, ("NORMAL", "ACKED"), 12.6),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None),
            told("cleared", "LT/H", 2, 2, CLEARED, 12.0),
            told("cleared", "LT/HH", 2, 2, CLEARED, 12.0),
            told("raised", "LT/H", 3, 3, RAISED, 12.6),
            told("raised", "LT/HH", 3, 3, ("NORMAL", "ACKED"), 12.6),
        ],
        until=100,
    ),
]

STORIES = PLAIN_LIFE + LATCHES + REFUSALS + REALARM
