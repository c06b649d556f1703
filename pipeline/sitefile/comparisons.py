"""Discrepancy and balance as written, against the points they compare. What a tank's instruments can hide is worked
out here; how the alarms are judged is not.
"""

from __future__ import annotations

import math
from decimal import Decimal

from pipeline.site import Balance, Discrepancy, Point
from pipeline.sitefile import scalars
from pipeline.sitefile.alarm import Draft
from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.point_alarms import span_of
from pipeline.sitefile.tree import Mark
from pipeline.sitefile.written_alarms import BalanceAlarm, DiscrepancyAlarm
from pipeline.units import Way, way, ways_into

POINT = "a point of the installation"
HOUR_MS = 3_600_000
COVERAGE = 2
"""The expanded uncertainty is twice the standard one (JCGM 100:2008, 6.2)."""


def known_point(id_: str, mark: Mark, points: dict[str, Point], context: Context) -> Point | None:
    """The enabled point of that id, or None with the fault noted."""
    point = points.get(id_)
    if point is None:
        context.unknown(mark, id_, POINT, points)
    elif not point.enabled:
        context.faults.add(mark, f"{id_}, which is disabled", "an enabled point")
    return point


def set_discrepancy(spec: DiscrepancyAlarm, one: Draft, points: dict[str, Point], context: Context) -> None:
    """Which states of the feedback fit each state of the command, as numbers."""
    command = known_point(spec.command, one.mark("command"), points, context)
    feedback = known_point(spec.feedback, one.mark("feedback"), points, context)
    if "on_delay" in one.raw:
        context.faults.add(one.mark("on_delay"), "on_delay of a discrepancy", "no on_delay: `within` is its delay")
    one.values["on_delay_ms"] = spec.within
    agree: dict[float, tuple[float, ...]] = {}
    if command is not None and feedback is not None and _are_states(one, command, feedback, context):
        agree = _agreeing(spec, one, command, feedback, context)
    one.values["discrepancy"] = Discrepancy(command=spec.command, feedback=spec.feedback, agree=agree)


def _are_states(one: Draft, command: Point, feedback: Point, context: Context) -> bool:
    if command.id == feedback.id:
        context.faults.add(one.mark("feedback"), shown(feedback.id), "another point than `command`")
        return False
    for key, point in (("command", command), ("feedback", feedback)):
        if point.quantity != "state":
            expected = "a point of quantity state (for values that are measured: type deviation with an on_delay)"
            context.faults.add(one.mark(key), f"{point.id} of quantity {point.quantity}", expected)
            return False
    return True


def _agreeing(
    spec: DiscrepancyAlarm, one: Draft, command: Point, feedback: Point, context: Context
) -> dict[float, tuple[float, ...]]:
    orders = {name: number for number, name in command.states.items()}
    states = {name: number for number, name in feedback.states.items()}
    fits: dict[str, list[str]] = {name: [name] for name in orders if name in states}
    for key, wanted in (spec.agree or {}).items():
        mark = one.raw["agree"].marks[key]
        if key not in orders:
            context.faults.add(
                mark, shown(key), f"a state of {command.id}: {listing(orders)}", near=nearest(key, orders)
            )
        fits[key] = [wanted] if isinstance(wanted, str) else wanted
        for name in fits[key]:
            if name not in states:
                expected = f"a state of {feedback.id}: {listing(states)}"
                context.faults.add(mark, shown(name), expected, near=nearest(name, states))
    for name in orders:
        if name not in fits:
            expected = f"which states of {feedback.id} ({listing(states)}) fit the state {name} of {command.id}"
            context.faults.add(one.mark("agree"), "nothing", expected, key=None if "agree" in one.raw else "agree")
    return {
        orders[name]: tuple(states[each] for each in of if each in states)
        for name, of in fits.items()
        if name in orders
    }


def set_balance(spec: BalanceAlarm, one: Draft, points: dict[str, Point], context: Context) -> None:
    """Every point with its way to m or m3/h, and the uncertainty as the setpoint."""
    level = known_point(spec.level, one.mark("level"), points, context)
    to_m = None if level is None else _way(level, "level", "m", one.mark("level"), context)
    flows: dict[str, float] = {}
    spans: list[float] = []
    for key, ids, sign in (("inflow", spec.inflow, 1), ("outflow", spec.outflow, -1)):
        for index, id_ in enumerate(ids):
            mark = one.raw[key].marks[index]
            point = known_point(id_, mark, points, context)
            there = None if point is None else _way(point, "flow", "m3/h", mark, context)
            if id_ in flows:
                context.faults.add(mark, f"{id_} a second time", "each flow once")
            flows[id_] = sign * float(there.size) if there is not None else 0.0
            spans.append(0.0 if point is None else _span(point, there, mark, spec, context))
    if not flows:
        context.faults.add(one.raw.mark, "neither inflow nor outflow", "at least one flow")
    one.values["balance"] = Balance(
        level=spec.level,
        level_factor=float(to_m.size) if to_m is not None else 1.0,
        flows=flows,
        area=spec.area,
        window_ms=spec.window,
    )
    span = 0.0 if level is None else _span(level, to_m, one.mark("level"), spec, context)
    uncertainty = spec.uncertainty or _uncertainty(spec, span, spans)
    if spec.uncertainty is None:
        one.sources["uncertainty"] = (
            f"default: {spec.accuracy or '1%'} of each instrument's range, root sum of squares, x 2"
        )
    one.values["setpoint"] = uncertainty
    moved = sum(spans) * spec.window / HOUR_MS
    if 0 < moved < uncertainty:
        words = (
            f"{one.name}: the flows at the top of their ranges move {moved:.6g} m3 in the window, less than the "
            f"uncertainty of {uncertainty:.6g} m3: a stuck gauge would not be seen; a longer window sees more"
        )
        context.warnings.add(one.mark("window"), words, "", rule="balance")


def _way(point: Point, quantity: str, unit: str, mark: Mark, context: Context) -> Way | None:
    there = way(quantity, point.unit, unit) if point.quantity == quantity else None
    if there is None:
        expected = f"a point of {quantity} in {listing(ways_into(quantity, unit))}"
        context.faults.add(mark, f"{point.id} in {point.unit or point.quantity}", expected)
    return there


def _span(point: Point, there: Way | None, mark: Mark, spec: BalanceAlarm, context: Context) -> float:
    """What the instrument measures from bottom to top, in m or m3/h."""
    span = span_of(point)
    if span is None and spec.uncertainty is None:
        expected = "a point with a range, or the key uncertainty"
        context.faults.add(mark, f"{point.id}, which has no range", expected)
    if span is None or there is None:
        return 0.0
    return float(Decimal(repr(span[1])) - Decimal(repr(span[0]))) * float(there.size)


def _uncertainty(spec: BalanceAlarm, level: float, flows: list[float]) -> float:
    """Twice the standard uncertainty, in m3, of two readings of the level and of flows that are off throughout.

    2 sqrt(2 (area u level)^2 + sum (u flow window)^2) with u the accuracy (JCGM 100:2008, 5.1.2).
    """
    percent = scalars.percent(spec.accuracy or "1%")
    assert percent is not None  # the model let nothing else through
    accuracy, hours = float(percent) / 100, spec.window / HOUR_MS
    of_level = 2 * (spec.area * accuracy * level) ** 2
    of_flows = sum((accuracy * flow * hours) ** 2 for flow in flows)
    return float(f"{COVERAGE * math.sqrt(of_level + of_flows):.6g}")
