"""Mapped sources as written -> `pipeline.site.Source`: topic filters and the + levels they refer to."""

from __future__ import annotations

import re

from pipeline.site import Installation, Source, SourceReadings
from pipeline.sitefile.context import Context, first_place
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_site import SourceReadingsWritten, SourceWritten
from pipeline.units import UNITS, ways_into

NATIVE = "hazardwatch"
_LEVEL = re.compile(r"\{([^{}]*)\}")


def read_sources(raws: list[Mapping], installations: list[Installation], context: Context) -> tuple[Source, ...]:
    """All sources that could be made out."""
    sources: list[Source] = []
    seen: dict[str, Mark] = {}
    for raw in raws:
        spec = checked(SourceWritten, raw, raw.mark, context.faults)
        if spec is None:
            continue
        mark = raw.marks["topic"]
        if spec.topic in seen:
            found = f"{spec.topic} a second time ({first_place(seen[spec.topic], mark)})"
            context.faults.add(mark, found, "each topic once")
        seen.setdefault(spec.topic, mark)
        if _topic(spec.topic, raw, context):
            _levels(spec, raw, context)
        _unit(spec.readings, raw, installations, context)
        sources.append(
            Source(
                topic=spec.topic,
                time=spec.time,
                each=spec.each,
                readings=SourceReadings(
                    installation=spec.readings.installation,
                    point=spec.readings.point,
                    value=spec.readings.value,
                    quality=spec.readings.quality,
                    unit=spec.readings.unit,
                ),
                quality_map=dict(spec.quality_map),
            )
        )
    return tuple(sources)


def _unit(spec: SourceReadingsWritten, raw: Mapping, installations: list[Installation], context: Context) -> None:
    """A unit some quantity has; where the point is named, one that can be told in its unit."""
    if spec.unit is None:
        return
    mark = raw["readings"].marks["unit"]
    units = dict.fromkeys(unit for of in UNITS.values() for unit in of)
    if spec.unit not in units:
        context.faults.add(mark, shown(spec.unit), f"a unit: {listing(units, 40)}", near=nearest(spec.unit, units))
        return
    points = [one for here in installations if here.id == spec.installation for one in here.points]
    for point in points:
        known = ways_into(point.quantity, point.unit, point.gas)
        if point.id == spec.point and spec.unit not in known:
            expected = f"a unit that can be told in the {point.unit or point.quantity} of {point.id}: {listing(known)}"
            context.faults.add(mark, shown(spec.unit), expected)


def _topic(topic: str, raw: Mapping, context: Context) -> bool:
    levels = topic.split("/")
    wild = [level for level in levels if ("+" in level or "#" in level) and level not in {"+", "#"}]
    if wild or "#" in levels[:-1] or "\0" in topic:
        context.faults.add(
            raw.marks["topic"], shown(topic), "an MQTT topic filter: + for a whole level, # only at the end"
        )
        return False
    if levels[0] == NATIVE:
        context.faults.add(raw.marks["topic"], shown(topic), f"a topic outside {NATIVE}/, whose topics need no entry")
    return True


def _levels(spec: SourceWritten, raw: Mapping, context: Context) -> None:
    plus = spec.topic.split("/").count("+")
    readings = raw["readings"]
    for key, text in readings.items():
        for level in _LEVEL.findall(str(text)):
            if not (level.isascii() and level.isdigit() and 1 <= int(level) <= plus):
                expected = (
                    f"{{1}} to {{{plus}}}, the + levels of the topic" if plus else "no {1}: the topic has no + level"
                )
                context.faults.add(readings.marks[key], f"{{{level}}}", expected)
