"""JSON Schemas as pydantic makes them -> as people write a site file. It knows no section and no alarm."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipeline.sitefile.tree import Mark, parse_cell

Schema = dict[str, Any]
MEASURE = {"type": "string", "pattern": r"^[-+]?[0-9][0-9.eE+-]*\s*[^\s0-9.+-]\S*$", "description": "number and unit"}
"""A number in another unit of its quantity, or in % of the range."""
VARIABLE = {"type": "string", "pattern": r"\$\{[^{}]+\}"}
_WORDS = "#/definitions/Words"


def as_written(schema: Schema, measured: Collection[str]) -> Schema:
    """Without null (an empty value is refused), titles and defaults of the program; examples as values.

    `measured`: keys whose numbers may have a unit.
    """
    result: Schema = {key: value for key, value in schema.items() if key not in {"title", "default", "properties"}}
    if "anyOf" in result:
        rest = [as_written(one, measured) for one in result["anyOf"] if one != {"type": "null"}]
        result = {key: value for key, value in result.items() if key != "anyOf"}
        result = {**rest[0], **result} if len(rest) == 1 else result | {"anyOf": rest}
    if result.get("$ref") == _WORDS:
        del result["$ref"]
        result["anyOf"] = [{"type": "string"}, {"$ref": _WORDS}]
    if "examples" in result:
        result["examples"] = [example(one) for one in result["examples"]]
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = as_written(result[key], measured)
    if "properties" in schema:
        result["properties"] = {
            name: _with_units(as_written(one, measured)) if name in measured else as_written(one, measured)
            for name, one in schema["properties"].items()
        }
    return result


def example(text: Any) -> Any:
    """What an example of the models says, as a value."""
    value, troubles = parse_cell(text, Mark(1, 1)) if isinstance(text, str) else (text, [])
    assert not troubles, (text, troubles)
    return as_json(value)


def as_json(value: Any) -> Any:
    """As JSON has it: names of keys are texts."""
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list) else value


def _with_units(schema: Schema) -> Schema:
    """The same where every number may be a text with a unit."""
    if schema.get("type") == "array":
        return schema | {"items": _with_units(schema["items"])}
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], MEASURE]}
    if schema.get("type") == "number":
        words = {key: schema[key] for key in ("description", "examples") if key in schema}
        bare = {key: value for key, value in schema.items() if key not in words}
        return words | {"anyOf": [bare, MEASURE]}
    return schema


def with_variables(schema: Any, prefix: str, definitions: dict[str, Schema], copies: dict[str, Schema]) -> Any:
    """The same where any value may be a variable; definitions it refers to are copied into `copies` as `prefix`NAME."""
    if isinstance(schema, list):
        return [with_variables(one, prefix, definitions, copies) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for key, value in schema.items():
        if key == "$ref":
            name = value.rpartition("/")[2]
            if prefix + name not in copies:
                copies[prefix + name] = {}  # it may refer to itself
                copies[prefix + name] = with_variables(definitions[name], prefix, definitions, copies)
            result[key] = f"#/definitions/{prefix}{name}"
        elif key in {"properties", "dependencies"}:
            result[key] = {name: with_variables(one, prefix, definitions, copies) for name, one in value.items()}
        elif key in {"if", "not", "propertyNames", "examples", "enum", "required"}:
            result[key] = value
        else:
            result[key] = with_variables(value, prefix, definitions, copies)
    return _or_variable(result)


def _or_variable(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], VARIABLE]}
    if schema.get("type") in (None, "object", "array") and not schema.keys() & {"enum", "const"}:
        return schema
    words = {key: schema[key] for key in ("description", "examples") if key in schema}
    bare = {key: value for key, value in schema.items() if key not in words}
    return words | {"anyOf": [bare, VARIABLE]}
