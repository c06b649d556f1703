"""One installation's climbs: which step is due, what a flood bundles, which alarm tells a point's story. Pure.

What begins and ends a climb is decided in alerting.escalation; who a step means, in alerting.routing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from alerting.bundles import Bundles
from alerting.outstanding import Outstanding
from alerting.relations import Relations
from alerting.routing import Routes
from alerting.situation import Situation
from alerting.telling import Climb, Kept, Kind, Telling
from pipeline.model import Delivery, Event, State
from pipeline.site import PRIORITIES, Escalation

BUNDLED = {"medium", "low"}
"""The priorities that a flood bundles."""
RETELL_MS = 60_000
"""An alarm nobody has taken that comes again tells its first step again, but not more often than this."""


class Climbing:
    """By alarm in `climbs`; time is log time in ms. What it makes due goes to `outstanding`."""

    def __init__(self, routes: Routes, kept: Kept | None = None) -> None:
        self.routes = routes
        self.relations = Relations(routes.installation)
        self.now = kept.now if kept else 0
        self.warned = kept.warned if kept else (-1, -1)
        """Plant position and ordinal of the newest change of the warning."""
        self.outstanding = Outstanding(kept.tellings if kept else ())
        self.situation = kept.situation if kept else Situation()
        self.bundles = Bundles(kept.waiting if kept else ())
        self.climbs = {climb.event.alarm: climb for climb in kept.climbs} if kept else {}
        self._timers: list[tuple[int, str]] = []
        for climb in self.climbs.values():
            self._wind(climb)

    def use(self, routes: Routes) -> None:
        """From now on this configuration holds, for climbs under way too."""
        self.routes = routes
        self.relations = Relations(routes.installation)
        self._timers = []
        for climb in self.climbs.values():
            self._wind(climb)
        self.go_on(list(self.climbs))

    def kept(self, seen: tuple[int, int], configured: int) -> Kept:
        """What a snapshot holds. `seen`: the newest event's plant position and ordinal; `configured`: the site's."""
        return Kept(
            seen=seen,
            configured=configured,
            now=self.now,
            warned=self.warned,
            climbs=list(self.climbs.values()),
            tellings=self.outstanding.tellings(),
            situation=self.situation,
            waiting=self.bundles.kept(),
        )

    def reached(self, delivery: Delivery, telling: Telling | None) -> None:
        """A message got through: who has it is told later who took the alarm."""
        if delivery.person is None:
            return
        told = {delivery.alarm: delivery.occurrence}
        if telling is not None:
            told |= {one.alarm: one.occurrence for one in telling.bundled}
        for alarm, occurrence in told.items():
            climb = self.climbs.get(alarm)
            if climb is not None and occurrence == climb.event.occurrence:
                climb.told.setdefault(f"{delivery.person}\n{delivery.channel}", delivery.step)

    def passed(self, second: int) -> None:
        """Time went on: what is due by now is told."""
        self.now = max(self.now, second)
        self.situation.passed(self.now)
        for telling, channels in self.bundles.due(self.now, self._still_told, self.situation.flood):
            self.outstanding.tell(telling, channels)
        while self._timers and self._timers[0][0] <= self.now:
            due, alarm = heapq.heappop(self._timers)
            climb = self.climbs.get(alarm)
            if climb is not None and climb.due == due:
                self._climb(climb)

    def start(self, event: Event, *, once: bool) -> None:
        """An alarm nobody has taken begins its climb; `once` where none is asked to take it."""
        climb = Climb(event=event, state=event.state, began=event.decided, once=once)
        self.climbs[event.alarm] = climb
        self.now = max(self.now, event.decided)
        if not once:
            self._hold(climb)
        self._climb(climb)

    def again(self, climb: Climb, event: Event) -> None:
        """Raised again before anybody took it: the clock of the climb goes on, the first step hears of it again.

        What silence alone had put on may be raised by samples now: then its gateway tells of it no longer.
        """
        if climb.held is not None:
            climb.event = event
            self.now = max(self.now, event.decided)
            self.go_on([event.alarm])
        if climb.held is not None or climb.next_step == 0 or event.decided - climb.last_told < RETELL_MS:
            return
        escalation = self.routes.escalation(event)
        climb.event = event
        if escalation is not None and escalation.steps:
            climb.last_told = event.decided
            self._tell_step(climb, escalation, 0, 0)

    def _climb(self, climb: Climb) -> None:
        """Tells every step that is due. Of missed repeats only the latest is made up."""
        escalation = self.routes.escalation(climb.event)
        while escalation is not None and climb.held is None:
            due = climb.next_due(escalation)
            if due is None or due > self.now:
                break
            climb.last_told = self.now
            if climb.next_step < climb.last_step(escalation):
                climb.next_step += 1
                self._tell_step(climb, escalation, climb.next_step - 1, 0)
            else:
                climb.round = climb.round_at(escalation, self.now)
                self._tell_step(climb, escalation, len(escalation.steps) - 1, climb.round)
        self._wind(climb)

    def _wind(self, climb: Climb) -> None:
        escalation = self.routes.escalation(climb.event)
        climb.due = climb.next_due(escalation) if escalation and climb.held is None else None
        if climb.due is not None:
            heapq.heappush(self._timers, (climb.due, climb.event.alarm))

    def _tell_step(self, climb: Climb, escalation: Escalation, number: int, round_: int) -> None:
        step = escalation.steps[number]
        people, problem = self.routes.recipients(step.to)
        waits = self.situation.flood.since is not None and self._may_wait(climb.event)
        for person in people or (None,):
            telling = Telling(
                kind=Kind.ALARM,
                event=climb.event,
                state=climb.state,
                person=person,
                step=number,
                round=round_,
                problem=problem,
                marks=self.situation.marks(climb.event.alarm, self.relations),
            )
            if waits:
                self.bundles.add(telling, step.by, self.now)
                continue
            self.outstanding.supersede(climb.event.alarm, person, step.by)
            self.outstanding.tell(telling, step.by)

    def _may_wait(self, event: Event) -> bool:
        """In a flood: what is below high, of no class that is exempt."""
        named = self.routes.alarm(event.alarm)
        exempt = named is None or named.alarm.exempt_from_bundling or named.alarm.alarm_class == "safety"
        return event.priority in BUNDLED and not exempt

    def _still_told(self, event: Event) -> bool:
        """Nobody has taken it; what nobody is asked to take is told even when it is over by now."""
        if event.state == State.ACKED:
            return True
        climb = self.climbs.get(event.alarm)
        return climb is not None and climb.event.occurrence == event.occurrence

    def stop(self, climb: Climb, event: Event) -> None:
        """Taken, gone or suppressed. Whoever was told of it is told who took it."""
        self.drop(climb, event.event)
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
            self.outstanding.tell(telling, tuple(by))

    def drop(self, climb: Climb, why: str) -> None:
        """It ends, and nobody is told."""
        del self.climbs[climb.event.alarm]
        if not climb.once:  # what asks for no acknowledgement is told even when it is over by the time that works
            self.outstanding.stop(climb.event.alarm, why)

    # one story per point

    def _hold(self, climb: Climb) -> None:
        """H and HH of one point are one story, a lost gateway and what its silence trips another.

        One alarm tells it; the others wait while that one stands.
        """
        alarm = climb.event.alarm
        if any(self._tells_of(one, alarm) for one in self.relations.tellers(alarm, climb.event.reason)):
            climb.held = self.now
        for other in self.relations.told_by(alarm):
            below = self.climbs.get(other)
            if below is None or below.held is not None or below.once:
                continue
            if alarm in self.relations.tellers(other, below.event.reason) and self._tells_of(alarm, other):
                below.held, below.due = self.now, None
                self.outstanding.stop(other, f"{alarm} tells of it")

    def release(self, event: Event) -> None:
        """What told the story may be over or suppressed: then the others go on where they were."""
        self.now = max(self.now, event.decided)
        self.go_on(self.relations.told_by(event.alarm))

    def go_on(self, alarms: Iterable[str]) -> None:
        """Those of them that wait, and of which nobody tells any more, go on where they were."""
        for alarm in alarms:
            climb = self.climbs.get(alarm)
            if climb is None or climb.held is None:
                continue
            if not any(self._tells_of(one, alarm) for one in self.relations.tellers(alarm, climb.event.reason)):
                climb.began += self.now - climb.held
                climb.held = None
                self._climb(climb)

    def _tells_of(self, graver: str, milder: str) -> bool:
        """It stands unsuppressed, is no less urgent than the milder, and somebody is asked to take it.

        Not one that waits itself, nor a latch that was taken and waits for its reset: those tell nobody.
        """
        grave, mild = self.routes.alarm(graver), self.routes.alarm(milder)
        if grave is None or mild is None or not self.situation.shown(graver) or not grave.alarm.ack_required:
            return False
        climb = self.climbs.get(graver)
        if (climb is not None and climb.held is not None) or self.situation.on[graver] == State.LATCH_ACKED:
            return False
        escalation = self.routes.escalation_of(grave.alarm)
        graver_rank, milder_rank = (PRIORITIES.index(one.alarm.priority) for one in (grave, mild))
        return escalation is not None and bool(escalation.steps) and graver_rank <= milder_rank
