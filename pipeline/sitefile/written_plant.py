"""Plant parts of the site file as they are written: points, equipment, templates, installations, suppression."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.sitefile.written import (
    Bounds,
    Id,
    Names,
    Piece,
    PositiveDuration,
    Said,
    StaleAfter,
    StateKey,
    WordKey,
    Written,
    section,
)


class RawWritten(Written):
    """Payload values that are not yet in the point's unit: linear from `from` to `range`."""

    source: Bounds = Field(
        alias="from",
        min_length=2,
        max_length=2,
        description="payload values at the bottom and top of `range`",
        examples=["[4, 20]"],
    )
    unit: str | None = Field(default=None, description="their unit, to be shown", examples=["mA"])


class PointWritten(Written):
    """One sensor (or switch)."""

    id: WordKey = Field(description="unique in the installation", examples=["LT-101"])
    name: Said | None = Field(
        default=None, description="what people call it (default: the id)", examples=["{en: Level, zh-CN: 液位}"]
    )
    quantity: str = Field(description="one of the quantities below", examples=["level"])
    unit: str | None = Field(default=None, description="one of the quantity's units; none for state", examples=["m"])
    range: Bounds | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="bottom and top of the instrument (without it: no live zone, deadbands 0)",
        examples=["[0, 15]"],
    )
    period: PositiveDuration | None = Field(default=None, description="how often it sends", examples=["1s"])
    stale_after: StaleAfter | None = Field(
        default=None,
        description="silence after which it is STALE; `never` must be written (default 3 x period, else by quantity)",
        examples=["10s"],
    )
    late_after: PositiveDuration | None = Field(
        default=None,
        description="lateness beyond which it is LATE (default the larger of 60 s and 3 x period)",
        examples=["2min"],
    )
    enabled: bool = Field(
        default=True,
        description="false: listed, neither judged nor STALE; its readings are refused",
        examples=["false"],
    )
    alias: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="its tag elsewhere; found by search",
        examples=["2PI-1101"],
    )
    equipment: WordKey | None = Field(
        default=None, description="an equipment of the installation, so that its modes count", examples=["T-101"]
    )
    gateway: WordKey | None = Field(default=None, description="a gateway (default: the equipment's)", examples=["gw-a"])
    raw: RawWritten | None = Field(
        default=None, description="scaling of payload values; needs `range`", examples=["{from: [4, 20], unit: mA}"]
    )
    payload_unit: str | None = Field(
        default=None,
        min_length=1,
        description="unit of the values that arrive, where it is another of the same quantity than `unit`",
        examples=["mbar"],
    )
    states: dict[StateKey, str] | None = Field(
        default=None,
        min_length=2,
        description="quantity state only: what the numbers mean",
        examples=["{0: tripped, 1: healthy}"],
    )
    over_range: Literal["judge", "bad"] | None = Field(
        default=None,
        description="above the live zone: judged as the top of the range and BAD, or only BAD "
        "(default judge for gas_concentration, else bad)",
        examples=["judge"],
    )
    gas: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="quantity gas_concentration only: which gas",
        examples=["methanol"],
    )
    preset: str | None = Field(
        default=None,
        description="ready-made alarms (below); `alarms` changes them one attribute at a time",
        examples=["gas-combustible"],
    )
    design: float | None = Field(
        default=None,
        gt=0,
        description="design pressure, which setpoints of a preset may be written in % of",
        examples=["1.6"],
    )
    resolution: float | None = Field(
        default=None,
        gt=0,
        description="smallest step the instrument tells, in the point's unit; the history keeps values in steps of the "
        "largest power of two that is not coarser (judged values are never rounded)",
        examples=["0.01"],
    )
    alarms: Piece | None = Field(
        default=None,
        description="alarms by name",
        examples=["{H: {setpoint: 12.5}}"],
        json_schema_extra=section("Alarms"),
    )


class When(Written):
    """When a suppression holds: while the equipment is in a mode, or while an alarm's condition is on."""

    mode: WordKey | None = Field(default=None, description="a mode of the equipment", examples=["cleaning"])
    equipment: WordKey | None = Field(
        default=None,
        description="whose mode; in a template its own equipment, so not written there",
        examples=["T-101"],
    )
    alarm: str | None = Field(
        default=None, description="POINT/ALARM, or an alarm of the installation", examples=["LT-101/HH"]
    )


class SuppressWritten(Written):
    """Suppression by design: alarms that are judged and recorded but not announced."""

    id: Id = Field(description="named in the event's note", examples=["low-while-cleaning"])
    alarms: list[str] = Field(
        min_length=1,
        description="POINT/ALARM, or alarms of the installation; none of class safety",
        examples=["[LT-101/L]"],
    )
    when: When = Field(description="exactly one of mode and alarm", examples=["{mode: cleaning}"])


class TemplateWritten(Written):
    """Repeated equipment, written once.

    `${x}` in a text takes the variable x; a text that is exactly "${x}" takes its typed value.
    """

    vars: list[Id] = Field(
        default_factory=list, description="each must be given by the equipment that uses it", examples=["[n, span, HH]"]
    )
    modes: list[Id] = Field(
        default_factory=list,
        description="modes of the equipment; the first holds at the start",
        examples=["[normal, cleaning]"],
    )
    points: list[Piece] = Field(
        default_factory=list,
        description="points, as in an installation",
        examples=['[{id: "LT-${n}", quantity: level, unit: m}]'],
        json_schema_extra=section("Points"),
    )
    suppress: list[Piece] = Field(
        default_factory=list,
        description="suppressions by design",
        examples=["[{id: low-while-cleaning, alarms: [LT-101/L], when: {alarm: LT-101/LL}}]"],
        json_schema_extra=section("Suppression by design"),
    )


class EquipmentWritten(Written):
    """One equipment. With `use` the template's variables are further keys."""

    id: Id = Field(description="unique in the installation", examples=["T-101"])
    use: str | None = Field(default=None, description="a template", examples=["tank"])
    name: Said | None = Field(
        default=None, description="what people call it", examples=["{en: Tank 101, zh-CN: 101 罐}"]
    )
    gateway: WordKey | None = Field(default=None, description="the gateway of its template's points", examples=["gw-a"])
    modes: list[Id] | None = Field(
        default=None,
        min_length=1,
        description="modes, without a template; the first holds at the start",
        examples=["[running, stopped]"],
    )
    override: dict[str, Piece] | None = Field(
        default=None,
        description="POINT/ALARM of the template: attributes that differ here, with `why`",
        examples=["{LT-102/H: {on_delay: 10s, why: agitator waves}}"],
    )


class InstallationWritten(Written):
    """One major-hazard installation. Rules combine points of one installation only."""

    id: Id = Field(description="also a level of its MQTT topics; SYSTEM is reserved", examples=["TF1"])
    name: Said | None = Field(
        default=None, description="what people call it (default: the id)", examples=["{en: Tank farm, zh-CN: 罐区}"]
    )
    major_hazard_grade: int | None = Field(default=None, ge=1, le=4, description="1 to 4 (GB 18218)", examples=["2"])
    owner: WordKey | None = Field(
        default=None, description="a position; `owner` in escalations", examples=["tank-farm-desk"]
    )
    equipment: list[Piece] = Field(
        default_factory=list,
        description="equipment",
        examples=["[{id: T-101, use: tank, n: 101}]"],
        json_schema_extra=section("Equipment"),
    )
    points: list[Piece] = Field(
        default_factory=list,
        description="points that belong to no template",
        examples=["[{id: LT-101, quantity: level, unit: m, range: [0, 15]}]"],
        json_schema_extra=section("Points"),
    )
    table: Names = Field(
        default_factory=list,
        description="CSV files with further points, or (with a column `use`) further equipment, relative to this file",
        examples=["gas.csv"],
    )
    alarms: Piece = Field(
        default_factory=dict,
        description="alarms over several points (vote, deviation) by name",
        examples=["{gas: {type: vote, need: 2, of: [GT-1/H, GT-2/H]}}"],
        json_schema_extra=section("Alarms"),
    )
    suppress: list[Piece] = Field(
        default_factory=list,
        description="suppressions by design",
        examples=["[{id: low-while-cleaning, alarms: [LT-101/L], when: {alarm: LT-101/LL}}]"],
        json_schema_extra=section("Suppression by design"),
    )
