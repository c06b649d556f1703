"""The level alarms of one point held against each other and the range, in every mode; limits of time_to_limit."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from pipeline.site import Point
from pipeline.sitefile.alarm import Draft
from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.point_alarms import span_of
from pipeline.sitefile.scalars import number_text
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_alarms import LevelAlarm, TimeToLimitAlarm


class _Level(NamedTuple):
    draft: Draft
    setpoint: float
    deadband: float
    mode: str | None

    def mark(self, *keys: str) -> Mark:
        if self.mode is not None:
            body: Mapping = next(one for name, one in self.draft.raw["by_mode"].items() if str(name) == self.mode)
            place = next((body.marks[key] for key in keys if key in body), None)
            if place is not None:
                return place
        return self.draft.mark(*keys)

    def words(self) -> str:
        mode = f" in mode {self.mode}" if self.mode else ""
        return f"{self.draft.name}{mode} at {number_text(self.setpoint)}"


def check_levels(drafts: list[Draft], point: Point, written: Container[str], context: Context) -> None:
    """Note levels in the wrong order, outside the range, with deadbands too wide; resolve `limit: HH`."""
    levels = [one for one in drafts if isinstance(one.spec, LevelAlarm)]
    modes = sorted({mode for one in levels for mode in one.values.get("by_mode", {})})
    for mode in (None, *modes):
        found = {one.name: _in_mode(one, mode) for one in levels}
        for level in found.values():
            _check_one(level, point, context)
        for lower, upper in _pairs(found):
            _check_pair(lower, upper, context)
    by_name = {one.name: one for one in levels}
    for one in drafts:
        if isinstance(one.spec, TimeToLimitAlarm):
            broken = one.spec.limit in written and one.spec.limit not in {each.name for each in drafts}
            if not broken:  # told where that alarm stands
                _limit(one.spec, one, by_name, point, context)


def _in_mode(draft: Draft, mode: str | None) -> _Level:
    values = draft.values
    settings = values.get("by_mode", {}).get(mode)
    if settings is None:
        return _Level(draft, values["setpoint"], values["deadband"], None)
    setpoint = values["setpoint"] if settings.setpoint is None else settings.setpoint
    deadband = values["deadband"] if settings.deadband is None else settings.deadband
    return _Level(draft, setpoint, deadband, mode)


def _check_one(level: _Level, point: Point, context: Context) -> None:
    span = span_of(point)
    if span is None:
        return
    low, high = span
    if not low <= level.setpoint <= high:
        expected = f"a setpoint in the point's range, {number_text(low)} to {number_text(high)}"
        context.faults.add(level.mark("setpoint"), number_text(level.setpoint), expected)
    elif _ends_at(level) < Decimal(repr(low)) or _ends_at(level) > Decimal(repr(high)):
        expected = f"a deadband that ends inside the range, {number_text(low)} to {number_text(high)}"
        found = f"a deadband of {number_text(level.deadband)} of {level.words()}"
        note_deadband(level.draft, level.mark("deadband", "setpoint"), found, expected, context)


def note_deadband(draft: Draft, mark: Mark, found: str, expected: str, context: Context) -> None:
    """A deadband that makes no sense: a fault where somebody wrote it, a warning where it is only the default."""
    if str(draft.sources.get("deadband", "")).startswith("default"):
        words = f"{found} (the default), expected {expected}: give {draft.name} a deadband of its own"
        context.warnings.add(mark, words, "", rule="deadband")
    else:
        context.faults.add(mark, found, expected)


def _ends_at(level: _Level) -> Decimal:
    """Where the condition ends, in decimals as the engine works it out."""
    setpoint, deadband = Decimal(repr(level.setpoint)), Decimal(repr(level.deadband))
    return setpoint + deadband if level.draft.values["kind"] == "low" else setpoint - deadband


def _pairs(levels: dict[str, _Level]) -> Iterator[tuple[_Level, _Level]]:
    """Neighbours among LL, L, H, HH, so that one wrong number is one fault."""
    present = [name for name in ("LL", "L", "H", "HH") if name in levels]
    for lower, upper in itertools.pairwise(present):
        yield levels[lower], levels[upper]


def _check_pair(lower: _Level, upper: _Level, context: Context) -> None:
    """The outer of the two carries the fault: HH against H, LL against L, L against H."""
    both_high = lower.draft.values["kind"] == "high"
    both_low = upper.draft.values["kind"] == "low"
    outer, inner = (upper, lower) if both_high else (lower, upper)
    if lower.setpoint > upper.setpoint:
        side = "at or above" if outer is upper else "at or below"
        expected = f"{outer.draft.name} {side} {inner.words()}"
        context.faults.add(outer.mark("setpoint"), number_text(outer.setpoint), expected)
    elif both_high or both_low:
        gap = Decimal(repr(upper.setpoint)) - Decimal(repr(lower.setpoint))
        if Decimal(repr(outer.deadband)) > gap:
            expected = f"at most the gap of {number_text(float(gap))} to {inner.words()}"
            found = f"a deadband of {number_text(outer.deadband)}"
            note_deadband(outer.draft, outer.mark("deadband", "setpoint"), found, expected, context)


def _limit(spec: TimeToLimitAlarm, draft: Draft, levels: dict[str, Draft], point: Point, context: Context) -> None:
    mark = draft.mark("limit")
    span = span_of(point)
    number, alarm = spec.limit, None
    if isinstance(number, str):
        if number not in levels:
            expected = f"a level alarm of the point ({listing(levels)}), or a number"
            context.faults.add(mark, shown(number), expected, near=nearest(number, levels))
            return
        number, alarm = levels[number].values["setpoint"], levels[number].values["id"]
    elif span is not None and not span[0] <= number <= span[1]:
        expected = f"a number in the point's range, {number_text(span[0])} to {number_text(span[1])}"
        context.faults.add(mark, number_text(number), expected)
    kept = draft.values["time_to_limit"]
    draft.values["time_to_limit"] = msgspec.structs.replace(kept, limit=number, limit_alarm=alarm)
