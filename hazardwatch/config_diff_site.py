"""The difference of what installations share: who is told, by which channel, and whose readings are mapped. Pure.

Fewer recipients, later or seldomer messages and anything else that may lead a message astray loosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import msgspec

from pipeline.config_records import Difference, Effect
from pipeline.site import Escalation, Notify, Person, Position, Site, Step

_SHARED = ("gateways", "channels", "sources")
_ELSEWHERE = frozenset({"installations", "positions", "people", "notify", *_SHARED})
_NEUTRAL = frozenset({"name", "timezone", "language"})


def site_differences(before: Site, after: Site) -> Iterator[Difference]:
    """Everything but the installations."""
    for name in before.__struct_fields__:
        one, other = getattr(before, name), getattr(after, name)
        if name not in _ELSEWHERE and one != other:
            effect: Effect = "neutral" if name in _NEUTRAL else "loosening"
            yield _one(before.id, name, one, other, effect, f"{name}_changed" if name in _NEUTRAL else "not_graded")
    for name in _SHARED:
        yield from _by_key(name, getattr(before, name), getattr(after, name))
    yield from _positions(before.positions, after.positions)
    yield from _people(before.people, after.people)
    yield from _notify(before.notify, after.notify)


def _one(where: str, what: str, before: Any, after: Any, effect: Effect, reason: str) -> Difference:
    plain = [msgspec.to_builtins(value, str_keys=True) for value in (before, after)]
    return Difference(where=where, what=what, before=plain[0], after=plain[1], effect=effect, reason=reason)


def _keyed(items: Sequence[Any]) -> dict[str, Any]:
    """By id; sources have only their topic."""
    return {getattr(one, "id", None) or one.topic: one for one in items}


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)


def _by_key(what: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    """Channels, sources and gateways: a new channel or source takes nothing away; a gateway may silence its points."""
    word = what.removesuffix("s")
    for key, one, other in _pairs(_keyed(before), _keyed(after)):
        added: Effect = "loosening" if what == "gateways" else "neutral"
        if one is None:
            yield _one(f"{what}/{key}", word, None, other, added, f"{word}_added")
        else:
            kind = "removed" if other is None else "changed"
            yield _one(f"{what}/{key}", word, one, other, "loosening", f"{word}_{kind}")


def _positions(before: Sequence[Position], after: Sequence[Position]) -> Iterator[Difference]:
    for key, one, other in _pairs(_keyed(before), _keyed(after)):
        where = f"positions/{key}"
        if one is None:
            yield _one(where, "position", None, other, "neutral", "position_added")
        elif other is None:
            yield _one(where, "position", one, None, "loosening", "position_removed")
        elif set(one.people) - set(other.people):
            yield _one(where, "people", one.people, other.people, "loosening", "fewer_recipients")
        elif one.people != other.people:
            yield _one(where, "people", one.people, other.people, "tightening", "more_recipients")
        if one is not None and other is not None and one.reports_to != other.reports_to:
            yield _one(where, "reports_to", one.reports_to, other.reports_to, "loosening", "recipients_changed")
        if one is not None and other is not None and one.level != other.level:
            yield _one(where, "level", one.level, other.level, "neutral", "level_changed")


def _people(before: Sequence[Person], after: Sequence[Person]) -> Iterator[Difference]:
    for key, one, other in _pairs(_keyed(before), _keyed(after)):
        where = f"people/{key}"
        if one is None:
            yield _one(where, "person", None, other, "neutral", "person_added")
        elif other is None:
            yield _one(where, "person", one, None, "loosening", "fewer_recipients")
        elif msgspec.structs.replace(other, name=one.name, language=one.language) == one:
            yield _one(where, "person", one, other, "neutral", "name_changed")
        else:
            yield _one(where, "person", one, other, "loosening", "contact_changed")


def _notify(before: Notify, after: Notify) -> Iterator[Difference]:
    if before.always != after.always:
        fewer = bool(set(before.always) - set(after.always))
        effect: Effect = "loosening" if fewer else "tightening"
        reason = "fewer_recipients" if fewer else "more_recipients"
        yield _one("notify/always", "channels", before.always, after.always, effect, reason)
    matches = [(one.priorities, one.classes, one.installations) for one in before.escalations]
    if matches != [(one.priorities, one.classes, one.installations) for one in after.escalations]:
        # The first one that matches is climbed: what a new order means for each alarm is for a person to see.
        yield _one(
            "notify/escalations", "match", before.escalations, after.escalations, "loosening", "escalations_changed"
        )
        return
    for number, (one, other) in enumerate(zip(before.escalations, after.escalations, strict=True)):
        yield from _escalation(f"notify/escalations/{number}", one, other)


def _escalation(where: str, before: Escalation, after: Escalation) -> Iterator[Difference]:
    if before.repeat_ms != after.repeat_ms:
        seldomer = after.repeat_ms is None or (before.repeat_ms is not None and after.repeat_ms > before.repeat_ms)
        effect: Effect = "loosening" if seldomer else "tightening"
        reason = "repeat_seldomer" if seldomer else "repeat_more_often"
        yield _one(where, "repeat_ms", before.repeat_ms, after.repeat_ms, effect, reason)
    repeats = before.repeat_ms is not None and bool(before.steps)
    for number, (one, other) in enumerate(zip_longest(before.steps, after.steps)):
        if one != other:
            yield _one(f"{where}/steps/{number}", "step", one, other, *_step(one, other, repeats=repeats))


def covers(before: Escalation | None, after: Escalation | None) -> bool:
    """Whether whoever `before` tells hears by the same ways of `after`, no later and no seldomer."""
    if before is None or not before.steps or before == after:
        return True
    if after is None or not after.steps:
        return False
    told = all(any(_reaches(one, other) for other in after.steps) for one in before.steps)
    if before.repeat_ms is None:
        return told
    sooner = after.repeat_ms is not None and after.repeat_ms <= before.repeat_ms
    return told and sooner and _reaches(before.steps[-1], after.steps[-1])


def _reaches(before: Step, after: Step) -> bool:
    return before.to == after.to and set(before.by) <= set(after.by) and after.after_ms <= before.after_ms


def _step(before: Step | None, after: Step | None, *, repeats: bool) -> tuple[Effect, str]:
    if before is None:  # the last step alone is repeated
        return ("loosening", "repeats_moved") if repeats else ("tightening", "step_added")
    if after is None:
        return "loosening", "step_removed"
    if before.to != after.to:
        return "loosening", "recipients_changed"
    if set(before.by) - set(after.by):
        return "loosening", "fewer_channels"
    if after.after_ms > before.after_ms:
        return "loosening", "told_later"
    return "tightening", "told_sooner" if after.after_ms < before.after_ms else "more_channels"
