"""Mapped sources as written -> `pipeline.site.Source`: topic filters and the + levels they refer to."""

from __future__ import annotations

import re

from pipeline.site import Source, SourceReadings
from pipeline.sitefile.context import Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import shown
from pipeline.sitefile.tree import Mapping
from pipeline.sitefile.written_site import SourceWritten

NATIVE = "hazardwatch"
_LEVEL = re.compile(r"\{([^{}]*)\}")


def read_sources(raws: list[Mapping], context: Context) -> tuple[Source, ...]:
    """All sources that could be made out."""
    sources: list[Source] = []
    seen: dict[str, int] = {}
    for raw in raws:
        spec = checked(SourceWritten, raw, raw.mark, context.faults)
        if spec is None:
            continue
        mark = raw.marks["topic"]
        if spec.topic in seen:
            found = f"{spec.topic} a second time (first in line {seen[spec.topic]})"
            context.faults.add(mark, found, "each topic once")
        seen.setdefault(spec.topic, mark.line)
        if _topic(spec.topic, raw, context):
            _levels(spec, raw, context)
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
                ),
                quality_map=dict(spec.quality_map),
            )
        )
    return tuple(sources)


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
