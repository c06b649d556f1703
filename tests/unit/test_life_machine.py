"""Random commands and conditions on one alarm, against a small model written from the table of docs/alarm-states.md.

The model knows one alarm, no values and no ids; the cause of its suppression by design is an alarm of another point.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hazardwatch.engine import Engine
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Command, Event
from pipeline.site import Suppress
from tests.engine_play import block_of
from tests.oracle.records import Reading
from tests.oracle.sites import INSTALLATION, alarm, point, site
from tests.stories import T0

H = f"{INSTALLATION}/LT/H"
SECONDS = st.sampled_from((1, 3, 20))


@dataclass
class Model:
    """The facts of the reference, and what each row makes of them. Times in ms."""

    latching: bool
    ack_required: bool
    on_delay: int
    realarm: int | None
    condition: bool = False
    pending: int | None = None
    open: bool = False
    acked: bool = False
    acked_at: int | None = None
    latched: bool = False
    shelf: tuple[int, bool] | None = None
    design: bool = False
    out: int | None = None
    unacked_before: bool = False
    began_suppressed: bool = False
    waiting: int | None = None

    @property
    def suppressed(self) -> bool:
        return self.shelf is not None or self.design or self.out is not None

    @property
    def state(self) -> str:
        shown = {"OUT_OF_SERVICE": self.out is not None, "SUPPRESSED_BY_DESIGN": self.design, "SHELVED": self.shelf}
        for name, holds in shown.items():
            if holds:
                return name
        if not self.open:
            return "NORMAL"
        if self.condition:
            return "ACKED" if self.acked else "UNACK"
        if self.latched:
            return "LATCH_ACKED" if self.acked else "LATCH_UNACK"
        return "RTN_UNACK"

    def sample(self, now: int, *, on: bool) -> None:
        if on and not self.condition:
            self.pending = now if self.pending is None else self.pending
            self.confirm(now)  # a sample that starts confirms at the very end of the delay too
        elif not on:
            self.pending = None
            if self.condition:
                self.goes_off()

    def confirm(self, now: int) -> None:
        if self.pending is None or now < self.pending + self.on_delay:
            return
        self.pending, self.condition = None, True
        if not self.open:
            self.open, self.began_suppressed = True, self.suppressed
        self.acked, self.acked_at = not self.ack_required, None
        self.latched |= self.latching and self.out is None

    def goes_off(self) -> None:
        self.condition, self.acked_at = False, None
        if self.waiting is not None:
            self.waiting = None
        elif self.open and self.suppressed:
            self.open = self.latching or self.unacked_before
        elif self.open:
            self.open = not self.acked or self.latched
        if self.shelf is not None and self.shelf[1]:
            self.shelf = None
            self.lifted(None)

    def begins(self) -> None:
        if not self.suppressed:
            self.unacked_before = self.open and not self.acked
            self.began_suppressed, self.waiting = self.waiting is not None, None

    def lifted(self, by_design: int | None) -> None:
        if self.suppressed:
            return
        waits = by_design is not None and self.began_suppressed and self.on_delay and not self.latching
        if self.condition and by_design is not None and self.acked_at is not None:
            pass  # ACKED
        elif self.condition and waits:
            self.open, self.waiting = False, by_design
        elif self.condition:
            self.open, self.acked, self.acked_at = True, not self.ack_required, None
        else:
            self.open = self.latched or (self.unacked_before and not self.latching)
        self.unacked_before = self.began_suppressed = False

    def second(self, now: int) -> None:
        self.confirm(now)
        if self.waiting is not None and now >= self.waiting + self.on_delay:
            self.waiting, self.open, self.acked = None, True, not self.ack_required
        if self.out is not None and now >= self.out:
            self.put_back()
        if self.shelf is not None and now >= self.shelf[0]:
            self.shelf = None
            self.lifted(None)
        due = None if self.acked_at is None or self.realarm is None else self.acked_at + self.realarm
        if self.state == "ACKED" and due is not None and now >= due:
            self.acked, self.acked_at = False, None

    def put_back(self) -> None:
        self.out = None
        self.latched |= self.latching and self.condition
        self.lifted(None)

    def acknowledge(self, now: int) -> None:
        if self.open and not self.acked:
            over = self.state == "RTN_UNACK"
            self.acked, self.unacked_before = True, False
            self.acked_at = now if self.condition else None
            self.open = not over


class Life(RuleBasedStateMachine):
    """The engine and the model side by side."""

    @initialize(
        latching=st.booleans(),
        ack_required=st.booleans(),
        on_delay=st.sampled_from((0, 2_000)),
        realarm=st.sampled_from((None, 3_000)),
    )
    def start(self, latching: bool, ack_required: bool, on_delay: int, realarm: int | None) -> None:
        of_lt = alarm(
            "LT", "H", "high", setpoint=12.5, latching=latching, ack_required=ack_required,
            on_delay_ms=on_delay, realarm_ms=realarm,
        )  # fmt: skip
        cause = alarm("C", "X", "high", setpoint=5.0)
        plant = site(
            point("LT", (of_lt,), stale_after_ms=None),
            point("C", (cause,), stale_after_ms=None),
            suppress=(Suppress(id="by-X", alarms=(H,), cause=cause.id),),
        )
        self.model = Model(latching, ack_required, on_delay, realarm)
        self.engine = Engine(INSTALLATION, gaps=False)
        self.now, self.position, self.events = T0, 0, list[Event]()
        self.engine.configure(plant, self.now)

    def put(self, data: bytes) -> list[Event]:
        """One record at the present second, after that second was judged on both sides."""
        self.now += 1_000
        self.events += self.engine.pass_time(self.now)
        self.now += 1
        self.position += 1
        self.model.second(self.now - 1)
        told = self.engine.pass_time(self.now)
        told += self.engine.take(Entry(INSTALLATION, self.position, self.now, data))
        self.events += told
        self.now -= 1
        return told

    def sample(self, where: str, value: float) -> None:
        self.put(records.encode_block(block_of([Reading(where, None, value)])))

    def ask(self, command: str, **more: object) -> bool:
        """Whether it was done."""
        asked = Command(command=command, by="li.wei", alarm=H, note="n", **more)  # type: ignore[arg-type]  # drawn
        return all(event.event != "refused" for event in self.put(records.encode(asked)))

    @rule()
    def goes_on(self) -> None:
        self.sample("LT", 13.0)
        self.model.sample(self.now + 1, on=True)

    @rule()
    def goes_off(self) -> None:
        self.sample("LT", 12.0)
        self.model.sample(self.now + 1, on=False)

    @rule(on=st.booleans())
    def cause(self, on: bool) -> None:
        self.sample("C", 6.0 if on else 4.0)
        if on and not self.model.design:
            self.model.begins()
            self.model.design = True
        elif not on and self.model.design:
            self.model.design = False
            self.model.lifted(self.now + 1)

    @rule()
    def acknowledge(self) -> None:
        self.ask("acknowledge")
        self.model.acknowledge(self.now + 1)

    @precondition(lambda self: self.model.latched)
    @rule()
    def reset(self) -> None:
        done = self.ask("reset")
        assert done == (self.model.state == "LATCH_ACKED")
        if done:
            self.model.latched = self.model.open = False

    @rule(seconds=SECONDS, one_shot=st.booleans())
    def shelve(self, seconds: int, one_shot: bool) -> None:
        assert self.ask("shelve", for_ms=seconds * 1_000, one_shot=one_shot)
        self.model.begins()
        self.model.shelf = (self.now + 1 + seconds * 1_000, one_shot)

    @precondition(lambda self: self.model.shelf is not None)
    @rule()
    def unshelve(self) -> None:
        done = self.ask("unshelve")
        assert done == (self.model.shelf is not None)
        if done:
            self.model.shelf = None
            self.model.lifted(None)

    @rule(seconds=SECONDS)
    def out_of_service(self, seconds: int) -> None:
        assert self.ask("out_of_service", for_ms=seconds * 1_000)
        self.model.begins()
        self.model.out = max(self.model.out or 0, self.now + 1 + seconds * 1_000)

    @precondition(lambda self: self.model.out is not None)
    @rule()
    def in_service(self) -> None:
        done = self.ask("in_service")
        assert done == (self.model.out is not None)
        if done:
            self.model.put_back()

    @rule()
    def silence(self) -> None:
        self.put(records.TICK_RECORD)

    @rule()
    def restart(self) -> None:
        time = self.engine._time
        self.engine = Engine.restore(INSTALLATION, self.engine.snapshot())
        self.engine._time = time

    @invariant()
    def the_state_is_the_models(self) -> None:
        told = [event for event in self.events if event.alarm == H]
        assert (told[-1].state if told else "NORMAL") == self.model.state
        assert (H in self.engine.standing()) == (self.model.state != "NORMAL")

    @invariant()
    def each_event_begins_where_the_one_before_ended(self) -> None:
        told = [event for event in self.events if event.alarm == H]
        assert [event.from_state for event in told] == ["NORMAL", *(event.state for event in told)][: len(told)]

    @invariant()
    def an_occurrence_begins_with_raised_and_never_comes_again(self) -> None:
        told = [event.occurrence for event in self.events if event.alarm == H and event.event != "refused"]
        seen = list(dict.fromkeys(one for one in told if one is not None))
        assert [one for one in told if one is not None] == sorted(filter(None, told), key=seen.index)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
