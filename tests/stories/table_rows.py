"""The 22 rows of the transition table of docs/alarm-states.md, a story each: from, what happens, to, event.

Point LT with H at 12.5 and deadband 0.2: 12.6 is on, 12.0 is off. `ready` brings it into the state a row begins with.
"""

from __future__ import annotations

from typing import Any

from pipeline.site import Suppress
from tests.oracle.records import Record
from tests.oracle.sites import alarm, point, site
from tests.stories import Story, asked, got, level, live, told

H = "LT/H"
REALARM = level(stale_after_ms=None, realarm_ms=5_000)
PLAIN = level(stale_after_ms=None)
LATCHING = level(stale_after_ms=None, latching=True)
BY_HH = site(
    point(
        "LT",
        (
            alarm("LT", "HH", "high", setpoint=13.2, deadband=0.1),
            alarm("LT", "H", "high", setpoint=12.5, deadband=0.2),
        ),
        stale_after_ms=None,
    ),
    suppress=(Suppress(id="by-HH", alarms=("TF1/LT/H",), cause="TF1/LT/HH"),),
)


def on(second: float) -> list[Record]:
    return live("LT", (second, 12.6))


def off(second: float) -> list[Record]:
    return live("LT", (second, 12.0))


def ack(second: float) -> Record:
    return asked(second, "acknowledge", H)


def shelf(second: float, for_s: float = 60, **more: Any) -> Record:
    return asked(second, "shelve", H, note="n", for_ms=round(for_s * 1000), **more)


def out(second: float) -> Record:
    return asked(second, "out_of_service", H, note="n", for_ms=60_000)


def by_person(event: str, second: float, from_: str, to: str, value: float = 12.6, **more: Any) -> dict[str, Any]:
    return told(event, H, second, second, (from_, to), value, None, actor="li.wei", **more)


def by_sample(event: str, second: float, from_: str, to: str, **more: Any) -> dict[str, Any]:
    return told(event, H, second, second, (from_, to), 12.6 if event in ("raised", "reraised") else 12.0, **more)


RAISED = by_sample("raised", 0, "NORMAL", "UNACK", occurrence=1)
TAKEN = by_person("acknowledged", 1, "UNACK", "ACKED")

ROWS: dict[int, list[Story]] = {
    1: [Story("row 1: NORMAL, the condition goes on: UNACK, a new occurrence", PLAIN, on(0), [RAISED])],
    2: [Story("row 2: UNACK, acknowledged: ACKED", PLAIN, [*on(0), ack(1)], [RAISED, TAKEN])],
    3: [
        Story(
            "row 3: UNACK, the condition goes off, not latching: RTN_UNACK",
            PLAIN,
            [*on(0), *off(1)],
            [RAISED, by_sample("returned", 1, "UNACK", "RTN_UNACK")],
        )
    ],
    4: [
        Story(
            "row 4: UNACK, the condition goes off, latching: LATCH_UNACK",
            LATCHING,
            [*on(0), *off(1)],
            [RAISED, by_sample("returned", 1, "UNACK", "LATCH_UNACK")],
        )
    ],
    5: [
        Story(
            "row 5: ACKED, the condition goes off, not latching: NORMAL",
            PLAIN,
            [*on(0), ack(1), *off(2)],
            [RAISED, TAKEN, by_sample("cleared", 2, "ACKED", "NORMAL", occurrence=1)],
        )
    ],
    6: [
        Story(
            "row 6: ACKED, the condition goes off, latching: LATCH_ACKED",
            LATCHING,
            [*on(0), ack(1), *off(2)],
            [RAISED, TAKEN, by_sample("returned", 2, "ACKED", "LATCH_ACKED")],
        )
    ],
    7: [
        Story(
            "row 7: RTN_UNACK, acknowledged: NORMAL",
            PLAIN,
            [*on(0), *off(1), ack(2)],
            [
                RAISED,
                by_sample("returned", 1, "UNACK", "RTN_UNACK"),
                by_person("acknowledged", 2, "RTN_UNACK", "NORMAL", 12.0, occurrence=1),
            ],
        )
    ],
    8: [
        Story(
            "row 8: RTN_UNACK, the condition goes on: UNACK, the same occurrence",
            PLAIN,
            [*on(0), *off(1), *on(2)],
            [
                RAISED,
                by_sample("returned", 1, "UNACK", "RTN_UNACK"),
                by_sample("reraised", 2, "RTN_UNACK", "UNACK", occurrence=1),
            ],
        )
    ],
    9: [
        Story(
            "row 9: LATCH_UNACK, acknowledged: LATCH_ACKED",
            LATCHING,
            [*on(0), *off(1), ack(2)],
            [
                RAISED,
                by_sample("returned", 1, "UNACK", "LATCH_UNACK"),
                by_person("acknowledged", 2, "LATCH_UNACK", "LATCH_ACKED", 12.0),
            ],
        )
    ],
    10: [
        Story(
            "row 10: LATCH_UNACK, the condition goes on: UNACK, the same occurrence",
            LATCHING,
            [*on(0), *off(1), *on(2)],
            [
                RAISED,
                by_sample("returned", 1, "UNACK", "LATCH_UNACK"),
                by_sample("reraised", 2, "LATCH_UNACK", "UNACK", occurrence=1),
            ],
        )
    ],
    11: [
        Story(
            "row 11: LATCH_ACKED, reset: NORMAL",
            LATCHING,
            [*on(0), ack(1), *off(2), asked(3, "reset", H)],
            [
                RAISED,
                TAKEN,
                by_sample("returned", 2, "ACKED", "LATCH_ACKED"),
                by_person("reset", 3, "LATCH_ACKED", "NORMAL", 12.0, occurrence=1),
            ],
        )
    ],
    12: [
        Story(
            "row 12: LATCH_ACKED, the condition goes on: UNACK, the same occurrence",
            LATCHING,
            [*on(0), ack(1), *off(2), *on(3)],
            [
                RAISED,
                TAKEN,
                by_sample("returned", 2, "ACKED", "LATCH_ACKED"),
                by_sample("reraised", 3, "LATCH_ACKED", "UNACK", occurrence=1),
            ],
        )
    ],
    13: [
        Story(
            "row 13: ACKED, the re-alarm is due: UNACK",
            REALARM,
            [*on(0), ack(1), got(7)],
            [RAISED, TAKEN, told("reraised", H, 6, 6, ("ACKED", "UNACK"), 12.6, "realarm", actor=None)],
        )
    ],
    14: [
        Story(
            "row 14: NORMAL, shelved: SHELVED",
            PLAIN,
            [*off(0), shelf(1)],
            [by_person("shelved", 1, "NORMAL", "SHELVED", 12.0)],
        ),
        Story(
            "row 14: UNACK, shelved: SHELVED",
            PLAIN,
            [*on(0), shelf(1)],
            [RAISED, by_person("shelved", 1, "UNACK", "SHELVED", note="n")],
        ),
        Story(
            "row 14: LATCH_ACKED, shelved: SHELVED, and latched when it ends",
            LATCHING,
            [*on(0), ack(1), *off(2), shelf(3, 2), got(6)],
            [
                RAISED,
                TAKEN,
                by_sample("returned", 2, "ACKED", "LATCH_ACKED"),
                by_person("shelved", 3, "LATCH_ACKED", "SHELVED", 12.0),
                told("unshelved", H, 5, 5, ("SHELVED", "LATCH_ACKED"), 12.0, "expired"),
            ],
        ),
    ],
    15: [
        Story(
            "row 15: SHELVED, unshelved with the condition on: UNACK",
            PLAIN,
            [*on(0), shelf(1), asked(2, "unshelve", H)],
            [RAISED, by_person("shelved", 1, "UNACK", "SHELVED"), by_person("unshelved", 2, "SHELVED", "UNACK")],
        ),
        Story(
            "row 15: SHELVED, its time is over with the condition off: NORMAL",
            PLAIN,
            [*off(0), shelf(1, 2), got(4)],
            [
                by_person("shelved", 1, "NORMAL", "SHELVED", 12.0),
                told("unshelved", H, 3, 3, ("SHELVED", "NORMAL"), 12.0, "expired", actor=None),
            ],
        ),
        Story(
            "row 15: SHELVED once, the condition goes off: it ends with it",
            PLAIN,
            [*on(0), ack(1), shelf(2, one_shot=True), *off(3)],
            [
                RAISED,
                TAKEN,
                by_person("shelved", 2, "ACKED", "SHELVED"),
                by_sample("returned", 3, "SHELVED", "SHELVED", occurrence=1),
                told("unshelved", H, 3, 3, ("SHELVED", "NORMAL"), 12.0, "one_shot", occurrence=None),
            ],
        ),
    ],
    16: [
        Story(
            "row 16: UNACK, a suppression by design begins: SUPPRESSED_BY_DESIGN",
            BY_HH,
            [*on(0), *live("LT", (1, 13.3))],
            [
                RAISED,
                told("suppressed", H, 1, 1, ("UNACK", "SUPPRESSED_BY_DESIGN"), 13.3, None, note="by-HH", actor=None),
                told("raised", "LT/HH", 1, 1, ("NORMAL", "UNACK"), 13.3),
            ],
        )
    ],
    17: [
        Story(
            "row 17: SUPPRESSED_BY_DESIGN, the last suppression ends, acknowledged since it went on: ACKED",
            BY_HH,
            [*on(0), *live("LT", (1, 13.3)), ack(2), *live("LT", (3, 13.0))],
            [
                RAISED,
                told("suppressed", H, 1, 1, ("UNACK", "SUPPRESSED_BY_DESIGN"), 13.3, None),
                told("raised", "LT/HH", 1, 1, ("NORMAL", "UNACK"), 13.3),
                by_person("acknowledged", 2, "SUPPRESSED_BY_DESIGN", "SUPPRESSED_BY_DESIGN", 13.3),
                told("returned", "LT/HH", 3, 3, ("UNACK", "RTN_UNACK"), 13.0),
                told("unsuppressed", H, 3, 3, ("SUPPRESSED_BY_DESIGN", "ACKED"), 13.0, None, note="by-HH"),
            ],
        )
    ],
    18: [
        Story(
            "row 18: ACKED, taken out of service: OUT_OF_SERVICE",
            PLAIN,
            [*on(0), ack(1), out(2)],
            [RAISED, TAKEN, by_person("out_of_service", 2, "ACKED", "OUT_OF_SERVICE")],
        )
    ],
    19: [
        Story(
            "row 19: OUT_OF_SERVICE, put back with the condition on: UNACK, although acknowledged before",
            PLAIN,
            [*on(0), ack(1), out(2), asked(3, "in_service", H)],
            [
                RAISED,
                TAKEN,
                by_person("out_of_service", 2, "ACKED", "OUT_OF_SERVICE"),
                by_person("in_service", 3, "OUT_OF_SERVICE", "UNACK", occurrence=1),
            ],
        )
    ],
    20: [
        Story(
            "row 20: suppressed by all three, one after the other is lifted: the next shows",
            BY_HH,
            [
                *on(0),
                shelf(1),
                *live("LT", (2, 13.3)),
                out(3),
                asked(4, "in_service", H),
                *live("LT", (5, 13.0)),
                asked(6, "unshelve", H),
            ],
            [
                RAISED,
                by_person("shelved", 1, "UNACK", "SHELVED"),
                told("suppressed", H, 2, 2, ("SHELVED", "SUPPRESSED_BY_DESIGN"), 13.3, None),
                told("raised", "LT/HH", 2, 2, ("NORMAL", "UNACK"), 13.3),
                by_person("out_of_service", 3, "SUPPRESSED_BY_DESIGN", "OUT_OF_SERVICE", 13.3),
                by_person("in_service", 4, "OUT_OF_SERVICE", "SUPPRESSED_BY_DESIGN", 13.3),
                told("returned", "LT/HH", 5, 5, ("UNACK", "RTN_UNACK"), 13.0),
                told("unsuppressed", H, 5, 5, ("SUPPRESSED_BY_DESIGN", "SHELVED"), 13.0, None),
                by_person("unshelved", 6, "SHELVED", "UNACK", 13.0, occurrence=1),
            ],
        )
    ],
    21: [
        Story(
            "row 21: UNACK, reset: unchanged, and it says why",
            LATCHING,
            [*on(0), asked(1, "reset", H)],
            [RAISED, told("refused", H, 1, 1, ("UNACK", "UNACK"), 12.6, "condition_on", actor="li.wei")],
        ),
        Story(
            "row 21: LATCH_UNACK, reset: unchanged",
            LATCHING,
            [*on(0), *off(1), asked(2, "reset", H)],
            [
                RAISED,
                by_sample("returned", 1, "UNACK", "LATCH_UNACK"),
                told("refused", H, 2, 2, ("LATCH_UNACK", "LATCH_UNACK"), 12.0, "not_acknowledged"),
            ],
        ),
        Story(
            "row 21: SHELVED, reset: unchanged, also where it would be LATCH_ACKED",
            LATCHING,
            [*on(0), ack(1), *off(2), shelf(3), asked(4, "reset", H)],
            [
                RAISED,
                TAKEN,
                by_sample("returned", 2, "ACKED", "LATCH_ACKED"),
                by_person("shelved", 3, "LATCH_ACKED", "SHELVED", 12.0),
                told("refused", H, 4, 4, ("SHELVED", "SHELVED"), 12.0, "suppressed"),
            ],
        ),
    ],
    22: [
        Story("row 22: NORMAL, acknowledged: nothing, and no error", PLAIN, [*off(0), ack(1)], []),
        Story("row 22: ACKED, acknowledged: nothing", PLAIN, [*on(0), ack(1), ack(2)], [RAISED, TAKEN]),
        Story(
            "row 22: LATCH_ACKED, acknowledged: nothing",
            LATCHING,
            [*on(0), ack(1), *off(2), ack(3)],
            [RAISED, TAKEN, by_sample("returned", 2, "ACKED", "LATCH_ACKED")],
        ),
    ],
}

STORIES = [story for row in ROWS.values() for story in row]
