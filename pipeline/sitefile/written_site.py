"""The parts of the site file around the plant as they are written: people, channels, routes, sources."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.site import History, Priority
from pipeline.sitefile.written import (
    Duration,
    Id,
    Phone,
    Piece,
    PositiveDuration,
    Said,
    WordKey,
    Written,
    section,
)

HISTORY = History()
CHANNEL_TYPES = ("webhook", "sms_http", "dingtalk", "wecom", "feishu")


class SiteHead(Written):
    """The site itself."""

    id: Id = Field(description="names topics, groups and events of this site", examples=["east-park"])
    name: Said | None = Field(
        default=None, description="what people call it (default: the id)", examples=["{en: East park, zh-CN: 东园}"]
    )
    timezone: str = Field(
        default="UTC", description="IANA time zone that people read times in", examples=["Asia/Shanghai"]
    )
    language: Literal["en", "zh-CN"] = Field(
        default="en", description="language of texts where a person has none", examples=["zh-CN"]
    )


class GatewayWritten(Written):
    """What brings the readings."""

    id: Id = Field(description="unique", examples=["gw-a"])
    heartbeat: PositiveDuration | None = Field(
        default=None, description="silence after which it is lost", examples=["30s"]
    )


class PresetWritten(Written):
    """Alarms by name that points of one quantity may take with `preset`; beside the built-in ones."""

    quantity: str = Field(description="of the points that may use it", examples=["level"])
    units: list[str] = Field(
        default_factory=list, description="units its numbers are in (default: any)", examples=["[m]"]
    )
    source: str | None = Field(
        default=None, min_length=1, description="where its numbers are from", examples=["works standard 12-3"]
    )
    alarms: Piece = Field(
        description="alarms by name, as of a point; numbers may be in % of the range, and in `% of design`",
        examples=["{HH: {setpoint: 92%}}"],
        json_schema_extra=section("Alarms"),
    )


class PositionWritten(Written):
    """A post that people fill."""

    id: Id = Field(description="unique, no person's id, not `owner`", examples=["tank-farm-desk"])
    level: Literal["post", "team", "workshop", "company"] | None = Field(
        default=None, description="control level", examples=["post"]
    )
    reports_to: WordKey | None = Field(default=None, description="the position above", examples=["tank-farm-team"])
    people: list[WordKey] = Field(default_factory=list, description="who fills it", examples=["[li.wei]"])


class PersonWritten(Written):
    """Somebody who gets messages and may acknowledge."""

    id: Id = Field(description="unique, no position's id, not `owner`", examples=["li.wei"])
    name: str | None = Field(
        default=None, min_length=1, description="as people say it (default: the id)", examples=["李伟"]
    )
    phone: Phone | None = Field(
        default=None,
        description="international, with +; needed on an SMS route",
        examples=['"+8613800000001"'],
    )
    email: str | None = Field(
        default=None, pattern=r"^[^@\s]+@[^@\s]+$", description="for a later version", examples=["li.wei@example.com"]
    )
    language: Literal["en", "zh-CN"] | None = Field(default=None, description="default: the site's", examples=["zh-CN"])


class ChannelWritten(Written):
    """How messages leave."""

    type: Literal["webhook", "sms_http", "dingtalk", "wecom", "feishu"] = Field(
        description="which kind", examples=["sms_http"]
    )
    url: str = Field(
        pattern=r"^https?://[^\s/]+", description="where it is sent to", examples=["http://127.0.0.1:18999/sms"]
    )
    secret_env: str | None = Field(
        default=None,
        min_length=1,
        description="environment variable that holds the secret",
        examples=["HAZARDWATCH_WEBHOOK_SECRET"],
    )
    secret_file: str | None = Field(
        default=None,
        min_length=1,
        description="file that holds the secret; not both",
        examples=["/etc/hazardwatch/webhook.secret"],
    )
    fallback: WordKey | None = Field(
        default=None, description="the channel to try when this one gives up", examples=["sms-2"]
    )
    timeout: PositiveDuration | None = Field(default=None, description="for one attempt (default 10s)", examples=["5s"])
    options: dict[str, str] = Field(
        default_factory=dict, description="further texts for the sender of this type", examples=["{sign: East park}"]
    )


class Match(Written):
    """Which alarms an escalation is for; what is not written fits everything."""

    priority: list[Priority] = Field(default_factory=list, description="priorities", examples=["[critical, high]"])
    alarm_class: list[str] = Field(
        default_factory=list, alias="class", description="alarm classes", examples=["[safety]"]
    )
    installation: list[WordKey] = Field(default_factory=list, description="installations", examples=["[TF1]"])


class StepWritten(Written):
    """One step of an escalation."""

    after: Duration = Field(description="time since the alarm was raised", examples=["2min"])
    to: WordKey = Field(
        description="owner, owner+1 ... (whom it reports to), a position or a person", examples=["owner+1"]
    )
    by: list[str] = Field(min_length=1, description="channels, all of them", examples=["[sms, dingtalk]"])


class EscalationWritten(Written):
    """The first escalation that matches an alarm is climbed until somebody takes it."""

    match: Match = Field(
        default_factory=Match, description="which alarms (default: all)", examples=["{priority: [critical, high]}"]
    )
    repeat: PositiveDuration | None = Field(
        default=None, description="the last step again this often (default: not)", examples=["5min"]
    )
    steps: list[StepWritten] = Field(
        min_length=1, description="in order of `after`", examples=["[{after: 0s, to: owner, by: [sms]}]"]
    )


class NotifyWritten(Written):
    """Who is told."""

    always: list[str] = Field(
        default_factory=list, description="channels that get every event", examples=["[control-room]"]
    )
    escalations: list[EscalationWritten] = Field(
        default_factory=list,
        description="the first that matches is climbed",
        examples=["[{steps: [{after: 0s, to: owner, by: [sms]}]}]"],
    )


class SourceReadingsWritten(Written):
    """Where a payload has what: {1} is the first + level of the topic, anything else a field path.

    For installation and point, what is no field of the payload is a literal.
    """

    installation: str = Field(min_length=1, description="which installation", examples=['"{1}"'])
    point: str = Field(min_length=1, description="which point", examples=['"{2}"'])
    value: str = Field(min_length=1, description="field path of the value", examples=["data.pv"])
    quality: str | None = Field(
        default=None, min_length=1, description="field path of the quality", examples=["data.q"]
    )
    unit: str | None = Field(
        default=None,
        min_length=1,
        description="unit of the values (default: the point's `payload_unit`, `raw` or `unit`)",
        examples=["mbar"],
    )


class SourceWritten(Written):
    """Other people's topics and payloads, mapped to readings; the native topics need no entry."""

    topic: str = Field(min_length=1, max_length=256, description="MQTT topic filter", examples=["legacy/+/+/telemetry"])
    time: str | None = Field(
        default=None,
        min_length=1,
        description="field path; number = epoch milliseconds, text = ISO 8601 (default: the received time)",
        examples=["ts"],
    )
    each: str | None = Field(
        default=None,
        min_length=1,
        description="field path of an array; the other paths then start at each of its items",
        examples=["items"],
    )
    readings: SourceReadingsWritten = Field(
        description="where the readings are", examples=['{installation: "{1}", point: "{2}", value: data.pv}']
    )
    quality_map: dict[WordKey, Literal["good", "uncertain", "bad"]] = Field(
        default_factory=dict,
        description="what the payload's quality words or numbers mean",
        examples=["{192: good, 64: uncertain, 0: bad}"],
    )


class HistoryWritten(Written):
    """How long the database keeps what grows with every reading. Alarm events and `readings_1h` are kept for ever."""

    readings: PositiveDuration = Field(
        default=HISTORY.readings_ms,
        description="readings, and refused messages: at least 30d (default 90d)",
        examples=["180d"],
    )
    readings_1m: PositiveDuration = Field(
        default=HISTORY.minutes_ms,
        description="their summaries by minute: not shorter than `readings` (default 400d, or as long as those)",
        examples=["400d"],
    )
