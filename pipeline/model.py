"""The story in one file: Block of readings -> Finding -> Event of an alarm -> Delivery to a person.

Read this first. Every other module turns one of these into the next. Times are epoch milliseconds
(UTC) in integers everywhere inside; only the edges write ISO 8601. This module decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

SYSTEM = "SYSTEM"
"""The installation that carries hazardwatch's own troubles and the dead letters."""


class Quality(IntEnum):
    """What the device says of its own reading; the two low bits of a reading's flags."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


QUALITY_MASK = 0b0011
NO_STAMP = 0b0100
"""Flag: the payload had no time; the received time serves, and a redelivery cannot be recognised."""
RETAINED = 0b1000
"""Flag: a broker's old copy (retain mark); kept as backfill, never judged."""


@dataclass(frozen=True, slots=True)
class Block:
    """Readings of one installation, in columns, in order of arrival; one record of the plant log.

    `points` are the ids used here; `index[i]` says which of them reading i belongs to.
    Shapes: every column (n,). Units: `stamp` epoch ms (0 where NO_STAMP), `value` the point's unit
    (after `raw` scaling; NaN where the payload had null, NaN or infinity), `flags` Quality | NO_STAMP | RETAINED.
    """

    points: tuple[str, ...]
    index: NDArray[np.uint16]
    stamp: NDArray[np.int64]
    value: NDArray[np.float64]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.index)


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person asked for. `alarm` is an alarm id, `target` a point or equipment id (INSTALLATION/ID).

    `for_ms` is a length of time; `occurrence` is the one the person saw. `id` lets the asker find the answer.
    `permit` of the work that takes something out of service; `review`: when somebody must look at that again (ms).
    """

    command: str
    by: str
    alarm: str | None = None
    target: str | None = None
    note: str | None = None
    occurrence: str | None = None
    for_ms: int | None = None
    one_shot: bool = False
    mode: str | None = None
    permit: str | None = None
    review: int | None = None
    id: str | None = None


class Change(StrEnum):
    """What a finding says of one alarm's condition."""

    ON = "on"
    OFF = "off"
    LATE_EXCURSION = "late_excursion"


@dataclass(frozen=True, slots=True)
class Finding:
    """The confirmed condition of one alarm changed; what rules hand to alerting.

    `time` when it became true (device time, ms); `decided` the received time at which that was known;
    `at` the accepted time (or second) it belongs to: findings of one `at` take effect together. `time_left_s`:
    until a limit is reached, where that is what was judged.
    """

    alarm: str
    change: Change
    time: int
    decided: int
    at: int
    value: float | None
    setpoint: float | None
    reason: str
    time_left_s: int | None = None


class State(StrEnum):
    """ISA-18.2 states, derived from facts (alerting.lifecycle), never stored as the truth."""

    NORMAL = "NORMAL"
    UNACK = "UNACK"
    ACKED = "ACKED"
    RTN_UNACK = "RTN_UNACK"
    LATCH_UNACK = "LATCH_UNACK"
    LATCH_ACKED = "LATCH_ACKED"
    SHELVED = "SHELVED"
    SUPPRESSED_BY_DESIGN = "SUPPRESSED_BY_DESIGN"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


class Event(msgspec.Struct, frozen=True, kw_only=True, rename={"from_state": "from"}):
    """One change of one alarm, as everybody outside sees it (contract, "Alarm names, states, events").

    `time` and `decided` are ms here and ISO 8601 in the outside form (pipeline.outside.event_json).
    `time_left_s`, whole seconds until the limit is reached, is there only where a `time_to_limit` alarm goes on.
    `position` and `ordinal` say which plant-log record it came from; a reader skips what is not greater.
    """

    event_id: str
    seq: int
    time: int
    decided: int
    alarm: str
    occurrence: str | None
    event: str
    from_state: str | None
    state: str | None
    priority: str | None
    value: float | None
    setpoint: float | None
    unit: str | None
    actor: str | None
    note: str | None
    reason: str | None
    drill: str | None = None
    position: int = 0
    ordinal: int = 0
    time_left_s: int | msgspec.UnsetType = msgspec.UNSET


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to reach one person (or system) over one channel; a record of the alarm log.

    `outcome`: sent (accepted by the provider), retry (will be tried again), failed (given up), skipped.
    `step` counts escalation steps from 0; -1 is the `always` route. `round` counts repeats of the last step.
    """

    event_id: str
    alarm: str
    occurrence: str | None
    person: str | None
    channel: str
    step: int
    round: int
    attempt: int
    outcome: str
    sent_at: int
    provider_id: str | None = None
    receipt_at: int | None = None
    detail: str | None = None


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message (or one reading of a batch) that was refused, with the reason; a record of SYSTEM's plant log.

    `payload` is at most 64 KiB; `count` > 1 stands for further ones of this reason that were only counted.
    """

    topic: str
    reason: str
    detail: str
    payload: bytes = b""
    count: int = 1


class WarningEvent(msgspec.Struct, frozen=True, kw_only=True, rename={"from_level": "from"}):
    """One change of an installation's graded warning; a record of the alarm log.

    `event`: issued, raised, lowered, signed, verified, disposed, fed_back, cleared, refused (with `reason`). `level` is
    what came of it, null when cleared. `alarms` are those that make the level, at most 20. `seq` counts per
    installation. `position` and `ordinal` say which plant-log record it came from; a reader skips what is not greater.
    """

    warning: str
    seq: int
    time: int
    event: str
    from_level: str | None
    level: str | None
    actor: str | None = None
    verdict: str | None = None
    cause: str | None = None
    note: str | None = None
    reason: str | None = None
    alarms: tuple[str, ...] = ()
    position: int = 0
    ordinal: int = 0


class WarningAct(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a warning; a record of the plant log. `act`: verify, dispose, feed_back.

    `verdict` (true, false, maintenance) and `cause` belong to verify.
    """

    warning: str
    act: str
    by: str
    verdict: str | None = None
    cause: str | None = None
    note: str | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One suppression of one alarm: who (`by`), why (`note`), since when and until when (ms; None: no end is known).

    `rule`: the suppression of the site file; `one_shot`: ends earlier, with the condition; `review`: when somebody must
    look whether it is still needed (ms).
    """

    kind: Literal["shelved", "by_design", "out_of_service"]
    since: int
    until: int | None = None
    by: str | None = None
    note: str | None = None
    rule: str | None = None
    one_shot: bool = False
    permit: str | None = None
    review: int | None = None


class ModeHold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The mode that an equipment is in, if somebody set it: who, why, since when and until when (ms; None: no end)."""

    mode: str
    since: int
    until: int | None = None
    by: str | None = None
    note: str | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What suppresses alarms, by alarm id (an empty tuple: nothing any more), and modes that were set, by equipment."""

    alarms: dict[str, tuple[Hold, ...]] = {}
    modes: dict[str, ModeHold] = {}


class Judged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The engine's progress in one installation: all seconds up to `second` (ms) and all records up to `position`.

    `held`: what changed of it since the last of these: alarms that changed, and all modes. None: nothing did.
    """

    second: int
    position: int
    held: Held | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All alarms of one installation that are not NORMAL, so that a new reader need not read from the beginning.

    `alarms` maps the alarm id to its latest event that has a state; `held`: all that suppresses, all modes.
    """

    position: int
    alarms: dict[str, Event]
    held: Held = Held()


Json = dict[str, Any]
