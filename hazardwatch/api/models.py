"""The shapes of the HTTP interface, with the words of its OpenAPI description. They hold; they do nothing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hazardwatch.api.desk import Outcome
from hazardwatch.durations import duration_ms
from pipeline.outside import ms_of

Word = Literal["acknowledge", "reset", "shelve", "unshelve", "out_of_service", "in_service", "bypass", "mode"]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=2000)]


class EventOut(BaseModel):
    """One change of one alarm: the same object as in replay, the alarm log, webhooks and the SQL view."""

    model_config = ConfigDict(populate_by_name=True)

    event_id: str
    seq: int = Field(description="Counts per installation and gives the order; times do not.")
    time: str = Field(description="When it became true in device time, or the command's time (ISO 8601, UTC).")
    decided: str = Field(description="The received time at which the engine knew.")
    late_s: float = Field(description="decided - time, seconds.")
    alarm: str = Field(description="INSTALLATION/POINT/NAME or INSTALLATION/NAME.")
    occurrence: str | None = Field(description="From raised to NORMAL; name it when acknowledging.")
    event: str = Field(description="raised, reraised, acknowledged, returned, cleared, reset, refused ...")
    from_: str | None = Field(alias="from", description="The state before.")
    state: str | None = Field(description="The state after; null for an unknown alarm.")
    priority: str | None
    value: float | None = Field(description="Of the deciding sample, in `unit`.")
    setpoint: float | None
    unit: str | None
    actor: str | None = Field(description="The person, for what a person did.")
    note: str | None
    reason: str | None
    drill: str | None


class Texts(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(populate_by_name=True)

    en: str
    zh: str = Field(alias="zh-CN")


class Guidance(BaseModel):
    """What the site file says to the operator; null where it says nothing."""

    cause: Texts | None
    consequence: Texts | None
    action: Texts | None


class HoldOut(BaseModel):
    """One suppression of an alarm: who, why, since when and until when. Ages count up to the second judged last."""

    kind: str = Field(description="shelved, by_design or out_of_service (a bypass too).")
    since: str
    age_s: float
    until: str | None = Field(description="Its end, at the latest; null by design, which ends with its cause.")
    left_s: float | None
    by: str | None
    note: str | None
    rule: str | None = Field(description="By design: the suppression's id in the site file.")
    one_shot: bool = Field(description="Ends earlier, when the condition goes off.")
    permit: str | None
    review: str | None = Field(description="When somebody must look whether it is still needed.")
    overdue: bool = Field(description="That time is past.")


class ModeOut(BaseModel):
    """The mode of an equipment, if somebody set it."""

    equipment: str
    mode: str
    since: str
    age_s: float
    until: str | None = Field(description="Then the mode set last without an end holds again; null: no end.")
    left_s: float | None
    by: str | None = Field(description="Null where a timed mode ended by itself.")
    note: str | None


class MarksOut(BaseModel):
    """What is known beside an alarm."""

    first_out: str | None = Field(description="The equipment in which it came first, where others followed.")
    consequence_of: str | None = Field(description="The standing alarm that suppresses it by design.")
    rose_from: str | None = Field(description="The milder alarm of the same point that stands too.")
    chattering: bool = Field(description="Raised three times in 60 s within the last ten minutes.")


class FloodOut(BaseModel):
    """How many alarms a position was given lately. More than 10 in 10 minutes are a flood."""

    position: str = Field(description="The owner of the installations.")
    annunciations: int = Field(description="In the last 10 minutes.")
    flood: bool


class AlarmOut(BaseModel):
    """One alarm. `event` is its latest change of state, null while the alarm is NORMAL."""

    event: EventOut | None
    since: str | None = Field(description="When the occurrence began; null when that is not remembered here.")
    name: Texts = Field(description="Point and alarm, for lists.")
    text: Texts | None = Field(description="The latest event as one sentence.")
    guidance: Guidance
    suppressions: list[HoldOut] = Field(description="What suppresses it now, the one that shows first.")
    marks: MarksOut


class AlarmDetail(AlarmOut):
    """One alarm with its remembered events, oldest first. Older ones are in the SQL view `alarm_events`."""

    recent: list[EventOut]


class AlarmList(BaseModel):
    """What stands: all alarms that are not NORMAL, the most urgent first."""

    language: str = Field(description="The site's language, a key of the texts.")
    warnings: list[str] = Field(description="Why this list may be out of date; empty when all is well.")
    load: list[FloodOut] = Field(description="Alarms given to each position, the busiest first.")
    alarms: list[AlarmOut]
    modes: list[ModeOut] = Field(description="Equipment whose mode somebody set.")


class EventList(BaseModel):
    """Remembered events in the order of the log, per installation."""

    events: list[EventOut]
    next: str = Field(description="Give it as `after` to get what comes next.")
    missed: bool = Field(description="Events after `after` are no longer remembered here; the SQL view has them.")


class AcknowledgeIn(BaseModel):
    """Who acknowledges, and why."""

    model_config = ConfigDict(extra="forbid")

    by: Id | None = Field(
        default=None, description="The id of a person of the site; not needed with a person's own token."
    )
    note: Note | None = None


class CommandIn(AcknowledgeIn):
    """What a person asks for. Give `alarm`, or `target` (a point or equipment: INSTALLATION/ID)."""

    command: Word
    alarm: Id | None = None
    target: Id | None = None
    occurrence: Id | None = Field(default=None, description="The occurrence the person saw; another one is refused.")
    for_: str | None = Field(default=None, alias="for", description="A length of time: 30min, 8h.")
    one_shot: bool = False
    mode: Id | None = None
    permit: Id | None = Field(default=None, description="Of the work that takes it out of service.")
    review: str | None = Field(
        default=None, description="When to look whether that is still needed: ISO 8601 with zone."
    )

    @field_validator("review")
    @classmethod
    def _time(cls, text: str | None) -> str | None:
        if text is not None:
            ms_of(text)
        return text

    @field_validator("for_")
    @classmethod
    def _length(cls, text: str | None) -> str | None:
        if text is not None:
            duration_ms(text)
        return text


class CommandOut(BaseModel):
    """What came of a command. It is in the log in every case, refused ones too."""

    outcome: Outcome
    message: str = Field(description="The outcome in words.")
    events: list[EventOut]
    position: int = Field(description="Its place in the plant log.")


class RoleOut(BaseModel):
    """One part of this process."""

    role: str
    works: bool
    why: str | None = Field(description="Why not.")


class HealthOut(BaseModel):
    """Whether every role of this process works."""

    works: bool
    roles: list[RoleOut]


class HopOut(BaseModel):
    """One hop since this process started. received = passed + refused + waiting, unless something is lost."""

    hop: str
    received: int
    passed: int
    refused: dict[str, int] = Field(description="By reason.")
    waiting: int
    lag_s: float | None = Field(description="Age of the newest item when it was finished, seconds.")
    unaccounted: int = Field(description="received - passed - refused - waiting: zero.")


class InstallationOut(BaseModel):
    """How far the engine is with one installation."""

    installation: str
    judged: str | None = Field(description="All seconds up to this one are judged.")
    standing: int


class ProcessOut(BaseModel):
    """One process of the site, as it said last."""

    process: str = Field(description="Host and data folder.")
    host: str
    pid: int
    version: str
    started: str
    silent: bool = Field(description="It has not been heard for more than 10 s: others have its work, or nobody has.")
    quiet_s: float = Field(description="How long ago it was heard.")
    roles: list[RoleOut]
    owns: dict[str, list[str]] = Field(description="By role: the installations that are its own now.")
    lags_s: dict[str, float] = Field(description="By role: how far it is behind the log, seconds.")
    hops: list[HopOut]
    broker: dict[str, int | None] = Field(
        description="Of its sessions at a broker: sessions; in_flight; stored and dropped by the broker, if it tells."
    )


class StatusOut(BaseModel):
    """The service at a glance. `version`, `roles` and `hops` are of the process that answers."""

    site: str
    version: str
    roles: list[RoleOut]
    hops: list[HopOut]
    installations: list[InstallationOut]
    processes: list[ProcessOut] = Field(description="All processes of the site, the one that answers too.")
