"""A whole file of a site as it is written: the main file, and those it includes. Its sections have their own models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.sitefile.written import Names, Piece, Written, section

SCHEMA = "hazardwatch/site/v1"


class SiteWritten(Written):
    """The main file. Every key but schema and site may be left out."""

    schema_: Literal["hazardwatch/site/v1"] = Field(alias="schema", description="what this file is", examples=[SCHEMA])
    site: Piece = Field(
        description="the site itself",
        examples=["{id: east-park, timezone: Asia/Shanghai}"],
        json_schema_extra=section("Site"),
    )
    include: Names = Field(
        default_factory=list,
        description="further files, and folders of them, relative to this file",
        examples=["[people.yaml, installations, ../shared/templates.yaml]"],
    )
    alarm_classes: dict[str, Piece] = Field(
        default_factory=dict,
        description="attributes that alarms share, by class name",
        examples=["{quality: {priority: low, ack_required: false}}"],
        json_schema_extra=section("Alarm classes"),
    )
    gateways: list[Piece] = Field(
        default_factory=list,
        description="what brings the readings",
        examples=["[{id: gw-a, heartbeat: 30s}]"],
        json_schema_extra=section("Gateways"),
    )
    presets: dict[str, Piece] = Field(
        default_factory=dict,
        description="alarms that points share, by name; beside the built-in ones",
        examples=["{deep-tank: {quantity: level, alarms: {HH: {setpoint: 92%}}}}"],
        json_schema_extra=section("Presets"),
    )
    templates: dict[str, Piece] = Field(
        default_factory=dict,
        description="repeated equipment, by name",
        examples=['{tank: {vars: [n], points: [{id: "LT-${n}", quantity: level, unit: m}]}}'],
        json_schema_extra=section("Templates"),
    )
    installations: list[Piece] = Field(
        default_factory=list,
        description="the installations",
        examples=["[{id: TF1, owner: tank-farm-desk, table: gas.csv}]"],
        json_schema_extra=section("Installations"),
    )
    positions: list[Piece] = Field(
        default_factory=list,
        description="posts, with who reports to whom",
        examples=["[{id: tank-farm-desk, people: [li.wei]}]"],
        json_schema_extra=section("Positions"),
    )
    people: list[Piece] = Field(
        default_factory=list,
        description="people",
        examples=["[{id: li.wei, name: 李伟}]"],
        json_schema_extra=section("People"),
    )
    channels: dict[str, Piece] = Field(
        default_factory=dict,
        description="how messages leave, by name",
        examples=['{hook: {type: webhook, url: "http://127.0.0.1:18999/hook"}}'],
        json_schema_extra=section("Channels"),
    )
    notify: Piece = Field(
        default_factory=dict,
        description="who is told",
        examples=["{always: [hook]}"],
        json_schema_extra=section("Notifications"),
    )
    warnings: Piece = Field(
        default_factory=dict,
        description="graded warnings from standing alarms",
        examples=["{rules: [{level: blue, when: {priority: low}}]}"],
        json_schema_extra=section("Graded warnings"),
    )
    sources: list[Piece] = Field(
        default_factory=list,
        description="mapped topics",
        examples=['[{topic: legacy/+/+, readings: {installation: "{1}", point: "{2}", value: pv}}]'],
        json_schema_extra=section("Sources"),
    )
    history: Piece = Field(
        default_factory=dict,
        description="how long readings are kept",
        examples=["{readings: 180d}"],
        json_schema_extra=section("History"),
    )


class IncludedWritten(SiteWritten):
    """A file that another one includes: the same sections, no `site`, and no need for `schema`."""

    schema_: Literal["hazardwatch/site/v1"] = Field(default="hazardwatch/site/v1", alias="schema")
    site: Piece = Field(default_factory=dict)


JOINED = frozenset(field.alias or name for name, field in SiteWritten.model_fields.items()) - {
    "schema",
    "site",
    "include",
}
"""The sections that all files of a site fill together."""
