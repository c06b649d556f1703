"""Parts of the pictures in docs and examples: points drawn together, their limits, and round numbers on the axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hazardwatch.plot_scale import round_steps
from pipeline.site import Alarm, Point

COLOURS = ("#1f5fa8", "#8a5a00", "#2e7d32", "#6a3d9a")


@dataclass(frozen=True, slots=True)
class Panel:
    """Points of one unit, and the limits drawn among them: (value, words)."""

    points: tuple[Point, ...]
    limits: tuple[tuple[float, str], ...]


def limits_of(alarm: Alarm) -> Iterable[tuple[float, str]]:
    if alarm.setpoint is not None and alarm.kind in ("high", "low"):
        yield alarm.setpoint, f"{alarm.name} {alarm.setpoint:g}"
        for mode, settings in alarm.by_mode.items():
            if settings.setpoint is not None:
                yield settings.setpoint, f"{alarm.name} in {mode} {settings.setpoint:g}"
    for part in (alarm.cusum, alarm.ewma):
        if part is not None:
            yield part.reference, f"reference {part.reference:g}"


def reach(panel: Panel, values: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    shown = [value for point in panel.points for value in values[point.id]] + [value for value, _ in panel.limits]
    low, high = min(shown), max(shown)
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def ticks(panel: Panel, low: float, high: float) -> Iterable[tuple[float, str]]:
    """State names, or four round numbers with the unit."""
    if panel.points[0].states:
        yield from panel.points[0].states.items()
        return
    for value in round_steps(low, high):
        yield value, f"{value:.6g} {panel.points[0].unit}"
