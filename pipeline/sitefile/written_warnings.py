"""The site file's `warnings` as written: which alarms make which graded level, and who is told."""

from __future__ import annotations

from pydantic import Field

from pipeline.site import Priority, WarningLevel
from pipeline.sitefile.written import PositiveDuration, WordKey, Written


class WarningWhen(Written):
    """What must be so; all that is written. Only alarms that are on and in no suppression count."""

    priority: Priority | None = Field(default=None, description="alarms this urgent or more", examples=["high"])
    alarm_class: list[str] = Field(
        default_factory=list, alias="class", description="alarm classes", examples=["[safety]"]
    )
    alarms: list[str] = Field(
        default_factory=list, description="full ids, * for any text", examples=['["*/gas-confirmed", "TF1/LT-*/HH"]']
    )
    time_to_limit: PositiveDuration | None = Field(
        default=None, description="time-to-limit alarms that warn no further ahead than this", examples=["15min"]
    )
    lasting: PositiveDuration | None = Field(default=None, description="on for so long", examples=["5min"])
    unacknowledged: bool = Field(default=False, description="nobody has taken them", examples=["true"])
    count: int = Field(default=1, ge=1, description="at least so many alarms", examples=["2"])


class WarningRuleWritten(Written):
    """One rule; the gravest level whose rule holds is the installation's."""

    level: WarningLevel = Field(description="red, orange, yellow or blue", examples=["orange"])
    installation: list[WordKey] = Field(
        default_factory=list, description="installations (default: all)", examples=["[TF1]"]
    )
    when: WarningWhen = Field(description="which alarms", examples=["{priority: critical}"])


class WarningToldWritten(Written):
    """Who is told when a warning of that level is issued or reached, and when it is cleared."""

    to: list[WordKey] = Field(
        min_length=1, description="owner, owner+1 ..., positions or people", examples=["[owner, owner+1]"]
    )
    by: list[str] = Field(min_length=1, description="channels, all of them", examples=["[sms]"])


class WarningsWritten(Written):
    """Graded warnings (zh-CN 预警) of installations, derived from their standing alarms."""

    rules: list[WarningRuleWritten] = Field(
        default_factory=list,
        description="which alarms make which level",
        examples=["[{level: blue, when: {priority: low}}]"],
    )
    tell: dict[WarningLevel, WarningToldWritten] = Field(
        default_factory=dict, description="who is told, by level", examples=["{red: {to: [owner, owner+1], by: [sms]}}"]
    )
