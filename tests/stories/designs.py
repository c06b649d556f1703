"""Suppression by design and modes: what begins and ends them, and what is left when they end.

Point LT, never stale here, with HH at 13.2 (deadband 0.1) and H at 12.5 (deadband 0.2).
"""

from __future__ import annotations

from typing import Any

from pipeline.site import Equipment, ModeSettings, Site, Suppress
from tests.oracle.sites import alarm, point, site
from tests.stories import RAISED, RETURNED, States, Story, aimed, asked, got, live, r, told

SHELVED: States = ("SHELVED", "SHELVED")
SHELVE: States = ("NORMAL", "SHELVED")
BY_DESIGN: States = ("SUPPRESSED_BY_DESIGN", "SUPPRESSED_BY_DESIGN")


def design(**consequence: Any) -> Site:
    """H is suppressed while HH is on."""
    lt = point(
        "LT",
        (
            alarm("LT", "HH", "high", setpoint=13.2, deadband=0.1),
            alarm("LT", "H", "high", setpoint=12.5, deadband=0.2, **consequence),
        ),
        stale_after_ms=None,
    )
    return site(lt, suppress=(Suppress(id="by-HH", alarms=("TF1/LT/H",), cause="TF1/LT/HH"),))


CHAIN = site(
    point(
        "LT",
        (
            alarm("LT", "HH", "high", setpoint=13.2, deadband=0.1),
            alarm("LT", "H", "high", setpoint=12.5, deadband=0.2),
            alarm("LT", "rise", "high", setpoint=10.0, deadband=0.2),
        ),
        stale_after_ms=None,
    ),
    suppress=(
        Suppress(id="by-H", alarms=("TF1/LT/rise",), cause="TF1/LT/H"),
        Suppress(id="by-HH", alarms=("TF1/LT/H",), cause="TF1/LT/HH"),
    ),
)
SUPPRESSED = [
    Story(
        "a cause and its consequence at one time: consequence suppressed, cause raised, consequence raised",
        design(),
        live("LT", (0, 5.0), (1, 13.3), (2, 12.0)),
        [
            told("suppressed", "LT/H", 1, 1, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None, note="by-HH"),
            told("raised", "LT/HH", 1, 1, RAISED, 13.3),
            told("raised", "LT/H", 1, 1, BY_DESIGN, 13.3),
            told("returned", "LT/HH", 2, 2, RETURNED, 12.0),
            told("returned", "LT/H", 2, 2, BY_DESIGN, 12.0),
            told("unsuppressed", "LT/H", 2, 2, ("SUPPRESSED_BY_DESIGN", "NORMAL"), 12.0, None, note="by-HH"),
        ],
    ),
    Story(
        "on when the suppression ends and no on-delay: UNACK at once",
        design(),
        live("LT", (1, 13.3), (2, 13.0)),
        [
            told("suppressed", "LT/H", 1, 1, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 1, 1, RAISED, 13.3),
            told("raised", "LT/H", 1, 1, BY_DESIGN, 13.3, occurrence=1),
            told("returned", "LT/HH", 2, 2, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 2, 2, ("SUPPRESSED_BY_DESIGN", "UNACK"), 13.0, None, occurrence=1),
        ],
    ),
    Story(
        "begun while suppressed, with an on-delay: closed, and raised when it has stayed on for the delay",
        design(on_delay_ms=2_000),
        live("LT", (0, 13.3), (2, 13.3), (10.5, 13.0)),
        [
            told("suppressed", "LT/H", 0, 0, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/H", 2, 2, BY_DESIGN, 13.3, occurrence=1),
            told("returned", "LT/HH", 10.5, 10.5, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 10.5, 10.5, ("SUPPRESSED_BY_DESIGN", "NORMAL"), 13.0, None, occurrence=1),
            told("raised", "LT/H", 13, 13, RAISED, 13.0, occurrence=2),
        ],
        until=15,
    ),
    Story(
        "a second exactly the delay after the lifting raises it",
        design(on_delay_ms=2_000),
        live("LT", (0, 13.3), (2, 13.3), (10, 13.0)),
        [
            told("suppressed", "LT/H", 0, 0, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/H", 2, 2, BY_DESIGN, 13.3),
            told("returned", "LT/HH", 10, 10, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 10, 10, ("SUPPRESSED_BY_DESIGN", "NORMAL"), 13.0, None),
            told("raised", "LT/H", 12, 12, RAISED, 13.0),
        ],
        until=12,
    ),
    Story(
        "begun before the suppression: UNACK at once, also with an on-delay",
        design(on_delay_ms=2_000),
        live("LT", (0, 12.6), (2, 12.6), (3, 13.3), (10, 13.0)),
        [
            told("raised", "LT/H", 2, 2, RAISED, 12.6, occurrence=1),
            told("suppressed", "LT/H", 3, 3, ("UNACK", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 3, 3, RAISED, 13.3),
            told("returned", "LT/HH", 10, 10, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 10, 10, ("SUPPRESSED_BY_DESIGN", "UNACK"), 13.0, None, occurrence=1),
        ],
    ),
    Story(
        "a cause that is itself suppressed suppresses nothing",
        CHAIN,
        live("LT", (0, 5.0), (1, 12.6), (2, 13.3)),
        [
            told("suppressed", "LT/rise", 1, 1, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 12.6, None, note="by-H"),
            told("raised", "LT/H", 1, 1, RAISED, 12.6),
            told("raised", "LT/rise", 1, 1, BY_DESIGN, 12.6),
            told("suppressed", "LT/H", 2, 2, ("UNACK", "SUPPRESSED_BY_DESIGN"), 13.3, None, note="by-HH"),
            told("raised", "LT/HH", 2, 2, RAISED, 13.3),
            told("unsuppressed", "LT/rise", 2, 2, ("SUPPRESSED_BY_DESIGN", "UNACK"), 13.3, None, note="by-H"),
        ],
    ),
    Story(
        "gone off within that delay it is told no more",
        design(on_delay_ms=2_000),
        live("LT", (0, 13.3), (2, 13.3), (10, 13.0), (11, 12.0)),
        [
            told("suppressed", "LT/H", 0, 0, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/H", 2, 2, BY_DESIGN, 13.3),
            told("returned", "LT/HH", 10, 10, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 10, 10, ("SUPPRESSED_BY_DESIGN", "NORMAL"), 13.0, None),
        ],
        until=15,
    ),
    Story(
        "acknowledged after it last went on: ACKED when the suppression ends",
        design(on_delay_ms=2_000),
        [
            *live("LT", (0, 13.3), (2, 13.3)),
            asked(3, "acknowledge", "LT/H"),
            *live("LT", (10, 13.0)),
        ],
        [
            told("suppressed", "LT/H", 0, 0, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/H", 2, 2, BY_DESIGN, 13.3),
            told("acknowledged", "LT/H", 3, 3, BY_DESIGN, 13.3, None),
            told("returned", "LT/HH", 10, 10, RETURNED, 13.0),
            told("unsuppressed", "LT/H", 10, 10, ("SUPPRESSED_BY_DESIGN", "ACKED"), 13.0, None),
        ],
        until=15,
    ),
    Story(
        "a cause that is shelved suppresses nothing",
        design(),
        [
            got(0, r("LT", 0, 5.0)),
            asked(0, "shelve", "LT/HH", note="n", for_ms=5_000),
            *live("LT", (1, 13.3)),
        ],
        [
            told("shelved", "LT/HH", 0, 0, SHELVE, 5.0, None),
            told("raised", "LT/HH", 1, 1, SHELVED, 13.3),
            told("raised", "LT/H", 1, 1, RAISED, 13.3),
            told("unshelved", "LT/HH", 5, 5, ("SHELVED", "UNACK"), 13.3, "expired"),
            told("suppressed", "LT/H", 5, 5, ("UNACK", "SUPPRESSED_BY_DESIGN"), 13.3, None),
        ],
        until=5,
    ),
    Story(
        "a cause judged from a BAD point suppresses nothing",
        design(),
        [*live("LT", (0, 13.3)), got(1, r("LT", 1, 13.3, 2))],
        [
            told("suppressed", "LT/H", 0, 0, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 13.3, None),
            told("raised", "LT/HH", 0, 0, RAISED, 13.3),
            told("raised", "LT/H", 0, 0, BY_DESIGN, 13.3),
            told("raised", "LT/BAD", 1, 1, RAISED, 13.3, "quality"),
            told("unsuppressed", "LT/H", 1, 1, ("SUPPRESSED_BY_DESIGN", "UNACK"), 13.3, None),
        ],
    ),
]

CLEANED = site(
    point(
        "LT",
        (
            alarm("LT", "L", "low", setpoint=1.5, deadband=0.1),
            alarm(
                "LT",
                "H",
                "high",
                setpoint=12.5,
                deadband=0.2,
                by_mode={"cleaning": ModeSettings(setpoint=14.0)},
            ),
        ),
        stale_after_ms=None,
        equipment="T-1",
    ),
    equipment=(Equipment(id="T-1", modes=("normal", "cleaning")),),
    suppress=(Suppress(id="cleaning", alarms=("TF1/LT/L",), equipment="T-1", mode="cleaning"),),
)
MODES = [
    Story(
        "a mode's setpoint holds from the command on and is judged at the next sample",
        CLEANED,
        [*live("LT", (0, 12.6)), aimed(1, "mode", "T-1", mode="cleaning"), *live("LT", (2, 13.0))],
        [
            told("raised", "LT/H", 0, 0, RAISED, 12.6, setpoint=12.5),
            told("suppressed", "LT/L", 1, 1, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 12.6, None, note="cleaning"),
            told("returned", "LT/H", 2, 2, RETURNED, 13.0, setpoint=14.0),
        ],
    ),
    Story(
        "a mode set for a time ends at its second, and the last one set without an end holds again",
        CLEANED,
        [
            got(0, r("LT", 0, 5.0)),
            aimed(1.5, "mode", "T-1", mode="cleaning", for_ms=10_000),
            *live("LT", (12, 13.0), (12.5, 13.0)),
        ],
        [
            told("suppressed", "LT/L", 1.5, 1.5, ("NORMAL", "SUPPRESSED_BY_DESIGN"), 5.0, None),
            told("unsuppressed", "LT/L", 11.5, 12, ("SUPPRESSED_BY_DESIGN", "NORMAL"), 13.0, None),
            told("raised", "LT/H", 12.5, 12.5, RAISED, 13.0, setpoint=12.5),
        ],
    ),
    Story(
        "refused: equipment nobody knows, a missing note, a mode it has not",
        CLEANED,
        [
            aimed(0, "mode", "T-9", mode="cleaning"),
            aimed(0, "mode", "T-1", mode="cleaning", note=None),
            aimed(0, "mode", "T-1", mode="dancing"),
        ],
        [
            told("refused", "T-9", 0, 0, (None, None), None, "unknown_target"),
            told("refused", "T-1", 0, 0, (None, None), None, "note_missing"),
            told("refused", "T-1", 0, 0, (None, None), None, "unknown_mode"),
        ],
    ),
]

STORIES = SUPPRESSED + MODES
