"""A part of the tree held against its model: the model, or faults in the words of a site file. No sense is judged."""

from __future__ import annotations

import math
import re
import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.sitefile.fault import Faults, listing, nearest, shown
from pipeline.sitefile.tree import Mapping, Mark, Sequence

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "invalid_key": "a key that is a text",
    "string_too_short": "a text that is not empty",
}
_BOOLS = {"true": "true", "yes": "true", "on": "true", "1": "true"} | dict.fromkeys(
    ("false", "no", "off", "0"), "false"
)
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_PATTERNS = {
    r"^[^@\s]+@[^@\s]+$": "an e-mail address",
    r"^https?://[^\s/]+": "a http:// or https:// address",
}


def checked(model: type[M], data: Any, mark: Mark, faults: Faults) -> M | None:
    """The model of `data` (which stands at `mark`), or None with every fault noted."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(model, data, mark, detail, faults)
        return None


def _note(model: type[BaseModel], data: Any, mark: Mark, detail: ErrorDetails, faults: Faults) -> None:
    kind, loc, value = detail["type"], tuple(one for one in detail["loc"] if one != "[key]"), detail["input"]
    if kind == "missing":
        keys = tuple(allowed_keys(model, loc[:-1]))
        parent = _at(data, loc[:-1])
        given = list(parent) if isinstance(parent, dict) else []
        meant = nearest(loc[-1], [str(one) for one in given if one not in keys])
        if meant and nearest(meant, keys) == loc[-1]:
            return  # a slip of the pen: told as an unknown key
        key = str(loc[-1])
        place = data.missing(key) if parent is data and isinstance(data, Mapping) else mark_of(data, loc[:-1], mark)
        faults.add(place, "nothing", f"the key {key}", key=key)
        return
    if value is None or (kind == "invalid_key" and _at(data, loc) is None):
        return  # a key without a value was told when the text was read
    place = mark_of(data, loc, mark)
    if kind == "extra_forbidden":
        keys = tuple(allowed_keys(model, loc[:-1]))
        faults.add(place.key, f"the unknown key {loc[-1]}", f"one of {listing(keys, 40)}", near=nearest(loc[-1], keys))
        return
    expected, near = _expected(detail, value)
    faults.add(place, _found(kind, value), expected, near=near)


def _found(kind: str, value: Any) -> str:
    if kind in {"too_short", "too_long"}:
        return f"a list of {len(value)}" if isinstance(value, list) else f"{len(value)} entries"
    return shown(value)


def _expected(detail: ErrorDetails, value: Any) -> tuple[str, str | None]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "site_file":
        return str(context["expected"]), context.get("nearest")
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(context["expected"]))
        return f"one of {', '.join(words)}", nearest(value, words)
    if kind in _BOUNDS:
        words_of, name = _BOUNDS[kind]
        return f"{words_of} {context[name]:g}", None
    if kind == "bool_type":
        return _EXPECTED[kind], _BOOLS.get(str(value).lower())
    if kind == "float_type" and isinstance(value, str):
        return ("a number (without quotes)" if _is_number(value) else "a number"), None
    if kind == "too_short":
        return f"at least {context['min_length']} of them", None
    if kind == "too_long":
        return f"at most {context['max_length']} of them", None
    if kind == "string_too_long":
        return f"at most {context['max_length']} characters", None
    if kind == "string_pattern_mismatch":
        return _PATTERNS[str(context["pattern"])], None
    return _EXPECTED.get(kind, detail["msg"]), None


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def mark_of(data: Any, loc: tuple[int | str, ...], mark: Mark) -> Mark:
    """Where the deepest part of `loc` that exists in `data` stands."""
    node = data
    for step in loc:
        if isinstance(node, Mapping):
            key = _key(node, step)
            if key is None:
                return mark
            mark, node = node.marks[key], node[key]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
            mark, node = node.marks[step], node[step]
        else:
            return mark
    return mark


def _key(node: Mapping, step: int | str) -> Any:
    if step in node:
        return step
    return next((key for key in node if str(key) == str(step)), None)


def _at(data: Any, loc: tuple[int | str, ...]) -> Any:
    for step in loc:
        if isinstance(data, Mapping):
            data = data.get(_key(data, step))
        elif isinstance(data, Sequence) and isinstance(step, int):
            data = data[step]
    return data


def allowed_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the model that stands at `loc` below `model`, as they are written."""
    annotation: Any = model
    for step in loc:
        annotation = _inner(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.values()
            names = annotation.model_fields
            field = next((one for name, one in zip(names, fields, strict=True) if (one.alias or name) == step), None)
            if field is None:
                return []
            annotation = field.annotation
        else:
            arguments = typing.get_args(annotation)
            annotation = arguments[-1] if arguments else None
    annotation = _inner(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [field.alias or name for name, field in annotation.model_fields.items()]
    return []


def _inner(annotation: Any) -> Any:
    """`X` of `X | None` and of `Annotated[X, ...]`."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in {typing.Union, types.UnionType}:
            annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
        else:
            return annotation
