"""Draws an example's day as SVG: its points, the graded warning, and a bar for every alarm while it was on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from pipeline.model import Event, State
from pipeline.site import PRIORITIES, Point, Site
from simulators.day import DAY_S, second_of
from simulators.traces import Told, told
from tests.example_days import Played
from tests.panels import COLOURS, Panel, limits_of, reach, ticks

LEFT, WIDE, RIGHT, TOP, HIGH, GAP, ROW = 190, 760, 120, 54, 110, 30, 17
COLUMNS = 240
"""Columns a line is drawn in, each with its lowest and highest value."""
PAINT = {"critical": "#b3261e", "high": "#e07b00", "medium": "#c9a400", "low": "#5b7fa6"}
LEVELS = {"red": "#d32f2f", "orange": "#f57c00", "yellow": "#fbc02d", "blue": "#64a5e8"}
_OFF = {"returned", "cleared"}
_STYLE = """text{font-family:system-ui,sans-serif;font-size:12px;fill:#33475b}.t{font-size:15px;font-weight:600}
.g{stroke:#e3e8ee}.a{stroke:#8795a1}.l{stroke:#b3261e;stroke-dasharray:6 4}
.v{fill:none;stroke-width:1.4}.q{fill-opacity:.3}"""


def picture(day: Played) -> str:
    """The whole picture."""
    return _Drawing(day).svg()


class _Drawing:
    def __init__(self, day: Played) -> None:
        self.day = day
        self.parts: list[str] = []
        self.told = {one.point: one for one in told(day.site, day.day)}

    def x(self, second: float) -> float:
        return LEFT + second / DAY_S * WIDE

    def text(self, x: float, y: float, words: str, anchor: str = "start", more: str = "") -> None:
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(words)}</text>')

    def line(self, class_: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(f'<line class="{class_}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def bar(self, first: float, last: float, y: float, look: str) -> None:
        wide = max(self.x(last) - self.x(first), 2.5)
        self.parts.append(f'<rect x="{self.x(first):.1f}" y="{y:.1f}" width="{wide:.1f}" height="11" {look}/>')

    def svg(self) -> str:
        y = float(TOP)
        for names in self.day.day.picture:
            self._panel(_panel_of(self.day.site, names), y)
            y += HIGH + GAP
        y = self._warning(y - 8)
        y = self._alarms(y)
        self._hours(y)
        height, width = y + 48, LEFT + WIDE + RIGHT
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}">\n<style>{_STYLE}</style>'
        name = self.day.site.name
        title = f'<text class="t" x="{LEFT}" y="20">{escape(f"{name.en}, {self.day.day.date}")}</text>'
        return "\n".join(
            [head, f'<rect width="{width}" height="{height:.0f}" fill="#fff"/>', title, *self.parts, "</svg>\n"]
        )

    def _panel(self, panel: Panel, top: float) -> None:
        low, high = reach(panel, {name: one.values.tolist() for name, one in self.told.items()})

        def y(value: float) -> float:
            return top + HIGH - (value - low) / (high - low) * HIGH

        for value, words in ticks(panel, low, high):
            self.line("g", LEFT, y(value), LEFT + WIDE, y(value))
            self.text(LEFT - 6, y(value) + 4, words, "end")
        room = top + HIGH + 99
        for value, words in sorted(panel.limits):
            if low <= value <= high:
                self.line("l", LEFT, y(value), LEFT + WIDE, y(value))
                room = min(room - 13, y(value) + 4)  # limits close together are named one above the other
                self.text(LEFT + WIDE + 6, room, words)
        for number, point in enumerate(panel.points):
            colour = COLOURS[number % len(COLOURS)]
            places = " ".join(
                f"{self.x(s):.1f},{y(v):.1f}" for s, v in _thinned(self.told[point.id], steps=bool(point.states))
            )
            self.parts.append(f'<polyline class="v" stroke="{colour}" points="{places}"/>')
            self.text(LEFT + 90 * number, top - 6, point.id, more=f' style="fill:{colour}"')

    def _warning(self, y: float) -> float:
        for here in self.day.site.installations:
            self.text(LEFT - 6, y + 10, f"{here.id} warning", "end")
            changes = [(self._second(time), level) for time, home, level in self.day.levels if home == here.id]
            for (second, level), (end, _) in zip(changes, [*changes[1:], (float(DAY_S), None)], strict=True):
                if level is not None:
                    self.bar(second, end, y, f'fill="{LEVELS[level]}"')
            y += ROW
        return y + 6

    def _alarms(self, y: float) -> float:
        """A row for every alarm of the day in the order in which they came; pale: in a suppression."""
        rows: dict[str, list[tuple[float, float, Event]]] = {}
        since: dict[str, Event] = {}
        for event in self.day.events:
            if event.event in {"raised", "reraised"}:
                since.setdefault(event.alarm, event)  # raised again while on: one bar
                rows.setdefault(event.alarm, [])
            elif (begun := since.get(event.alarm)) and (event.event in _OFF or _pale(event) != _pale(begun)):
                rows[event.alarm].append((self._second(begun.time), self._second(event.time), begun))
                del since[event.alarm]
                if event.event not in _OFF:
                    since[event.alarm] = event
        for alarm, begun in since.items():
            rows[alarm].append((self._second(begun.time), float(DAY_S), begun))
        for alarm, spells in rows.items():
            self.text(LEFT - 6, y + 10, alarm, "end")
            for first, last, begun in spells:
                pale = ' class="q"' if _pale(begun) else ""
                self.bar(first, last, y, f'fill="{PAINT[begun.priority or PRIORITIES[-1]]}"{pale}')
            y += ROW
        return y + 10

    def _hours(self, y: float) -> None:
        self.line("a", LEFT, y, LEFT + WIDE, y)
        for hour in range(0, 25, 2):
            self.line("a", self.x(hour * 3600), y, self.x(hour * 3600), y + 4)
            self.text(self.x(hour * 3600), y + 17, f"{hour:02}:00", "middle")
        for step in self.day.day.story:
            title = escape(f"{step.at} {step.told.en}")
            place = f"M{self.x(second_of(step.at)):.1f} {y - 1:.1f} l-3 -6 h6 z"
            self.parts.append(f'<path d="{place}" fill="#33475b"><title>{title}</title></path>')
        for number, (priority, colour) in enumerate(PAINT.items()):
            self.parts.append(
                f'<rect x="{LEFT + 90 * number}" y="{y + 28:.1f}" width="11" height="11" fill="{colour}"/>'
            )
            self.text(LEFT + 90 * number + 16, y + 38, priority)
        self.text(LEFT + 90 * len(PAINT), y + 38, "pale: suppressed by design, shelved or out of service")

    def _second(self, time: int) -> float:
        return (time - self.day.begin) / 1000


def _pale(event: Event) -> bool:
    """Whether the alarm is in a suppression, after this event."""
    return event.state in {State.SHELVED, State.SUPPRESSED_BY_DESIGN, State.OUT_OF_SERVICE}


def _panel_of(site: Site, names: list[str]) -> Panel:
    by_name: dict[str, Point] = {point.id: point for here in site.installations for point in here.points}
    points = tuple(by_name[name] for name in names)
    limits: dict[float, str] = {}
    for point in points:
        for value, words in (limit for alarm in point.alarms for limit in limits_of(alarm)):
            limits.setdefault(value, words)
    return Panel(points, tuple(limits.items()))


def _thinned(one: Told, *, steps: bool) -> Iterator[tuple[float, float]]:
    """Each column's lowest and highest value in their order, so that no spike is lost; a state holds until the next."""
    if steps:
        for at in np.flatnonzero(np.diff(one.values, prepend=np.nan) != 0).tolist():
            if at:
                yield float(one.seconds[at]), float(one.values[at - 1])
            yield float(one.seconds[at]), float(one.values[at])
        yield float(DAY_S), float(one.values[-1])
        return
    for column in np.split(
        np.arange(len(one.seconds)), np.searchsorted(one.seconds, np.linspace(0, DAY_S, COLUMNS)[1:-1])
    ):
        if len(column):
            for at in sorted({int(column[one.values[column].argmin()]), int(column[one.values[column].argmax()])}):
                yield float(one.seconds[at]), float(one.values[at])
