"""One alarm as written -> `pipeline.site.Alarm` with all values. Relations between alarms are elsewhere."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.site import Alarm, Count, Cusum, Ewma, Flatline, ModeSettings, Noise, Rate
from pipeline.sitefile import scalars
from pipeline.sitefile.classes import INSTRUMENT, PROCESS, Source, priority_of, shared_attributes
from pipeline.sitefile.context import Context, Sources, optional_text
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_alarms import (
    LEVEL_NAMES,
    OWN_NAMES,
    PLANT_KINDS,
    POINT_KINDS,
    AlarmWords,
    CusumAlarm,
    EwmaAlarm,
    FlatlineAlarm,
    Judged,
    NoiseAlarm,
    OwnAlarm,
    RateAlarm,
)


class Draft(NamedTuple):
    """An alarm on its way: `values` are arguments of `Alarm`; `priority` there is None until the rule gives it."""

    name: str
    spec: AlarmWords
    raw: Mapping
    values: dict[str, Any]
    sources: Sources

    def mark(self, *keys: str) -> Mark:
        """Where the first of these keys stands that was written, else the alarm."""
        return next((self.raw.marks[key] for key in keys if key in self.raw), self.raw.mark)

    def finished(self) -> Alarm:
        """The alarm; its priority must be known by now."""
        return Alarm(**self.values)


def read_alarm(name: Any, raw: Any, mark: Mark, of_point: bool, context: Context) -> tuple[str, AlarmWords] | None:
    """Kind and checked model of one alarm; None with the fault noted."""
    if not isinstance(name, str):
        return None  # told by the model of the part above
    if not scalars.is_id(name):
        context.faults.add(mark, f"the alarm name {shown(name)}", scalars.ID_EXPECTED)
        return None
    if not isinstance(raw, Mapping):
        if raw is not None:
            context.faults.add(mark, shown(raw), "a mapping of keys to values")
        return None
    if of_point and name in OWN_NAMES:
        own = checked(OwnAlarm, raw, mark, context.faults)
        return None if own is None else (OWN_NAMES[name], own)
    kind = _kind(name, raw, mark, of_point, context)
    if kind is None:
        return None
    model: type[AlarmWords] = POINT_KINDS[kind] if of_point else PLANT_KINDS[kind]
    spec = checked(model, raw, mark, context.faults)
    return None if spec is None else (kind, spec)


def _kind(name: str, raw: Mapping, mark: Mark, of_point: bool, context: Context) -> str | None:
    kinds = tuple(POINT_KINDS) if of_point else tuple(PLANT_KINDS)
    implied = LEVEL_NAMES.get(name) if of_point else None
    written = raw.get("type", implied)
    if written is None:
        if "type" not in raw:
            names = "; HH, H, L, LL need none" if of_point else ""
            meant = name.upper() if of_point and name.upper() in LEVEL_NAMES else None
            expected = f"the key type: one of {listing(kinds)}{names}"
            context.faults.add(mark, "nothing", expected, near=meant, key="type")
        return None
    if written not in kinds:
        other = PLANT_KINDS if of_point else POINT_KINDS
        where = "under `alarms` of an installation" if of_point else "under `alarms` of a point"
        hint = f" ({written} stands {where})" if isinstance(written, str) and written in other else ""
        expected = f"one of {listing(kinds)}{hint}"
        context.faults.add(raw.marks["type"], shown(written), expected, near=nearest(written, kinds))
        return None
    if implied and written in {"high", "low"} and written != implied:
        context.faults.add(raw.marks["type"], shown(written), f"{implied}, as the name {name} says")
        return None
    return str(written)


def draft(id_: str, name: str, kind: str, spec: AlarmWords, raw: Mapping, context: Context) -> Draft:
    """Everything of the alarm that needs neither its point's range nor other alarms."""
    own = name in OWN_NAMES and isinstance(spec, OwnAlarm)
    class_name = spec.alarm_class or (INSTRUMENT if own else PROCESS)
    if class_name not in context.classes:
        context.unknown(raw.marks["class"], class_name, "an alarm class", context.classes)
    alarm_class = context.classes.get(class_name, context.classes[PROCESS])
    values, sources = shared_attributes(spec, raw.marks, class_name, alarm_class)
    values["priority"], sources["priority"] = priority_of(spec, raw.marks, name, class_name, alarm_class)
    values.update(id=id_, name=name, kind=kind, alarm_class=class_name)
    sources["class"] = raw.marks.get("class", "default")
    if own or kind == "vote":
        values["on_bad"], sources["on_bad"] = "hold", f"default: {kind}"
    _words(spec, raw, values, sources)
    if isinstance(spec, Judged):
        _delays(spec, raw, values, sources)
        _count(spec, raw, values, sources, context)
    _kind_numbers(spec, raw, values, sources)
    if kind != "degraded":  # the vote it belongs to has said so
        context.not_judged(kind, raw.mark, name)
    return Draft(name, spec, raw, values, sources)


def _words(spec: AlarmWords, raw: Mapping, values: dict[str, Any], sources: Sources) -> None:
    values["response_time_ms"] = spec.response_time
    values["cause"] = optional_text(spec.cause)
    values["consequence"] = optional_text(spec.consequence)
    values["action"] = optional_text(spec.action)
    for key in ("response_time", "cause", "consequence", "action"):
        if key in raw:
            sources[key] = raw.marks[key]


def _delays(spec: Judged, raw: Mapping, values: dict[str, Any], sources: Sources) -> None:
    for key, value in (("on_delay", spec.on_delay), ("off_delay", spec.off_delay)):
        values[f"{key}_ms"] = value or 0
        sources[key] = raw.marks.get(key, "default")


def _count(spec: Judged, raw: Mapping, values: dict[str, Any], sources: Sources, context: Context) -> None:
    if spec.count is None:
        return
    sustained = spec.count.sustained or spec.count.within
    values["count"] = Count(times=spec.count.times, within_ms=spec.count.within, sustained_ms=sustained)
    sources["count"] = raw.marks["count"]
    context.without("count", raw.marks["count"], "count; the alarm is judged without it in this version")


def _kind_numbers(spec: AlarmWords, raw: Mapping, values: dict[str, Any], sources: Sources) -> None:
    if isinstance(spec, RateAlarm):
        values["rate"] = Rate(rising=spec.rising, falling=spec.falling, per_ms=spec.per, window_ms=spec.window)
    elif isinstance(spec, FlatlineAlarm):
        values["flatline"] = Flatline(for_ms=spec.duration, band=spec.band)
    elif isinstance(spec, CusumAlarm):
        values["cusum"] = Cusum(reference=spec.reference, slack=spec.slack, threshold=spec.threshold)
    elif isinstance(spec, NoiseAlarm):
        values["noise"] = Noise(quiet=spec.quiet, loud=spec.loud, window_ms=spec.window)
    elif isinstance(spec, EwmaAlarm):
        of = {name: getattr(spec, name) for name in ("reference", "sigma", "weight", "width")}
        values["ewma"] = Ewma(**of)
        sources |= {key: "default" for key in ("lambda", "L") if key not in raw}
    for key in raw:
        if key not in sources and key not in {"type", "shelving", "by_mode"}:
            sources[str(key)] = raw.marks[key]


def deadband_of(
    written: float | str | None, span: tuple[float, float] | None, default_percent: str
) -> tuple[float | None, Source]:
    """Deadband in the point's unit and, where it is a default, its words. None: a percentage of no range."""
    if isinstance(written, int | float):
        return float(written), ""
    if written is None and span is None:
        return 0.0, "default: no range"
    if span is None:
        return None, ""
    part = scalars.percent(written if written is not None else default_percent)
    assert part is not None  # the model let nothing else through
    words = "" if written is not None else f"default: {default_percent} of the range"
    return scalars.share_of_range(part, *span), words


def mode_settings(spec: Judged, span: tuple[float, float] | None) -> dict[str, ModeSettings]:
    """`by_mode` with deadbands in the point's unit (0 for a percentage where there is no range: told elsewhere)."""
    return {
        mode: ModeSettings(
            setpoint=change.setpoint,
            deadband=None if change.deadband is None else deadband_of(change.deadband, span, "1%")[0] or 0.0,
            on_delay_ms=change.on_delay,
            off_delay_ms=change.off_delay,
            priority=change.priority,
        )
        for mode, change in (spec.by_mode or {}).items()
    }
