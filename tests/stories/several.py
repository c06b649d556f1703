"""deviation and vote: alarms over several points of an installation."""

from __future__ import annotations

from typing import Any, Literal

from pipeline.site import Alarm, Deviation, Site, Vote
from tests.oracle.records import NULL
from tests.oracle.sites import INSTALLATION, alarm, point, site
from tests.stories import RAISED, RETURNED, States, Story, asked, got, live, r, told

AGAIN: States = ("RTN_UNACK", "UNACK")


def over(name: str, kind: str, **attributes: Any) -> Alarm:
    """An alarm of the installation."""
    process: dict[str, Any] = {"alarm_class": "process", "priority": "high"}
    return Alarm(id=f"{INSTALLATION}/{name}", name=name, kind=kind, **(process | attributes))


def gauges(**attributes: Any) -> Site:
    """A and B, which should show the same."""
    mismatch = over(
        "off", "deviation", setpoint=0.3, deadband=0.05, deviation=Deviation(point="A", reference="B"), **attributes
    )
    return site(point("A", stale_after_ms=20_000), point("B"), alarms=(mismatch,))


DEVIATIONS = [
    Story(
        "starts at the setpoint exactly, ends below setpoint minus deadband, in decimals",
        gauges(),
        [
            got(0, r("A", 0, 5.0), r("B", 0, 5.2)),
            *live("A", (1, 5.5)),
            *live("B", (2, 5.25), (3, 5.26)),
        ],
        [told("raised", "off", 1, 1, RAISED, 0.3), told("returned", "off", 3, 3, RETURNED, 0.24)],
    ),
    Story(
        "once per accepted time, after all samples of that time",
        gauges(),
        [got(0, r("A", 0, 5.0), r("B", 0, 5.0)), got(1, r("A", 1, 9.0), r("B", 1, 9.0))],
        [],
    ),
    Story(
        "its time is the later of the two",
        gauges(),
        [got(0, r("B", 0, 5.0)), got(5, r("A", 5, 5.0)), got(6, r("B", 4, 5.5))],
        [told("raised", "off", 5, 6, RAISED, 0.5)],
    ),
    Story(
        "not while their times are further apart than the longer stale_after",
        gauges(),
        [got(0, r("B", 0, 5.0)), got(22, r("A", 22, 5.0)), got(23, r("B", 1, 9.0)), got(24, r("B", 2, 9.0))],
        [
            told("raised", "B/STALE", 10, 11, RAISED, 5.0, "stale"),
            told("raised", "A/STALE", 20, 21, RAISED, None, "stale"),
            told("returned", "A/STALE", 22, 22, RETURNED, 5.0),
            told("returned", "B/STALE", 23, 23, RETURNED, 9.0),
            told("raised", "off", 22, 24, RAISED, 4.0),
        ],
    ),
    Story(
        "a bad sample of either ends the hold of what is pending",
        gauges(on_delay_ms=5_000),
        [
            got(0, r("A", 0, 5.0), r("B", 0, 6.0)),
            got(2, r("B", 2, NULL)),
            got(8, r("B", 8, 6.0)),
        ],
        [
            told("raised", "B/BAD", 2, 2, RAISED, None, "null"),
            told("returned", "B/BAD", 8, 8, RETURNED, 6.0),
            told("raised", "off", 5, 8, RAISED, 1.0),
        ],
    ),
]


def voted(on_fault: Literal["hold", "trip", "exclude"] = "hold", on_bad: str = "hold") -> Site:
    """Two of three detectors, and whether one of them is lost."""
    names = ("A", "B", "C")
    points = [point(name, (alarm(name, "H", "high", setpoint=10.0, deadband=1.0, on_bad=on_bad),)) for name in names]
    vote = Vote(need=2, of=tuple(f"{INSTALLATION}/{name}/H" for name in names), on_fault=on_fault)
    return site(*points, alarms=(over("confirmed", "vote", vote=vote), over("confirmed-degraded", "degraded")))


def voted_twice() -> Site:
    """Two of three detectors, confirmed by one of two: that vote, and a detector of its own."""
    names = ("A", "B", "C", "D")
    points = [point(name, (alarm(name, "H", "high", setpoint=10.0, deadband=1.0),)) for name in names]
    first = Vote(need=2, of=tuple(f"{INSTALLATION}/{name}/H" for name in names[:3]), on_fault="hold")
    second = Vote(need=2, of=(f"{INSTALLATION}/confirmed", f"{INSTALLATION}/D/H"), on_fault="hold")
    return site(*points, alarms=(over("confirmed", "vote", vote=first), over("twice", "vote", vote=second)))


def lost(second: float, name: str) -> Any:
    return got(second, r(name, second, NULL))


ALL_FINE = got(0, r("A", 0, 5.0), r("B", 0, 5.0), r("C", 0, 5.0))
VOTES = [
    Story(
        "on from the change by which enough members are on, off from the one by which too few are",
        voted(),
        [ALL_FINE, *live("A", (1, 11.0)), *live("B", (2, 11.0)), *live("A", (3, 5.0))],
        [
            told("raised", "A/H", 1, 1, RAISED, 11.0),
            told("raised", "B/H", 2, 2, RAISED, 11.0),
            told("raised", "confirmed", 2, 2, RAISED, None),
            told("returned", "A/H", 3, 3, RETURNED, 5.0),
            told("returned", "confirmed", 3, 3, RETURNED, None),
        ],
    ),
    Story(
        "a vote may be a member of another, which it leaves when it goes off",
        voted_twice(),
        [ALL_FINE, *live("D", (1, 11.0)), *live("A", (2, 11.0)), *live("B", (3, 11.0)), *live("A", (4, 5.0))],
        [
            told("raised", "D/H", 1, 1, RAISED, 11.0),
            told("raised", "A/H", 2, 2, RAISED, 11.0),
            told("raised", "B/H", 3, 3, RAISED, 11.0),
            told("raised", "confirmed", 3, 3, RAISED, None),
            told("raised", "twice", 3, 3, RAISED, None),
            told("returned", "A/H", 4, 4, RETURNED, 5.0),
            told("returned", "confirmed", 4, 4, RETURNED, None),
            told("returned", "twice", 4, 4, RETURNED, None),
        ],
    ),
    Story(
        "a lost member holds: it counts as it was before",
        voted(),
        [ALL_FINE, *live("A", (1, 11.0)), lost(2, "A"), *live("B", (3, 11.0))],
        [
            told("raised", "A/H", 1, 1, RAISED, 11.0),
            told("raised", "A/BAD", 2, 2, RAISED, None, "null"),
            told("raised", "confirmed-degraded", 2, 2, RAISED, None, "degraded"),
            told("raised", "B/H", 3, 3, RAISED, 11.0),
            told("raised", "confirmed", 3, 3, RAISED, None),
        ],
    ),
    Story(
        "a member that its own loss trips counts as it was before all the same",
        voted("hold", on_bad="trip"),
        [ALL_FINE, *live("B", (1, 11.0)), lost(2, "A"), *live("A", (3, 11.0))],
        [
            told("raised", "B/H", 1, 1, RAISED, 11.0),
            told("raised", "A/H", 2, 2, RAISED, None, "lost"),
            told("raised", "A/BAD", 2, 2, RAISED, None, "null"),
            told("raised", "confirmed-degraded", 2, 2, RAISED, None, "degraded"),
            told("returned", "A/BAD", 3, 3, RETURNED, 11.0),
            told("raised", "confirmed", 3, 3, RAISED, None),
            told("returned", "confirmed-degraded", 3, 3, RETURNED, None, "degraded"),
        ],
    ),
    Story(
        "on_fault trip: a lost member counts as on; judged again it counts as it is",
        voted("trip"),
        [ALL_FINE, *live("B", (1, 11.0)), lost(2, "A"), *live("A", (3, 5.0))],
        [
            told("raised", "B/H", 1, 1, RAISED, 11.0),
            told("raised", "A/BAD", 2, 2, RAISED, None, "null"),
            told("raised", "confirmed", 2, 2, RAISED, None),
            told("raised", "confirmed-degraded", 2, 2, RAISED, None, "degraded"),
            told("returned", "A/BAD", 3, 3, RETURNED, 5.0),
            told("returned", "confirmed", 3, 3, RETURNED, None),
            told("returned", "confirmed-degraded", 3, 3, RETURNED, None, "degraded"),
        ],
    ),
    Story(
        "on_fault exclude: a member lost before counts as off",
        voted("exclude"),
        [ALL_FINE, *live("A", (1, 11.0)), lost(2, "A"), *live("B", (3, 11.0))],
        [
            told("raised", "A/H", 1, 1, RAISED, 11.0),
            told("raised", "A/BAD", 2, 2, RAISED, None, "null"),
            told("raised", "confirmed-degraded", 2, 2, RAISED, None, "degraded"),
            told("raised", "B/H", 3, 3, RAISED, 11.0),
        ],
    ),
    Story(
        "but one lost while the vote is on keeps counting until it is judged again",
        voted("exclude"),
        [ALL_FINE, got(1, r("A", 1, 11.0), r("B", 1, 11.0)), lost(2, "A"), *live("A", (3, 5.0))],
        [
            told("raised", "A/H", 1, 1, RAISED, 11.0),
            told("raised", "B/H", 1, 1, RAISED, 11.0),
            told("raised", "confirmed", 1, 1, RAISED, None),
            told("raised", "A/BAD", 2, 2, RAISED, None, "null"),
            told("raised", "confirmed-degraded", 2, 2, RAISED, None, "degraded"),
            told("returned", "A/H", 3, 3, RETURNED, 5.0),
            told("returned", "A/BAD", 3, 3, RETURNED, 5.0),
            told("returned", "confirmed", 3, 3, RETURNED, None),
            told("returned", "confirmed-degraded", 3, 3, RETURNED, None, "degraded"),
        ],
    ),
    Story(
        "a member out of service counts as off",
        voted(),
        [
            ALL_FINE,
            asked(0, "out_of_service", "A/H", note="n", for_ms=60_000),
            got(1, r("A", 1, 11.0), r("B", 1, 11.0)),
            asked(2, "in_service", "A/H"),
        ],
        [
            told("out_of_service", "A/H", 0, 0, ("NORMAL", "OUT_OF_SERVICE"), 5.0, None),
            told("raised", "confirmed-degraded", 0, 0, RAISED, None, "degraded"),
            told("raised", "A/H", 1, 1, ("OUT_OF_SERVICE", "OUT_OF_SERVICE"), 11.0),
            told("raised", "B/H", 1, 1, RAISED, 11.0),
            told("in_service", "A/H", 2, 2, ("OUT_OF_SERVICE", "UNACK"), 11.0, None),
            told("raised", "confirmed", 2, 2, RAISED, None),
            told("returned", "confirmed-degraded", 2, 2, RETURNED, None, "degraded"),
        ],
    ),
]

STORIES = DEVIATIONS + VOTES
