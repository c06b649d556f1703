"""The facts of one alarm, and the ISA-18.2 state that follows from them. Pure.

Facts are kept, the state is derived; nothing ever writes a state. Model: reference ISA-18.2 / IEC 62682 state table,
nine states. Decides no transition (alerting.lifecycle does).
"""

from __future__ import annotations

import hashlib

import msgspec

from pipeline.model import State


class Shelf(msgspec.Struct, frozen=True):
    """Shelved until `until` (ms); a one-shot shelf ends earlier, when the condition goes off."""

    until: int
    one_shot: bool


class Facts(msgspec.Struct):
    """What is so of one alarm.

    `condition` confirmed by the rules; `latched` on until reset; `acked` nothing waits for a person;
    `occurrence` id of the open occurrence, else None; `last_occurrence` the latest, open or not;
    `acked_at` when a person acknowledged (ms), for the re-alarm; `shelf`, `by_design` (ids of suppression rules),
    `out_of_service` (until, ms): the three suppressions; `events`, `occurrences`: running numbers.
    """

    condition: bool = False
    latched: bool = False
    acked: bool = True
    occurrence: str | None = None
    last_occurrence: str | None = None
    acked_at: int | None = None
    shelf: Shelf | None = None
    by_design: tuple[str, ...] = ()
    out_of_service: int | None = None
    events: int = 0
    occurrences: int = 0


def state_of(facts: Facts) -> State:
    """The state people see. Several suppressions at once: OUT_OF_SERVICE before SUPPRESSED_BY_DESIGN before SHELVED."""
    if facts.out_of_service is not None:
        return State.OUT_OF_SERVICE
    if facts.by_design:
        return State.SUPPRESSED_BY_DESIGN
    if facts.shelf is not None:
        return State.SHELVED
    if facts.condition:
        return State.ACKED if facts.acked else State.UNACK
    if facts.latched:
        return State.LATCH_ACKED if facts.acked else State.LATCH_UNACK
    return State.RTN_UNACK if facts.occurrence is not None and not facts.acked else State.NORMAL


def identifier(*parts: object) -> str:
    """A short hash of these parts: the same parts give the same id on every machine, at every replay."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
