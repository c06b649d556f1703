"""When who is to be told: one installation's alarm log, folded entry by entry into the sends that are due. Pure.

It sends nothing, asks no clock (Judged records are its time) and writes nothing: alerting.notifier does. The
same entries give the same sends whatever the fetches and restarts between them; docs/notifications.md has the rules.
"""

from __future__ import annotations

import msgspec

from alerting.climbing import Climbing
from alerting.routing import Routes
from alerting.telling import Folded, Kept, Kind, Send, Telling
from alerting.warned import tellings
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Delivery, Event, Judged, Standing, State, WarningEvent
from pipeline.site import Site

FALLBACK_AFTER = 2
"""So many failed attempts, and the channel's fallback is used as well."""

_UNTAKEN = {State.UNACK, State.RTN_UNACK, State.LATCH_UNACK}
_RAISES = {"raised", "reraised"}
_LIFTS = {"unshelved", "unsuppressed", "in_service"}
_NO_CHANGE = {"refused", "late_excursion"}
_kept = msgspec.json.Decoder(Kept)


class Annunciator:
    """The folded state of one installation. `fold` each entry once, in order; older ones are passed over."""

    def __init__(self, installation: str, routes: Routes) -> None:
        self.installation = installation
        self.position = -1
        self._seen = (-1, -1)
        self._configured = -1
        self._climbing = Climbing(routes)

    # ---------------------------------------------------------------- faces

    @property
    def routes(self) -> Routes:
        """The configuration in force."""
        return self._climbing.routes

    def fold(self, entry: Entry) -> Folded:
        """What this entry makes due and what it makes needless. Raises BadRecord, having passed over the entry."""
        if entry.position <= self.position:
            return Folded((), ())
        self.position = entry.position
        if entry.data[:1] == bytes([records.Kind.CONFIG]):
            self._configure(records.decode_site(entry.data), records.config_place(entry.data))
        elif not (entry.data and entry.data[0] in records.CHANGE_KINDS):
            record = records.decode(entry.data)
            match record:
                case Event():
                    self._event(record)
                case Judged():
                    self._climbing.passed(record.second)
                case Delivery():
                    self._delivered(record)
                case Standing():
                    self._standing(record)
                case WarningEvent():
                    self._warned(record)
                case _:
                    raise records.BadRecord(f"a {type(record).__name__} does not belong into the alarm log")
        return self._climbing.outstanding.changes()

    def pending(self) -> list[Send]:
        """All sends without a final delivery record, in the order they became due; what a restart makes again."""
        return self._climbing.outstanding.sends()

    def snapshot(self) -> bytes:
        """The state up to `position`, without the configuration (it is large, and kept apart)."""
        return msgspec.json.encode(self._climbing.kept(self._seen, self._configured))

    @classmethod
    def restore(cls, installation: str, routes: Routes, position: int, data: bytes) -> Annunciator:
        """The inverse of `snapshot`. Raises msgspec.MsgspecError for bytes that are none."""
        kept = _kept.decode(data)
        self = cls(installation, routes)
        self.position, self._seen, self._configured = position, kept.seen, kept.configured
        self._climbing = Climbing(routes, kept)
        return self

    # ---------------------------------------------------------------- entries

    def _configure(self, site: Site, place: int | None) -> None:
        if place is not None and place <= self._configured:
            return  # told again by an engine that was held up
        self._configured = self._configured if place is None else place
        self._climbing.use(Routes(site, self.installation))

    def _event(self, event: Event) -> None:
        if (event.position, event.ordinal) <= self._seen:
            return
        self._seen = (event.position, event.ordinal)
        if event.drill is not None:
            return
        if self.routes.always:
            telling = Telling(kind=Kind.EVENT, event=event, state=event.state)
            self._climbing.outstanding.tell(telling, self.routes.always)
        self._climbing.situation.event(event, self._climbing.relations)
        if event.state is not None and event.event not in _NO_CHANGE:
            self._annunciate(event)
            self._climbing.release(event)

    def _annunciate(self, event: Event) -> None:
        climb = self._climbing.climbs.get(event.alarm)
        once = self._needs_no_taking(event)
        if event.state not in _UNTAKEN and not once:
            if climb is not None:
                self._climbing.stop(climb, event)
            return
        if climb is not None and climb.event.occurrence == event.occurrence and climb.once == once:
            climb.state = event.state
            if event.event in _RAISES:
                self._climbing.again(climb, event)
            return
        if climb is not None:
            self._climbing.stop(climb, event)
        self._climbing.start(event, once=once)

    def _needs_no_taking(self, event: Event) -> bool:
        """On, and no acknowledgement is asked for: its first step is told, and nothing is climbed."""
        if event.state != State.ACKED:
            return False
        named = self.routes.alarm(event.alarm)
        asks_none = named is not None and not named.alarm.ack_required
        return event.event in _RAISES or (event.event in _LIFTS and asks_none)

    def _warned(self, change: WarningEvent) -> None:
        if (change.position, change.ordinal) <= self._climbing.warned:
            return
        self._climbing.warned = (change.position, change.ordinal)
        for telling, channels in tellings(self.routes, self.installation, change):
            self._climbing.outstanding.tell(telling, channels)

    def _standing(self, standing: Standing) -> None:
        """Whatever stands unacknowledged is climbed, whatever does not is let go, even where its events were lost."""
        if standing.position < self._seen[0]:
            return  # told by an engine that began again further back; newer events are known already
        self._climbing.situation.standing(standing.alarms, self._climbing.relations)
        for alarm, event in standing.alarms.items():
            if event.drill is None and event.state in _UNTAKEN and alarm not in self._climbing.climbs:
                self._climbing.start(event, once=False)
        for alarm, climb in list(self._climbing.climbs.items()):
            latest = standing.alarms.get(alarm)
            if latest is None:
                self._climbing.drop(climb, "no longer standing")
            elif latest.state not in _UNTAKEN and not (climb.once and latest.state == State.ACKED):
                self._climbing.stop(climb, latest)
        self._climbing.go_on(list(self._climbing.climbs))

    def _delivered(self, delivery: Delivery) -> None:
        telling = self._climbing.outstanding.delivered(delivery)
        if delivery.outcome == "sent":
            self._climbing.reached(delivery, telling)
        elif telling is not None and (delivery.outcome != "retry" or delivery.attempt >= FALLBACK_AFTER):
            self._fall_back(telling, delivery.channel)

    def _fall_back(self, telling: Telling, channel: str) -> None:
        configured = self.routes.channel(channel)
        if configured and configured.fallback and telling.kind != Kind.TAKEN and telling.problem is None:
            self._climbing.outstanding.tell(telling, (configured.fallback,))
