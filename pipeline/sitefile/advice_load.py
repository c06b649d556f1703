"""What a site's alarms would ask of people, from the site file alone: their priorities, and a guess of their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.site import Alarm, Installation, Site
from pipeline.sitefile.classes import INSTRUMENT
from pipeline.sitefile.fault import counted

AIMED = {"low": 80, "medium": 15, "urgent": 5}
"""Share of alarms in %, high and critical together last (EEMUA 191, ISA-18.2)."""
SLACK = 10
"""Percentage points beyond which the share of urgent or medium alarms is worth a word."""
FEW = 20
"""With fewer alarms shares say nothing."""
DAYS_APART = 30
"""A guess, not a figure of any standard: how often each alarm is raised."""
ONE_OPERATOR = 150
"""Alarms a day that one operator can look at (EEMUA 191, ISA-18.2: about one in ten minutes)."""


def priority_words(site: Site) -> str:
    """How the priorities differ from 80/15/5; empty where they hardly do."""
    count = Counter(alarm.priority for one in site.installations for alarm in of_process(one))
    total = count.total()
    if total < FEW:
        return ""
    share = {priority: round(100 * number / total) for priority, number in count.items()}
    urgent, medium = share.get("critical", 0) + share.get("high", 0), share.get("medium", 0)
    if urgent <= AIMED["urgent"] + SLACK and medium <= AIMED["medium"] + SLACK:
        return ""
    shares = ", ".join(f"{share.get(one, 0)} % {one}" for one in ("critical", "high", "medium", "low"))
    return (
        f"priorities of the {total} alarms (those of class instrument left out): {shares}; usual is about 5 % high and "
        "critical together, 15 % medium, 80 % low"
    )


def load_words(site: Site) -> str:
    """The alarms a day each owner would have to look at, and what that is worked out from; empty without alarms."""
    count: Counter[str] = Counter()
    for one in site.installations:
        count[one.owner or "nobody"] += sum(1 for _ in of_process(one))
    if not count.total():
        return ""
    owner, most = count.most_common(1)[0]
    day = most / DAYS_APART
    return (
        f"alarm load, guessed from the number of alarms alone: {counted(most, 'alarm')} of {owner}, "
        f"each once in {DAYS_APART} days, would be {day:.1f} a day; one operator can look at about {ONE_OPERATOR}. "
        "`hazardwatch kpi` counts what really comes"
    )


def of_process(one: Installation) -> Iterator[Alarm]:
    """Alarms a person acts on: all but those about instruments."""
    own = (alarm for point in one.points for alarm in point.alarms)
    for alarms in (own, one.alarms):
        yield from (alarm for alarm in alarms if alarm.alarm_class != INSTRUMENT)
