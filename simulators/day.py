"""What a day file says: how a plant's points go from midnight to midnight, and the story behind it, as data.

It makes no readings (simulators.traces). A new form of day is a field here and a line in examples/README.md.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.sitefile.scalars import duration_ms
from pipeline.sitefile.tree import parse

DAY_S = 86_400
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\Z")


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"from_": "from"}):
    """All of a day file: unknown keys are refused."""


class Stretch(_Written, frozen=True):
    """Times of the day, "HH:MM" or "HH:MM:SS"; `to` itself is not in it."""

    from_: str
    to: str


class Closer(Stretch, frozen=True):
    """Every point is read at least so often meanwhile."""

    every: str


class Tank(_Written, frozen=True):
    """Level (m) = `start` + the flows' integral / `area` (m2); flows in m3/h, `lost` one that no meter sees."""

    area: float
    start: float
    inflow: list[str] = []
    outflow: list[str] = []
    lost: dict[str, float] = {}


class Sway(_Written, frozen=True):
    """A cosine on top: `by` above and below, once in `every`, highest at `peak`."""

    by: float
    every: str
    peak: str = "00:00"


class Trace(_Written, frozen=True):
    """One point. What it tells is one of `curve` (straight lines between times, or one number), `states` (until the
    next), `tank` and `like` (what another point measures, `plus` something); then what the instrument makes of it.

    `noise`: standard deviation; `step`: smallest step it shows, both in the point's unit. `stuck`: shows what it
    showed at `from`. `bad`: says that it is bad. `gone`: nothing is heard.
    """

    curve: dict[str, float] | float | None = None
    states: dict[str, str] | None = None
    tank: Tank | None = None
    like: str | None = None
    plus: float = 0.0
    sway: Sway | None = None
    noise: float = 0.0
    step: float = 0.001
    stuck: list[Stretch] = []
    bad: list[Stretch] = []
    gone: list[Stretch] = []


class Told(_Written, frozen=True, rename={"zh": "zh-CN"}):
    """What somebody there would see."""

    en: str
    zh: str


class Step(_Written, frozen=True):
    """`do`: what people command then, as `replay --commands` takes it. `raises`: the alarms until the next step."""

    at: str
    told: Told
    do: list[dict[str, str | bool]] = []
    raises: list[str] = []


class Day(_Written, frozen=True):
    """`points` by installation; `picture`: which points to draw together."""

    date: str
    seed: int
    points: dict[str, dict[str, Trace]]
    closer: list[Closer] = []
    story: list[Step] = []
    picture: list[list[str]] = []


def read_day(file: Path) -> Day:
    """The day of the file. Raises ConfigError with the first fault."""
    tree, troubles = parse(file.read_text(encoding="utf-8"))
    if troubles:
        raise ConfigError(
            "\n".join(f"{file}:{one.mark.line}: found {one.found}; expected {one.expected}" for one in troubles)
        )
    try:
        day = msgspec.convert(tree, Day)
        datetime.date.fromisoformat(day.date)
        times = [second_of(step.at) for step in day.story]
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from None
    if times != sorted(times):
        raise ConfigError(f"{file}: the story is not in order of time")
    return day


def second_of(clock: str) -> int:
    """Seconds since midnight; "24:00" is the end of the day. Raises ValueError."""
    found = _CLOCK.match(clock)
    if clock == "24:00":
        return DAY_S
    if found is None:
        raise ValueError(f'{clock!r} is no time of the day: "HH:MM" or "HH:MM:SS"')
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def seconds_of(duration: str) -> int:
    """A duration in whole seconds. Raises ValueError."""
    milliseconds = duration_ms(duration)
    if milliseconds is None or milliseconds < 1000 or milliseconds % 1000:
        raise ValueError(f"{duration!r} is no duration of whole seconds, such as 10s")
    return milliseconds // 1000


def commands(day: Day, midnight_ms: int) -> list[dict[str, Any]]:
    """What people do that day, each with its `time`, as `replay --commands` takes it."""
    return [{"time": midnight_ms + 1000 * second_of(step.at)} | order for step in day.story for order in step.do]
