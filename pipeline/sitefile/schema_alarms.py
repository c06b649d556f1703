"""JSON Schemas of alarms by name: of a point, of an installation, and changes to what a preset or template says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pipeline.sitefile.schema_plain import Schema
from pipeline.sitefile.written_alarms import LEVEL_NAMES, OWN_NAMES, PLANT_KINDS, POINT_KINDS

POINT_ALARMS = "PointAlarms"
PLANT_ALARMS = "InstallationAlarms"
CHANGED = "ChangedAlarm"
_OF_DESIGN = {"type": "string", "pattern": r"^[0-9.]+\s?% of design$"}
_IDS = {"pattern": r"^[A-Za-z0-9._-]{1,64}$"}


def alarm_schemas(definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """Their definitions; `definitions` has those of every kind."""
    level, own = _ref("LevelAlarm"), _ref("OwnAlarm")
    named = {**dict.fromkeys(LEVEL_NAMES, _ref("LevelNamed")), **dict.fromkeys(OWN_NAMES, own)}
    changed = _changed(definitions)
    why = {"type": "string", "minLength": 1, "description": "the reason it differs here"}
    with_why = {**changed, "properties": {"why": why, **changed["properties"]}, "required": ["why"]}
    return {
        POINT_ALARMS: {
            "type": "object",
            "propertyNames": _IDS,
            "properties": named,
            "additionalProperties": _ref("PointAlarm"),
        },
        "PointAlarm": _by_type(POINT_KINDS, None),
        "LevelNamed": _by_type(POINT_KINDS, level),
        PLANT_ALARMS: {
            "type": "object",
            "propertyNames": _IDS,
            "additionalProperties": _ref("InstallationAlarm"),
        },
        "InstallationAlarm": _by_type(PLANT_KINDS, None),
        CHANGED: changed,
        f"{CHANGED}Why": with_why,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _by_type(kinds: Mapping[str, type[BaseModel]], without: Schema | None) -> Schema:
    """An alarm whose `type` chooses among kinds; `without`: what it is where none is written."""
    chosen: list[Schema] = [
        {
            "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
            "then": _ref(model.__name__),
        }
        for kind, model in kinds.items()
    ]
    whole: Schema = {"type": "object", "properties": {"type": {"enum": list(kinds), "description": "how it judges"}}}
    if without is None:
        return whole | {"required": ["type"], "allOf": chosen}
    return whole | {"allOf": [*chosen, {"if": {"not": {"required": ["type"]}}, "then": without}]}


def _changed(definitions: Mapping[str, Schema]) -> Schema:
    """Any key of any kind of a point's alarm: which it is, only the preset or template knows."""
    keys: dict[str, Any] = {}
    for model in dict.fromkeys(POINT_KINDS.values()):
        for key, value in definitions[model.__name__]["properties"].items():
            keys.setdefault(key, value)
    keys["type"] = {"enum": [*POINT_KINDS], "description": "how it judges"}
    keys["setpoint"] = keys["setpoint"] | {"anyOf": [*keys["setpoint"]["anyOf"], _OF_DESIGN]}
    keys["when"] = {"type": "string", "description": "one of the point's `states`"}
    return {
        "type": "object",
        "description": "Attributes that differ from what the preset or the template says.",
        "properties": keys,
        "additionalProperties": False,
    }
