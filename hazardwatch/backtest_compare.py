"""What two configurations would have done differently: alarm by alarm, with times, and in figures. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from hazardwatch.backtest import Both
from hazardwatch.kpi import Kpi, Spell, kpi, object_of, spells
from pipeline.model import Event
from pipeline.outside import iso


class Pair(msgspec.Struct, frozen=True):
    """One alarm that came under both, at other times."""

    before: Spell
    after: Spell

    @property
    def earlier_s(self) -> float:
        """How much earlier it comes now, s; negative: later."""
        return (self.before.begin - self.after.begin) / 1000


class AlarmChange(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm that would have done otherwise. `before`, `after`: how often it came; `same`: of them alike."""

    alarm: str
    before: int
    after: int
    same: int
    lost: list[Spell]
    gained: list[Spell]
    moved: list[Pair]

    @property
    def weight(self) -> int:
        """How much differs."""
        return len(self.lost) + len(self.gained) + len(self.moved)


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `changes` the most different first, lost alarms before gained ones."""

    begin: int
    end: int
    readings: int
    changes: list[AlarmChange]
    before: Kpi
    after: Kpi


def compare(both: Both) -> Comparison:
    """The two runs beside each other."""
    old, new = _by_alarm(both.before), _by_alarm(both.after)
    changes = [_change(alarm, old.get(alarm, []), new.get(alarm, [])) for alarm in dict.fromkeys([*old, *new])]
    differing = [one for one in changes if one.weight]
    differing.sort(key=lambda one: (-len(one.lost), -one.weight, one.alarm))
    return Comparison(
        begin=both.begin,
        end=both.end,
        readings=both.readings,
        changes=differing,
        before=kpi(both.before, both.begin, both.end + 1),
        after=kpi(both.after, both.begin, both.end + 1),
    )


def _by_alarm(events: Iterable[Event]) -> dict[str, list[Spell]]:
    found: dict[str, list[Spell]] = defaultdict(list)
    for one in spells(events):
        found[one.alarm].append(one)
    return found


def _change(alarm: str, old: list[Spell], new: list[Spell]) -> AlarmChange:
    """Spells that overlap are the same alarm; in order, each taken once."""
    lost, gained, moved, same = [], [], [], 0
    i = j = 0
    while i < len(old) and j < len(new):
        one, other = old[i], new[j]
        if one == other:
            same += 1
        elif _ends_before(one, other):
            lost.append(one)
            i += 1
            continue
        elif _ends_before(other, one):
            gained.append(other)
            j += 1
            continue
        else:
            moved.append(Pair(one, other))
        i, j = i + 1, j + 1
    return AlarmChange(
        alarm=alarm,
        before=len(old),
        after=len(new),
        same=same,
        lost=lost + old[i:],
        gained=gained + new[j:],
        moved=moved,
    )


def _ends_before(one: Spell, other: Spell) -> bool:
    return one.end is not None and one.end < other.begin


def comparison_object(one: Comparison) -> dict[str, Any]:
    """For programs: ISO 8601 times."""
    return {
        "begin": iso(one.begin),
        "end": iso(one.end),
        "readings": one.readings,
        "changes": [
            {
                "alarm": change.alarm,
                "before": change.before,
                "after": change.after,
                "same": change.same,
                "lost": [_spell(spell) for spell in change.lost],
                "gained": [_spell(spell) for spell in change.gained],
                "moved": [
                    {"before": _spell(pair.before), "after": _spell(pair.after), "earlier_s": pair.earlier_s}
                    for pair in change.moved
                ],
            }
            for change in one.changes
        ],
        "kpi_before": object_of(one.before),
        "kpi_after": object_of(one.after),
    }


def _spell(spell: Spell) -> dict[str, str | None]:
    return {"begin": iso(spell.begin), "end": None if spell.end is None else iso(spell.end)}
