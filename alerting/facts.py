"""The facts of one alarm, and the ISA-18.2 state that follows from them. Pure.

Facts are kept, the state is derived; nothing ever writes a state. Model: reference ISA-18.2 / IEC 62682 state table,
nine states. Decides no transition (alerting.transitions and alerting.suppressing do).
"""

from __future__ import annotations

import hashlib

import msgspec

from pipeline.model import State


class Shelf(msgspec.Struct, frozen=True, omit_defaults=True):
    """Shelved until `until` (ms); a one-shot shelf ends earlier, when the condition goes off. `since`: begun, ms."""

    until: int
    one_shot: bool = False
    since: int = 0
    by: str = ""
    note: str | None = None


class Outage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Out of service until `until` (ms), by a command of its own or by a bypass of its point.

    `permit` of the work; `review`: when somebody must look whether it is still needed (ms), else None.
    """

    until: int
    since: int = 0
    by: str = ""
    note: str | None = None
    permit: str | None = None
    review: int | None = None


class ByDesign(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule of the site file that suppresses: its `key` (unique), its id (`rule`) and since when (ms)."""

    key: str
    rule: str
    since: int = 0


class Facts(msgspec.Struct, omit_defaults=True):
    """What is so of one alarm.

    `condition` confirmed by the rules; `latched` latching and on at some time since the last reset, time out of service
    not counted; `acked` the latest going on was acknowledged, or nobody is asked to; `occurrence` id of the open
    occurrence, else None; `last_occurrence` the latest, open or not; `acked_at` when a person acknowledged (ms), for
    the re-alarm. `shelf`, `by_design`, `out_of_service`: the three suppressions. `unacked_before`: unacknowledged since
    before the suppression; `began_suppressed`: the open occurrence began during it; `waiting`: received time (ms) of
    the lifting after which the condition has to stay on for the on-delay. `events`, `occurrences`: running numbers.
    """

    condition: bool = False
    latched: bool = False
    acked: bool = True
    occurrence: str | None = None
    last_occurrence: str | None = None
    acked_at: int | None = None
    shelf: Shelf | None = None
    by_design: tuple[ByDesign, ...] = ()
    out_of_service: Outage | None = None
    unacked_before: bool = False
    began_suppressed: bool = False
    waiting: int | None = None
    events: int = 0
    occurrences: int = 0

    @property
    def suppressed(self) -> bool:
        """Any of the three suppressions."""
        return self.out_of_service is not None or bool(self.by_design) or self.shelf is not None

    @property
    def timed(self) -> bool:
        """Whether time alone may change something."""
        return not (
            self.acked_at is None and self.waiting is None and self.shelf is None and self.out_of_service is None
        )


def state_of(facts: Facts) -> State:
    """The state people see. Several suppressions at once: OUT_OF_SERVICE before SUPPRESSED_BY_DESIGN before SHELVED."""
    if facts.out_of_service is not None:
        return State.OUT_OF_SERVICE
    if facts.by_design:
        return State.SUPPRESSED_BY_DESIGN
    if facts.shelf is not None:
        return State.SHELVED
    if facts.occurrence is None:
        return State.NORMAL
    if facts.condition:
        return State.ACKED if facts.acked else State.UNACK
    if facts.latched:
        return State.LATCH_ACKED if facts.acked else State.LATCH_UNACK
    return State.NORMAL if facts.acked else State.RTN_UNACK


def identifier(*parts: object) -> str:
    """A short hash of these parts: the same parts give the same id on every machine, at every replay."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
