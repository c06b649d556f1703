"""Draws docs/pictures/*.svg of how samples are judged, from what the real engine does; a test holds them together.

python -m tests.doc_pictures
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from pipeline.admission import Admission
from pipeline.site import Site
from tests.engine_play import block_of, play
from tests.oracle.records import Reading, Readings, Record, Told
from tests.oracle.sites import INSTALLATION, point
from tests.stories import T0, at, got, level, live, r

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
LEFT, TOP, WIDE, HIGH, BELOW = 64, 40, 760, 210, 110
_STYLE = """text{font-family:system-ui,sans-serif;font-size:12.5px;fill:#33475b}
.title{font-size:15px;font-weight:600;fill:#1f2d3a}
.axis{stroke:#8795a1;stroke-width:1}.limit{stroke:#b3261e;stroke-width:1.5}.end{stroke:#b3261e;stroke-dasharray:5 4}
.held{stroke:#9fb3c8;stroke-width:3}.good{fill:#1f5fa8}.sent{fill:#9fb3c8}.bad{fill:#fff;stroke:#1f5fa8;stroke-width:2}
.on{fill:#b3261e;fill-opacity:.16}.about{fill:#8a5a00;fill-opacity:.16}.mark{stroke:#1f2d3a;stroke-dasharray:2 3}"""


@dataclass(frozen=True, slots=True)
class Chart:
    """Seconds of a story across, values upwards."""

    seconds: tuple[float, float]
    values: tuple[float, float]
    parts: list[str] = field(default_factory=list)

    def x(self, second: float) -> float:
        first, last = self.seconds
        return LEFT + (second - first) / (last - first) * WIDE

    def y(self, value: float) -> float:
        low, high = self.values
        return TOP + HIGH - (value - low) / (high - low) * HIGH

    def line(self, class_: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(f'<line class="{class_}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start", class_: str = "word") -> None:
        self.parts.append(
            f'<text class="{class_}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def dot(self, second: float, value: float, class_: str) -> None:
        self.parts.append(f'<circle class="{class_}" cx="{self.x(second):.1f}" cy="{self.y(value):.1f}" r="4.5"/>')

    def band(self, begin: float, end: float, class_: str) -> None:
        left, right = self.x(begin), self.x(min(end, self.seconds[1]))
        self.parts.append(
            f'<rect class="{class_}" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{HIGH}"/>'
        )

    def svg(self, title: str, step: int) -> str:
        width, height = LEFT + WIDE + 130, TOP + HIGH + BELOW
        bottom = TOP + HIGH
        self.line("axis", LEFT, bottom, LEFT + WIDE, bottom)
        for second in range(int(self.seconds[0]), int(self.seconds[1]) + 1, step):
            self.line("axis", self.x(second), bottom, self.x(second), bottom + 5)
            self.text(self.x(second), bottom + 20, f"{second} s", "middle")
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><style>{_STYLE}</style>'
        paper = f'<rect width="{width}" height="{height}" fill="#fff"/>'
        name = f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>'
        return "\n".join([head, paper, name, *self.parts, "</svg>\n"])


@dataclass(frozen=True, slots=True)
class Scene:
    """A story of point LT with alarm H, and what is written into its picture: (second, value, text)."""

    title: str
    site: Site
    records: list[Record]
    until: int
    values: tuple[float, float] = (11.6, 13.2)
    step: int = 1
    notes: tuple[tuple[float, float, str], ...] = ()


SCENES = {
    "on-delay": Scene(
        "on_delay 5 s: a condition that does not last is no alarm",
        level(on_delay_ms=5_000),
        live(
            "LT", (0, 12.1), (1, 12.6), (2, 12.8), (3, 12.7), (4, 12.3), (5, 12.4), (6, 12.6), (7, 12.8), (8, 12.9),
            (9, 12.8), (10, 12.9), (11, 12.8), (12, 12.5), (13, 12.2), (14, 12.0),
        ),
        15,
        notes=((1, 12.9, "pending"), (4, 12.08, "does not start: cancelled"), (6, 13.05, "pending again"),
               (13, 11.85, "ends")),
    ),
    "deadband": Scene(
        "setpoint 12.5, deadband 0.2: once on, it stays on until the value is below 12.3",
        level(),
        live(
            "LT", (0, 12.2), (1, 12.45), (2, 12.5), (3, 12.45), (4, 12.55), (5, 12.4), (6, 12.3), (7, 12.35),
            (8, 12.52), (9, 12.4), (10, 12.29), (11, 12.4), (12, 12.2),
        ),
        13,
        notes=((2, 12.75, "at the setpoint: on"), (6, 12.08, "12.3 itself: still on"), (10, 12.08, "12.29: off"),
               (11, 12.62, "below the setpoint: stays off")),
    ),
    "gap": Scene(
        "on_delay 20 s, stale_after 10 s: silence does not count towards the delay",
        level(on_delay_ms=20_000),
        live("LT", (0, 12.0), *((second, 12.8) for second in (2, 4, 6, *range(26, 50, 2)))),
        50,
        step=5,
        notes=((2, 13.0, "pending"), (7, 12.62, "the value holds for 10 s"), (26, 13.0, "pending anew")),
    ),
    "bad-sample": Scene(
        "on_delay 5 s: a bad sample ends the hold; until the next judged one nothing confirms",
        level(on_delay_ms=5_000),
        [
            *live("LT", (0, 12.0), (1, 12.7), (2, 12.8)),
            got(3, r("LT", 3, 12.4, 2)),
            got(9, r("LT", 9, 12.8)),
            *live("LT", (10, 12.8), (11, 12.1), (12, 12.0)),
        ],
        13,
        notes=((1, 12.95, "pending"), (3, 12.2, "quality bad"), (6, 12.0, "at 6 s nothing confirms"),
               (9, 13.05, "starts: confirmed, with time 6 s")),
    ),
}  # fmt: skip


def draw(scene: Scene) -> str:
    """The story as the engine tells it."""
    chart = Chart((0, scene.until), scene.values)
    events = play(scene.site, INSTALLATION, scene.records, at(scene.until), True)
    _bands(chart, events)
    alarm = scene.site.installations[0].points[0].alarms[0]
    assert alarm.setpoint is not None
    end = round(alarm.setpoint - alarm.deadband, 6)
    for value, class_, text in (
        (alarm.setpoint, "limit", f"starts at {alarm.setpoint}"),
        (end, "end", f"ends below {end}"),
    ):
        chart.line(class_, LEFT, chart.y(value), LEFT + WIDE, chart.y(value))
        chart.text(LEFT + WIDE + 8, chart.y(value) + 4, text)
    _samples(chart, [one for record in scene.records if isinstance(record, Readings) for one in record.readings])
    for second, value, text in scene.notes:
        chart.text(chart.x(second) - 4, chart.y(value), text)
    _tell(chart, events)
    return chart.svg(scene.title, scene.step)


def _seconds(ms: int) -> float:
    return (ms - T0) / 1000


def _bands(chart: Chart, events: list[Told]) -> None:
    """Shaded while the condition is on; the reading's own alarms in another colour."""
    began: dict[str, float] = {}
    for event in [*events, *({"alarm": event["alarm"], "event": "end"} for event in events)]:
        if event["event"] in ("raised", "reraised"):
            began[event["alarm"]] = _seconds(event["time"])
        elif event["alarm"] in began:
            over = chart.seconds[1] if event["event"] == "end" else _seconds(event["time"])
            chart.band(began.pop(event["alarm"]), over, "on" if event["alarm"].endswith("/H") else "about")


def _samples(chart: Chart, readings: list[Reading]) -> None:
    """Dots, and a line as long as each judged value holds (10 s, until the next accepted sample)."""
    for number, one in enumerate(readings):
        assert one.stamp is not None
        second = _seconds(one.stamp)
        if one.quality != 2:
            following = readings[number + 1].stamp if number + 1 < len(readings) else None
            until = min(second + 10, chart.seconds[1] if following is None else _seconds(following))
            chart.line("held", chart.x(second), chart.y(one.value), chart.x(until), chart.y(one.value))
    for one in readings:
        chart.dot(_seconds(one.stamp or T0), one.value, "bad" if one.quality == 2 else "good")


def _tell(chart: Chart, events: Iterable[Told]) -> None:
    """The events themselves, below."""
    for row, event in enumerate(events):
        time, decided = _seconds(event["time"]), _seconds(event["decided"])
        chart.line("mark", chart.x(time), TOP, chart.x(time), TOP + HIGH)
        known = f", known at {decided:g} s" if decided != time else ""
        y = TOP + HIGH + 44 + 17 * row
        chart.text(LEFT, y, f"{event['alarm'].rpartition('/')[2]} {event['event']}: {time:g} s{known}")


def draw_clock() -> str:
    """A device's clock set back by 40 s: what admission makes of the stamps, against the received time."""
    lt = point("LT")
    admission = Admission([lt])
    chart = Chart((0, 60), (-30, 60))
    chart.line("end", chart.x(0), chart.y(0), chart.x(60), chart.y(60))
    chart.text(LEFT + WIDE + 8, chart.y(60) + 14, "stamp = received")
    readings = [(second, float(second if second < 20 else second - 40)) for second in range(0, 60, 3)]
    wrong: list[int] = []
    for second, stamp in readings:
        admitted = admission.admit(block_of([r("LT", stamp, 1.0)]), at(second))
        backfill, time = bool(admitted.backfill[0]), _seconds(int(admitted.time[0]))
        chart.dot(second, stamp, "bad" if backfill else "good" if time == stamp else "sent")
        if not backfill and time != stamp:
            chart.line("mark", chart.x(second), chart.y(stamp), chart.x(second), chart.y(second))
            chart.dot(second, time, "good")
        wrong += [second] if admitted.clock[0] else []
    chart.band(min(wrong), 60, "about")
    chart.text(chart.x(21), chart.y(-26), "backfill: older than the newest accepted")
    chart.text(chart.x(2), chart.y(50), f"from {min(wrong)} s on: accepted at the received time, CLOCK on")
    chart.text(LEFT - 8, chart.y(58), "stamp", "end")
    for value in (-20, 0, 20, 40):
        chart.text(LEFT - 8, chart.y(value) + 4, f"{value} s", "end")
    chart.text(LEFT + WIDE / 2, TOP + HIGH + 40, "received time", "middle")
    return chart.svg("A device's clock is set back by 40 s at 20 s (hollow: backfill; grey: stamp as sent)", 5)


def drawn() -> dict[str, str]:
    """Every picture by its file name."""
    return {f"{name}.svg": draw(scene) for name, scene in SCENES.items()} | {"clock-set-back.svg": draw_clock()}


if __name__ == "__main__":
    for name, svg in drawn().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
