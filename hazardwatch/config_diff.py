"""The difference of two configurations of a site, alarm by alarm, each change graded. Pure; it puts nothing in force.

Both are whole, resolved sites (templates expanded, defaults written out). Order of the result: of the sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from alerting.routing import Routes
from hazardwatch.config_diff_site import covers, site_differences
from hazardwatch.config_grades import ALARM, POINT, Grade, Grader, grade
from pipeline.config_records import Difference, Effect
from pipeline.site import Alarm, Equipment, Installation, Point, Site, Suppress

_NESTED = ("rate", "time_to_limit", "vote", "flatline", "cusum", "noise", "ewma", "discrepancy", "balance", "count")
_BY_MODE = ("setpoint", "deadband", "on_delay_ms", "off_delay_ms", "priority")
_OF_POINT = ("id", "alarms")
_OF_ALARM = ("id", "name", "point", "by_mode")
_OF_INSTALLATION = ("id", "points", "alarms", "suppress", "equipment")


def differences(before: Site, after: Site) -> list[Difference]:
    """Everything that differs; empty only when nothing does."""
    if before == after:
        return []
    found = list(site_differences(before, after))
    was = {one.id: one for one in before.installations}
    now = {one.id: one for one in after.installations}
    for id_ in dict.fromkeys([*was, *now]):
        one, other = was.get(id_), now.get(id_)
        if one is None:
            found.append(_one(id_, "installation", None, _size(other), "tightening", "installation_added"))
        elif other is None:
            found.append(_one(id_, "installation", _size(one), None, "loosening", "installation_removed"))
        elif one != other:
            found += _installation(one, other)
            found += _told_by_others(before, after, id_)
    if not found:
        found.append(_one(before.id, "order", None, None, "neutral", "order_changed"))
    return found


def _told_by_others(before: Site, after: Site, installation: str) -> Iterator[Difference]:
    """Alarms that a new class or priority (in any mode) leads to an escalation which tells less than theirs did."""
    was, now = Routes(before, installation), Routes(after, installation)
    for id_, one in was.all_alarms():
        other = now.alarm(id_)
        if other is None or (_ranks(one) == _ranks(other.alarm) and one.alarm_class == other.alarm.alarm_class):
            continue
        for mode in dict.fromkeys([None, *one.by_mode, *other.alarm.by_mode]):
            old, new = (
                msgspec.structs.replace(alarm, priority=_in_mode(alarm, mode or "", "priority"))
                for alarm in (one, other.alarm)
            )
            told, tells = was.escalation_of(old), now.escalation_of(new)
            if not covers(told, tells):
                yield _one(
                    id_, "escalation", told and told.steps, tells and tells.steps, "loosening", "escalation_changed"
                )
                break


def _ranks(alarm: Alarm) -> tuple[str, dict[str, str | None]]:
    return alarm.priority, {mode: settings.priority for mode, settings in alarm.by_mode.items()}


def loosens(found: Iterable[Difference]) -> bool:
    """Whether a second person is needed."""
    return any(one.effect == "loosening" for one in found)


def _one(where: str, what: str, before: Any, after: Any, effect: Effect, reason: str) -> Difference:
    return Difference(where=where, what=what, before=_plain(before), after=_plain(after), effect=effect, reason=reason)


def _size(installation: Installation | None) -> str:
    return f"{len(installation.points)} points" if installation else ""


def _installation(before: Installation, after: Installation) -> Iterator[Difference]:
    here = before.id
    yield from _attributes(here, before, after, _INSTALLATION, _OF_INSTALLATION)
    yield from _equipment(here, before.equipment, after.equipment)
    was = {one.id: one for one in before.points}
    now = {one.id: one for one in after.points}
    for id_ in dict.fromkeys([*was, *now]):
        where, one, other = f"{here}/{id_}", was.get(id_), now.get(id_)
        if one is None:
            yield _one(where, "point", None, _alarm_names(other), "tightening", "point_added")
        elif other is None:
            yield _one(where, "point", _alarm_names(one), None, "loosening", "point_removed")
        elif one != other:
            yield from _attributes(where, one, other, POINT, _OF_POINT)
            yield from _alarms(one.alarms, other.alarms)
    yield from _alarms(before.alarms, after.alarms)
    yield from _suppression(here, before.suppress, after.suppress)


_INSTALLATION: dict[str, Grader] = {
    "name": POINT["name"],
    "owner": lambda *_: Grade("loosening", "owner_changed"),  # whom `owner` means in every escalation
    "major_hazard_grade": POINT["preset"],
}


def _alarm_names(point: Point | None) -> list[str]:
    return [alarm.name for alarm in point.alarms] if point else []


def _alarms(before: Sequence[Alarm], after: Sequence[Alarm]) -> Iterator[Difference]:
    was, now = {one.id: one for one in before}, {one.id: one for one in after}
    for id_ in dict.fromkeys([*was, *now]):
        one, other = was.get(id_), now.get(id_)
        if one is None:
            yield _one(id_, "alarm", None, _summary(other), "tightening", "alarm_added")
        elif other is None:
            yield _one(id_, "alarm", _summary(one), None, "loosening", "alarm_removed")
        elif one != other:
            yield from _attributes(id_, one, other, ALARM, _OF_ALARM)
            yield from _modes(one, other)


def _summary(alarm: Alarm | None) -> dict[str, Any]:
    """What says most of an alarm that came or went."""
    if alarm is None:
        return {}
    named = {"kind": alarm.kind, "priority": alarm.priority, "class": alarm.alarm_class, "setpoint": alarm.setpoint}
    return {key: value for key, value in named.items() if value is not None}


def _attributes(
    where: str, before: msgspec.Struct, after: msgspec.Struct, table: Mapping[str, Grader], aside: Sequence[str]
) -> Iterator[Difference]:
    kind = before.kind if isinstance(before, Alarm) else None
    for name in before.__struct_fields__:
        one, other = getattr(before, name), getattr(after, name)
        if name in aside or one == other:
            continue
        if name in _NESTED and one is not None and other is not None:
            for part in one.__struct_fields__:
                yield from _attribute(where, f"{name}.{part}", getattr(one, part), getattr(other, part), table, kind)
        else:
            yield from _attribute(where, name, one, other, table, kind)


def _attribute(
    where: str, what: str, before: Any, after: Any, table: Mapping[str, Grader], kind: str | None
) -> Iterator[Difference]:
    if before != after:
        effect, reason = grade(table, what, before, after, kind)
        yield _one(where, what, _plain(before), _plain(after), effect, reason)


def _plain(value: Any) -> Any:
    """As JSON has it: keys are text."""
    return msgspec.to_builtins(value, str_keys=True)


def _modes(before: Alarm, after: Alarm) -> Iterator[Difference]:
    """`by_mode` as it takes effect: what a mode does not say is the alarm's own."""
    for mode in dict.fromkeys([*before.by_mode, *after.by_mode]):
        if before.by_mode.get(mode) == after.by_mode.get(mode):
            continue
        for name in _BY_MODE:
            one, other = _in_mode(before, mode, name), _in_mode(after, mode, name)
            if one != other:
                effect, reason = grade(ALARM, name, one, other, before.kind)
                yield _one(before.id, f"by_mode.{mode}.{name}", one, other, effect, reason)


def _in_mode(alarm: Alarm, mode: str, name: str) -> Any:
    settings = alarm.by_mode.get(mode)
    own = getattr(alarm, name)
    if settings is None:
        return own
    given = getattr(settings, name)
    return own if given is None else given


def _suppression(here: str, before: Sequence[Suppress], after: Sequence[Suppress]) -> Iterator[Difference]:
    was, now = {one.id: one for one in before}, {one.id: one for one in after}
    for id_ in dict.fromkeys([*was, *now]):
        one, other = was.get(id_), now.get(id_)
        where = f"{here}/{id_}"
        if one is None:
            yield _one(where, "suppress", None, _plain(other), "loosening", "suppression_added")
        elif other is None:
            yield _one(where, "suppress", _plain(one), None, "tightening", "suppression_removed")
        elif one != other:
            fewer = set(other.alarms) < set(one.alarms) and msgspec.structs.replace(other, alarms=one.alarms) == one
            effect: Effect = "tightening" if fewer else "loosening"
            reason = "suppression_narrowed" if fewer else "suppression_changed"
            yield _one(where, "suppress", _plain(one), _plain(other), effect, reason)


def _equipment(here: str, before: Sequence[Equipment], after: Sequence[Equipment]) -> Iterator[Difference]:
    """Its modes decide suppression and `by_mode`; the first one holds at the start."""
    was, now = {one.id: one for one in before}, {one.id: one for one in after}
    for id_ in dict.fromkeys([*was, *now]):
        one, other = was.get(id_), now.get(id_)
        where = f"{here}/{id_}"
        if one is None:
            yield _one(where, "equipment", None, _plain(other), "neutral", "equipment_added")
        elif other is None:
            yield _one(where, "equipment", _plain(one), None, "loosening", "equipment_removed")
        elif one != other:
            only_named = msgspec.structs.replace(other, name=one.name) == one
            effect: Effect = "neutral" if only_named else "loosening"
            reason = "name_changed" if only_named else "equipment_changed"
            yield _one(where, "equipment", _plain(one), _plain(other), effect, reason)
