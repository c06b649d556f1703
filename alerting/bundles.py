"""What a flood keeps back to tell it once: the waiting tellings of one installation, per person and way. Pure.

Which alarms may wait is decided in alerting.escalation; none waits longer than a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from alerting.flood import Flood
from alerting.telling import Bundled, Kind, Telling, Waiting
from pipeline.model import Event

EVERY_MS = 60_000


class Bundles:
    """In the order in which they began."""

    def __init__(self, waiting: Iterable[Waiting] = ()) -> None:
        self._waiting = {(one.person, tuple(one.channels), one.step): one for one in waiting}

    def add(self, telling: Telling, channels: tuple[str, ...], now: int) -> None:
        """`telling` is told with others of the same person, channels and step."""
        place = telling.person, channels, telling.step
        waiting = self._waiting.get(place)
        if waiting is None:
            waiting = Waiting(
                person=telling.person,
                channels=list(channels),
                step=telling.step,
                since=now,
                events=[],
                problem=telling.problem,
            )
            self._waiting[place] = waiting
        waiting.events.append(telling.event)

    def due(self, now: int, wanted: Callable[[Event], bool], flood: Flood) -> list[tuple[Telling, list[str]]]:
        """The bundles whose minute (or flood) is over, without what is no longer `wanted`, and over which channels."""
        found = []
        for place, waiting in list(self._waiting.items()):
            if flood.since is not None and now - waiting.since < EVERY_MS:
                continue
            del self._waiting[place]
            events = [event for event in _newest(waiting.events) if wanted(event)]
            if events:
                found.append((_told(waiting, events, len(flood.times)), waiting.channels))
        return found

    def kept(self) -> list[Waiting]:
        """What a snapshot holds."""
        return list(self._waiting.values())


def _newest(events: Iterable[Event]) -> list[Event]:
    """Of each alarm the newest event, in order. Not at each addition: that costs a flood seconds."""
    newest: dict[str, Event] = {}
    for event in events:
        newest.pop(event.alarm, None)
        newest[event.alarm] = event
    return list(newest.values())


def _told(waiting: Waiting, events: list[Event], annunciations: int) -> Telling:
    return Telling(
        kind=Kind.ALARM if len(events) == 1 else Kind.BUNDLE,
        event=events[0],
        state=events[0].state,
        person=waiting.person,
        step=waiting.step,
        problem=waiting.problem,
        flood=annunciations,
        bundled=[] if len(events) == 1 else [Bundled(one.alarm, one.occurrence, one.priority) for one in events],
    )
