"""One point as written -> `pipeline.site.Point` with its alarms. Order and gaps of levels are checked in levels.py."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.site import Alarm, Equipment, Point, Raw
from pipeline.sitefile import scalars
from pipeline.sitefile.alarm import Draft, draft, read_alarm
from pipeline.sitefile.classes import instrument_priority
from pipeline.sitefile.context import Context, Sources, text_of
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.levels import check_levels
from pipeline.sitefile.measures import Measured, in_units
from pipeline.sitefile.point_alarms import finish_draft, span_of
from pipeline.sitefile.preset import with_preset
from pipeline.sitefile.tables import LATE_AFTER_MS, QUANTITIES
from pipeline.sitefile.tree import Mapping
from pipeline.sitefile.written_alarms import OWN_NAMES, OwnAlarm
from pipeline.sitefile.written_plant import PointWritten
from pipeline.units import UNITS, way, ways_into


class Place(NamedTuple):
    """Where a point belongs: its installation, and its equipment where it comes from a template."""

    installation: str
    equipment: Equipment | None
    equipments: dict[str, Equipment]


def resolve_point(raw: Mapping, place: Place, context: Context) -> tuple[Point, list[Draft]] | None:
    """The point, and its alarms as drafts (with their places in the file); None when it cannot be made out."""
    of = Measured(str(raw.get("quantity")), str(raw.get("unit")), raw.get("gas"))
    converted = in_units(raw, of, context)
    spec = None if converted is None else checked(PointWritten, converted, raw.mark, context.faults)
    if spec is None:
        return None
    if not scalars.is_id(spec.id):
        context.faults.add(raw.marks["id"], shown(spec.id), scalars.ID_EXPECTED)
    full = f"{place.installation}/{spec.id}"
    sources: Sources = {str(key): raw.marks[key] for key in raw if key not in {"id", "alarms"}}
    equipment = _equipment(spec, raw, place, context)
    _check_point(spec, raw, context)
    values = _values(spec, place, sources)
    values["equipment"] = None if equipment is None else equipment.id
    if spec.gateway is not None and spec.gateway not in context.gateways:
        context.unknown(raw.marks["gateway"], spec.gateway, "a gateway", sorted(context.gateways))
    context.sources[full] = sources
    context.places[full] = raw.mark
    bare = Point(**values)
    drafts = _drafts(raw, spec, of._replace(span=span_of(bare)), full, context)
    finished = [one for one in drafts if finish_draft(one, bare, equipment, context)]
    written = raw.get("alarms")
    check_levels(finished, bare, written if isinstance(written, Mapping) else (), context)
    return bare, finished


def _equipment(spec: PointWritten, raw: Mapping, place: Place, context: Context) -> Equipment | None:
    if place.equipment is not None:
        if spec.equipment is not None:
            context.faults.add(raw.marks["equipment"], shown(spec.equipment), "no equipment: that of its template")
        return place.equipment
    if spec.equipment is None:
        return None
    if spec.equipment not in place.equipments:
        context.unknown(raw.marks["equipment"], spec.equipment, "an equipment", place.equipments)
    return place.equipments.get(spec.equipment)


def _check_point(spec: PointWritten, raw: Mapping, context: Context) -> None:
    faults = context.faults
    quantity = QUANTITIES.get(spec.quantity)
    if quantity is None:
        near = nearest(spec.quantity, QUANTITIES)
        faults.add(raw.marks["quantity"], shown(spec.quantity), f"a quantity: {listing(QUANTITIES)}", near=near)
    elif spec.quantity == "state":
        if spec.unit is not None:
            faults.add(raw.marks["unit"], shown(spec.unit), "no unit for quantity state")
        if spec.states is None:
            faults.missing(raw, "states", "the key states: what the numbers of a state mean")
    elif spec.unit is None:
        expected = f"the key unit: for {spec.quantity} one of {listing(quantity.units)}"
        faults.missing(raw, "unit", expected)
    elif spec.unit not in quantity.units:
        expected = f"a unit of {spec.quantity}: {listing(quantity.units)}"
        faults.add(raw.marks["unit"], shown(spec.unit), expected, near=nearest(spec.unit, quantity.units))
    _check_range(spec, raw, context)
    _check_payload(spec, raw, context)
    for key, of in (("states", "state"), ("gas", "gas_concentration")):
        if getattr(spec, key) is not None and spec.quantity != of:
            faults.add(raw.marks[key], f"{key} for quantity {spec.quantity}", f"{key} only for quantity {of}")
    if spec.states is not None and len(set(spec.states.values())) < len(spec.states):
        faults.add(raw.marks["states"], "one name for two states", "a name of its own for each state")


def _check_range(spec: PointWritten, raw: Mapping, context: Context) -> None:
    faults = context.faults
    if spec.range is not None and not spec.range[0] < spec.range[1]:
        faults.add(raw.marks["range"], shown_list(spec.range), "the bottom below the top")
    if spec.raw is not None:
        if spec.range is None:
            faults.add(raw.marks["raw"], "raw without range", "the key range: what raw is scaled to")
        if spec.raw.source[0] == spec.raw.source[1]:
            faults.add(raw["raw"].marks["from"], shown_list(spec.raw.source), "two different payload values")
    if spec.range is None and spec.quantity != "state" and spec.quantity in QUANTITIES:
        words = f"the point {spec.id} has no range: no live zone, deadbands default to 0"
        context.warnings.add(raw.mark, words, "", rule="range")


def _check_payload(spec: PointWritten, raw: Mapping, context: Context) -> None:
    if spec.payload_unit is None or spec.unit is None or spec.unit not in UNITS.get(spec.quantity, {}):
        return
    mark = raw.marks["payload_unit"]
    if spec.raw is not None:
        context.faults.add(mark, "payload_unit beside raw", "one of them: raw says what payloads are")
    if way(spec.quantity, spec.payload_unit, spec.unit, spec.gas) is None:
        known = ways_into(spec.quantity, spec.unit, spec.gas)
        expected = f"a unit that can be told in {spec.unit}: {listing(known)}"
        context.faults.add(mark, shown(spec.payload_unit), expected, near=nearest(spec.payload_unit, known))


def shown_list(numbers: list[float]) -> str:
    """Numbers as the file writes a range."""
    return f"[{', '.join(scalars.number_text(one) for one in numbers)}]"


def _values(spec: PointWritten, place: Place, sources: Sources) -> dict[str, Any]:
    low, high = spec.range if spec.range is not None else (None, None)
    gateway = spec.gateway
    if gateway is None and place.equipment is not None and place.equipment.gateway is not None:
        gateway, sources["gateway"] = place.equipment.gateway, f"equipment {place.equipment.id}"
    over_range = spec.over_range
    if over_range is None:
        over_range = "judge" if spec.quantity == "gas_concentration" else "bad"
        sources["over_range"] = f"default: {spec.quantity}"
    sources.setdefault("name", "default: the id")
    sources.setdefault("enabled", "default")
    return {
        "id": spec.id,
        "name": text_of(spec.name, spec.id),
        "quantity": spec.quantity,
        "unit": spec.unit or "",
        "low": low,
        "high": high,
        "period_ms": spec.period,
        "stale_after_ms": _stale_after(spec, sources),
        "late_after_ms": _late_after(spec, sources),
        "enabled": spec.enabled,
        "alias": spec.alias,
        "gateway": gateway,
        "raw": None if spec.raw is None else Raw(low=spec.raw.source[0], high=spec.raw.source[1], unit=spec.raw.unit),
        "payload_unit": spec.payload_unit,
        "states": spec.states or {},
        "over_range": over_range,
        "gas": spec.gas,
        "preset": spec.preset,
        "resolution": spec.resolution,
    }


def _stale_after(spec: PointWritten, sources: Sources) -> int | None:
    if spec.stale_after == "never":
        return None
    if spec.stale_after is not None:
        return spec.stale_after
    if spec.period is not None:
        sources["stale_after"] = "default: 3 x period"
        return 3 * spec.period
    sources["stale_after"] = f"default: {spec.quantity}"
    known = QUANTITIES.get(spec.quantity)
    return None if known is None else known.stale_after_ms


def _late_after(spec: PointWritten, sources: Sources) -> int:
    if spec.late_after is not None:
        return spec.late_after
    sources["late_after"] = "default: the larger of 60 s and 3 x period" if spec.period else "default: 60 s"
    return max(LATE_AFTER_MS, 3 * (spec.period or 0))


def _drafts(raw: Mapping, spec: PointWritten, of: Measured, full: str, context: Context) -> list[Draft]:
    alarms = with_preset(raw, spec, context)
    drafts: list[Draft] = []
    for name, written in alarms.items():
        body = in_units(written, of, context) if isinstance(written, Mapping) else written
        told = isinstance(written, Mapping) and body is None
        read = None if told else read_alarm(name, body, alarms.marks[name], True, context)
        if read is not None and isinstance(body, Mapping) and name not in OWN_NAMES:
            drafts.append(draft(f"{full}/{name}", name, *read, body, context))
    if spec.enabled:
        drafts += [_own(name, alarms, full, context) for name in OWN_NAMES]
    return drafts


def _own(name: str, alarms: Mapping, full: str, context: Context) -> Draft:
    body = alarms.get(name)
    spec = _quiet(body) if isinstance(body, Mapping) else None
    if isinstance(body, Mapping) and spec is not None:
        return draft(f"{full}/{name}", name, OWN_NAMES[name], spec, body, context)
    unwritten = context.unwritten.get(name)
    if unwritten is None:
        unwritten = draft("", name, OWN_NAMES[name], OwnAlarm(), Mapping(alarms.mark), context)
        context.unwritten[name] = unwritten
    values = unwritten.values | {"id": f"{full}/{name}"}
    return unwritten._replace(values=values, sources=dict(unwritten.sources))


def _quiet(body: Mapping) -> OwnAlarm | None:
    """The model of a written STALE ...; its faults were told when it was read with the others."""
    try:
        return OwnAlarm.model_validate(body)
    except ValueError:
        return None


def finish_priorities(drafts: list[Draft]) -> tuple[Alarm, ...]:
    """The alarms of one point with the priorities that follow from each other, in their order."""
    fixed = [one.finished() for one in drafts if one.values["priority"] is not None]
    rule = instrument_priority(fixed)
    for one in drafts:
        if one.values["priority"] is None:
            priority = ("low", "default: CLOCK") if one.values["kind"] == "clock" else rule
            one.values["priority"], one.sources["priority"] = priority
    return tuple(one.finished() for one in drafts)
