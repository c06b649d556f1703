"""Whether a changed attribute of an alarm or a point loosens its protection. Pure; it finds no differences itself.

A change loosens when an annunciation that would have come could now come later, less urgently, be hidden or not come
at all. When in doubt it loosens: then a second person looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeline.config_records import Effect
from pipeline.site import PRIORITIES

SAFETY = "safety"
_HIGH = frozenset({"high", "HH", "H"})
_LOW = frozenset({"low", "LL", "L"})


class Grade(NamedTuple):
    """What a change does, and the name of why."""

    effect: Effect
    reason: str


Grader = Callable[[Any, Any], Grade]
"""Before and after."""


def _loose(reason: str) -> Grade:
    return Grade("loosening", reason)


def _tight(reason: str) -> Grade:
    return Grade("tightening", reason)


def _always(effect: Effect, reason: str) -> Grader:
    return lambda *_: Grade(effect, reason)


def _more(loosens: str, tightens: str) -> Grader:
    """A larger number loosens; None is larger than any number (never, none, no limit)."""

    def grade(before: Any, after: Any) -> Grade:
        return _loose(loosens) if _number(after) > _number(before) else _tight(tightens)

    return grade


def _less(loosens: str, tightens: str) -> Grader:
    """A smaller number loosens; None is smaller than any number (not judged)."""

    def grade(before: Any, after: Any) -> Grade:
        if before is None or after is None:
            return _loose(loosens) if after is None else _tight(tightens)
        return _loose(loosens) if _number(after) < _number(before) else _tight(tightens)

    return grade


def _flag(good: Any, loosens: str, tightens: str) -> Grader:
    """One value protects; any other loosens."""

    def grade(_: Any, after: Any) -> Grade:
        return _tight(tightens) if after == good else _loose(loosens)

    return grade


def _number(value: Any) -> float:
    return math.inf if value is None else float(value)


def _setpoint(before: Any, after: Any, kind: str) -> Grade:
    """Away from the normal side: up for a high limit or a deviation, down for a low one."""
    if before is None or after is None or kind not in _HIGH | _LOW | {"deviation", "balance"}:
        return _loose("limit_changed")
    away = after < before if kind in _LOW else after > before
    return _loose("limit_moved_away") if away else _tight("limit_moved_closer")


def _priority(before: Any, after: Any) -> Grade:
    lower = PRIORITIES.index(after) > PRIORITIES.index(before)
    return _loose("priority_lowered") if lower else _tight("priority_raised")


def _class(before: Any, after: Any) -> Grade:
    """What a class brings is compared by itself; the word decides escalations and what may be suppressed."""
    if before == SAFETY:
        return _loose("safety_class_dropped")
    return _tight("safety_class_given") if after == SAFETY else _loose("class_changed")


def _members(before: Any, after: Any) -> Grade:
    return _tight("members_added") if set(before) < set(after) else _loose("members_changed")


def _on_fault(before: Any, after: Any) -> Grade:
    rank = ("exclude", "hold", "trip")
    looser = rank.index(after) < rank.index(before)
    return _loose("on_fault_loosened") if looser else _tight("on_fault_tightened")


_GUIDANCE = _always("neutral", "guidance_changed")
_NAME = _always("neutral", "name_changed")
ALARM: dict[str, Grader] = {
    "kind": _always("loosening", "kind_changed"),
    "alarm_class": _class,
    "priority": _priority,
    # A wider one swallows what would have come again; with a narrower one the condition only ends sooner.
    "deadband": _more("deadband_widened", "deadband_narrowed"),
    "on_delay_ms": _more("longer_delay", "shorter_delay"),
    "off_delay_ms": _more("longer_delay", "shorter_delay"),
    "latching": _flag(True, "latching_dropped", "latching_given"),
    "ack_required": _flag(True, "ack_required_dropped", "ack_required_given"),
    "realarm_ms": _more("realarm_later", "realarm_sooner"),
    "on_bad": _flag("trip", "trip_on_bad_dropped", "trip_on_bad_given"),
    "shelving_allowed": _flag(False, "shelving_allowed", "shelving_forbidden"),
    "shelving_max_ms": _more("longer_shelving", "shorter_shelving"),
    "exempt_from_bundling": _flag(True, "bundling_allowed", "bundling_forbidden"),
    "response_time_ms": _GUIDANCE,
    "cause": _GUIDANCE,
    "consequence": _GUIDANCE,
    "action": _GUIDANCE,
    "when": _always("loosening", "sense_changed"),
    "rate.rising": _more("limit_moved_away", "limit_moved_closer"),
    "rate.falling": _more("limit_moved_away", "limit_moved_closer"),
    "time_to_limit.within_ms": _less("less_warning", "more_warning"),
    "time_to_limit.min_rate": _more("limit_moved_away", "limit_moved_closer"),
    "vote.need": _more("vote_need_raised", "vote_need_lowered"),
    "vote.of": _members,
    "vote.on_fault": _on_fault,
    "flatline.for_ms": _always("loosening", "window_changed"),  # too few samples in a shorter one decide nothing
    "flatline.band": _less("band_narrowed", "band_widened"),
    "cusum.threshold": _more("limit_moved_away", "limit_moved_closer"),
    "cusum.slack": _more("limit_moved_away", "limit_moved_closer"),
    "noise.quiet": _less("limit_moved_away", "limit_moved_closer"),
    "noise.loud": _more("limit_moved_away", "limit_moved_closer"),
    "ewma.width": _more("limit_moved_away", "limit_moved_closer"),
    "ewma.sigma": _more("limit_moved_away", "limit_moved_closer"),
    "count.times": _more("more_starts_needed", "fewer_starts_needed"),
    "count.within_ms": _less("starts_closer_together", "starts_further_apart"),
    "count.sustained_ms": _more("longer_delay", "shorter_delay"),
}
"""Anything else of an alarm (parameters of a kind that are not here) loosens: not_graded."""

POINT: dict[str, Grader] = {
    "name": _NAME,
    "alias": _NAME,
    "period_ms": _always("neutral", "period_changed"),  # what follows from it is compared by itself
    "stale_after_ms": _more("stale_later", "stale_sooner"),
    "late_after_ms": _more("late_later", "late_sooner"),
    "enabled": _flag(True, "point_disabled", "point_enabled"),
    "over_range": _flag("judge", "over_range_not_judged", "over_range_judged"),
    "preset": _always("neutral", "preset_changed"),  # the numbers it brought are compared by themselves
    "resolution": _always("neutral", "resolution_changed"),
    "low": _always("loosening", "range_changed"),
    "high": _always("loosening", "range_changed"),
    "unit": _always("loosening", "unit_changed"),
    "quantity": _always("loosening", "unit_changed"),
    "raw": _always("loosening", "scaling_changed"),
    "states": _always("loosening", "states_changed"),
    "equipment": _always("loosening", "equipment_changed"),
    "gateway": _always("loosening", "gateway_changed"),
}


def grade(table: Mapping[str, Grader], what: str, before: Any, after: Any, kind: str | None = None) -> Grade:
    """The grade of one attribute; `kind` is that of its alarm, which says on which side of a limit it is normal."""
    if what == "setpoint" and kind is not None:
        return _setpoint(before, after, kind)
    if what == "count":  # comes or goes as a whole
        return _loose("count_added") if before is None else _tight("count_removed")
    grader = table.get(what)
    return grader(before, after) if grader else _loose("not_graded")
