"""The sends of one installation that have no final result yet, and what the entry just folded changed of them. Pure.

It decides neither who is told nor when; that is alerting.escalation's.
"""

from __future__ import annotations

from collections.abc import Iterable

from alerting.telling import Folded, Key, Kind, Send, Telling
from pipeline.model import Delivery


class Outstanding:
    """Tellings by their identity; no send is opened twice while any of its telling is open."""

    def __init__(self, tellings: Iterable[Telling] = ()) -> None:
        self._tellings: dict[str, Telling] = {}
        self._of_alarm: dict[str, set[str]] = {}
        self._due: list[Send] = []
        self._stopped: list[tuple[Key, str]] = []
        for telling in tellings:
            self._remember(telling)

    def changes(self) -> Folded:
        """What changed since the last call."""
        due, stopped = tuple(self._due), tuple(self._stopped)
        self._due, self._stopped = [], []
        return Folded(due, stopped)

    def sends(self) -> list[Send]:
        """All of them, in the order their tellings became due."""
        return [telling.send(channel) for telling in self._tellings.values() for channel in telling.open]

    def tellings(self) -> list[Telling]:
        """What a snapshot keeps."""
        return list(self._tellings.values())

    def tell(self, telling: Telling, channels: Iterable[str]) -> None:
        """Makes the telling's sends over `channels` due, but for channels it has used already."""
        telling = self._tellings.get(telling.id, telling)
        for channel in channels:
            if channel not in telling.channels:
                telling.channels.append(channel)
                telling.open[channel] = 0
                self._due.append(telling.send(channel))
        if telling.open:
            self._remember(telling)

    def delivered(self, delivery: Delivery) -> Telling | None:
        """Notes a result; the telling it belongs to, or None when nobody waits for it."""
        telling = self._tellings.get(Key.of(delivery).telling())
        if telling is None or delivery.channel not in telling.open:
            return None
        if delivery.outcome == "retry":
            telling.open[delivery.channel] = max(telling.open[delivery.channel], delivery.attempt)
        else:
            self._shut(telling, delivery.channel)
        return telling

    def supersede(self, alarm: str, person: str | None, channels: Iterable[str]) -> None:
        """A newer message to `person` of that alarm is due: an older one still waiting would only say the same."""
        for telling in self._about(alarm):
            if telling.person == person:
                self._stop(telling, [one for one in channels if one in telling.open], "a newer message took its place")

    def stop(self, alarm: str, why: str) -> None:
        """Nobody needs to be told of that alarm any more."""
        for telling in self._about(alarm):
            self._stop(telling, list(telling.open), why)

    def _about(self, alarm: str) -> list[Telling]:
        return [self._tellings[id_] for id_ in sorted(self._of_alarm.get(alarm, ()))]

    def _stop(self, telling: Telling, channels: list[str], why: str) -> None:
        for channel in channels:
            self._stopped.append((telling.key(channel), why))
            self._shut(telling, channel)

    def _remember(self, telling: Telling) -> None:
        self._tellings[telling.id] = telling
        if telling.kind == Kind.ALARM:
            self._of_alarm.setdefault(telling.event.alarm, set()).add(telling.id)

    def _shut(self, telling: Telling, channel: str) -> None:
        del telling.open[channel]
        if telling.open:
            return
        del self._tellings[telling.id]
        if telling.kind == Kind.ALARM:
            of_alarm = self._of_alarm[telling.event.alarm]
            of_alarm.remove(telling.id)
            if not of_alarm:
                del self._of_alarm[telling.event.alarm]
