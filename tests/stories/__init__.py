"""Hand-worked stories: a short stream and the events it must make, one per sentence of the contract.

The expected events were worked out from the text by hand. Every table can be played through anything that
takes `play(site, installation, records, until, replay)` and gives the alarm events as dicts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.model import Command
from pipeline.site import Alarm, Site
from tests.oracle.records import Commanded, Reading, Readings, Record, Told
from tests.oracle.sites import INSTALLATION, alarm, point, site

Play = Callable[[Site, str, list[Record], int | None, bool], list[Told]]

T0 = 1_700_000_000_000
"""Second 0 of every story; a whole second."""
UNSAID = "unsaid"
INSTRUMENTS = ("STALE", "BAD", "LATE", "CLOCK")


States = tuple[str | None, str | None]
"""From and state."""

RAISED: States = ("NORMAL", "UNACK")
RETURNED: States = ("UNACK", "RTN_UNACK")
AGAIN: States = ("RTN_UNACK", "UNACK")
ACKED: States = ("UNACK", "ACKED")
CLEARED: States = ("ACKED", "NORMAL")
QUIET: States = ("NORMAL", "NORMAL")
NO_STATE: States = (None, None)

ABOUT_READINGS = ("STALE", "CLOCK", "LATE", "BAD")


@dataclass(frozen=True, slots=True)
class Story:
    """`expected`: all events in order; only the keys given there are compared."""

    name: str
    site: Site
    records: list[Record]
    expected: list[dict[str, Any]]
    until: float | None = None  # seconds of the story
    replay: bool = True


def tell(story: Story, play: Play) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Play a story: what was told (the keys that count) and what was expected; they are to be equal."""
    until = None if story.until is None else at(story.until)
    happened = play(story.site, INSTALLATION, story.records, until, story.replay)
    seen = []
    expected = _settled(story.expected)
    for number, one in enumerate(_settled(happened)):
        wanted = expected[number] if number < len(expected) else told("", "", 0, 0, NO_STATE, None)
        seen.append({key: one[key] for key in wanted})
    return [_readable(one) for one in seen], [_readable(one) for one in expected]


def _settled(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alarms about the reading itself first among what is known at one moment: the contract leaves it open."""
    return sorted(events, key=lambda one: (one["decided"], one["alarm"].rsplit("/", 1)[1] not in ABOUT_READINGS))


def _readable(event: dict[str, Any]) -> dict[str, Any]:
    """Times as seconds of the story."""
    return {key: (value - T0) / 1000 if key in ("time", "decided") else value for key, value in event.items()}


def at(seconds: float) -> int:
    """Epoch ms of a second of the story."""
    return T0 + round(seconds * 1000)


def got(received: float, *readings: Reading) -> Readings:
    """One record."""
    return Readings(at(received), readings)


def r(point: str, stamp: float | None, value: float, quality: int = 0, *, retained: bool = False) -> Reading:
    """One reading; `stamp` in seconds of the story."""
    return Reading(point, None if stamp is None else at(stamp), value, quality, retained)


def live(point: str, *samples: tuple[float, float]) -> list[Record]:
    """(second, value): each a record of its own, received as it was measured."""
    return [got(second, r(point, second, value)) for second, value in samples]


def asked(second: float, command: str, alarm: str, **more: Any) -> Commanded:
    """A command of li.wei about POINT/NAME, unless `by` says otherwise."""
    about: dict[str, Any] = {"by": "li.wei", "alarm": f"{INSTALLATION}/{alarm}"}
    return Commanded(at(second), Command(command=command, **(about | more)))


def aimed(second: float, command: str, target: str, **more: Any) -> Commanded:
    """A command of li.wei about a point or equipment."""
    about: dict[str, Any] = {"by": "li.wei", "target": f"{INSTALLATION}/{target}", "note": "work"}
    return Commanded(at(second), Command(command=command, **(about | more)))


def told(
    event: str,
    alarm: str,
    time: float,
    decided: float,
    states: States,
    value: float | None,
    reason: str | None = UNSAID,
    **more: Any,
) -> dict[str, Any]:
    """One expected event; times in seconds of the story. Process alarms change by `limit` unless said otherwise;
    with which word an instrument alarm returns the contract leaves open, so it is not compared."""
    if reason == UNSAID and alarm.rpartition("/")[2] not in INSTRUMENTS:
        reason = "limit"
    if reason != UNSAID:
        more["reason"] = reason
    about = {"event": event, "alarm": f"{INSTALLATION}/{alarm}", "time": at(time), "decided": at(decided)}
    return about | {"from": states[0], "state": states[1], "value": value} | more


def level(name: str = "H", kind: str = "high", stale_after_ms: int | None = 10_000, **attributes: Any) -> Site:
    """Point LT (0 to 15 m, stale_after 10 s) with one alarm: high 12.5, deadband 0.2, unless said otherwise."""
    limits: dict[str, Any] = {"setpoint": 12.5, "deadband": 0.2}
    return level_with(alarm("LT", name, kind, **(limits | attributes)), stale_after_ms=stale_after_ms)


def level_with(*alarms: Alarm, **attributes: Any) -> Site:
    """Point LT with these alarms."""
    return site(point("LT", alarms, **attributes))
