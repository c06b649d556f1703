"""When who is to be told: one installation's alarm log, folded entry by entry into the sends that are due. Pure.

It sends nothing, asks no clock (Judged records are its time) and writes nothing: alerting.notifier does. The
same entries give the same sends whatever the fetches and restarts between them; docs/notifications.md has the rules.
"""

from __future__ import annotations

import heapq

import msgspec

from alerting.outstanding import Outstanding
from alerting.routing import Routes
from alerting.telling import Climb, Folded, Kept, Kind, Send, Telling
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Delivery, Event, Judged, Standing, State
from pipeline.site import Escalation, Site

FALLBACK_AFTER = 2
"""So many failed attempts, and the channel's fallback is used as well."""
RETELL_MS = 60_000
"""An alarm nobody has taken that comes again tells its first step again, but not more often than this."""

_UNTAKEN = {State.UNACK, State.RTN_UNACK, State.LATCH_UNACK}
_RAISES = {"raised", "reraised"}
_LIFTS = {"unshelved", "unsuppressed", "in_service"}
_NO_CHANGE = {"refused", "late_excursion"}
_kept = msgspec.json.Decoder(Kept)


class Annunciator:
    """The folded state of one installation. `fold` each entry once, in order; older ones are passed over."""

    def __init__(self, installation: str, routes: Routes) -> None:
        self.installation = installation
        self.routes = routes
        self.position = -1
        self._seen = (-1, -1)
        self._now = 0
        self._climbs: dict[str, Climb] = {}
        self._timers: list[tuple[int, str]] = []
        self._outstanding = Outstanding()

    # ---------------------------------------------------------------- faces

    def fold(self, entry: Entry) -> Folded:
        """What this entry makes due and what it makes needless. Raises BadRecord, having passed over the entry."""
        if entry.position <= self.position:
            return Folded((), ())
        self.position = entry.position
        if entry.data[:1] == bytes([records.Kind.CONFIG]):
            self._configure(records.decode_site(entry.data))
        elif not (entry.data and entry.data[0] in records.CHANGE_KINDS):
            record = records.decode(entry.data)
            match record:
                case Event():
                    self._event(record)
                case Judged():
                    self._tick(record.second)
                case Delivery():
                    self._delivered(record)
                case Standing():
                    self._standing(record)
                case _:
                    raise records.BadRecord(f"a {type(record).__name__} does not belong into the alarm log")
        return self._outstanding.changes()

    def pending(self) -> list[Send]:
        """All sends without a final delivery record, in the order they became due; what a restart makes again."""
        return self._outstanding.sends()

    def snapshot(self) -> bytes:
        """The state up to `position`, without the configuration (it is large, and kept apart)."""
        return msgspec.json.encode(
            Kept(
                seen=self._seen,
                now=self._now,
                climbs=list(self._climbs.values()),
                tellings=self._outstanding.tellings(),
            )
        )

    @classmethod
    def restore(cls, installation: str, routes: Routes, position: int, data: bytes) -> Annunciator:
        """The inverse of `snapshot`. Raises msgspec.MsgspecError for bytes that are none."""
        kept = _kept.decode(data)
        self = cls(installation, routes)
        self.position, self._seen, self._now = position, kept.seen, kept.now
        self._climbs = {climb.event.alarm: climb for climb in kept.climbs}
        self._outstanding = Outstanding(kept.tellings)
        for climb in kept.climbs:
            self._wind(climb)
        return self

    # ---------------------------------------------------------------- entries

    def _configure(self, site: Site) -> None:
        self.routes = Routes(site, self.installation)
        self._timers = []
        for climb in self._climbs.values():
            self._wind(climb)

    def _event(self, event: Event) -> None:
        if (event.position, event.ordinal) <= self._seen:
            return
        self._seen = (event.position, event.ordinal)
        if event.drill is not None:
            return
        if self.routes.always:
            self._outstanding.tell(Telling(kind=Kind.EVENT, event=event, state=event.state), self.routes.always)
        if event.state is not None and event.event not in _NO_CHANGE:
            self._annunciate(event)

    def _annunciate(self, event: Event) -> None:
        climb = self._climbs.get(event.alarm)
        once = self._needs_no_taking(event)
        if event.state not in _UNTAKEN and not once:
            if climb is not None:
                self._stop(climb, event)
            return
        if climb is not None and climb.event.occurrence == event.occurrence and climb.once == once:
            climb.state = event.state
            if event.event in _RAISES:
                self._again(climb, event)
            return
        if climb is not None:
            self._stop(climb, event)
        self._start(event, once=once)

    def _needs_no_taking(self, event: Event) -> bool:
        """On, and no acknowledgement is asked for: its first step is told, and nothing is climbed."""
        if event.state != State.ACKED:
            return False
        named = self.routes.alarm(event.alarm)
        asks_none = named is not None and not named.alarm.ack_required
        return event.event in _RAISES or (event.event in _LIFTS and asks_none)

    def _tick(self, second: int) -> None:
        self._now = max(self._now, second)
        while self._timers and self._timers[0][0] <= self._now:
            due, alarm = heapq.heappop(self._timers)
            climb = self._climbs.get(alarm)
            if climb is not None and climb.due == due:
                self._climb(climb)

    def _standing(self, standing: Standing) -> None:
        """Whatever stands unacknowledged is climbed, whatever does not is let go, even where its events were lost."""
        if standing.position < self._seen[0]:
            return  # told by an engine that began again further back; newer events are known already
        for alarm, event in standing.alarms.items():
            if event.drill is None and event.state in _UNTAKEN and alarm not in self._climbs:
                self._start(event, once=False)
        for alarm, climb in list(self._climbs.items()):
            latest = standing.alarms.get(alarm)
            if latest is None:
                self._drop(climb, "no longer standing")
            elif latest.state not in _UNTAKEN and not (climb.once and latest.state == State.ACKED):
                self._stop(climb, latest)

    def _delivered(self, delivery: Delivery) -> None:
        climb = self._climbs.get(delivery.alarm)
        told = climb is not None and delivery.outcome == "sent" and delivery.occurrence == climb.event.occurrence
        if climb is not None and told and delivery.person is not None:
            climb.told.setdefault(f"{delivery.person}\n{delivery.channel}", delivery.step)
        telling = self._outstanding.delivered(delivery)
        if telling is None or delivery.outcome == "sent":
            return
        if delivery.outcome != "retry" or delivery.attempt >= FALLBACK_AFTER:
            self._fall_back(telling, delivery.channel)

    def _fall_back(self, telling: Telling, channel: str) -> None:
        configured = self.routes.channel(channel)
        if configured and configured.fallback and telling.kind != Kind.TAKEN and telling.problem is None:
            self._outstanding.tell(telling, (configured.fallback,))

    # ---------------------------------------------------------------- climbing

    def _start(self, event: Event, *, once: bool) -> None:
        climb = Climb(event=event, state=event.state, began=event.decided, once=once)
        self._climbs[event.alarm] = climb
        self._now = max(self._now, event.decided)
        self._climb(climb)

    def _again(self, climb: Climb, event: Event) -> None:
        """Raised again before anybody took it: the clock of the climb goes on, the first step hears of it again."""
        if climb.next_step == 0 or event.decided - climb.last_told < RETELL_MS:
            return
        escalation = self.routes.escalation(event)
        climb.event = event
        if escalation is not None and escalation.steps:
            climb.last_told = event.decided
            self._tell_step(climb, escalation, 0, 0)

    def _climb(self, climb: Climb) -> None:
        """Tells every step that is due. Of missed repeats only the latest is made up."""
        escalation = self.routes.escalation(climb.event)
        while escalation is not None:
            due = climb.next_due(escalation)
            if due is None or due > self._now:
                break
            climb.last_told = self._now
            if climb.next_step < climb.last_step(escalation):
                climb.next_step += 1
                self._tell_step(climb, escalation, climb.next_step - 1, 0)
            else:
                climb.round = climb.round_at(escalation, self._now)
                self._tell_step(climb, escalation, len(escalation.steps) - 1, climb.round)
        self._wind(climb)

    def _wind(self, climb: Climb) -> None:
        escalation = self.routes.escalation(climb.event)
        climb.due = climb.next_due(escalation) if escalation else None
        if climb.due is not None:
            heapq.heappush(self._timers, (climb.due, climb.event.alarm))

    def _tell_step(self, climb: Climb, escalation: Escalation, number: int, round_: int) -> None:
        step = escalation.steps[number]
        people, problem = self.routes.recipients(step.to)
        for person in people or (None,):
            self._outstanding.supersede(climb.event.alarm, person, step.by)
            telling = Telling(
                kind=Kind.ALARM,
                event=climb.event,
                state=climb.state,
                person=person,
                step=number,
                round=round_,
                problem=problem,
            )
            self._outstanding.tell(telling, step.by)

    def _stop(self, climb: Climb, event: Event) -> None:
        """Taken, gone or suppressed. Whoever was told of it is told who took it."""
        self._drop(climb, event.event)
        if event.event != "acknowledged":
            return
        channels: dict[str, dict[str, int]] = {}
        for told, step in climb.told.items():
            person, _, channel = told.partition("\n")
            if person != event.actor:
                channels.setdefault(person, {})[channel] = step
        for person, by in channels.items():
            telling = Telling(
                kind=Kind.TAKEN, event=event, state=event.state, person=person, step=min(by.values()), round=0
            )
            self._outstanding.tell(telling, tuple(by))

    def _drop(self, climb: Climb, why: str) -> None:
        del self._climbs[climb.event.alarm]
        if not climb.once:  # what asks for no acknowledgement is told even when it is over by the time that works
            self._outstanding.stop(climb.event.alarm, why)
