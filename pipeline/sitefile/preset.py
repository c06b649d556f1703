"""A point's preset as raw alarms, under which its own `alarms` are laid attribute by attribute."""

from __future__ import annotations

from typing import Any

from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.presets import PRESET_PRIORITY, PRESETS, TOXIC, Levels, fixed_levels, toxic_levels
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_plant import PointWritten


def with_preset(raw: Mapping, spec: PointWritten, context: Context) -> Mapping:
    """The point's alarms as written, those of its preset first and changed by its own."""
    own = raw.get("alarms")
    if not isinstance(own, Mapping):
        own = Mapping(raw.marks.get("alarms", raw.mark))
    if spec.preset is None:
        return own
    mark = raw.marks["preset"]
    levels = _levels(spec, raw, context)
    result = Mapping(own.mark)
    for name, kind, setpoint, source in levels:
        result.put(name, _raw_alarm(mark, spec.preset, name, kind, setpoint, source), mark)
    for name, body in own.items():
        base = result.get(name)
        if isinstance(base, Mapping) and isinstance(body, Mapping):
            body = _laid_over(base, body)  # noqa: PLW2901  (the alarm that is really meant)
        result.put(name, body, own.marks[name])
    return result


def _raw_alarm(mark: Mark, preset: str, name: str, kind: str, setpoint: float, source: str) -> Mapping:
    place = Mark(mark.line, mark.column, f"preset {preset}")
    alarm = Mapping(place)
    attributes: dict[str, Any] = {
        "type": kind,
        "class": "process",
        "priority": PRESET_PRIORITY[name],
        "deadband": 0,
        "latching": True,
    }
    for key, value in attributes.items():
        alarm.put(key, value, place)
    alarm.put("setpoint", setpoint, Mark(mark.line, mark.column, f"preset {preset}: {source}"))
    return alarm


def _laid_over(base: Mapping, own: Mapping) -> Mapping:
    result = Mapping(own.mark)
    for part in (base, own):
        for key, value in part.items():
            result.put(key, value, part.marks[key])
    return result


def _levels(spec: PointWritten, raw: Mapping, context: Context) -> Levels:
    name, mark = str(spec.preset), raw.marks["preset"]
    preset = PRESETS.get(name)
    if preset is None:
        expected = f"a preset: {listing(PRESETS)}"
        context.faults.add(mark, shown(name), expected, near=nearest(name, PRESETS))
        return ()
    if spec.quantity != "gas_concentration":
        context.faults.add(mark, f"{name} for quantity {spec.quantity}", "quantity gas_concentration for this preset")
        return ()
    if spec.unit not in preset.units:
        expected = f"the unit {' or '.join(preset.units)} for this preset"
        context.faults.add(mark, f"{name} in {spec.unit}", expected)
        return ()
    return _toxic(spec, raw, mark, context) if name == "gas-toxic" else fixed_levels(name)


def _toxic(spec: PointWritten, raw: Mapping, mark: Mark, context: Context) -> Levels:
    if spec.gas is None:
        context.faults.add(raw.mark, "nothing", f"the key gas: one of {listing(TOXIC, 40)}", key="gas")
        return ()
    gas = TOXIC.get(spec.gas)
    if gas is None:
        expected = f"a gas of the preset: {listing(TOXIC, 40)}"
        context.faults.add(raw.marks["gas"], shown(spec.gas), expected, near=nearest(spec.gas, TOXIC))
        return ()
    levels = toxic_levels(gas, str(spec.unit), spec.resolution)
    if levels is None:
        expected = "setpoints of your own: level 1 lies below the resolution and no IDLH is known"
        context.faults.add(mark, f"gas-toxic for {spec.gas} with resolution {spec.resolution:g}", expected)
        return ()
    if "IDLH" in levels[0][3]:
        context.warnings.add(mark, f"gas-toxic for {spec.gas}: {levels[0][3]}", "", rule="idlh")
    return levels
