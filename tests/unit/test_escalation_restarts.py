"""Whatever the fetches, restarts and repetitions: nobody is rung twice while all is well, and nobody is lost."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from alerting.escalation import Annunciator
from alerting.routing import Routes
from alerting.telling import Key, Send
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Delivery, Event, Judged
from tests.alarm_story import MIN, T0, data_of, entry, event, site

SITE = site(always=("room",))
ROUTES = Routes(SITE, "TF1")
ALARMS = ("TF1/LT-101/HH", "TF1/LT-101/H", "TF1/LT-101/L", "TF1/LT-101/info", "TF1/unknown")
STATES = ("NORMAL", "UNACK", "ACKED", "RTN_UNACK", "LATCH_UNACK", "LATCH_ACKED", "SHELVED", None)
EVENTS = ("raised", "reraised", "acknowledged", "returned", "cleared", "shelved", "unshelved", "refused")

happenings = st.lists(
    st.one_of(
        st.integers(min_value=1, max_value=12 * MIN),  # so much time passes, then a second is judged
        st.tuples(
            st.sampled_from(ALARMS),
            st.sampled_from(EVENTS),
            st.sampled_from(STATES),
            st.sampled_from(STATES),
            st.sampled_from(["o1", "o2"]),
            st.sampled_from(["critical", "high", "low"]),
        ),
    ),
    max_size=25,
)


def plant(happened: list[int | tuple[str, str, str | None, str | None, str, str]]) -> list[Event | Judged]:
    """What the engine says of it."""
    now, said = 0, list[Event | Judged]()
    for seq, one in enumerate(happened, 1):
        if isinstance(one, int):
            now += one
            said.append(Judged(second=T0 + now, position=seq))
        else:
            alarm, what, was, state, occurrence, priority = one
            said.append(
                event(
                    seq,
                    what,
                    state,
                    was=was,
                    at=now,
                    alarm=alarm,
                    occurrence=occurrence,
                    priority=priority,
                    actor="li.wei" if what == "acknowledged" else None,
                )
            )
    return said


class World:
    """A log, a notifier that may die, and phones. `outcomes` are what attempts come to, one after the other."""

    def __init__(self, outcomes: list[str]) -> None:
        self.log: list[Entry] = []
        self.desk = Annunciator("TF1", ROUTES)
        self.snapshots = [(-1, self.desk.snapshot())]
        self.rung: Counter[Key] = Counter()
        self.tried: set[Key] = set()
        self.stopped: set[Key] = set()
        self._outcomes = outcomes
        self._unread = 0

    def says(self, record: Event | Judged | Delivery) -> None:
        self.log.append(entry(len(self.log) + 1, data_of(record)))

    def reads(self) -> None:
        """Folds all there is, sending what is due and recording its result, until nothing is left to read."""
        while self._unread < len(self.log):
            folded = self.desk.fold(self.log[self._unread])
            self._unread += 1
            for send in folded.due:
                self.sends(send)
            self.stopped |= {key for key, _ in folded.stopped}
            self.snapshots.append((self.desk.position, self.desk.snapshot()))

    def sends(self, send: Send) -> None:
        self.tried.add(send.key)
        outcome = self._outcomes.pop() if self._outcomes else "sent"
        if outcome == "sent":
            self.rung[send.key] += 1
        key = send.key
        self.says(
            Delivery(
                event_id=key.event_id,
                alarm=send.event.alarm,
                occurrence=send.event.occurrence,
                person=key.person,
                channel=key.channel,
                step=key.step,
                round=key.round,
                attempt=send.attempts + 1,
                outcome=outcome,
                sent_at=T0,
            )
        )

    def dies_and_restarts(self, back: int, again: int) -> None:
        """Goes on from one of its snapshots, and is given `again` entries from before it as well."""
        position, snapshot = self.snapshots[-min(back, len(self.snapshots))]
        self.desk = Annunciator.restore("TF1", ROUTES, position, snapshot)
        for one in self.log[max(0, position - again) :]:
            self.stopped |= {key for key, _ in self.desk.fold(one).stopped}
        self._unread = len(self.log)
        for send in self.desk.pending():
            self.sends(send)
        self.reads()


def told(happened: list[int | tuple[str, str, str | None, str | None, str, str]]) -> World:
    """The same without any trouble."""
    world = World([])
    for record in plant(happened):
        world.says(record)
        world.reads()
    return world


@given(happenings, st.data())
def test_restarts_anywhere_ring_the_same_people_for_the_same_keys_exactly_once(
    happened: list[int | tuple[str, str, str | None, str | None, str, str]], data: st.DataObject
) -> None:
    world = World([])
    for record in plant(happened):
        world.says(record)
        world.reads()
        if data.draw(st.booleans()):
            world.dies_and_restarts(data.draw(st.integers(1, 12)), data.draw(st.integers(0, 12)))
    assert world.rung == told(happened).rung
    assert set(world.rung.values()) <= {1}
    assert world.desk.pending() == []


@given(happenings, st.data())
def test_an_engine_that_says_again_what_it_said_rings_nobody_again(
    happened: list[int | tuple[str, str, str | None, str | None, str, str]], data: st.DataObject
) -> None:
    said = plant(happened)
    world = World([])
    for number, record in enumerate(said):
        world.says(record)
        world.reads()
        if data.draw(st.booleans()):
            for old in said[max(0, number - data.draw(st.integers(0, 8))) : number + 1]:
                world.says(old)
            world.reads()
    assert world.rung == told(happened).rung


@given(happenings, st.lists(st.sampled_from(["sent", "retry", "failed", "skipped"]), max_size=40))
def test_every_send_ends_on_record_or_is_stopped_or_still_waits(
    happened: list[int | tuple[str, str, str | None, str | None, str, str]], outcomes: list[str]
) -> None:
    world = World(outcomes)
    for record in plant(happened):
        world.says(record)
        world.reads()
    world.dies_and_restarts(1, 0)
    ended = {key for key, count in world.rung.items() if count}
    for one in world.log:
        kept = records.decode(one.data)
        if isinstance(kept, Delivery) and kept.outcome != "retry":
            ended.add(Key.of(kept))
    waiting = {send.key for send in world.desk.pending()}
    assert world.tried <= ended | world.stopped | waiting
    assert set(world.rung.values()) <= {1}


@given(happenings)
def test_the_undisturbed_story_rings_somebody_for_every_untaken_raise(
    happened: list[int | tuple[str, str, str | None, str | None, str, str]],
) -> None:
    world = told(happened)
    fresh: dict[str, tuple[str, ...]] = {}
    for record in plant(happened):
        if isinstance(record, Event) and record.event != "refused" and record.state is not None:
            untaken = record.state in ("UNACK", "RTN_UNACK", "LATCH_UNACK")
            if untaken and record.alarm not in fresh:
                assert any(key.event_id == record.event_id and key.person for key in world.rung)
                fresh[record.alarm] = ()
            if not untaken:
                fresh.pop(record.alarm, None)
