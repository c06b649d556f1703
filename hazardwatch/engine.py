"""One installation's engine: a pure function of its plant log. Records in, alarm events out.

Composes admission (pipeline), judging (rules) and the alarm lifecycle (alerting). Reads and writes nothing; asks
nobody the time. The same records give the same events, ids included, however they are grouped or interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from alerting import holding, orders, timers
from alerting.lifecycle import Lifecycle, Out
from pipeline import records
from pipeline.admission import Admission
from pipeline.log import Entry
from pipeline.log_time import LogTime, Step
from pipeline.model import SYSTEM, Block, Change, Command, Event, Finding, Held
from pipeline.records import Kind
from pipeline.site import Alarm, Installation, Site
from pipeline.site_record import site_json, site_of
from rules import judge_state
from rules.judge import Judge

BLIND = f"{SYSTEM}/blind"
_QUICK_MS = 2_000
"""Seconds further back than this from a record after a gap can only bring timers (their received times moved)."""


class _Saved(msgspec.Struct):
    """A snapshot of an engine; its large parts are views, so that putting back copies none of them."""

    site: memoryview
    admission: memoryview
    judge: memoryview
    lifecycle: memoryview
    newest: int | None
    next_second: int | None
    judged_second: int
    position: int


class _Judging:
    """The judge of today's configuration, as the life of alarms speaks to it."""

    judge: Judge

    def latest(self, alarm: Alarm, at: int | None) -> float | None:
        return self.judge.latest(alarm, at)

    def turned(self, turns: list[Out], decided: int) -> list[Finding]:
        return self.judge.turned(turns, decided)

    def changed(self, alarms: list[Alarm]) -> None:
        self.judge.changed(alarms)

    def bypassed(self, points: frozenset[str]) -> None:
        self.judge.joint.bypassed = points


class Engine:
    """Everything that decides the alarms of one installation.

    `gaps` False: a replay of files, in which every second is judged and no gap means that we were away.
    `readings`, `repeats`, `unknown`: taken since this object was made, and what of them admission left out.
    Before the first configuration (given here or as a CONFIG record) readings and commands are passed over.
    """

    def __init__(self, installation: str, *, gaps: bool = True) -> None:
        self.installation = installation
        self.position = -1
        self.judged_second = 0
        self.readings = self.repeats = self.unknown = 0
        self.site: Site | None = None
        self._time = LogTime(gaps)
        self._judging = _Judging()

    @property
    def _judge(self) -> Judge:
        return self._judging.judge

    def configure(self, site: Site, received: int) -> list[Event]:
        """Put a configuration in force from `received` (ms) on. What did not change goes on as it was."""
        here = _of(site, self.installation)
        if self.site is None:
            self._lifecycle = Lifecycle(site, here, self._judging)
            self._judging.judge = Judge(self._lifecycle.in_force(), received)
            self._admission = Admission(here.points)
            self.site = site
            return self._lifecycle.begin(received)
        removed = self._lifecycle.configured(site, here, received)
        state = judge_state.snapshot(self._judge)
        self._judging.judge = judge_state.restore(self._lifecycle.in_force(), state, received)
        self._judging.bypassed(frozenset(self._lifecycle.bypassed))
        self._admission = Admission.restore(here.points, self._admission.snapshot())
        self.site = site
        return removed + self._lifecycle.begin(received)

    def take(self, entry: Entry) -> list[Event]:
        """The events of one record, and of the seconds that pass before it. Each names its position and ordinal.

        Raises BadRecord before anything is changed: taken again as a tick, the record still moves time on.
        """
        return self.take_read(_read(entry.data), entry.stamp, entry.position)

    def take_read(self, what: Site | Block | Command | None, stamp: int, position: int) -> list[Event]:
        """`take` for a record that is read already; None: one that only moves time on."""
        events = self.pass_time(stamp) + self._record(what, stamp)
        self.position = position
        return [
            msgspec.structs.replace(event, position=position, ordinal=ordinal) for ordinal, event in enumerate(events)
        ]

    def pass_time(self, stamp: int) -> list[Event]:
        """Judge every second before `stamp` (ms) that was not judged yet."""
        before = self._time.newest
        step = self._time.advance(stamp)
        if self.site is None:
            return []
        events = []
        if step.away_ms and before is not None:
            self._judge.move_received(step.away_ms)
            self._admission.move_received(step.away_ms)
            self._lifecycle.move_received(step.away_ms)
            events += self._blind(before, stamp)
        for second in self._to_judge(step, stamp):
            events += timers.second(self._lifecycle, second, self._judge.second(second))
        if step.seconds:
            self.judged_second = step.seconds[-1]
        return events

    def _to_judge(self, step: Step, stamp: int) -> Iterator[int]:
        """The seconds of a step; of a gap only those that can bring anything: a clock set right may skip decades."""
        at = 0
        while True:
            if step.away_ms:
                timer = timers.next_due(self._lifecycle)
                wanted = stamp - _QUICK_MS if timer is None else min(timer, stamp - _QUICK_MS)
                at = max(at, -((step.seconds.start - wanted) // 1000))
            if at >= len(step.seconds):
                return
            yield step.seconds[at]
            at += 1

    def _blind(self, before: int, stamp: int) -> list[Event]:
        """SYSTEM alone says that we were away, once, with the time in seconds."""
        if BLIND not in self._lifecycle.alarms:
            return []
        away_s = (stamp - before) / 1000
        on = Finding(BLIND, Change.ON, before, stamp, stamp, away_s, None, "away")
        off = Finding(BLIND, Change.OFF, stamp, stamp, stamp, away_s, None, "away")
        return self._lifecycle.found([on, off])

    def _record(self, what: Site | Block | Command | None, received: int) -> list[Event]:
        if isinstance(what, Site):
            return self.configure(what, received)
        if self.site is None:
            return []
        if isinstance(what, Block):
            admitted = self._admission.admit(what, received)
            self.readings += len(what)
            self.repeats += admitted.repeats
            self.unknown += admitted.unknown
            events = self._lifecycle.found(self._judge.record(admitted, received))
            self._judge.end_record()
            return events
        return [] if what is None else orders.carry_out(self._lifecycle, what, received)

    def standing(self) -> list[str]:
        """Ids of the alarms that are not NORMAL."""
        return [] if self.site is None else self._lifecycle.standing()

    def held(self, alarms: Iterable[str] | None = None) -> Held:
        """What suppresses these alarms (None: all of them), and the modes that were set."""
        return Held() if self.site is None else holding.held(self._lifecycle, alarms)

    @property
    def modes_changed(self) -> int:
        """How often a mode changed since this object was made."""
        return 0 if self.site is None else self._lifecycle.modes.changes

    def reviews_overdue(self) -> int:
        """Alarms out of service that somebody should have looked at by the second judged last."""
        return 0 if self.site is None else holding.reviews_overdue(self._lifecycle, self.judged_second)

    def snapshot(self) -> bytes:
        """Everything needed to continue after `position`."""
        assert self.site is not None, "an engine without configuration has nothing to keep"
        return msgspec.msgpack.encode(
            _Saved(
                site=memoryview(site_json(self.site)),
                admission=memoryview(self._admission.snapshot()),
                judge=memoryview(judge_state.snapshot(self._judge)),
                lifecycle=memoryview(self._lifecycle.snapshot()),
                newest=self._time.newest,
                next_second=self._time.next_second,
                judged_second=self.judged_second,
                position=self.position,
            )
        )

    @classmethod
    def restore(cls, installation: str, data: bytes | memoryview) -> Engine:
        """The engine as it was."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        engine = cls(installation)
        site = engine.site = site_of(saved.site)
        here = _of(site, installation)
        engine._lifecycle = Lifecycle(site, here, engine._judging)
        engine._lifecycle.restore(saved.lifecycle)
        engine._judging.judge = judge_state.restore(engine._lifecycle.in_force(), saved.judge, 0)
        engine._judging.bypassed(frozenset(engine._lifecycle.bypassed))
        engine._admission = Admission.restore(here.points, saved.admission)
        engine._time = LogTime(gaps=True, newest=saved.newest, next_second=saved.next_second)
        engine.judged_second, engine.position = saved.judged_second, saved.position
        return engine


def _read(data: bytes) -> Site | Block | Command | None:
    """What a record of the plant log says to an engine; None: only that time passes. Raises BadRecord."""
    if not data:
        raise records.BadRecord("an empty record")
    kind = data[0]
    if kind == Kind.CONFIG:
        return records.decode_site(data)
    if kind == Kind.READINGS:
        return records.decode_block(data)
    if kind == Kind.COMMAND:
        command = records.decode(data)
        assert isinstance(command, Command)
        return command
    return None


def _of(site: Site, installation: str) -> Installation:
    """The installation's part; an empty one where a configuration no longer has it."""
    return site.installation(installation) or Installation(id=installation, name=site.name)
