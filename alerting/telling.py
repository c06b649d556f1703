"""The values of alerting.escalation: a climb, a telling, a send. They hold; deciding is done there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from alerting.situation import Marks, Situation
from pipeline.model import Delivery, Event
from pipeline.site import Escalation


class Kind(StrEnum):
    """Why a message is sent: every event (`always`), an alarm on its climb, many in a flood, a graded warning, or
    that somebody took it.
    """

    EVENT = "event"
    ALARM = "alarm"
    BUNDLE = "bundle"
    WARNING = "warning"
    TAKEN = "taken"


class Key(NamedTuple):
    """What is sent at most once while all is well: one delivery's identity."""

    event_id: str
    person: str | None
    channel: str
    step: int
    round: int

    @classmethod
    def of(cls, delivery: Delivery) -> Key:
        """The key a delivery record answers."""
        return cls(delivery.event_id, delivery.person, delivery.channel, delivery.step, delivery.round)

    def telling(self) -> str:
        """The same without the channel."""
        return telling_id(self.event_id, self.person, self.step, self.round)


class Bundled(msgspec.Struct, frozen=True):
    """One of the alarms that a flood's message tells of."""

    alarm: str
    occurrence: str | None
    priority: str | None


class Send(NamedTuple):
    """One message that is due. `attempts` were made already; `problem` says why it cannot go to anybody.

    `state` is the alarm's at the time of deciding: a later step may tell of an alarm that has returned since.
    `marks` is what is said beside it; `bundled` all alarms of a bundle, the one of `event` first, told in a flood of
    `flood` annunciations in ten minutes.
    """

    key: Key
    kind: Kind
    event: Event
    state: str | None
    attempts: int
    problem: str | None
    marks: Marks = Marks()
    bundled: tuple[Bundled, ...] = ()
    flood: int = 0


class Folded(NamedTuple):
    """What one entry changed: sends that are due now, and those no longer wanted, each with the reason."""

    due: tuple[Send, ...]
    stopped: tuple[tuple[Key, str], ...]


def telling_id(event_id: str, person: str | None, step: int, round_: int) -> str:
    """One person told of one event at one step and round."""
    return "\n".join((event_id, person or "", str(step), str(round_)))


class Telling(msgspec.Struct, kw_only=True):
    """One person (None: whoever listens to an `always` channel) told of one event, over several channels.

    `channels` are all used so far, fallbacks too; `open` those without a final result, with the attempts made.
    """

    kind: Kind
    event: Event
    state: str | None
    person: str | None = None
    step: int = -1
    round: int = 0
    problem: str | None = None
    marks: Marks = Marks()
    bundled: list[Bundled] = msgspec.field(default_factory=list)
    flood: int = 0
    channels: list[str] = msgspec.field(default_factory=list)
    open: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its identity within the installation."""
        return telling_id(self.event.event_id, self.person, self.step, self.round)

    def key(self, channel: str) -> Key:
        """The identity of its send over `channel`."""
        return Key(self.event.event_id, self.person, channel, self.step, self.round)

    def send(self, channel: str) -> Send:
        """Its send over `channel`, as far as that has come."""
        return Send(
            self.key(channel),
            self.kind,
            self.event,
            self.state,
            self.open[channel],
            self.problem,
            self.marks,
            tuple(self.bundled),
            self.flood,
        )


class Climb(msgspec.Struct, kw_only=True):
    """One occurrence on its way up. Times are log time in ms: `began` the raise, `due` what comes next.

    `next_step` steps were told; `round` repeats of the last. `once`: an alarm that asks for no acknowledgement.
    `told` maps "person newline channel" to the first step at which that person was reached. `held`: since when a
    graver alarm of the same point tells the story; that time does not count.
    """

    event: Event
    state: str | None
    began: int
    once: bool = False
    next_step: int = 0
    round: int = 0
    last_told: int = 0
    due: int | None = None
    held: int | None = None
    told: dict[str, int] = msgspec.field(default_factory=dict)

    def last_step(self, escalation: Escalation) -> int:
        """How many steps it may climb."""
        return min(1, len(escalation.steps)) if self.once else len(escalation.steps)

    def next_due(self, escalation: Escalation) -> int | None:
        """When the next step or repeat is due; None when nothing more comes."""
        if self.next_step < self.last_step(escalation):
            return self.began + escalation.steps[self.next_step].after_ms
        if self.once or escalation.repeat_ms is None or not escalation.steps:
            return None
        return self._repeats_from(escalation) + (self.round + 1) * escalation.repeat_ms

    def round_at(self, escalation: Escalation, now: int) -> int:
        """The repeat that is due at `now`, counted from 1."""
        assert escalation.repeat_ms
        return (now - self._repeats_from(escalation)) // escalation.repeat_ms

    def _repeats_from(self, escalation: Escalation) -> int:
        return self.began + escalation.steps[-1].after_ms


class Waiting(msgspec.Struct, kw_only=True):
    """What a flood keeps back for one person: told in one message a minute after the first. `since` log time, ms."""

    person: str | None
    channels: list[str]
    step: int
    since: int
    events: list[Event]
    problem: str | None = None


class Kept(msgspec.Struct, kw_only=True):
    """What a snapshot holds."""

    seen: tuple[int, int]
    now: int
    configured: int = -1
    climbs: list[Climb]
    tellings: list[Telling]
    warned: tuple[int, int] = (-1, -1)
    situation: Situation = msgspec.field(default_factory=Situation)
    waiting: list[Waiting] = msgspec.field(default_factory=list)
