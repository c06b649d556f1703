"""A point's preset as raw alarms, under which its own `alarms` are laid attribute by attribute."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pipeline.sitefile.classes import with_reason
from pipeline.sitefile.context import Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.presets import PRESETS, Preset, PresetAlarm, alarm_names, toxic_levels
from pipeline.sitefile.tables import QUANTITIES
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_plant import PointWritten
from pipeline.sitefile.written_site import PresetWritten

_OF_DESIGN = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s?% of design\Z")


def read_presets(raw: Any, context: Context) -> None:
    """The site's own presets, into `context`: checked as far as they can be without a point."""
    if not isinstance(raw, Mapping):
        return
    for name, body in raw.items():
        mark = raw.marks[name]
        if name in PRESETS:
            expected = f"a name of its own, not that of a built-in preset: {listing(PRESETS)}"
            context.faults.add(mark, f"the preset {name}", expected)
        spec = checked(PresetWritten, body, mark, context.faults) if isinstance(body, Mapping) else None
        if spec is not None and spec.quantity not in QUANTITIES:
            near = nearest(spec.quantity, QUANTITIES)
            context.faults.add(
                body.marks["quantity"], shown(spec.quantity), f"a quantity: {listing(QUANTITIES)}", near=near
            )
        context.presets[str(name)] = body if isinstance(body, Mapping) else Mapping(mark)


def preset_names(context: Context) -> dict[str, tuple[str, ...]]:
    """The alarms each preset brings, the site's own too, so that an override may name them."""
    if not context.preset_alarms:
        own = {name: body.get("alarms") for name, body in context.presets.items()}
        written = {
            name: tuple(str(one) for one in body) if isinstance(body, Mapping) else () for name, body in own.items()
        }
        context.preset_alarms = {name: alarm_names(name) for name in PRESETS} | written
    return context.preset_alarms


def with_preset(raw: Mapping, spec: PointWritten, context: Context) -> Mapping:
    """The point's alarms as written, those of its preset first and changed by its own."""
    own = raw.get("alarms")
    if not isinstance(own, Mapping):
        own = Mapping(raw.marks.get("alarms", raw.mark))
    if spec.preset is None:
        return own
    result = _alarms(spec, raw, own.mark, context)
    for name, body in own.items():
        base = result.get(name)
        if isinstance(base, Mapping) and isinstance(body, Mapping):
            _tell_changes(name, base, body, spec.preset, context)
            body = _laid_over(base, _with_reasons(base, body))  # noqa: PLW2901  (the alarm that is really meant)
        result.put(name, body, own.marks[name])
    return result


def _with_reasons(base: Mapping, own: Mapping) -> Mapping:
    """The point's own word on an alarm; where it differs from the preset, with the reason if there is one."""
    why = own.get("why")
    if not isinstance(why, str):
        return own
    result = Mapping(own.mark)
    for key, value in own.items():
        result.put(key, value, with_reason(why, own.marks[key], base.get(key)))
    return result


def _tell_changes(name: str, base: Mapping, body: Mapping, preset: str, context: Context) -> None:
    """A hint for each value of the preset that the site changes."""
    for key, value in body.items():
        if key in base and base[key] != value:
            source = base.marks[key].note.partition(": ")[2] or _source(preset, context)
            origin = f" ({source})" if source else ""
            reason = f": {body['why']}" if isinstance(body.get("why"), str) else ""
            words = f"{name}: {key} {shown(value)} instead of {shown(base[key])} of the preset {preset}{origin}{reason}"
            context.hints.hint(body.marks[key], "preset", words)


def _source(preset: str, context: Context) -> str:
    """What a preset of the site's own names as its source."""
    own = context.presets.get(preset)
    return "" if own is None else str(own.get("source", ""))


def _laid_over(base: Mapping, own: Mapping) -> Mapping:
    result = Mapping(own.mark)
    for part in (base, own):
        for key, value in part.items():
            result.put(key, value, part.marks[key])
    return result


def _alarms(spec: PointWritten, raw: Mapping, place: Mark, context: Context) -> Mapping:
    """The preset's alarms as if they stood in the file; none where the preset does not fit the point."""
    name, mark, result = str(spec.preset), raw.marks["preset"], Mapping(place)
    own, built_in = context.presets.get(name), PRESETS.get(name)
    if built_in is not None:
        fits = _fits(name, built_in.quantity, built_in.units, spec, raw, context)
        alarms = _of_built_in(name, built_in, spec, raw, context) if fits else ()
        for one in alarms:
            result.put(one.name, _raw_alarm(one, mark, name), mark)
    elif own is not None:
        context.used_presets.add(name)
        units = own.get("units")
        listed = tuple(str(one) for one in units) if isinstance(units, list) else ()
        written = own.get("alarms")
        if _fits(name, str(own.get("quantity")), listed, spec, raw, context) and isinstance(written, Mapping):
            for alarm, body in written.items():
                result.put(alarm, body, written.marks[alarm])
    else:
        names = [*PRESETS, *context.presets]
        context.faults.add(mark, shown(name), f"a preset: {listing(names)}", near=nearest(name, names))
    return _from_design(result, spec, raw, context)


def _fits(name: str, quantity: str, units: tuple[str, ...], spec: PointWritten, raw: Mapping, context: Context) -> bool:
    mark = raw.marks["preset"]
    if spec.quantity != quantity:
        context.faults.add(mark, f"{name} for quantity {spec.quantity}", f"quantity {quantity} for this preset")
        return False
    if units and spec.unit not in units:
        context.faults.add(mark, f"{name} in {spec.unit}", f"the unit {' or '.join(units)} for this preset")
        return False
    return True


def _of_built_in(
    name: str, preset: Preset, spec: PointWritten, raw: Mapping, context: Context
) -> tuple[PresetAlarm, ...]:
    if name == "gas-toxic":
        return _toxic(spec, raw, context)
    if spec.range is None and preset.needs.startswith("range"):
        context.faults.missing(raw, "range", f"the key range: the preset {name} reckons in % of it")
        return ()
    return preset.alarms


def _raw_alarm(one: PresetAlarm, mark: Mark, preset: str) -> Mapping:
    place = mark._replace(note=f"preset {preset}")
    alarm = _as_written(one.values, place)
    for key, source in one.sources.items():
        alarm.put(key, alarm[key], mark._replace(note=f"preset {preset}: {source}"))
    return alarm


def _as_written(values: dict[str, Any], place: Mark) -> Mapping:
    mapping = Mapping(place)
    for key, value in values.items():
        mapping.put(key, _as_written(value, place) if isinstance(value, dict) else value, place)
    return mapping


def _from_design(alarms: Mapping, spec: PointWritten, raw: Mapping, context: Context) -> Mapping:
    """Setpoints written as "80% of design", in the point's unit and rounded once."""
    result = Mapping(alarms.mark)
    for name, body in alarms.items():
        setpoint = body.get("setpoint") if isinstance(body, Mapping) else None
        part = _OF_DESIGN.match(setpoint) if isinstance(setpoint, str) else None
        if part is not None and spec.design is None:
            expected = f"the key design: the preset {spec.preset} reckons from the design pressure"
            context.faults.missing(raw, "design", expected)
            continue
        if part is not None:
            number = float(Decimal(part[1]) * Decimal(repr(spec.design)) / 100)
            there = Mapping(body.mark)
            there.put("setpoint", number, body.marks["setpoint"])
            body = _laid_over(body, there)  # noqa: PLW2901  (the alarm that is really meant)
        result.put(name, body, alarms.marks[name])
    return result


def _toxic(spec: PointWritten, raw: Mapping, context: Context) -> tuple[PresetAlarm, ...]:
    mark = raw.marks["preset"]
    if spec.gas is None:
        context.faults.missing(raw, "gas", f"the key gas: one of {listing(TOXIC, 40)}")
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
    source = levels[0].sources["setpoint"]
    if "% of IDLH" in source:
        context.warnings.add(mark, f"gas-toxic for {spec.gas}: {source}", "", rule="idlh")
    return levels
