"""Who is to be told: which escalation fits an alarm, and which people a step's `to` means. Pure.

It knows the site as configured and nothing of what happened; alerting.escalation decides when.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.model import Event
from pipeline.site import Alarm, Channel, Escalation, Person, Point, Position, Site


class Named(NamedTuple):
    """An alarm with the point it belongs to; None for an alarm over several points."""

    alarm: Alarm
    point: Point | None


class Recipients(NamedTuple):
    """People's ids in order; `problem` says why there is nobody."""

    people: tuple[str, ...]
    problem: str | None = None


class Routes:
    """One installation's part of the site, indexed for telling people."""

    def __init__(self, site: Site, installation: str) -> None:
        self.site = site
        self.installation = site.installation(installation)
        self.always = site.notify.always
        self._channels = {one.id: one for one in site.channels}
        self._people = {one.id: one for one in site.people}
        self._positions = {one.id: one for one in site.positions}
        self._alarms: dict[str, Named] = {}
        if self.installation is not None:
            over_points = [Named(alarm, None) for alarm in self.installation.alarms]
            of_points = [Named(alarm, point) for point in self.installation.points for alarm in point.alarms]
            self._alarms = {one.alarm.id: one for one in over_points + of_points}

    def alarm(self, id_: str) -> Named | None:
        """The alarm as configured now; None for one that was removed."""
        return self._alarms.get(id_)

    def all_alarms(self) -> Iterator[tuple[str, Alarm]]:
        """By full id, those over several points first."""
        return ((id_, named.alarm) for id_, named in self._alarms.items())

    def channel(self, id_: str) -> Channel | None:
        """The channel as configured now."""
        return self._channels.get(id_)

    def person(self, id_: str) -> Person | None:
        """The person as configured now."""
        return self._people.get(id_)

    def escalation(self, event: Event) -> Escalation | None:
        """The first escalation whose priority, class and installation fit; an empty list fits everything."""
        named = self._alarms.get(event.alarm)
        return self._fitting(event.priority, named.alarm.alarm_class if named else None)

    def escalation_of(self, alarm: Alarm) -> Escalation | None:
        """The same for an alarm as configured."""
        return self._fitting(alarm.priority, alarm.alarm_class)

    def _fitting(self, priority: str | None, alarm_class: str | None) -> Escalation | None:
        installation = self.installation.id if self.installation else None
        for one in self.site.notify.escalations:
            if (
                (not one.priorities or priority in one.priorities)
                and (not one.classes or alarm_class in one.classes)
                and (not one.installations or installation in one.installations)
            ):
                return one
        return None

    def recipients(self, to: str) -> Recipients:
        """The people `to` means: a position, a person, `owner`, or `owner+N` (N times up by reports_to).

        Where a position has nobody, the first above it that has somebody is told; where the chain ends before
        N, its top: an alarm never goes to nobody because a post is empty.
        """
        if to in self._people and to not in self._positions:
            return Recipients((to,))
        start, up = to, 0
        if to == "owner" or to.startswith("owner+"):
            owner = self.installation.owner if self.installation else None
            if owner is None:
                return Recipients((), f"{to}: the installation has no owner")
            start, up = owner, int(to.partition("+")[2] or 0)
        chain = self._chain(start)
        if not chain:
            return Recipients((), f"{to}: there is no position or person {start!r}")
        for position in chain[min(up, len(chain) - 1) :]:
            if position.people:
                return Recipients(position.people)
        return Recipients((), f"{to}: nobody in {chain[min(up, len(chain) - 1)].id!r} or above it")

    def _chain(self, start: str) -> list[Position]:
        """The position and those above it; a circle is cut where it closes."""
        chain: list[Position] = []
        position = self._positions.get(start)
        while position is not None and position not in chain:
            chain.append(position)
            position = self._positions.get(position.reports_to or "")
        return chain
