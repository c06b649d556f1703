"""The alarms of the site file as they are written, one model a kind, and the explicit tables that choose among them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.site import Priority
from pipeline.sitefile.written import (
    Amount,
    Duration,
    Percentage,
    PositiveDuration,
    Said,
    Shelving,
    WordKey,
    Written,
)


class ModeChange(Written):
    """What an alarm is in one mode of its equipment (one entry of `by_mode`)."""

    setpoint: float | None = Field(default=None, description="setpoint in this mode", examples=["60"])
    deadband: Amount | None = Field(default=None, description="deadband in this mode", examples=["1%"])
    on_delay: Duration | None = Field(default=None, description="on-delay in this mode", examples=["10s"])
    off_delay: Duration | None = Field(default=None, description="off-delay in this mode", examples=["10s"])
    priority: Priority | None = Field(default=None, description="priority in this mode", examples=["low"])


class CountWritten(Written):
    """`count`: the alarm is on only when its condition starts often, or stays on."""

    times: int = Field(ge=1, description="this many starts ...", examples=["3"])
    within: PositiveDuration = Field(description="... within this time", examples=["60s"])
    sustained: PositiveDuration | None = Field(
        default=None, description="or on for this long (default: `within`)", examples=["60s"]
    )


class ClassAttributes(Written):
    """What an alarm class may say, and an alarm itself; the alarm's own word wins."""

    priority: Priority | None = Field(default=None, description="critical, high, medium or low", examples=["high"])
    latching: bool | None = Field(
        default=None, description="stays until a person resets it (default false)", examples=["true"]
    )
    ack_required: bool | None = Field(
        default=None, description="a person must acknowledge it (default true)", examples=["true"]
    )
    realarm: PositiveDuration | None = Field(
        default=None,
        description="this long after an acknowledgement an alarm that is still on is raised again (default: not)",
        examples=["15min"],
    )
    shelving: Shelving | None = Field(
        default=None, description="whether and how long it may be shelved", examples=["{allowed: false}"]
    )
    exempt_from_bundling: bool | None = Field(
        default=None, description="always told on its own (default false)", examples=["true"]
    )
    on_bad: Literal["hold", "trip"] | None = Field(
        default=None,
        description="when the point is lost: keep the condition, or go on (default hold; a vote has on_fault instead)",
        examples=["trip"],
    )


class AlarmClass(ClassAttributes):
    """Attributes that alarms share, by the name of the class."""


class AlarmWords(Written):
    """What an alarm of any kind may say of itself besides the class's attributes."""

    alarm_class: WordKey | None = Field(
        default=None, alias="class", description="a class of `alarm_classes` (default process)", examples=["safety"]
    )
    priority: Priority | None = Field(
        default=None, description="default: the class's, else by rule (below)", examples=["high"]
    )
    latching: bool | None = Field(default=None, description="default: the class's, else false", examples=["true"])
    ack_required: bool | None = Field(default=None, description="default: the class's, else true", examples=["true"])
    realarm: PositiveDuration | None = Field(
        default=None, description="default: the class's, else not", examples=["15min"]
    )
    shelving: Shelving | None = Field(
        default=None, description="default: the class's", examples=["{allowed: true, max: 4h}"]
    )
    exempt_from_bundling: bool | None = Field(
        default=None, description="default: the class's, else false", examples=["true"]
    )
    response_time: PositiveDuration | None = Field(
        default=None, description="time a person has to act", examples=["5min"]
    )
    cause: Said | None = Field(
        default=None, description="what brings it about", examples=["{en: Overfill, zh-CN: 超量进料}"]
    )
    consequence: Said | None = Field(
        default=None, description="what comes of it", examples=["{en: Loss of containment, zh-CN: 泄漏}"]
    )
    action: Said | None = Field(
        default=None, description="what to do", examples=["{en: Close MOV-101, zh-CN: 关闭 MOV-101 阀}"]
    )
    why: str | None = Field(
        default=None,
        min_length=1,
        description="the reason it differs from its class or preset; shown beside each value that does",
        examples=["MOC 2026-114"],
    )


class OwnAlarm(AlarmWords):
    """STALE, BAD, LATE and CLOCK, which every enabled point has; written only to change something. No delays."""


class Judged(AlarmWords):
    """What the alarms that judge a value share."""

    on_bad: Literal["hold", "trip"] | None = Field(
        default=None, description="default: the class's, else hold", examples=["trip"]
    )
    on_delay: Duration | None = Field(
        default=None, description="how long before it goes on (default 0)", examples=["5s"]
    )
    off_delay: Duration | None = Field(
        default=None, description="how long before it goes off (default 0)", examples=["5s"]
    )
    count: CountWritten | None = Field(
        default=None, description="on only when it starts often", examples=["{times: 3, within: 60s}"]
    )
    by_mode: dict[WordKey, ModeChange] | None = Field(
        default=None,
        description="other attributes while the equipment is in a mode",
        examples=["{cleaning: {setpoint: 60}}"],
    )


class LevelAlarm(Judged):
    """`type: high` or `low`; the names HH and H mean high, L and LL low, without a type."""

    type: Literal["high", "low"] | None = Field(
        default=None, description="needed unless the name is HH, H, L or LL", examples=["high"]
    )
    setpoint: float = Field(description="starts at or beyond it, in the point's unit", examples=["12.5"])
    deadband: Amount | None = Field(
        default=None,
        description="ends this far back; a number, or % of the range (default 1% of the range; gas_concentration 0)",
        examples=["0.2"],
    )


class DigitalAlarm(Judged):
    """`type: digital`: on while the point is in the named state."""

    type: Literal["digital"] = Field(description="digital", examples=["digital"])
    when: str = Field(description="one of the point's `states`", examples=["tripped"])


class RateAlarm(Judged):
    """`type: rate`: least-squares slope over a window; at least one of rising and falling."""

    type: Literal["rate"] = Field(description="rate", examples=["rate"])
    rising: float | None = Field(
        default=None, gt=0, description="on at this slope or more, in the point's unit per `per`", examples=["0.5"]
    )
    falling: float | None = Field(
        default=None, gt=0, description="on at this downward slope or more, as a positive number", examples=["0.5"]
    )
    per: PositiveDuration = Field(description="the time the slope is counted in", examples=["1min"])
    window: PositiveDuration = Field(description="the samples it is worked out from", examples=["60s"])


class TimeToLimitAlarm(Judged):
    """`type: time_to_limit`: on when a straight line reaches the limit soon."""

    type: Literal["time_to_limit"] = Field(description="time_to_limit", examples=["time_to_limit"])
    limit: float | str = Field(description="a level alarm of the point, or a number", examples=["HH"])
    within: PositiveDuration = Field(description="on when the limit is this near in time", examples=["15min"])
    window: PositiveDuration = Field(description="the samples the line is drawn through", examples=["5min"])
    min_rate: float | None = Field(
        default=None,
        ge=0,
        description="slower is not toward the limit (default 1 % of the range per hour)",
        examples=["0.1"],
    )
    per: PositiveDuration | None = Field(
        default=None, description="the time `min_rate` is counted in (default 1h)", examples=["1h"]
    )


class FlatlineAlarm(Judged):
    """`type: flatline`: the value moves too little to be alive."""

    type: Literal["flatline"] = Field(description="flatline", examples=["flatline"])
    duration: PositiveDuration = Field(alias="for", description="this long", examples=["10min"])
    band: float = Field(
        ge=0, description="at most this much between smallest and largest, in the point's unit", examples=["0.01"]
    )


class CusumAlarm(Judged):
    """`type: cusum`: small shifts that last."""

    type: Literal["cusum"] = Field(description="cusum", examples=["cusum"])
    reference: float = Field(description="where the value belongs", examples=["22"])
    slack: float = Field(ge=0, description="distance that counts as nothing", examples=["0.5"])
    threshold: float = Field(gt=0, description="on when a sum reaches this", examples=["8"])


class NoiseAlarm(Judged):
    """`type: noise`: the signal's noise is too small or too great; at least one of quiet and loud."""

    type: Literal["noise"] = Field(description="noise", examples=["noise"])
    window: PositiveDuration = Field(description="the samples the noise is worked out from", examples=["10min"])
    quiet: float | None = Field(
        default=None,
        gt=0,
        description="on at this standard deviation or less, in the point's unit",
        examples=["0.002"],
    )
    loud: float | None = Field(
        default=None, gt=0, description="on at this standard deviation or more", examples=["0.1"]
    )


class EwmaAlarm(Judged):
    """`type: ewma`: small shifts that last, by a weighted moving average."""

    type: Literal["ewma"] = Field(description="ewma", examples=["ewma"])
    reference: float = Field(description="where the value belongs", examples=["22"])
    sigma: float = Field(gt=0, description="its standard deviation while all is well", examples=["0.4"])
    weight: float = Field(
        default=0.2, gt=0, le=1, alias="lambda", description="how much the newest sample counts", examples=["0.2"]
    )
    width: float = Field(
        default=3.0, gt=0, alias="L", description="on this many standard deviations of the average away", examples=["3"]
    )


class DeviationAlarm(Judged):
    """`type: deviation` (of an installation): two points of one quantity and unit tell different things."""

    type: Literal["deviation"] = Field(description="deviation", examples=["deviation"])
    point: WordKey = Field(description="a point of the installation", examples=["LT-101"])
    reference: WordKey = Field(description="the point it is held against", examples=["LT-101B"])
    setpoint: float = Field(gt=0, description="on at this difference or more", examples=["0.3"])
    deadband: Amount | None = Field(
        default=None,
        description="ends this far below (default 1% of the point's range; gas_concentration 0)",
        examples=["0.05"],
    )


class DiscrepancyAlarm(Judged):
    """`type: discrepancy` (of an installation): something is not where it was told to be within its time."""

    type: Literal["discrepancy"] = Field(description="discrepancy", examples=["discrepancy"])
    command: WordKey = Field(description="a point of quantity state: what was ordered", examples=["XV-101-CMD"])
    feedback: WordKey = Field(description="a point of quantity state: what came of it", examples=["XV-101"])
    within: PositiveDuration = Field(
        description="from the command, or from when they part, until it is on; instead of an on_delay", examples=["15s"]
    )
    agree: dict[WordKey, str | list[str]] | None = Field(
        default=None,
        description="states of the feedback that fit a state of the command (default: the one of the same name)",
        examples=["{open: opened, close: [closed, locked]}"],
    )


class BalanceAlarm(Judged):
    """`type: balance` (of an installation): a tank's flows do not explain the change of its level."""

    type: Literal["balance"] = Field(description="balance", examples=["balance"])
    level: WordKey = Field(description="a point of quantity level, in a unit of length", examples=["LT-101"])
    inflow: list[WordKey] = Field(
        default_factory=list, description="points of quantity flow, of volume", examples=["[FT-101]"]
    )
    outflow: list[WordKey] = Field(
        default_factory=list, description="points of quantity flow, of volume", examples=["[FT-102]"]
    )
    area: float = Field(gt=0, description="of the tank, in m2", examples=["176.7"])
    window: PositiveDuration = Field(description="the time that is balanced", examples=["30min"])
    accuracy: Percentage | None = Field(
        default=None,
        description="standard uncertainty of each instrument, in % of its range (default 1%)",
        examples=["0.5%"],
    )
    uncertainty: float | None = Field(
        default=None,
        gt=0,
        description="on at this imbalance in m3 (default: from `accuracy` and the ranges)",
        examples=["60"],
    )


class VoteAlarm(AlarmWords):
    """`type: vote` (of an installation): on while enough of its members are on. No delays."""

    type: Literal["vote"] = Field(description="vote", examples=["vote"])
    need: int = Field(ge=1, description="this many", examples=["2"])
    of: list[str] = Field(
        min_length=1, description="POINT/ALARM of the installation", examples=["[GT-101/H, GT-102/H, GT-103/H]"]
    )
    on_fault: Literal["hold", "trip", "exclude"] | None = Field(
        default=None,
        description="what a lost member counts as: as it was, on, or off (default hold)",
        examples=["trip"],
    )


LEVEL_NAMES: dict[str, str] = {"HH": "high", "H": "high", "L": "low", "LL": "low"}
OWN_NAMES: dict[str, str] = {"STALE": "stale", "BAD": "bad", "LATE": "late", "CLOCK": "clock"}

POINT_KINDS: dict[str, type[Judged]] = {
    "high": LevelAlarm,
    "low": LevelAlarm,
    "digital": DigitalAlarm,
    "rate": RateAlarm,
    "time_to_limit": TimeToLimitAlarm,
    "flatline": FlatlineAlarm,
    "noise": NoiseAlarm,
    "cusum": CusumAlarm,
    "ewma": EwmaAlarm,
}
PLANT_KINDS: dict[str, type[AlarmWords]] = {
    "vote": VoteAlarm,
    "deviation": DeviationAlarm,
    "discrepancy": DiscrepancyAlarm,
    "balance": BalanceAlarm,
}
