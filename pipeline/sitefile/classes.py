"""Alarm classes, and what an alarm takes from its class; priorities by rule. It knows no kinds of judging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.site import PRIORITIES, Alarm, Priority
from pipeline.sitefile.tree import Mark
from pipeline.sitefile.written import Shelving
from pipeline.sitefile.written_alarms import AlarmClass, AlarmWords

PROCESS, SAFETY, INSTRUMENT = "process", "safety", "instrument"
DEFAULT_SHELF_MS = 8 * 3_600_000

AS_WRITTEN: dict[str, dict[str, Any]] = {
    PROCESS: {},
    SAFETY: {
        "priority": "critical",
        "latching": True,
        "realarm": "15min",
        "shelving": {"allowed": False},
        "exempt_from_bundling": True,
        "on_bad": "trip",
    },
    INSTRUMENT: {},
}
BUILT_IN = {name: AlarmClass.model_validate(body) for name, body in AS_WRITTEN.items()}
"""Used where the file does not define a class of that name; a definition in the file replaces it whole."""

Source = Mark | str
"""Where an effective value comes from: a place in the file, or words."""

_FIELDS = {
    "latching": ("latching", False),
    "ack_required": ("ack_required", True),
    "realarm": ("realarm_ms", None),
    "exempt_from_bundling": ("exempt_from_bundling", False),
    "on_bad": ("on_bad", "hold"),
}


def shared_attributes(
    spec: AlarmWords, marks: Mapping[Any, Mark], class_name: str, alarm_class: AlarmClass
) -> tuple[dict[str, Any], dict[str, Source]]:
    """The attributes a class may give, as arguments of `pipeline.site.Alarm`, and the source of each."""
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for key, (field, default) in _FIELDS.items():
        own = getattr(spec, key, None)
        if own is not None:
            values[field], sources[key] = own, with_reason(spec.why, marks[key], getattr(alarm_class, key))
        elif (shared := getattr(alarm_class, key)) is not None:
            values[field], sources[key] = shared, f"class {class_name}"
        else:
            values[field], sources[key] = default, "default"
    _shelving(spec, marks, class_name, alarm_class.shelving, (values, sources))
    return values, sources


def with_reason(why: str | None, mark: Mark, instead_of: Any) -> Mark:
    """The place of an alarm's own word, with the reason where its class or preset gives something else."""
    if why is None or instead_of is None or mark.note:
        return mark
    return mark._replace(note=f"written, line {mark.line}: {why}")


def _shelving(
    spec: AlarmWords,
    marks: Mapping[Any, Mark],
    class_name: str,
    shared: Shelving | None,
    into: tuple[dict[str, Any], dict[str, Source]],
) -> None:
    values, sources = into
    for key, field, default in (("allowed", "shelving_allowed", True), ("max", "shelving_max_ms", DEFAULT_SHELF_MS)):
        name = f"shelving.{key}"
        if spec.shelving is not None and (value := getattr(spec.shelving, key)) is not None:
            values[field] = value
            sources[name] = with_reason(spec.why, marks["shelving"], shared and getattr(shared, key))
        elif shared is not None and (value := getattr(shared, key)) is not None:
            values[field], sources[name] = value, f"class {class_name}"
        else:
            values[field], sources[name] = default, "default"


def priority_of(
    spec: AlarmWords, marks: Mapping[Any, Mark], name: str, class_name: str, alarm_class: AlarmClass
) -> tuple[Priority | None, Source]:
    """The priority and its source: the alarm's own, its class's, else by name (HH and LL high, others medium).

    None for class instrument without one: that follows from the point's other alarms (`instrument_priority`).
    """
    if spec.priority is not None:
        return spec.priority, with_reason(spec.why, marks["priority"], alarm_class.priority)
    if alarm_class.priority is not None:
        return alarm_class.priority, f"class {class_name}"
    if class_name == INSTRUMENT:
        return None, "default"
    if name in {"HH", "LL"}:
        return "high", "default: HH and LL"
    return "medium", "default"


def instrument_priority(others: Iterable[Alarm]) -> tuple[Priority, str]:
    """One step below the highest of the point's (not instrument) alarms, at least high beside one of class safety."""
    ranks = [(PRIORITIES.index(one.priority), one.alarm_class) for one in others if one.alarm_class != INSTRUMENT]
    if not ranks:
        return "low", "default: no other alarms"
    rank = min(min(rank for rank, _ in ranks) + 1, len(PRIORITIES) - 1)
    if any(name == SAFETY for _, name in ranks) and rank > PRIORITIES.index("high"):
        return "high", "default: beside a safety alarm"
    return PRIORITIES[rank], "default: one step below the point's highest alarm"
