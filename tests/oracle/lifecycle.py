"""The facts of one alarm and the states that follow from them (contract, "Alarm names, states, events").

It judges nothing; it is told when the condition changes, what people ask, and what suppresses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.model import State
from pipeline.site import Alarm


class Step(NamedTuple):
    """One event's name, the states around it, and the running number of the occurrence it belongs to."""

    event: str
    before: State | None
    after: State | None
    occurrence: int | None


@dataclass(slots=True)
class Shelf:
    """Until when (ms), at the latest, and whether the condition's going off ends it."""

    until: int
    one_shot: bool


@dataclass(slots=True)
class Life:
    """Facts; every state is derived. `acked`: the condition's last going on was acknowledged (or needs no one)."""

    condition: bool = False
    acked: bool = False
    acked_at: int | None = None  # when a person acknowledged, while the condition is on
    latched: bool = False  # latching, and on at some time since the last reset, time out of service not counted
    open: bool = False  # an occurrence is open
    number: int = 0  # occurrences so far
    shelf: Shelf | None = None
    by_design: list[str] = field(default_factory=list)  # rules that suppress now
    out_until: int | None = None  # out of service until
    unacked_before: bool = False  # unacknowledged since before the suppression
    began_suppressed: bool = False  # the open occurrence began while suppressed
    waiting: int | None = None  # received time of the lifting whose delay runs

    @property
    def suppressed(self) -> bool:
        """Any of the three suppressions."""
        return self.out_until is not None or bool(self.by_design) or self.shelf is not None

    @property
    def occurrence(self) -> int | None:
        """Number of the open occurrence."""
        return self.number if self.open else None

    def state(self) -> State:
        """Out of service shows before suppressed by design before shelved; then what the condition makes."""
        if self.out_until is not None:
            return State.OUT_OF_SERVICE
        if self.by_design:
            return State.SUPPRESSED_BY_DESIGN
        if self.shelf is not None:
            return State.SHELVED
        if not self.open:
            return State.NORMAL
        if self.condition:
            return State.ACKED if self.acked else State.UNACK
        if self.latched:
            return State.LATCH_ACKED if self.acked else State.LATCH_UNACK
        return State.RTN_UNACK

    def goes_on(self, alarm: Alarm) -> list[Step]:
        """`raised` begins an occurrence, `reraised` goes on with the open one; also while suppressed."""
        before = self.state()
        event = "reraised" if self.open else "raised"
        if not self.open:
            self.open_new()
        self.condition, self.acked, self.acked_at = True, not alarm.ack_required, None
        self.latched |= alarm.latching and self.out_until is None
        return [Step(event, before, self.state(), self.number)]

    def goes_off(self, alarm: Alarm) -> list[Step]:
        """`cleared` is the return of an acknowledged, not latching alarm; else `returned`."""
        before, was_open, self.condition, self.waiting = self.state(), self.open, False, None
        if not was_open:
            return []  # waited for the delay after a suppression: nobody was told, nothing returns
        if self.suppressed:
            # The occurrence ends with `returned`, unless latching or unacknowledged since before the suppression.
            self.open = alarm.latching or self.unacked_before
            return [Step("returned", before, self.state(), self.number)]
        if self.acked and not self.latched:
            self.close()
            return [Step("cleared", before, self.state(), self.number)]
        return [Step("returned", before, self.state(), self.number)]

    def acknowledge(self, now: int) -> list[Step]:
        """Acknowledging what needs none is no event and no error."""
        if not self.open or self.acked:
            return []
        before = self.state()
        self.acked, self.unacked_before = True, False
        self.acked_at = now if self.condition else None
        if before is State.RTN_UNACK:
            self.close()
        return [Step("acknowledged", before, self.state(), self.number)]

    def reset_refused(self) -> str | None:
        """Why it cannot be reset: only a latched, acknowledged alarm whose condition is off can."""
        if self.suppressed:
            return "suppressed"
        if self.condition:
            return "condition_on"
        if self.state() is State.LATCH_UNACK:
            return "not_acknowledged"
        return None if self.state() is State.LATCH_ACKED else "not_latched"

    def reset(self) -> list[Step]:
        """Leads to NORMAL."""
        before = self.state()
        self.latched = False
        self.close()
        return [Step("reset", before, self.state(), self.number)]

    def realarm(self, alarm: Alarm, second: int) -> tuple[int, list[Step]] | None:
        """That long after a person's acknowledgement, still on and ACKED: time and step."""
        if alarm.realarm_ms is None or self.acked_at is None or self.state() is not State.ACKED:
            return None
        time = self.acked_at + alarm.realarm_ms
        if second < time:
            return None
        self.acked, self.acked_at = False, None
        return time, [Step("reraised", State.ACKED, self.state(), self.number)]

    def open_new(self) -> None:
        """An occurrence begins."""
        self.open, self.number, self.began_suppressed, self.waiting = True, self.number + 1, self.suppressed, None

    def close(self) -> None:
        """The occurrence ends."""
        self.open, self.acked, self.acked_at = False, False, None
