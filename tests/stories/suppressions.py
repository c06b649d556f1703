"""Shelving, out of service and bypass: what is told while they last and when they end.

Point LT, never stale here, with H at 12.5 and deadband 0.2.
"""

from __future__ import annotations

from typing import Any

from tests.oracle.records import Commanded
from tests.stories import ACKED, RAISED, States, Story, aimed, asked, got, level, live, told

PLAIN = level(stale_after_ms=None)
LATCHING = level(stale_after_ms=None, latching=True)

SHELVED: States = ("SHELVED", "SHELVED")
SHELVE: States = ("NORMAL", "SHELVED")
UNSHELVE: States = ("SHELVED", "NORMAL")
OUT: States = ("OUT_OF_SERVICE", "OUT_OF_SERVICE")


def shelf(second: float, for_s: float | None = None, **more: Any) -> Commanded:
    """Shelve H."""
    for_ms = None if for_s is None else round(for_s * 1000)
    return asked(second, "shelve", "LT/H", **({"note": "valve work", "for_ms": for_ms} | more))


SHELVES = [
    Story(
        "a shelved alarm is judged all the same; its shelf ends by itself at its time",
        PLAIN,
        [shelf(0, 10.5), *live("LT", (1, 12.6), (2, 12.0), (3, 12.7), (4, 12.0))],
        [
            told("shelved", "LT/H", 0, 0, SHELVE, None, None, actor="li.wei", note="valve work", occurrence=None),
            told("raised", "LT/H", 1, 1, SHELVED, 12.6, occurrence=1),
            told("returned", "LT/H", 2, 2, SHELVED, 12.0, occurrence=1),
            told("raised", "LT/H", 3, 3, SHELVED, 12.7, occurrence=2),
            told("returned", "LT/H", 4, 4, SHELVED, 12.0, occurrence=2),
            told("unshelved", "LT/H", 10.5, 11, UNSHELVE, 12.0, "expired", actor=None),
        ],
        until=12,
    ),
    Story(
        "condition on when the shelf is lifted: UNACK like a new one, although it was acknowledged",
        PLAIN,
        [*live("LT", (0, 12.6)), asked(1, "acknowledge", "LT/H"), shelf(2, 60), asked(3, "unshelve", "LT/H")],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None),
            told("shelved", "LT/H", 2, 2, ("ACKED", "SHELVED"), 12.6, None, occurrence=1),
            told("unshelved", "LT/H", 3, 3, ("SHELVED", "UNACK"), 12.6, None, actor="li.wei", occurrence=1),
        ],
    ),
    Story(
        "unacknowledged since before the shelf and off when it is lifted: RTN_UNACK, the same occurrence",
        PLAIN,
        [
            *live("LT", (0, 12.6)),
            shelf(1, 60),
            *live("LT", (2, 12.0), (3, 12.6), (4, 12.0)),
            asked(5, "unshelve", "LT/H"),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, occurrence=1),
            told("shelved", "LT/H", 1, 1, ("UNACK", "SHELVED"), 12.6, None),
            told("returned", "LT/H", 2, 2, SHELVED, 12.0, occurrence=1),
            told("reraised", "LT/H", 3, 3, SHELVED, 12.6, occurrence=1),
            told("returned", "LT/H", 4, 4, SHELVED, 12.0, occurrence=1),
            told("unshelved", "LT/H", 5, 5, ("SHELVED", "RTN_UNACK"), 12.0, None, occurrence=1),
        ],
    ),
    Story(
        "acknowledging while shelved is recorded when the occurrence is open, resetting is refused",
        PLAIN,
        [
            *live("LT", (0, 12.6)),
            shelf(1, 60),
            asked(2, "acknowledge", "LT/H"),
            asked(3, "reset", "LT/H"),
            *live("LT", (4, 12.0)),
            asked(5, "acknowledge", "LT/H"),
            asked(6, "unshelve", "LT/H"),
        ],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("shelved", "LT/H", 1, 1, ("UNACK", "SHELVED"), 12.6, None),
            told("acknowledged", "LT/H", 2, 2, SHELVED, 12.6, None, occurrence=1),
            told("refused", "LT/H", 3, 3, SHELVED, 12.6, "suppressed"),
            told("returned", "LT/H", 4, 4, SHELVED, 12.0),
            told("unshelved", "LT/H", 6, 6, UNSHELVE, 12.0, None),
        ],
    ),
    Story(
        "latching and on at some time while shelved: LATCH_UNACK",
        LATCHING,
        [shelf(0, 60), *live("LT", (1, 12.6), (2, 12.0)), asked(3, "unshelve", "LT/H")],
        [
            told("shelved", "LT/H", 0, 0, SHELVE, None, None),
            told("raised", "LT/H", 1, 1, SHELVED, 12.6, occurrence=1),
            told("returned", "LT/H", 2, 2, SHELVED, 12.0, occurrence=1),
            told("unshelved", "LT/H", 3, 3, ("SHELVED", "LATCH_UNACK"), 12.0, None, occurrence=1),
        ],
    ),
    Story(
        "a one-shot shelf ends when the condition goes off",
        PLAIN,
        [*live("LT", (0, 12.6)), asked(1, "acknowledge", "LT/H"), shelf(2, 60, one_shot=True), *live("LT", (3, 12.0))],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6),
            told("acknowledged", "LT/H", 1, 1, ACKED, 12.6, None),
            told("shelved", "LT/H", 2, 2, ("ACKED", "SHELVED"), 12.6, None),
            told("returned", "LT/H", 3, 3, SHELVED, 12.0),
            told("unshelved", "LT/H", 3, 3, UNSHELVE, 12.0, "one_shot"),
        ],
    ),
    Story(
        "without `for` the class's longest, above it refused, just that long not; shelving again replaces the end",
        level(stale_after_ms=None, shelving_max_ms=20_000),
        [got(0), shelf(1), shelf(2, 20.001), shelf(3, 20), shelf(11, 5), got(30)],
        [
            told("shelved", "LT/H", 1, 1, SHELVE, None, None),
            told("refused", "LT/H", 2, 2, SHELVED, None, "too_long"),
            told("shelved", "LT/H", 3, 3, SHELVED, None, None),
            told("shelved", "LT/H", 11, 11, SHELVED, None, None),
            told("unshelved", "LT/H", 16, 16, UNSHELVE, None, "expired"),
        ],
    ),
    Story(
        "refused: without a note, where shelving is not allowed, and lifting what is not there",
        level(stale_after_ms=None, shelving_allowed=False),
        [shelf(0, 10, note=None), shelf(1, 10), asked(2, "unshelve", "LT/H"), asked(3, "in_service", "LT/H")],
        [
            told("refused", "LT/H", 0, 0, ("NORMAL", "NORMAL"), None, "note_missing"),
            told("refused", "LT/H", 1, 1, ("NORMAL", "NORMAL"), None, "shelving_not_allowed"),
            told("refused", "LT/H", 2, 2, ("NORMAL", "NORMAL"), None, "not_shelved"),
            told("refused", "LT/H", 3, 3, ("NORMAL", "NORMAL"), None, "not_out_of_service"),
        ],
    ),
]

OUT_OF_SERVICE = [
    Story(
        "out of service shows before shelved; each command is an event of its own; the later end holds",
        PLAIN,
        [
            shelf(0, 60),
            asked(1, "out_of_service", "LT/H", note="n", for_ms=10_000),
            asked(2, "out_of_service", "LT/H", note="n", for_ms=3_000),
            got(12),
            asked(13, "unshelve", "LT/H"),
        ],
        [
            told("shelved", "LT/H", 0, 0, SHELVE, None, None),
            told("out_of_service", "LT/H", 1, 1, ("SHELVED", "OUT_OF_SERVICE"), None, None),
            told("out_of_service", "LT/H", 2, 2, OUT, None, None),
            told("in_service", "LT/H", 11, 11, ("OUT_OF_SERVICE", "SHELVED"), None, "expired"),
            told("unshelved", "LT/H", 13, 13, UNSHELVE, None, None),
        ],
    ),
    Story(
        "time out of service does not count for the latch",
        LATCHING,
        [
            asked(0, "out_of_service", "LT/H", note="n", for_ms=60_000),
            *live("LT", (1, 12.6), (2, 12.0)),
            asked(3, "in_service", "LT/H"),
        ],
        [
            told("out_of_service", "LT/H", 0, 0, ("NORMAL", "OUT_OF_SERVICE"), None, None),
            told("raised", "LT/H", 1, 1, OUT, 12.6),
            told("returned", "LT/H", 2, 2, OUT, 12.0),
            told("in_service", "LT/H", 3, 3, ("OUT_OF_SERVICE", "NORMAL"), 12.0, None),
        ],
    ),
    Story(
        "on when it is put back into service it counts for the latch from then on",
        LATCHING,
        [
            asked(0, "out_of_service", "LT/H", note="n", for_ms=60_000),
            *live("LT", (1, 12.6)),
            asked(2, "in_service", "LT/H"),
            *live("LT", (3, 12.0)),
        ],
        [
            told("out_of_service", "LT/H", 0, 0, ("NORMAL", "OUT_OF_SERVICE"), None, None),
            told("raised", "LT/H", 1, 1, OUT, 12.6),
            told("in_service", "LT/H", 2, 2, ("OUT_OF_SERVICE", "UNACK"), 12.6, None),
            told("returned", "LT/H", 3, 3, ("UNACK", "LATCH_UNACK"), 12.0),
        ],
    ),
    Story(
        "a bypass takes every alarm of a point out of service, needs an end, and ends by itself",
        PLAIN,
        [
            aimed(0, "bypass", "LT"),
            aimed(1, "bypass", "LT", for_ms=5_000),
            got(7),
            aimed(8, "bypass", "XX", for_ms=5_000),
        ],
        [
            told("refused", "LT", 0, 0, (None, None), None, "for_missing"),
            *[
                told("out_of_service", f"LT/{name}", 1, 1, ("NORMAL", "OUT_OF_SERVICE"), None, None)
                for name in ("H", "STALE", "BAD", "LATE", "CLOCK")
            ],
            *[
                told("in_service", f"LT/{name}", 6, 6, ("OUT_OF_SERVICE", "NORMAL"), None, "expired")
                for name in ("H", "STALE", "BAD", "LATE", "CLOCK")
            ],
            told("refused", "XX", 8, 8, (None, None), None, "unknown_target"),
        ],
    ),
]


STORIES = SHELVES + OUT_OF_SERVICE
