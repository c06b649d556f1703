"""`warnings` as written -> `pipeline.site.Warnings`, and whether each rule can hold and each message reach somebody."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pipeline.site import Installation, WarningRule, Warnings, WarningTold
from pipeline.sitefile.context import NOWHERE, Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import nearest, shown
from pipeline.sitefile.routes import Router
from pipeline.sitefile.tree import Mapping
from pipeline.sitefile.written_warnings import WarningRuleWritten, WarningsWritten


def read_warnings(tree: Mapping, router: Router, installations: list[Installation], context: Context) -> Warnings:
    """The graded warnings of the whole file; `router` knows channels, positions and people."""
    raw = tree.get("warnings")
    if not isinstance(raw, Mapping):
        return Warnings()
    spec = checked(WarningsWritten, raw, tree.marks.get("warnings", NOWHERE), context.faults)
    if spec is None:
        return Warnings()
    for index, rule in enumerate(spec.rules):
        _check(rule, raw["rules"][index], installations, context)
    tell = {}
    for level, told in spec.tell.items():
        body = raw["tell"][level]
        router.channels_of(told.by, body["by"])
        for place, to in enumerate(told.to):
            router.reaches(to, body["to"].marks[place], told.by)
        tell[level] = WarningTold(to=tuple(told.to), by=tuple(told.by))
    return Warnings(rules=tuple(map(_rule, spec.rules)), tell=tell)


def _rule(spec: WarningRuleWritten) -> WarningRule:
    when = spec.when
    return WarningRule(
        level=spec.level,
        installations=tuple(spec.installation),
        priority=when.priority,
        classes=tuple(when.alarm_class),
        alarms=tuple(when.alarms),
        time_to_limit_ms=when.time_to_limit,
        lasting_ms=when.lasting or 0,
        unacknowledged=when.unacknowledged,
        count=when.count,
    )


def _check(rule: WarningRuleWritten, raw: Mapping, installations: list[Installation], context: Context) -> None:
    ids = [one.id for one in installations]
    for index, name in enumerate(rule.installation):
        if name not in ids:
            context.unknown(raw["installation"].marks[index], name, "an installation", ids)
    for index, name in enumerate(rule.when.alarm_class):
        if name not in context.classes:
            context.unknown(raw["when"]["class"].marks[index], name, "an alarm class", context.classes)
    alarms = [
        alarm.id
        for one in installations
        for alarm in (*one.alarms, *(alarm for point in one.points for alarm in point.alarms))
    ]
    if any(what == "a point" for what, _ in context.broken):
        return  # what could not be made out may be what is meant
    for index, pattern in enumerate(rule.when.alarms):
        if not any(fnmatchcase(alarm, pattern) for alarm in alarms):
            mark = raw["when"]["alarms"].marks[index]
            near = nearest(pattern, alarms)
            context.faults.add(mark, shown(pattern), "the full id of an alarm, * for any text", near=near)
