"""What a sound site could do better, as hints: nothing here is wrong, and nothing here is measured.

Each hint has a kind; `advice_shown` makes one line of all of a kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.site import Alarm, Escalation, Installation, Point, Site
from pipeline.sitefile.advice_load import load_words, of_process, priority_words
from pipeline.sitefile.context import NOWHERE
from pipeline.sitefile.fault import Fault, Faults
from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.scalars import duration_text, number_text
from pipeline.sitefile.tree import Mark

GAS = "gas_concentration"
NO_PLACE = ""
"""Of what is true of the site as a whole."""
GUIDANCE = {"action": "action", "cause": "cause", "consequence": "consequence", "response_time": "response_time_ms"}
"""Key of the site file -> attribute of the alarm."""


def advice(loaded: Loaded) -> list[Fault]:
    """All hints of a site without faults, those that reading it gave (changed presets) first; else only those."""
    site = loaded.site
    if site is None:
        return loaded.hints
    hints = _Hints(loaded)
    for one in site.installations:
        _alarms(one, hints)
        _points(one, hints)
    _told(site, hints)
    _relief(site, hints)
    for kind, words in (("priorities", priority_words(site)), ("load", load_words(site))):
        if words:
            hints.add(kind, site.id, words, NO_PLACE)
    return loaded.hints + hints.gathered.finish(Paths(loaded.trees))


class _Hints:
    """Gathers them at the places of what they are about: what stands in a template once is one hint."""

    def __init__(self, loaded: Loaded) -> None:
        self.gathered = Faults("hint")
        self._places = loaded.places

    def add(self, kind: str, of: str, words: str, at: str | None = None) -> None:
        """`of`: the id of the alarm, point, installation or position it is about; `at`: its key among the places."""
        mark: Mark = self._places.get(of if at is None else at, NOWHERE)
        self.gathered.hint(mark, kind, words, of)


def _alarms(one: Installation, hints: _Hints) -> None:
    stale_after = {point.id: point.stale_after_ms for point in one.points}
    for alarm in of_process(one):
        missing = [f"no {key}" for key, attribute in GUIDANCE.items() if getattr(alarm, attribute) is None]
        if missing:
            hints.add("guidance", alarm.id, ", ".join(missing))
        silence = stale_after.get(alarm.point or "")
        if alarm.response_time_ms is not None and silence is not None and silence > alarm.response_time_ms:
            words = (
                f"a silent point is STALE after {duration_text(silence)}, "
                f"later than the response time of {duration_text(alarm.response_time_ms)}"
            )
            hints.add("late_silence", alarm.id, words)


def _points(one: Installation, hints: _Hints) -> None:
    voted = {member for alarm in one.alarms if alarm.vote is not None for member in alarm.vote.of}
    compared = {point for alarm in one.alarms for point in alarm.compared}
    for point in one.points:
        judged = [alarm for alarm in point.alarms if alarm.kind not in {"stale", "bad", "late", "clock"}]
        if point.enabled and not judged and point.id not in compared:
            hints.add("no_alarm", f"{one.id}/{point.id}", "no alarm but those of every point")
        if judged and point.quantity == GAS and not voted & {alarm.id for alarm in judged}:
            hints.add("no_vote", f"{one.id}/{point.id}", "a gas detector that is in no vote")
        _close_levels(point, hints)


def _close_levels(point: Point, hints: _Hints) -> None:
    """L and LL, H and HH so near to each other that one deadband holds both (further apart is a fault)."""
    named = {alarm.name: alarm for alarm in point.alarms if alarm.kind in {"high", "low"}}
    for inner, outer in ((named.get("H"), named.get("HH")), (named.get("L"), named.get("LL"))):
        if inner is None or outer is None or inner.setpoint is None or outer.setpoint is None:
            continue
        gap = abs(outer.setpoint - inner.setpoint)
        if gap <= max(inner.deadband, outer.deadband):
            words = f"{outer.name} is {number_text(gap)} from {inner.name}, no more than their deadband"
            hints.add("close_levels", outer.id, words)


def _told(site: Site, hints: _Hints) -> None:
    """Who is told of an alarm, and whether in time."""
    if not site.notify.escalations:
        hints.add("nobody_told", site.id, "no escalations: nobody is told of any alarm", NO_PLACE)
        return
    filled = {position.id for position in site.positions if position.people}
    for one in site.installations:
        if one.owner not in filled:
            who = "no owner" if one.owner is None else f"nobody fills its owner {one.owner}"
            hints.add("no_owner", one.id, f"{who}: nobody has it on duty")
        for alarm in of_process(one):
            climbed = next((each for each in site.notify.escalations if _fits(each, one, alarm)), None)
            if climbed is None:
                hints.add("nobody_told", alarm.id, "no escalation fits it: nobody is told")
            elif alarm.response_time_ms is not None:
                first = climbed.steps[0].after_ms
                if first + alarm.on_delay_ms > alarm.response_time_ms:
                    after = f"{duration_text(first)} after its on-delay of {duration_text(alarm.on_delay_ms)}"
                    words = f"the first is told {after}, later than its response time"
                    hints.add("told_late", alarm.id, words)


def _fits(of: Escalation, one: Installation, alarm: Alarm) -> bool:
    return (
        (not of.priorities or alarm.priority in of.priorities)
        and (not of.classes or alarm.alarm_class in of.classes)
        and (not of.installations or one.id in of.installations)
    )


def _relief(site: Site, hints: _Hints) -> None:
    """Positions on a route that one person fills: when that person is off duty, nobody is there."""
    named = {step.to for escalation in site.notify.escalations for step in escalation.steps}
    up = max((_levels_up(to) for to in named), default=-1)
    above = {one.id: one.reports_to for one in site.positions}
    for one in site.installations:
        named |= set(_line(one.owner, above, up))
    for position in site.positions:
        if position.id in named and len(position.people) == 1:
            words = f"one person alone fills it: {position.people[0]}"
            hints.add("no_relief", position.id, words, f"positions/{position.id}")


def _levels_up(to: str) -> int:
    """How far above the owner a step goes; -1: it names somebody."""
    head, _, up = to.partition("+")
    return -1 if head != "owner" else int(up or 0)


def _line(owner: str | None, above: dict[str, str | None], up: int) -> Iterable[str]:
    for _ in range(up + 1):
        if owner is None:
            return
        yield owner
        owner = above.get(owner)
