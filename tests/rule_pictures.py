"""Draws docs/pictures/rules/*.svg: the sample of each page of docs/rules, played through the real engine.

python -m tests.rule_pictures
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from alerting.channels import CHANNELS
from pipeline.site import Point, Site
from pipeline.sitefile import render_fault, validate
from rules.table import JUDGED_KINDS
from tests.engine_play import play
from tests.oracle.records import Readings, Record, Told
from tests.panels import COLOURS, Panel, limits_of, reach, ticks
from tests.rule_signals import SIGNALS, Signal
from tests.stories import T0, aimed, at, r

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "rules"
FOLDER = ROOT / "docs" / "pictures" / "rules"
INSTALLATION = "TF1"
LEFT, TOP, WIDE, HIGH, GAP, ROW = 76, 56, 760, 150, 34, 17
_SAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_STYLE = """text{font-family:system-ui,sans-serif;font-size:12.5px;fill:#33475b}
.title{font-size:15px;font-weight:600;fill:#1f2d3a}.axis{stroke:#8795a1;stroke-width:1}
.limit{stroke:#b3261e;stroke-width:1.5;stroke-dasharray:6 4}.line{fill:none;stroke-width:1.8}
.on{fill:#b3261e;fill-opacity:.16}"""


def sample_of(page: str) -> Site:
    """The site that the page shows; it has neither faults nor warnings."""
    [text] = _SAMPLE.findall((PAGES / f"{page}.md").read_text(encoding="utf-8"))
    loaded = validate(text, f"{page}.md", JUDGED_KINDS, frozenset(CHANNELS))
    assert loaded.site is not None, [render_fault(one) for one in loaded.faults]
    assert loaded.warnings == [], [render_fault(one) for one in loaded.warnings]
    return loaded.site


def records_of(signal: Signal) -> list[Record]:
    """One record a step with every point's value, and the commands of the page."""
    readings = [
        Readings(at(second), tuple(r(point, second, values[number]) for point, values in signal.values.items()))
        for number, second in enumerate(signal.seconds)
    ]
    commands = [aimed(second, "mode", target, mode=mode) for second, target, mode in signal.modes]
    return sorted([*readings, *commands], key=lambda one: one.received)


def panels_of(site: Site, signal: Signal) -> list[Panel]:
    """The sample's points that have a signal, those of one unit together, states each alone."""
    here = site.installations[0]
    by_unit: dict[str, list[Point]] = {}
    for point in here.points:
        if point.id in signal.values:
            by_unit.setdefault(point.unit or point.id, []).append(point)
    return [
        Panel(tuple(points), tuple(limit for point in points for alarm in point.alarms for limit in limits_of(alarm)))
        for points in by_unit.values()
    ]


class Drawing:
    """The picture of one page: panels one below another, shaded while the page's alarm is on, events below."""

    def __init__(self, page: str) -> None:
        self.site, self.signal = sample_of(page), SIGNALS[page]
        self.parts: list[str] = []
        self.panels = panels_of(self.site, self.signal)
        self.end = float(self.signal.seconds[-1])
        told = play(self.site, INSTALLATION, records_of(self.signal), at(self.end), True)
        self.events = [one for one in told if one["alarm"].rpartition("/")[2] not in ("STALE", "BAD", "LATE", "CLOCK")]

    def x(self, second: float) -> float:
        return LEFT + second / self.end * WIDE

    def text(self, x: float, y: float, words: str, anchor: str = "start", class_: str = "word") -> None:
        place = f'class="{class_}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self.parts.append(f"<text {place}>{escape(words)}</text>")

    def line(self, class_: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(f'<line class="{class_}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def svg(self) -> str:
        bottom = TOP
        for number, panel in enumerate(self.panels):
            bottom = TOP + number * (HIGH + GAP) + HIGH
            self._panel(panel, bottom - HIGH)
        self._shade(bottom)
        step = next(s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200) if self.end / s <= 12)
        for second in range(0, int(self.end) + 1, step):
            self.line("axis", self.x(second), bottom, self.x(second), bottom + 5)
            self.text(self.x(second), bottom + 19, f"{second // 60} min" if step >= 60 else f"{second} s", "middle")
        height = self._tell(bottom + 44)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 150} {height:.0f}">'
        paper = f'<style>{_STYLE}</style>\n<rect width="{LEFT + WIDE + 150}" height="{height:.0f}" fill="#fff"/>'
        name = f'<text class="title" x="{LEFT}" y="24">{escape(self.signal.title)}</text>'
        return "\n".join([head, paper, name, *self.parts, "</svg>\n"])

    def _panel(self, panel: Panel, top: float) -> None:
        low, high = reach(panel, self.signal.values)

        def y(value: float) -> float:
            return top + HIGH - (value - low) / (high - low) * HIGH

        self.line("axis", LEFT, top + HIGH, LEFT + WIDE, top + HIGH)
        for value, words in ticks(panel, low, high):
            self.line("axis", LEFT - 4, y(value), LEFT, y(value))
            self.text(LEFT - 7, y(value) + 4, words, "end")
        for value, words in panel.limits:
            if low <= value <= high:
                self.line("limit", LEFT, y(value), LEFT + WIDE, y(value))
                self.text(LEFT + WIDE + 8, y(value) + 4, words)
        for number, point in enumerate(panel.points):
            values, colour = self.signal.values[point.id], COLOURS[number % len(COLOURS)]
            places = " ".join(
                f"{self.x(second):.1f},{y(value):.1f}"
                for second, value in _stepped(self.signal.seconds, values, steps=bool(point.states))
            )
            self.parts.append(f'<polyline class="line" stroke="{colour}" points="{places}"/>')
            place = f'x="{LEFT + 110 * number}" y="{top - 7:.1f}" style="fill:{colour}"'
            self.parts.append(f"<text {place}>{escape(point.id)}</text>")

    def _shade(self, bottom: float) -> None:
        began: dict[str, float] = {}
        for event in self.events:
            second, name = (event["time"] - T0) / 1000, event["alarm"]
            if event["event"] in ("raised", "reraised"):
                began[name] = second
            elif event["event"] in ("returned", "cleared") and name in began:
                self._band(began.pop(name), second, bottom)
        for second in began.values():
            self._band(second, self.end, bottom)

    def _band(self, first: float, last: float, bottom: float) -> None:
        place = f'x="{self.x(first):.1f}" y="{TOP}" width="{self.x(last) - self.x(first):.1f}" height="{bottom - TOP}"'
        self.parts.append(f'<rect class="on" {place}/>')

    def _tell(self, y: float) -> float:
        for event in self.events[:8]:
            self.text(LEFT, y, _words(event))
            y += ROW
        return y + 6


def _stepped(seconds: tuple[float, ...], values: list[float], *, steps: bool) -> Iterable[tuple[float, float]]:
    """The points of the line; a state holds until the next one."""
    for number, (second, value) in enumerate(zip(seconds, values, strict=True)):
        if steps and number:
            yield second, values[number - 1]
        yield second, value


def _words(event: Told) -> str:
    parts = [f"{(event['time'] - T0) / 1000:g} s: {event['alarm'].removeprefix(INSTALLATION + '/')} {event['event']}"]
    if event["value"] is not None:
        parts.append(f"value {event['value']:.6g}")
    if event["time_left_s"] is not None:
        parts.append(f"time left {event['time_left_s']} s")
    return ", ".join(parts)


def drawn() -> dict[str, str]:
    """Every picture by its file name."""
    return {f"{page}.svg": Drawing(page).svg() for page in SIGNALS}


if __name__ == "__main__":
    for name, svg in drawn().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
