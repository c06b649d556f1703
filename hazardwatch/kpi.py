"""Alarm performance of a time: the figures of ISA-18.2 out of alarm events. Pure; it fetches none.

Annunciated: an alarm goes to UNACK (or is raised where no acknowledgement is required) while it is not suppressed.
Targets are those of public restatements of ISA-18.2 / EEMUA 191, asked of at least 30 days, per operator position.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

import msgspec

from pipeline.model import Event, State
from pipeline.outside import event_object, iso

TEN_MIN_MS = 600_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ENOUGH_DAYS = 30
FLOOD_BEGINS, FLOOD_ENDS = 10, 5
"""More than so many annunciations in ten minutes begin a flood, fewer than so many end it."""
CHATTER, CHATTER_MS = 3, 60_000
FLEETING_MS = 10_000
STALE_MS = DAY_MS
_TOP = 10
_ON = frozenset({"raised", "reraised"})
_OFF = frozenset({"returned", "cleared"})
_LIFTED = frozenset({"unshelved", "unsuppressed", "in_service"})
_HIDDEN = frozenset({State.SHELVED, State.SUPPRESSED_BY_DESIGN, State.OUT_OF_SERVICE})


class Flood(msgspec.Struct, frozen=True):
    """`begin`, `end` ms; `annunciations` in it; `end` is the end of the time looked at if it had not ended."""

    begin: int
    end: int
    annunciations: int


class Spell(msgspec.Struct, frozen=True):
    """One time an alarm's condition was on. `end` None: still on at the end."""

    alarm: str
    begin: int
    end: int | None


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """All figures. Times ms, shares of 1, `by_alarm` the annunciations of each alarm, most first."""

    begin: int
    end: int
    annunciations: int
    by_alarm: dict[str, int]
    by_priority: dict[str, int]
    per_day: float
    per_hour: float
    per_ten_min: float
    peak_ten_min: int
    peak_ten_min_at: int | None
    share_ten_min_above_10: float
    share_hours_above_30: float
    floods: list[Flood]
    share_in_flood: float
    top_ten_share: float
    chattering: dict[str, int]
    fleeting: dict[str, int]
    stale: list[Spell]
    standing: list[Event]
    hidden: list[Event]
    acknowledged: int
    ack_median_s: float | None
    ack_p90_s: float | None
    ack_max_s: float | None

    @property
    def days(self) -> float:
        """How long it was looked at."""
        return (self.end - self.begin) / DAY_MS

    @property
    def enough(self) -> bool:
        """Whether ISA-18.2 would call it enough to judge by."""
        return self.days >= ENOUGH_DAYS

    @property
    def longest_flood_s(self) -> float:
        """0 without a flood."""
        return max((flood.end - flood.begin for flood in self.floods), default=0) / 1000


def kpi(events: Iterable[Event], begin: int, end: int) -> Kpi:
    """The figures of [begin, end) (ms, device time of the events); events before `begin` only say what stood then."""
    ordered = sorted((one for one in events if one.time < end), key=lambda one: (one.time, one.seq))
    told = [one for one in ordered if one.time >= begin and annunciates(one)]
    times = [one.time for one in told]
    length = max(end - begin, 1)
    ten, hours = _buckets(times, begin, end, TEN_MIN_MS), _buckets(times, begin, end, HOUR_MS)
    peak = max(ten.items(), key=lambda each: each[1], default=(None, 0))
    by_alarm = dict(Counter(one.alarm for one in told).most_common())
    floods = floods_of(times, end)
    waits = sorted(_waits(ordered, begin))
    last = {one.alarm: one for one in ordered if one.state is not None}
    return Kpi(
        begin=begin,
        end=end,
        annunciations=len(told),
        by_alarm=by_alarm,
        by_priority=dict(Counter(one.priority or "none" for one in told).most_common()),
        per_day=len(told) * DAY_MS / length,
        per_hour=len(told) * HOUR_MS / length,
        per_ten_min=len(told) * TEN_MIN_MS / length,
        peak_ten_min=peak[1],
        peak_ten_min_at=peak[0],
        share_ten_min_above_10=_share(ten, 10, length / TEN_MIN_MS),
        share_hours_above_30=_share(hours, 30, length / HOUR_MS),
        floods=floods,
        share_in_flood=sum(flood.end - flood.begin for flood in floods) / length,
        top_ten_share=sum(list(by_alarm.values())[:_TOP]) / len(told) if told else 0.0,
        chattering=_chattering(told),
        fleeting=_fleeting(ordered, begin),
        stale=[one for one in spells(ordered) if (one.end or end) - one.begin > STALE_MS and (one.end or end) > begin],
        standing=[one for one in last.values() if one.state != State.NORMAL and one.state not in _HIDDEN],
        hidden=[one for one in last.values() if one.state in _HIDDEN],
        acknowledged=len(waits),
        ack_median_s=median(waits) / 1000 if waits else None,
        ack_p90_s=waits[min(len(waits) - 1, len(waits) * 9 // 10)] / 1000 if waits else None,
        ack_max_s=waits[-1] / 1000 if waits else None,
    )


def annunciates(event: Event) -> bool:
    """Whether people are called by it."""
    if event.event in _ON:
        return event.state in (State.UNACK, State.ACKED)
    return event.event in _LIFTED and event.state == State.UNACK


def _buckets(times: Sequence[int], begin: int, end: int, size: int) -> dict[int, int]:
    """Annunciations by clock-aligned bucket (its beginning, ms), empty ones left out."""
    return dict(Counter(time // size * size for time in times if begin <= time < end))


def _share(buckets: dict[int, int], above: int, of: float) -> float:
    return sum(count > above for count in buckets.values()) / max(of, 1.0)


def floods_of(times: Sequence[int], end: int) -> list[Flood]:
    """`times` (ms) in order. The ten minutes slide."""
    changes = sorted([(time, 1) for time in times] + [(time + TEN_MIN_MS, -1) for time in times])
    floods: list[Flood] = []
    within, begin, told = 0, None, 0
    for time, change in changes:
        if time > end:
            break
        within += change
        if begin is None and within > FLOOD_BEGINS:
            begin, told = time, within
        elif begin is not None:
            told += change > 0
            if within < FLOOD_ENDS:
                floods.append(Flood(begin, time, told))
                begin = None
    if begin is not None:
        floods.append(Flood(begin, end, told))
    return floods


def _chattering(told: Sequence[Event]) -> dict[str, int]:
    """How often each alarm was annunciated three times in a minute, most first; a run counts once."""
    times: dict[str, list[int]] = defaultdict(list)
    for one in told:
        times[one.alarm].append(one.time)
    found: Counter[str] = Counter()
    for alarm, at in times.items():
        until = -1
        for i in range(CHATTER - 1, len(at)):
            if at[i] - at[i - CHATTER + 1] <= CHATTER_MS:
                found[alarm] += at[i - CHATTER + 1] > until
                until = at[i]
    return dict(found.most_common())


def spells(ordered: Iterable[Event]) -> list[Spell]:
    """When each alarm's condition was on, in order of beginning; suppressed ones count too."""
    on: dict[str, int] = {}
    found: list[Spell] = []
    for one in ordered:
        if one.event in _ON:
            on.setdefault(one.alarm, one.time)
        elif one.event in _OFF and one.alarm in on:
            found.append(Spell(one.alarm, on.pop(one.alarm), one.time))
    found += [Spell(alarm, begin, None) for alarm, begin in on.items()]
    return sorted(found, key=lambda one: one.begin)


def _fleeting(ordered: Sequence[Event], begin: int) -> dict[str, int]:
    """Alarms that were gone within seconds, before anybody acted."""
    since: dict[str, int] = {}
    found: Counter[str] = Counter()
    for one in ordered:
        if annunciates(one):
            since[one.alarm] = one.time
        elif one.event in _OFF or one.actor is not None:
            raised = since.pop(one.alarm, None)
            if raised is not None and one.actor is None and one.time - raised < FLEETING_MS and raised >= begin:
                found[one.alarm] += 1
    return dict(found.most_common())


def _waits(ordered: Sequence[Event], begin: int) -> list[int]:
    """From being annunciated to a person's acknowledgement, ms."""
    since: dict[str, int] = {}
    found = []
    for one in ordered:
        if annunciates(one):
            since[one.alarm] = one.time
        elif one.event == "acknowledged" and one.alarm in since:
            wait = one.time - since.pop(one.alarm)
            if one.time >= begin:
                found.append(wait)
    return found


def object_of(one: Kpi) -> dict[str, Any]:
    """For programs: ISO 8601 times, and the word about too short a time."""
    plain: dict[str, Any] = msgspec.to_builtins(one)
    for name in ("begin", "end", "peak_ten_min_at"):
        plain[name] = None if plain[name] is None else iso(plain[name])
    for item in [*plain["floods"], *plain["stale"]]:
        item |= {key: None if item[key] is None else iso(item[key]) for key in ("begin", "end")}
    for name in ("standing", "hidden"):
        plain[name] = [event_object(event) for event in getattr(one, name)]
    return plain | {"days": one.days, "enough": one.enough, "note": word(one), "longest_flood_s": one.longest_flood_s}


def word(one: Kpi) -> str | None:
    """An honest word when the time is too short to judge by."""
    if one.enough:
        return None
    return (
        f"{one.days:.1f} days are fewer than the {ENOUGH_DAYS} that ISA-18.2 asks for: "
        "rates of so short a time say little, and averages hide the peaks"
    )
