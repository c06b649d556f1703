"""The JSON Schema of a site file, from its models: what editors complete and show. Faults are `check`'s business.

It follows draft 7, which editors' YAML support is made for. It is not stricter than `check`, and less strict in
places: what a file refers to, what fits together, and what a preset or template leaves open is not looked at.
"""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.sitefile import written_alarms, written_file, written_plant, written_site, written_warnings
from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.measures import DIFFERENCES, VALUES
from pipeline.sitefile.presets import PRESETS
from pipeline.sitefile.schema_alarms import CHANGED, PLANT_ALARMS, POINT_ALARMS, alarm_schemas
from pipeline.sitefile.schema_plain import Schema, as_written, with_variables
from pipeline.sitefile.tables import QUANTITIES

DRAFT = "http://json-schema.org/draft-07/schema#"
MAIN = "SiteWritten"
TEMPLATE = "TemplateWritten"
IN_TEMPLATE = "InTemplate"
"""What names of definitions in which variables may stand begin with."""
_MODELS: tuple[type[BaseModel], ...] = (
    written_file.SiteWritten,
    written_site.SiteHead,
    written_site.GatewayWritten,
    written_site.PresetWritten,
    written_site.PositionWritten,
    written_site.PersonWritten,
    written_site.ChannelWritten,
    written_site.NotifyWritten,
    written_site.SourceWritten,
    written_site.HistoryWritten,
    written_warnings.WarningsWritten,
    written_plant.TemplateWritten,
    written_plant.InstallationWritten,
    written_plant.EquipmentWritten,
    written_plant.PointWritten,
    written_plant.SuppressWritten,
    written_alarms.AlarmClass,
    written_alarms.OwnAlarm,
    *written_alarms.POINT_KINDS.values(),
    *written_alarms.PLANT_KINDS.values(),
)
_SECTIONS = {
    "Site": "SiteHead",
    "Alarm classes": "AlarmClass",
    "Gateways": "GatewayWritten",
    "Presets": "PresetWritten",
    "Templates": TEMPLATE,
    "Installations": "InstallationWritten",
    "Equipment": "EquipmentWritten",
    "Points": "PointWritten",
    "Alarms": POINT_ALARMS,
    "Suppression by design": "SuppressWritten",
    "Positions": "PositionWritten",
    "People": "PersonWritten",
    "Channels": "ChannelWritten",
    "Notifications": "NotifyWritten",
    "Graded warnings": "WarningsWritten",
    "Sources": "SourceWritten",
    "History": "HistoryWritten",
}
"""What stands in a section that is checked on its own (`written.section`)."""


def json_schema() -> Schema:
    """The whole, for the main file and for included ones."""
    _, made = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(_MODELS)], by_alias=True, ref_template=_ref("{model}")["$ref"]
    )
    definitions = {name: as_written(body, VALUES | DIFFERENCES) for name, body in made["$defs"].items()}
    for body in definitions.values():
        for value in body.get("properties", {}).values():
            _fill(value)
    definitions |= alarm_schemas(definitions)
    _point(definitions["PointWritten"])
    _equipment(definitions["EquipmentWritten"])
    definitions["InstallationWritten"]["properties"]["alarms"] |= _ref(PLANT_ALARMS)
    definitions["PresetWritten"]["properties"]["alarms"] = _by_name(definitions["PresetWritten"], "alarms", CHANGED)
    _template(definitions)
    main = definitions.pop(MAIN)
    del main["required"]  # an included file has neither
    return {
        "$schema": DRAFT,
        "title": "hazardwatch site file",
        **main,
        "dependencies": {"site": ["schema"]},
        "definitions": dict(sorted(definitions.items())),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _fill(value: Schema) -> None:
    """Put the model of a section where its key stands."""
    section = value.pop("section", None)
    if section is None:
        return
    inside = _ref(_SECTIONS[section])
    if value.get("type") == "array":
        value["items"] = inside
    elif section in {"Alarm classes", "Presets", "Templates", "Channels"}:
        value["additionalProperties"] = inside
    else:
        value.pop("type", None)
        value.pop("additionalProperties", None)
        value |= inside


def _by_name(body: Schema, key: str, inside: str) -> Schema:
    """A key whose value is a mapping of names to one thing each, with its words."""
    words = {one: body["properties"][key][one] for one in ("description", "examples") if one in body["properties"][key]}
    return words | {"type": "object", "additionalProperties": _ref(inside)}


def _point(point: Schema) -> None:
    """Quantities with their units; alarms of a preset are changes, others whole."""
    keys = point["properties"]
    units = sorted({unit for of in QUANTITIES.values() for unit in of.units})
    keys["quantity"]["enum"] = list(QUANTITIES)
    for key in ("unit", "payload_unit"):
        keys[key] |= {"enum": units}
    keys["preset"]["anyOf"] = [{"enum": list(PRESETS)}, {"type": "string"}]
    keys["gas"]["anyOf"] = [{"enum": list(TOXIC)}, {"type": "string"}]
    whole = keys["alarms"].pop("$ref")
    keys["alarms"]["type"] = "object"
    changed = {"properties": {"alarms": {"additionalProperties": _ref(CHANGED)}}}
    point["allOf"] = [
        {"if": {"required": ["preset"]}, "then": changed, "else": {"properties": {"alarms": {"$ref": whole}}}},
        *(
            {
                "if": {"properties": {"quantity": {"const": name}}, "required": ["quantity"]},
                "then": {"properties": {"unit": {"enum": list(of.units)}}},
            }
            for name, of in QUANTITIES.items()
            if of.units
        ),
    ]


def _equipment(equipment: Schema) -> None:
    """With `use` the template's variables are further keys; what differs in `override` has its reason."""
    keys = equipment["properties"]
    equipment["additionalProperties"] = {
        "type": ["string", "number", "boolean"],
        "description": "a variable of the template",
    }
    equipment["allOf"] = [{"if": {"not": {"required": ["use"]}}, "then": {"propertyNames": {"enum": list(keys)}}}]
    keys["override"] = _by_name(equipment, "override", f"{CHANGED}Why")


def _template(definitions: dict[str, Schema]) -> None:
    """What stands in a template, as elsewhere, but any value may be a variable."""
    keys = definitions[TEMPLATE]["properties"]
    copies: dict[str, Schema] = {}
    for key in ("points", "suppress"):
        keys[key]["items"] = with_variables(keys[key]["items"], IN_TEMPLATE, definitions, copies)
    definitions |= copies
