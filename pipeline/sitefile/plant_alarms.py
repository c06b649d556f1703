"""Alarms over several points of one installation, with their references made full ids."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.site import Alarm, Deviation, Equipment, Point, Vote
from pipeline.sitefile.alarm import Draft, draft, read_alarm
from pipeline.sitefile.classes import INSTRUMENT, instrument_priority
from pipeline.sitefile.comparisons import known_point, set_balance, set_discrepancy
from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import shown
from pipeline.sitefile.levels import note_deadband
from pipeline.sitefile.measures import Measured, in_units
from pipeline.sitefile.point_alarms import check_delays, set_level, set_modes, span_of
from pipeline.sitefile.scalars import number_text
from pipeline.sitefile.tables import QUANTITIES
from pipeline.sitefile.tree import Mapping
from pipeline.sitefile.written_alarms import (
    BalanceAlarm,
    DeviationAlarm,
    DiscrepancyAlarm,
    Judged,
    OwnAlarm,
    VoteAlarm,
)

POINT_ALARM = "an alarm of the installation's points (POINT/ALARM)"
ALARM = "an alarm of the installation"


class Known(NamedTuple):
    """What stands in an installation, by id; `drafts` are the alarms of each point."""

    installation: str
    points: dict[str, Point]
    drafts: dict[str, list[Draft]]
    equipments: dict[str, Equipment]

    def point_alarms(self) -> dict[str, Draft]:
        """The alarms of all points by POINT/NAME."""
        return {f"{point}/{one.name}": one for point, drafts in self.drafts.items() for one in drafts}


def plant_alarms(raw: Mapping, known: Known, context: Context) -> list[Draft]:
    """The installation's own alarms, in their order."""
    alarms = raw.get("alarms")
    if not isinstance(alarms, Mapping):
        return []
    drafts: list[Draft] = []
    members = known.point_alarms()
    for name, body in alarms.items():
        converted = _in_units(body, known, context)
        read = None if converted is None else read_alarm(name, converted, alarms.marks[name], False, context)
        if read is None:
            continue
        if name in known.points:
            found = f"{known.installation}/{name}, which is also a point"
            context.faults.add(alarms.marks[name], found, "an id that stands once")
        one = draft(f"{known.installation}/{name}", name, *read, converted, context)
        if isinstance(one.spec, VoteAlarm):
            _vote(one.spec, one, known, members, context)
        elif isinstance(one.spec, DeviationAlarm):
            _deviation(one.spec, one, known, context)
        else:
            _comparison(one, known, context)
        if one.values.get("count") is not None:
            words = f"count of {name}, an alarm over several points; it is judged without it in this version"
            context.warnings.add(one.mark("count"), words, "", rule="count of several")
        _priority(one, known)
        context.sources[one.values["id"]] = one.sources
        context.places[one.values["id"]] = one.raw.mark
        drafts.append(one)
    _degraded_names(drafts, context)
    return [each for one in drafts for each in ([one, _degraded(one, context)] if _is_vote(one) else [one])]


def _in_units(body: Any, known: Known, context: Context) -> Any:
    """A deviation with its numbers in the unit of its point; anything else as it is."""
    point = known.points.get(str(body.get("point"))) if isinstance(body, Mapping) else None
    if point is None or body.get("type") != "deviation":
        return body
    return in_units(body, Measured(point.quantity, point.unit, point.gas), context, apart=True)


def _comparison(one: Draft, known: Known, context: Context) -> None:
    if isinstance(one.spec, DiscrepancyAlarm):
        set_discrepancy(one.spec, one, known.points, context)
    elif isinstance(one.spec, BalanceAlarm):
        set_balance(one.spec, one, known.points, context)
    if isinstance(one.spec, Judged):
        set_modes(one.spec, one, None, None, context)
    check_delays(one, context)


def _is_vote(one: Draft) -> bool:
    return isinstance(one.spec, VoteAlarm)


def _degraded(vote: Draft, context: Context) -> Draft:
    """On while any member is lost or out of service; one step below the vote, at least high beside safety."""
    id_, name = f"{vote.values['id']}-degraded", f"{vote.name}-degraded"
    spec = OwnAlarm.model_validate({"class": INSTRUMENT})
    one = draft(id_, name, "degraded", spec, Mapping(vote.raw.mark), context)
    one.values["on_bad"], one.sources["on_bad"] = "hold", "default: degraded"
    if one.values["priority"] is None:
        one.values["priority"], one.sources["priority"] = instrument_priority([vote.finished()])
    context.sources[id_] = one.sources
    return one


def _vote(spec: VoteAlarm, one: Draft, known: Known, members: dict[str, Draft], context: Context) -> None:
    of = one.raw["of"]
    for index, member in enumerate(spec.of):
        mark = of.marks[index]
        if member not in members:
            context.unknown(mark, member, POINT_ALARM, members)
        elif not known.points[member.partition("/")[0]].enabled:
            context.faults.add(mark, f"{member}, whose point is disabled", "an alarm of an enabled point")
        if member in spec.of[:index]:
            context.faults.add(mark, f"{member} a second time", "each member once")
    if spec.need > len(spec.of):
        context.faults.add(one.mark("need"), str(spec.need), f"at most the number of members, {len(spec.of)}")
    full = tuple(f"{known.installation}/{member}" for member in spec.of)
    one.values["vote"] = Vote(need=spec.need, of=full, on_fault=spec.on_fault or "hold")
    one.sources.setdefault("on_fault", "default")
    if "on_bad" in one.raw:
        context.faults.add(one.mark("on_bad"), "on_bad of a vote", "on_fault")


def _deviation(spec: DeviationAlarm, one: Draft, known: Known, context: Context) -> None:
    point = known_point(spec.point, one.mark("point"), known.points, context)
    reference = known_point(spec.reference, one.mark("reference"), known.points, context)
    one.values["deviation"] = Deviation(point=spec.point, reference=spec.reference)
    if point is None or reference is None:
        return
    if spec.point == spec.reference:
        context.faults.add(one.mark("reference"), shown(spec.reference), "another point than `point`")
    if point.quantity == "state":
        context.faults.add(one.mark("point"), f"{spec.point} of quantity state", "a point that is measured")
    elif _sound(point) and _sound(reference) and (point.quantity, point.unit) != (reference.quantity, reference.unit):
        found = f"{spec.reference} in {reference.unit or reference.quantity}"
        context.faults.add(one.mark("reference"), found, f"a point of {point.quantity} in {point.unit}")
    set_level(spec, one, point, context)
    _deviation_numbers(spec, one, point, context)
    set_modes(spec, one, span_of(point), None, context)
    check_delays(one, context)


def _sound(point: Point) -> bool:
    """Whether quantity and unit are known ones; what is not was told at the point."""
    quantity = QUANTITIES.get(point.quantity)
    return quantity is not None and point.unit in quantity.units


def _deviation_numbers(spec: DeviationAlarm, one: Draft, point: Point, context: Context) -> None:
    deadband, span = one.values["deadband"], span_of(point)
    if deadband > spec.setpoint:
        found = f"a deadband of {number_text(deadband)}"
        expected = f"at most the setpoint of {number_text(spec.setpoint)}"
        note_deadband(one, one.mark("deadband", "setpoint"), found, expected, context)
    if span is not None and spec.setpoint > span[1] - span[0]:
        expected = f"at most the span of the range, {number_text(span[1] - span[0])}"
        context.faults.add(one.mark("setpoint"), number_text(spec.setpoint), expected)


def _priority(one: Draft, known: Known) -> None:
    """Class instrument without a priority: from the alarms of all points it is judged from."""
    if one.values["priority"] is not None:
        return
    ids: set[str] = set()
    match one.spec:
        case VoteAlarm(of=of):
            ids = {member.partition("/")[0] for member in of}
        case DeviationAlarm(point=point, reference=reference):
            ids = {point, reference}
        case DiscrepancyAlarm(command=command, feedback=feedback):
            ids = {command, feedback}
        case BalanceAlarm(level=level, inflow=inflow, outflow=outflow):
            ids = {level, *inflow, *outflow}
    others: list[Alarm] = [alarm for id_ in ids if id_ in known.points for alarm in known.points[id_].alarms]
    one.values["priority"], one.sources["priority"] = instrument_priority(
        alarm for alarm in others if alarm.alarm_class != INSTRUMENT
    )


def _degraded_names(drafts: list[Draft], context: Context) -> None:
    """NAME-degraded of a vote is an alarm of its own (`_degraded`)."""
    taken = {f"{one.name}-degraded": one.name for one in drafts if isinstance(one.spec, VoteAlarm)}
    for one in drafts:
        if one.name in taken:
            found = f"the name {one.name}, which the vote {taken[one.name]} takes"
            context.faults.add(one.raw.mark, found, "another name")
