"""Suppression by design: rules of templates and installations, their references, and cycles among them."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.site import Equipment, Suppress
from pipeline.sitefile.alarm import Draft
from pipeline.sitefile.classes import SAFETY
from pipeline.sitefile.context import Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.plant_alarms import ALARM, Known
from pipeline.sitefile.tree import Mapping, Mark, Sequence
from pipeline.sitefile.written_plant import SuppressWritten


class Rule(NamedTuple):
    """A resolved rule and where its `when` stands."""

    rule: Suppress
    mark: Mark


def read_suppressions(
    raw: Sequence, equipment: Equipment | None, known: Known, alarms: dict[str, Draft], context: Context
) -> list[Rule]:
    """The rules of one template for one equipment, or (equipment None) of an installation.

    `alarms`: those of the installation as the file refers to them, POINT/NAME and NAME.
    """
    rules: list[Rule] = []
    seen: set[str] = set()
    for body, mark in zip(raw, raw.marks, strict=True):
        spec = checked(SuppressWritten, body, mark, context.faults) if isinstance(body, Mapping) else None
        if spec is None:
            continue
        context.without("suppress", mark, f"the suppression {spec.id}, not judged in this version")
        if spec.id in seen:
            context.faults.add(body.marks["id"], f"{spec.id} a second time", "each suppression once")
        seen.add(spec.id)
        targets = _targets(spec, body, alarms, known, context)
        rule = _when(spec, body, equipment, alarms, known, context)
        if rule is not None:
            rules.append(Rule(Suppress(id=spec.id, alarms=targets, **rule), body.marks["when"]))
    return rules


def _targets(
    spec: SuppressWritten, body: Mapping, alarms: dict[str, Draft], known: Known, context: Context
) -> tuple[str, ...]:
    for index, name in enumerate(spec.alarms):
        mark = body["alarms"].marks[index]
        if name not in alarms:
            context.unknown(mark, name, ALARM, alarms)
        elif alarms[name].values["alarm_class"] == SAFETY:
            context.faults.add(mark, f"{name} of class safety", "an alarm that is not of class safety")
    return tuple(f"{known.installation}/{name}" for name in spec.alarms)


def _when(
    spec: SuppressWritten,
    body: Mapping,
    equipment: Equipment | None,
    alarms: dict[str, Draft],
    known: Known,
    context: Context,
) -> dict[str, str] | None:
    when, raw = spec.when, body["when"]
    place = body.marks["when"]
    if (when.mode is None) == (when.alarm is None):
        found = "neither mode nor alarm" if when.mode is None else "both mode and alarm"
        context.faults.add(place, found, "exactly one of mode and alarm")
        return None
    if when.alarm is not None:
        return _cause(when.alarm, raw, alarms, known, context)
    if equipment is not None and when.equipment is not None:
        context.faults.add(raw.marks["equipment"], when.equipment, "no equipment: a template's rule is about its own")
    if equipment is None:
        if when.equipment is None:
            context.faults.add(place, "a mode without an equipment", "the key equipment beside mode", key="equipment")
            return None
        equipment = known.equipments.get(when.equipment)
        if equipment is None:
            context.unknown(raw.marks["equipment"], when.equipment, "an equipment", known.equipments)
            return None
    mode = str(when.mode)
    if mode not in equipment.modes:
        context.unknown(raw.marks["mode"], mode, "a mode of the equipment", equipment.modes)
    return {"equipment": equipment.id, "mode": mode}


def _cause(name: str, raw: Mapping, alarms: dict[str, Draft], known: Known, context: Context) -> dict[str, str] | None:
    mark = raw.marks["alarm"]
    if "equipment" in raw:
        context.faults.add(raw.marks["equipment"], "equipment beside alarm", "equipment only beside mode")
    if name not in alarms:
        context.unknown(mark, name, ALARM, alarms)
        return None
    point = known.points.get(name.partition("/")[0])
    if point is not None and not point.enabled:
        context.faults.add(mark, f"{name}, whose point is disabled", "an alarm of an enabled point")
    return {"cause": f"{known.installation}/{name}"}


def check_suppressions(rules: list[Rule], context: Context) -> None:
    """Note every rule that closes a circle of alarms suppressing each other."""
    below: dict[str, set[str]] = {}
    for rule, mark in rules:
        if rule.cause is None:
            continue
        for target in rule.alarms:
            path = _path(below, target, rule.cause)
            if path is not None:
                circle = " > ".join((rule.cause, *path))
                context.faults.add(mark, f"a circle: {circle}", "alarms that do not suppress each other", rule="circle")
            else:
                below.setdefault(rule.cause, set()).add(target)


def _path(below: dict[str, set[str]], start: str, goal: str) -> list[str] | None:
    """The alarms from start to goal along suppressions, both included; None where there is no way."""
    todo = [[start]]
    seen = {start}
    while todo:
        path = todo.pop()
        if path[-1] == goal:
            return path
        for further in sorted(below.get(path[-1], set()) - seen):
            seen.add(further)
            todo.append([*path, further])
    return None
