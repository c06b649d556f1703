"""What an alarm needs of its point: range, states, modes; and the sense of each number against them."""

from __future__ import annotations

import math

from pipeline.site import PRIORITIES, Equipment, ModeSettings, Point, TimeToLimit
from pipeline.sitefile import scalars
from pipeline.sitefile.alarm import Draft, deadband_of, mode_settings
from pipeline.sitefile.classes import SAFETY
from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.written_alarms import (
    CusumAlarm,
    DeviationAlarm,
    DigitalAlarm,
    EwmaAlarm,
    FlatlineAlarm,
    Judged,
    LevelAlarm,
    NoiseAlarm,
    RateAlarm,
    TimeToLimitAlarm,
)

HOUR_MS = 3_600_000
NOISE_STAYS = 0.9
"""As in rules.noise: once on, noise ends beyond a tenth of its limit."""
NOISE_SAMPLES = 12
"""That a window must have room for: ten residuals need twelve."""


def finish_draft(draft: Draft, point: Point, equipment: Equipment | None, context: Context) -> bool:
    """Fill in what depends on the point, and note what makes no sense. False: the alarm cannot be made out."""
    spec = draft.spec
    draft.values["point"] = point.id
    if not isinstance(spec, Judged):
        return True
    if isinstance(spec, DigitalAlarm):
        if not _digital(spec, draft, point, context):
            return False
    elif point.quantity == "state":
        context.faults.add(draft.mark("type"), f"{draft.values['kind']} on a point of quantity state", "type digital")
        return False
    if isinstance(spec, LevelAlarm):
        set_level(spec, draft, point, context)
    elif isinstance(spec, TimeToLimitAlarm):
        _min_rate(spec, draft, point, context)
    _windows(spec, draft, point, context)
    set_modes(spec, draft, span_of(point), equipment, context)
    check_delays(draft, context)
    return True


def span_of(point: Point) -> tuple[float, float] | None:
    """The range of a point that has a sensible one."""
    if point.low is None or point.high is None or not point.low < point.high:
        return None
    return point.low, point.high


def _digital(spec: DigitalAlarm, draft: Draft, point: Point, context: Context) -> bool:
    if point.quantity != "state":
        context.faults.add(
            draft.mark("type"), f"digital on a point of quantity {point.quantity}", "a point of quantity state"
        )
        return False
    numbers = {name: number for number, name in point.states.items()}
    if spec.when not in numbers:
        expected = f"a state of the point: {listing(numbers)}"
        context.faults.add(draft.mark("when"), shown(spec.when), expected, near=nearest(spec.when, numbers))
        return False
    draft.values["when"] = numbers[spec.when]
    return True


def set_level(spec: LevelAlarm | DeviationAlarm, draft: Draft, point: Point, context: Context) -> None:
    """Setpoint and deadband in the point's unit."""
    draft.values["setpoint"] = spec.setpoint
    default = "0%" if point.quantity == "gas_concentration" else "1%"
    deadband, words = deadband_of(spec.deadband, span_of(point), default)
    if deadband is None:
        expected = "a number in the point's unit, as the point has no range"
        context.faults.add(draft.mark("deadband"), shown(spec.deadband), expected)
    draft.values["deadband"] = deadband or 0.0
    if words:
        draft.sources["deadband"] = words


def _min_rate(spec: TimeToLimitAlarm, draft: Draft, point: Point, context: Context) -> None:
    span = span_of(point)
    per = spec.per or HOUR_MS
    rate = spec.min_rate
    if rate is None:
        if span is None:
            context.faults.add(draft.raw.mark, "nothing", "the key min_rate, as the point has no range", key="min_rate")
            rate = 0.0
        else:
            one = scalars.percent("1%")
            assert one is not None  # a constant
            rate = scalars.share_of_range(one, *span) * per / HOUR_MS
        draft.sources["min_rate"] = "default: 1% of the range per hour"
    draft.sources.setdefault("per", "default")
    draft.values["time_to_limit"] = TimeToLimit(
        limit=0.0, within_ms=spec.within, window_ms=spec.window, min_rate=rate, per_ms=per
    )


def _windows(spec: Judged, draft: Draft, point: Point, context: Context) -> None:
    if isinstance(spec, RateAlarm) and spec.rising is None and spec.falling is None:
        context.faults.add(draft.raw.mark, "neither rising nor falling", "at least one of rising and falling")
    if isinstance(spec, CusumAlarm) and (span := span_of(point)) and not span[0] <= spec.reference <= span[1]:
        context.faults.add(draft.mark("reference"), scalars.number_text(spec.reference), _range_words(span))
    _statistics(spec, draft, point, context)
    if point.period_ms is None:
        return
    if isinstance(spec, RateAlarm | TimeToLimitAlarm) and spec.window <= 2 * point.period_ms:
        _too_short(draft, "window", spec.window, point.period_ms, context)
    if isinstance(spec, FlatlineAlarm) and spec.duration < 2 * point.period_ms:
        _too_short(draft, "for", spec.duration, point.period_ms, context)


def _statistics(spec: Judged, draft: Draft, point: Point, context: Context) -> None:
    """Noise and ewma: limits that can be met, on the right side of each other."""
    span = span_of(point)
    if isinstance(spec, NoiseAlarm):
        if spec.quiet is None and spec.loud is None:
            context.faults.add(draft.raw.mark, "neither quiet nor loud", "at least one of quiet and loud")
        elif spec.quiet is not None and spec.loud is not None and NOISE_STAYS * spec.loud <= spec.quiet / NOISE_STAYS:
            expected = f"more than {scalars.number_text(spec.quiet)} / 0.81, so that neither holds the other"
            context.faults.add(draft.mark("loud"), scalars.number_text(spec.loud), expected)
        if point.period_ms is not None and spec.window < NOISE_SAMPLES * point.period_ms:
            expected = f"at least {scalars.duration_text(NOISE_SAMPLES * point.period_ms)} (12 x period)"
            context.faults.add(draft.mark("window"), scalars.duration_text(spec.window), expected)
    elif isinstance(spec, EwmaAlarm) and span is not None:
        if not span[0] <= spec.reference <= span[1]:
            context.faults.add(draft.mark("reference"), scalars.number_text(spec.reference), _range_words(span))
            return
        limit = spec.width * spec.sigma * math.sqrt(spec.weight / (2 - spec.weight))
        if limit > max(span[1] - spec.reference, spec.reference - span[0]):
            expected = "so little of L x sigma that its limits are reached inside the range"
            found = f"limits {limit:.6g} away from the reference"
            context.faults.add(draft.mark("sigma"), found, expected)


def _too_short(draft: Draft, key: str, ms: int, period_ms: int, context: Context) -> None:
    expected = f"long enough for 3 samples, more than {scalars.duration_text(2 * period_ms)} (2 x period)"
    context.faults.add(draft.mark(key), scalars.duration_text(ms), expected)


def _range_words(span: tuple[float, float]) -> str:
    return f"a number in the point's range, {scalars.number_text(span[0])} to {scalars.number_text(span[1])}"


def set_modes(
    spec: Judged, draft: Draft, span: tuple[float, float] | None, equipment: Equipment | None, context: Context
) -> None:
    """`by_mode`, against the modes of the equipment; a safety alarm may not be loosened by it."""
    if not spec.by_mode:
        return
    mark = draft.mark("by_mode")
    context.without("by_mode", mark, "by_mode; the alarm is judged without it in this version")
    draft.sources["by_mode"] = mark
    modes = () if equipment is None else equipment.modes
    settings = mode_settings(spec, span)
    draft.values["by_mode"] = settings
    written = draft.raw["by_mode"]
    if not modes:
        context.faults.add(mark, "by_mode without an equipment that has modes", "the point's equipment with modes")
        return
    has_setpoint = isinstance(spec, LevelAlarm | DeviationAlarm)
    for key, body in written.items():
        place = written.marks[key]
        if str(key) not in modes:
            context.unknown(place, key, "a mode of the equipment", modes)
        if not has_setpoint and (wrong := [one for one in ("setpoint", "deadband") if one in body]):
            expected = f"only delays and priority for kind {draft.values['kind']}"
            context.faults.add(body.marks[wrong[0]], f"the key {wrong[0]}", expected)
        if span is None and isinstance(body.get("deadband"), str):
            expected = "a number in the point's unit, as the point has no range"
            context.faults.add(body.marks["deadband"], shown(body["deadband"]), expected)
        if draft.values["alarm_class"] == SAFETY and (loose := _loosened(draft, settings[str(key)])):
            expected = "nothing looser than without the mode, in an alarm of class safety"
            context.faults.add(body.marks.get(loose, place), f"by_mode loosens {loose}", expected)


def _loosened(draft: Draft, mode: ModeSettings) -> str | None:
    """The attribute that makes the alarm later or weaker in this mode, if one does."""
    values = draft.values
    outward = -1 if values["kind"] == "low" else 1
    if mode.setpoint is not None and outward * mode.setpoint > outward * values["setpoint"]:
        return "setpoint"
    if mode.on_delay_ms is not None and mode.on_delay_ms > values["on_delay_ms"]:
        return "on_delay"
    if mode.priority is not None and PRIORITIES.index(mode.priority) > PRIORITIES.index(values["priority"] or "low"):
        return "priority"
    return None


def check_delays(draft: Draft, context: Context) -> None:
    """No on-delay, in any mode, may use up the time a person has to act."""
    response = draft.values["response_time_ms"]
    if response is None:
        return
    expected = f"at most the response_time of {scalars.duration_text(response)}"
    if draft.values["on_delay_ms"] > response:
        found = f"an on_delay of {scalars.duration_text(draft.values['on_delay_ms'])}"
        context.faults.add(draft.mark("on_delay"), found, expected)
    for key, mode in draft.values.get("by_mode", {}).items():
        if mode.on_delay_ms is not None and mode.on_delay_ms > response:
            body = draft.raw["by_mode"][key]
            found = f"an on_delay of {scalars.duration_text(mode.on_delay_ms)}"
            context.faults.add(body.marks["on_delay"], found, expected)
