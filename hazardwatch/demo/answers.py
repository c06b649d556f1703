"""What the service's doors answer, as far as the demo reads it. Shapes only."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from pipeline.site import Priority


class BothLanguages(msgspec.Struct, frozen=True):
    """A text in English and Chinese, as the API gives it."""

    en: str
    zh: str = msgspec.field(name="zh-CN")

    def of(self, language: str) -> str:
        """The text in `en` or `zh-CN`."""
        return self.zh if language == "zh-CN" else self.en


class Guidance(msgspec.Struct, frozen=True):
    """What to do about an alarm; None where the site does not say."""

    action: BothLanguages | None = None


class AlarmEvent(msgspec.Struct, frozen=True):
    """The latest event of a standing alarm; `time` and `decided` as ISO 8601."""

    alarm: str
    state: str
    time: str
    decided: str
    priority: Priority
    occurrence: str | None = None
    value: float | None = None
    setpoint: float | None = None
    unit: str | None = None


class StandingAlarm(msgspec.Struct, frozen=True):
    """One row of GET /api/v1/alarms."""

    event: AlarmEvent
    name: BothLanguages
    guidance: Guidance


class StandingAlarms(msgspec.Struct, frozen=True):
    """GET /api/v1/alarms. `warnings`: which parts of the service do not work."""

    warnings: list[str]
    alarms: list[StandingAlarm]


class Hop(msgspec.Struct, frozen=True):
    """One hop of GET /api/v1/status; `refused` by reason."""

    hop: str
    received: int
    passed: int
    refused: dict[str, int]
    waiting: int


class Role(msgspec.Struct, frozen=True):
    """One part of the service; `why` it does not work."""

    role: str
    works: bool
    why: str | None = None


class Health(msgspec.Struct, frozen=True):
    """GET /healthz."""

    roles: list[Role]


class Status(msgspec.Struct, frozen=True):
    """GET /api/v1/status."""

    hops: list[Hop]


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of one point in the history. `time_ms` is its device time; `value` None where it was bad."""

    time_ms: int
    value: float | None
