"""What every model of the written file shares: strictness, and the types of its scalars. It resolves nothing.

Strict: "1" is no number, true is none, unknown keys are refused. Messages carry `expected` (and `nearest`)
in the error's context, where pydantic's own words would not help the person who wrote the file.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from pipeline.sitefile import scalars

_PHONE = re.compile(r"\+[0-9]{6,15}\Z")


def refuse(expected: str, nearest: str | None = None) -> PydanticCustomError:
    """The error a validator raises; `expected` completes "found ...; expected ..."."""
    return PydanticCustomError("site_file", "{expected}", {"expected": expected, "nearest": nearest})


def _id(value: str) -> str:
    if not scalars.is_id(value):
        raise refuse(scalars.ID_EXPECTED)
    return value


def _duration(value: Any) -> int:
    if isinstance(value, str):
        ms = scalars.duration_ms(value)
        if ms is not None:
            return ms
    if isinstance(value, str) and scalars.is_too_long(value):
        raise refuse("at most 3650d (ten years)")
    raise refuse(scalars.DURATION_EXPECTED, scalars.nearest_duration(value))


_NEVER = frozenset({"none", "None", "no", "off", "Never", "NEVER", "infinite", "inf"})


def _positive_duration(value: Any) -> int:
    ms = _duration(value)
    if ms == 0:
        raise refuse("a time longer than 0")
    return ms


def _duration_or_never(value: Any) -> Any:
    if value == "never":
        return value
    if isinstance(value, str) and (scalars.duration_ms(value) is not None or scalars.is_too_long(value)):
        return _positive_duration(value)
    near = "never" if isinstance(value, str) and value in _NEVER else scalars.nearest_duration(value)
    raise refuse(f"{scalars.DURATION_EXPECTED}; or never", near)


def _amount(value: Any) -> Any:
    if isinstance(value, str) and scalars.percent(value) is not None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return value
    raise refuse(f"{scalars.PERCENT_EXPECTED}; not negative")


def _percentage(value: Any) -> Any:
    if isinstance(value, str) and scalars.percent(value):
        return value
    raise refuse("a percentage of the range such as 1%, more than 0")


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return {"en": value, "zh-CN": value}
    if isinstance(value, dict):
        return value
    raise refuse("a text, or {en: ..., zh-CN: ...}")


def _phone(value: Any) -> Any:
    if isinstance(value, str) and _PHONE.match(value):
        return value
    digits = str(value).lstrip("+")
    near = f'"+{digits}"' if isinstance(value, int) and _PHONE.match(f"+{digits}") else None
    raise refuse('a number with + and country code, in quotes ("+8613800000001")', near)


def _bounds(value: Any) -> Any:
    if isinstance(value, list):
        return value
    raise refuse("a list of two numbers: [bottom, top]")


def _numbers(value: Any) -> Any:
    """Keys that may be written 0 and 1 or false and true."""
    return float(value) if isinstance(value, bool) else value


def _words_or_numbers(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(value: Any) -> Any:
    """One name, or a list of them."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
        return value
    raise refuse("the name of a file, or a list of them")


# What each is in JSON Schema, for editors: as it is written, not as it is held.
_TIME = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?\s?(ms|s|min|h|d)$"}
_PERCENT = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,9})?\s?%$"}
_NAME = {"type": "string", "minLength": 1}

Phone = Annotated[str, BeforeValidator(_phone), WithJsonSchema({"type": "string", "pattern": r"^\+[0-9]{6,15}$"})]
Bounds = Annotated[list[float], BeforeValidator(_bounds)]
Id = Annotated[
    str,
    BeforeValidator(_words_or_numbers),
    AfterValidator(_id),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^[A-Za-z0-9._-]{1,64}$"}),
]
Duration = Annotated[int, BeforeValidator(_duration), WithJsonSchema(_TIME)]
PositiveDuration = Annotated[int, BeforeValidator(_positive_duration), WithJsonSchema(_TIME)]
StaleAfter = Annotated[
    int | Literal["never"],
    BeforeValidator(_duration_or_never),
    WithJsonSchema({"anyOf": [{"const": "never"}, _TIME]}),
]
Amount = Annotated[
    float | str, BeforeValidator(_amount), WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, _PERCENT]})
]
Percentage = Annotated[str, BeforeValidator(_percentage), WithJsonSchema(_PERCENT)]
StateKey = Annotated[float, BeforeValidator(_numbers)]
WordKey = Annotated[
    str, BeforeValidator(_words_or_numbers), WithJsonSchema({"type": ["string", "integer"]}, mode="validation")
]
Names = Annotated[
    list[str],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [_NAME, {"type": "array", "minItems": 1, "items": _NAME}]}),
]
Piece = dict[str, Any]
"""A part that is checked on its own (against the model its field names), so that one fault hides no other."""


class Written(BaseModel):
    """A part of the file as it is written."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Written):
    """A text people read, in English and Chinese; where only one is given it serves for both."""

    en: str | None = Field(default=None, description="English", examples=["Tank 101 level"])
    zh: str | None = Field(default=None, alias="zh-CN", description="Chinese", examples=["101 罐液位"])

    @model_validator(mode="after")
    def _one_is_given(self) -> Words:
        if self.en is None and self.zh is None:
            raise refuse("en, zh-CN, or both")
        return self


Said = Annotated[Words, BeforeValidator(_words)]


class Shelving(Written):
    """Whether an alarm may be shelved, and for how long at most."""

    allowed: bool | None = Field(
        default=None, description="may be shelved (default: the class's, else true)", examples=["false"]
    )
    max: PositiveDuration | None = Field(
        default=None,
        description="longest shelf, and the length when none is asked for (default: the class's, else 8h)",
        examples=["8h"],
    )


def section(name: str) -> dict[str, Any]:
    """`json_schema_extra` of a field whose value is checked on its own, for the documentation."""
    return {"section": name}
