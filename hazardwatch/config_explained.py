"""Each attribute of an alarm or a point: its value, where that comes from, and what it hides beneath. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hazardwatch.alarm_list.attributes import LISTS, attributes_of
from hazardwatch.alarm_list.cells import Value, cell_of
from hazardwatch.alarm_list.columns import Path
from hazardwatch.alarm_list.homes import Home, homes_of
from pipeline.sitefile import Loaded, expanded
from pipeline.sitefile.classes import AS_WRITTEN
from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.presets import PRESETS, toxic_levels
from pipeline.sitefile.scalars import number_text


class Explained(NamedTuple):
    """One attribute. `written`: as the file has it, where that looks otherwise (95 kPa); `hides`: what lies beneath.

    `source` is empty where nothing is known of it: a configuration in force keeps no files.
    """

    attribute: str
    value: str
    source: str
    written: str | None
    hides: list[str]


class _Layer(NamedTuple):
    words: str
    body: Mapping[Any, Any]


def explained(loaded: Loaded, id_: str) -> list[Explained] | None:
    """Of the alarm or point of that id, which alone says `which`; None where the site has neither."""
    whole = expanded(loaded)
    alarm = next((one for one in whole["alarms"] if one["alarm"] == id_), None)
    if alarm is not None:
        layers = _layers(loaded, alarm)
        head = [("type", alarm["type"])] + ([("unit", alarm["unit"])] if "unit" in alarm else [])
        rows = [Explained(key, value, "", None, []) for key, value in head]
        return rows + [_of_alarm(path, value, alarm["origin"], layers) for path, value in attributes_of(alarm).items()]
    point = next((one for one in whole["points"] if one["point"] == id_), None)
    if point is None:
        return None
    shown = {key: value for key, value in point.items() if key not in ("point", "origin")}
    return [Explained(key, _text(value), point["origin"].get(key, ""), None, []) for key, value in shown.items()]


def _of_alarm(path: Path, value: Value, origin: Mapping[str, str], layers: list[_Layer]) -> Explained:
    name = ".".join(path)
    source = origin.get(name) or origin.get(path[0], "")
    given = [(layer.words, raw) for layer in layers if (raw := _raw(layer.body, path)) is not None]
    if given and source.startswith("equipment"):
        source += f" ({given[0][0]})"
    written = _text(given[0][1]) if given else None
    hides = [f"{_text(raw)} ({words})" for words, raw in given[1:] if raw != given[0][1]]
    shown = _text(value)
    return Explained(name, shown, source, written if written != shown and name not in LISTS else None, hides)


def _raw(body: Mapping[Any, Any], path: Path) -> Any:
    node: Any = body
    for step in path:
        if isinstance(node, str):  # a text for both languages
            return node
        if not isinstance(node, Mapping):
            return None
        node = next((value for key, value in node.items() if str(key) == step), None)
    return node


def _layers(loaded: Loaded, alarm: Mapping[str, Any]) -> list[_Layer]:
    """From the top: override, the alarm as its point has it, the point's preset, its class."""
    if loaded.tree is None:
        return []
    holder, _, name = alarm["alarm"].rpartition("/")
    home = homes_of(loaded.tree)[holder]
    paths = Paths(loaded.trees)
    layers = []
    own = home.body(name)
    if home.point is not None and own is not None:
        layers.append(_Layer(f"override, {paths.words(own.mark)}", own))
    written = _alarm(home, name)
    if written is not None:
        layers.append(_Layer(f"{home.wrote}, {paths.words(written.mark)}", written))
    preset = home.written.get("preset")
    if preset is not None:
        layers.append(_Layer(f"preset {preset}", _preset(loaded, home.written, name)))
    layers.append(_Layer(f"class {alarm['class']}", _class(loaded, alarm["class"])))
    return layers


def _alarm(home: Home, name: str) -> Any:
    alarms = home.written.get("alarms")
    body = alarms.get(name) if isinstance(alarms, Mapping) else None
    return body if isinstance(body, Mapping) else None


def _preset(loaded: Loaded, point: Mapping[Any, Any], name: str) -> Mapping[Any, Any]:
    preset = str(point["preset"])
    built_in = PRESETS.get(preset)
    if built_in is None:
        own = _raw(loaded.tree or {}, ("presets", preset, "alarms", name))
        return own if isinstance(own, Mapping) else {}
    alarms = built_in.alarms
    if not alarms:  # by the gas
        resolution = point.get("resolution")
        step = float(resolution) if isinstance(resolution, int | float) else None
        alarms = toxic_levels(TOXIC[str(point["gas"])], str(point["unit"]), step) or ()
    return next((one.values for one in alarms if one.name == name), {})


def _class(loaded: Loaded, name: str) -> Mapping[Any, Any]:
    written = _raw(loaded.tree or {}, ("alarm_classes", name))
    return written if isinstance(written, Mapping) else AS_WRITTEN.get(name, {})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(below)}" for key, below in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(cell_of(value))
