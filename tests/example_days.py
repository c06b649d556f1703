"""Plays the simulated day of each example through `hazardwatch replay`, and writes what came of it beside the example.

python -m tests.example_days [NAME ...] renews expected.csv and day.svg; read the difference before keeping it.
"""

from __future__ import annotations

import datetime
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from alerting.grading import Grader, Standing
from hazardwatch.sites import sound_site
from hazardwatch.verbs.replay import replay
from pipeline.model import Event
from pipeline.outside import ms_of
from pipeline.site import Site
from simulators.day import Day, read_day
from simulators.write_day import midnight_ms, write_day

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = ("methanol-tank-farm", "chlorine-store", "batch-reactor", "lpg-spheres")
COLUMNS = "time,event,alarm,state,priority,value,by"
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Played:
    """A day and what came of it: every event of an alarm, and (time, installation, level) of the graded warnings."""

    site: Site
    day: Day
    begin: int
    events: list[Event]
    levels: list[tuple[int, str, str | None]]


@lru_cache
def played(name: str) -> Played:
    """The example's own files through the verb itself; each example once a process."""
    folder = EXAMPLES / name
    [site, warnings], day = sound_site(folder / "site.yaml"), read_day(folder / "day.yaml")
    assert warnings == []
    with tempfile.TemporaryDirectory() as temporary:
        readings, orders = write_day(site, day, Path(temporary))
        out = Path(temporary) / "events.jsonl"
        replay([folder / "site.yaml", readings], commands=orders, out=out)
        events = [_event(line) for line in out.read_bytes().splitlines()]
    begin = midnight_ms(site, day)
    levels = [found for one in site.installations for found in _levels(site, one.id, events, begin)]
    return Played(site, day, begin, events, sorted(levels, key=lambda one: one[0]))


def _event(line: bytes) -> Event:
    told = msgspec.json.decode(line)
    return msgspec.convert(told | {name: ms_of(told[name]) for name in ("time", "decided")}, Event)


def _levels(site: Site, installation: str, events: list[Event], begin: int) -> Iterator[tuple[int, str, str | None]]:
    """Each change of what the site's rules make of the standing alarms; looked at with every event and minute."""
    grader, standing, last = Grader(site.warnings.rules, site.installation(installation)), Standing(), None
    minutes = [(begin + MINUTE_MS * number, None) for number in range(24 * 60)]
    own = [(one.decided, one) for one in events if one.alarm.startswith(installation + "/")]
    for now, event in sorted([*minutes, *own], key=lambda one: one[0]):
        if event is not None:
            standing.event(event)
        level = grader.grade(standing.on, now).level
        if level != last:
            yield now, installation, level
            last = level


def table(day: Played) -> str:
    """What came of the day, one line per event in the order of decision, with the site's clock."""
    zone = ZoneInfo(day.site.timezone)

    def clock(time: int) -> str:
        return datetime.datetime.fromtimestamp(time / 1000, zone).strftime("%H:%M:%S")

    rows = [
        (event.decided, ",".join((clock(event.time), event.event, event.alarm, *_shown(event)))) for event in day.events
    ]
    rows += [(time, f"{clock(time)},warning,{home},{level or 'none'},,,") for time, home, level in day.levels]
    return "\n".join([COLUMNS, *(text for _, text in sorted(rows, key=lambda one: one[0]))]) + "\n"


def _shown(event: Event) -> tuple[str, str, str, str]:
    value = "" if event.value is None else f"{event.value:g}"
    return event.state or "", event.priority or "", value, event.actor or ""


def main() -> None:
    from tests.day_picture import picture

    for name in sys.argv[1:] or NAMES:
        day = played(name)
        (EXAMPLES / name / "expected.csv").write_text(table(day), encoding="utf-8")
        (EXAMPLES / name / "day.svg").write_text(picture(day), encoding="utf-8")


if __name__ == "__main__":
    main()
