"""The shapes of configuration changes over HTTP. They hold; they do nothing."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hazardwatch.api.models import Id, Note
from hazardwatch.durations import duration_ms
from pipeline.config_records import Effect, Outcome


class DifferenceOut(BaseModel):
    """One changed attribute."""

    where: str = Field(description="An alarm id, INSTALLATION/POINT, or a part of the site such as people/li.wei.")
    what: str = Field(description="setpoint, on_delay_ms, alarm (added or removed) ... Times are milliseconds.")
    before: Any
    after: Any
    effect: Effect
    reason: str = Field(description="Why it loosens or tightens: longer_delay, limit_moved_away ...")


class SiteIn(BaseModel):
    """A site file."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(
        min_length=1, description="The text of the site file (YAML), or of all its files (hazardwatch/files/v1, JSON)."
    )
    name: str = Field(default="site", max_length=1000, description="What faults are to call it.")


class PreviewOut(BaseModel):
    """What applying a site file would do; nothing was done."""

    differences: list[DifferenceOut]
    loosens: bool = Field(description="Whether it would wait for a second person.")
    warnings: list[str]


class ApplyIn(SiteIn):
    """A site file that is to be put in force."""

    by: Id | None = Field(default=None, description="Not needed with a person's own token.")
    note: Note = Field(min_length=1, description="Why.")
    emergency_for: str | None = Field(
        default=None, description="In force at once, without a second person, for so long (8h at most)."
    )

    @field_validator("emergency_for")
    @classmethod
    def _length(cls, text: str | None) -> str | None:
        if text is not None:
            duration_ms(text)
        return text


class SecondIn(BaseModel):
    """Who approves or rejects, and why."""

    model_config = ConfigDict(extra="forbid")

    by: Id | None = Field(default=None, description="Not needed with a person's own token.")
    note: Note | None = None


class DecisionOut(BaseModel):
    """One entry of the record: what came of an ask, of time passing, or of a site file."""

    time: str
    outcome: Outcome
    change: int | None = Field(description="The number of the change, for `approve` and `reject`.")
    by: str | None = Field(description="Who proposed it; `file` for what a process's own site file put in force.")
    second: str | None = Field(description="Who approved, rejected or ended it.")
    token: str | None = Field(description="The token of the last of them: what they came with.")
    note: str | None
    reason: str | None
    until: str | None = Field(description="When the override, or the proposal, ends by itself.")
    loosens: bool
    differences: list[DifferenceOut]
    more_differences: int = Field(description="So many more are not listed.")
    before: dict[str, str] = Field(description="Digest of each installation's configuration before.")
    after: dict[str, str]
    message: str = Field(description="The outcome in words.")


class AskedOut(BaseModel):
    """What came of an ask. `decision` null: recorded, but not decided within the wait."""

    decision: DecisionOut | None
    message: str


class OpenOut(BaseModel):
    """A change that waits for a second person, or is in force as an override meanwhile."""

    change: int
    by: str
    note: str | None
    override: bool
    until: str


class ConfigOut(BaseModel):
    """Which configuration is in force."""

    in_force: dict[str, str] = Field(description="Digest by installation.")
    approved: bool = Field(description="Whether all of it was applied or approved by people.")
    same_as_file: bool | None = Field(description="Whether the service's site file says the same; null: not known yet.")
    file: str = Field(description="The service's site file, where it runs.")
    open: list[OpenOut]


class HistoryOut(BaseModel):
    """All decisions, oldest first."""

    decisions: list[DecisionOut]
