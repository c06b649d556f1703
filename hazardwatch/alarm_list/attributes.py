"""An alarm's attributes <-> the cells of its row. Pure; what a value may be is the site file's to say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hazardwatch.alarm_list.cells import Cell, Found, Value, cell_of, number_of, tidy, value_of
from hazardwatch.alarm_list.columns import EDITED, PARAMETERS, Column, Path
from pipeline.site import LANGUAGES
from pipeline.sitefile.scalars import number_text
from pipeline.sitefile.written_alarms import OWN_NAMES, PLANT_KINDS, POINT_KINDS, AlarmWords, OwnAlarm

Attributes = dict[Path, Value]

LISTS = frozenset({"of", "inflow", "outflow", "agree"})
"""Parameters that name several things: they are shown, and changed in the site file."""
TEXTS = ("cause", "consequence", "action")
_MODELS: dict[str, type[AlarmWords]] = {**POINT_KINDS, **PLANT_KINDS, **dict.fromkeys(OWN_NAMES.values(), OwnAlarm)}
_KEYS = {
    kind: frozenset(field.alias or name for name, field in model.model_fields.items()) - {"type"}
    for kind, model in _MODELS.items()
}
_KEYS["discrepancy"] -= {"on_delay"}  # `within` is its delay
_NOT_PARAMETERS = frozenset(one.path[0] for one in EDITED if one.path)
_PART = re.compile(r"[;；\n]+")
_LISTED = re.compile(r"[,，]+")
_NAMED = re.compile(r"([^:：]+)[:：](.*)\Z", re.DOTALL)


class Misread(NamedTuple):
    """A cell whose form cannot be read."""

    column: Column
    found: str
    expected: str


def attributes_of(alarm: Mapping[str, Any]) -> Attributes:
    """The attributes that an alarm of its type can have, from `pipeline.sitefile.expanded`."""
    keys = _KEYS.get(alarm["type"], frozenset())
    found: Attributes = {}
    for key, value in alarm.items():
        if key in keys:
            _flatten((key,), value, found)
    if "limit_alarm" in alarm:
        found["limit",] = alarm["limit_alarm"].rpartition("/")[2]
    return found


def _flatten(path: Path, value: Any, into: Attributes) -> None:
    if path[0] in LISTS:
        into[path] = _listed(value)
    elif isinstance(value, Mapping):
        for key, below in value.items():
            _flatten((*path, str(key)), below, into)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        into[path] = float(value)
    elif value is not None:
        into[path] = tidy(value) if isinstance(value, str) else value


def _listed(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={'|'.join(each)}" for key, each in value.items())
    return ", ".join(value)


def cells_of(attributes: Attributes, language: str) -> dict[str, Cell]:
    """The cells of all columns that can be edited, by title. A text that both languages share stands in `language`."""
    cells: dict[str, Cell] = {}
    for column in EDITED:
        if column is PARAMETERS:
            own = {path: value for path, value in attributes.items() if path[0] not in _NOT_PARAMETERS}
            cells[column.title] = "; ".join(f"{path[0]}: {_word(value)}" for path, value in own.items()) or None
        elif column.kind == "parts":
            cells[column.title] = _parts(column.path[0], attributes)
        else:
            cells[column.title] = cell_of(attributes.get(column.path))
    for key in TEXTS:
        if attributes.get((key, "en")) == attributes.get((key, "zh-CN")):
            cells[f"{key} {next(one for one in LANGUAGES if one != language)}"] = None
    return cells


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, float) else value


def _parts(key: str, attributes: Attributes) -> str | None:
    if key == "count":
        parts = [f"{path[1]}: {_word(value)}" for path, value in attributes.items() if path[0] == key]
        return "; ".join(parts) or None
    modes: dict[str, list[str]] = {}
    for path, value in attributes.items():
        if path[0] == key:
            modes.setdefault(path[1], []).append(f"{path[2]} {_word(value)}")
    return "; ".join(f"{mode}: {', '.join(each)}" for mode, each in modes.items()) or None


def read_back(cells: Mapping[str, Found]) -> tuple[Attributes, list[Misread]]:
    """The attributes that the cells of all columns that can be edited mean, and what cannot be read."""
    found: Attributes = {}
    wrong: list[Misread] = []
    for column in EDITED:
        value = value_of(cells[column.title], column.kind)
        if value is None:
            continue
        if column.kind == "parts":
            for part in _read_parts(column, _word(value)):
                if isinstance(part, Misread):
                    wrong.append(part)
                else:
                    found[part[0]] = part[1]
        else:
            found[column.path] = value
    for key in TEXTS:  # an empty one is the same as the other
        given = [found[key, language] for language in LANGUAGES if (key, language) in found]
        if given:
            found |= {(key, language): found.get((key, language), given[0]) for language in LANGUAGES}
    return found, wrong


def _read_parts(column: Column, text: str) -> Iterator[tuple[Path, Value] | Misread]:
    for part in filter(None, map(str.strip, _PART.split(text))):
        named = _NAMED.match(part)
        if named is None:
            yield Misread(column, f'"{part}"', f"parts such as {column.says.partition(': ')[2]}")
            continue
        key, rest = named[1].strip(), named[2].strip()
        if column.path != ("by_mode",):
            yield (*column.path, key), _typed(rest)
            continue
        for change in filter(None, map(str.strip, _LISTED.split(rest))):
            name, _, value = change.partition(" ")
            if value:
                yield ("by_mode", key, name), _typed(value.strip())
            else:
                yield Misread(column, f'"{change}"', "an attribute and its value, such as setpoint 60")


def _typed(text: str) -> Value:
    number = number_of(text)
    return text if number is None else number
