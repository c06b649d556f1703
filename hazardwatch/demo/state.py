"""What the demo's view shows at one moment: plain values, gathered by demo.watch and drawn by demo.view.

It decides nothing and reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.site import Priority

Phase = Literal["starting", "running", "killed", "returning", "stopping"]


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point as the history has it. `shown` is the value in words; `trend` its last minutes, oldest first."""

    id: str
    name: str
    shown: str
    unit: str
    trend: tuple[float, ...] = ()
    span: float = 0.0
    """The whole range of the point, in its unit; 0 where it has none."""
    alarm: Priority | None = None
    acknowledged: bool = True
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One standing alarm. `since_ms` is when its state began."""

    id: str
    name: str
    state: str
    priority: Priority
    since_ms: int
    value: str
    setpoint: str
    action: str

    @property
    def wants_somebody(self) -> bool:
        """Nobody has acknowledged it yet."""
        return self.state.endswith("UNACK")


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it reached a person (or a system)."""

    at_ms: int
    channel: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class HopRow:
    """What went through one hop of the service since it was started."""

    name: str
    received: int
    passed: int
    refused: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Readings of this demo: handed to MQTT, acknowledged by the service, found in the database (None: not known).

    `whole`: every reading sent up to a few seconds ago is in the database, once.
    """

    published: int
    acknowledged: int
    stored: int | None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """The child process. `since_ms` is when the phase began; `detail` which of its parts do not work, and why."""

    phase: Phase
    since_ms: int
    pid: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence of what happens: in the plant, at the desk, to the service."""

    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class DemoState:
    """Everything. Rows are in the order of the site file, messages and sentences newest last."""

    now_ms: int
    elapsed_s: float
    timezone: str
    site: str
    service: Service
    points: tuple[PointRow, ...] = ()
    alarms: tuple[AlarmRow, ...] = ()
    alarms_at_ms: int | None = None
    """When the service last said what stands; None: not yet."""
    messages: tuple[Message, ...] = ()
    hops: tuple[HopRow, ...] = ()
    counts: Counts = Counts(0, 0, None)
    told: tuple[Told, ...] = ()
    commands: tuple[str, ...] = ()
