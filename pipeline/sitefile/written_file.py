"""A whole file of a site as it is written: the main file, and those it includes. Its sections have their own models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.sitefile.written import Names, Piece, Written, section

SCHEMA = "hazardwatch/site/v1"


class SiteWritten(Written):
    """The main file. Every key but schema and site may be left out."""

    schema_: Literal["hazardwatch/site/v1"] = Field(alias="schema", description="what this file is", examples=[SCHEMA])
    site: Piece = Field(description="the site itself", json_schema_extra=section("Site"))
    include: Names = Field(
        default_factory=list,
        description="further files, and folders of them, relative to this file",
        examples=["[people.yaml, installations, ../shared/templates.yaml]"],
    )
    alarm_classes: dict[str, Piece] = Field(
        default_factory=dict,
        description="attributes that alarms share, by class name",
        json_schema_extra=section("Alarm classes"),
    )
    gateways: list[Piece] = Field(
        default_factory=list, description="what brings the readings", json_schema_extra=section("Gateways")
    )
    presets: dict[str, Piece] = Field(
        default_factory=dict,
        description="alarms that points share, by name; beside the built-in ones",
        json_schema_extra=section("Presets"),
    )
    templates: dict[str, Piece] = Field(
        default_factory=dict, description="repeated equipment, by name", json_schema_extra=section("Templates")
    )
    installations: list[Piece] = Field(
        default_factory=list, description="the installations", json_schema_extra=section("Installations")
    )
    positions: list[Piece] = Field(
        default_factory=list, description="posts, with who reports to whom", json_schema_extra=section("Positions")
    )
    people: list[Piece] = Field(default_factory=list, description="people", json_schema_extra=section("People"))
    channels: dict[str, Piece] = Field(
        default_factory=dict, description="how messages leave, by name", json_schema_extra=section("Channels")
    )
    notify: Piece = Field(default_factory=dict, description="who is told", json_schema_extra=section("Notifications"))
    warnings: Piece = Field(
        default_factory=dict,
        description="graded warnings from standing alarms",
        json_schema_extra=section("Graded warnings"),
    )
    sources: list[Piece] = Field(
        default_factory=list, description="mapped topics", json_schema_extra=section("Sources")
    )
    history: Piece = Field(
        default_factory=dict, description="how long readings are kept", json_schema_extra=section("History")
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
