"""A day's traces -> what the plant's instruments tell, and when: one reading per period, closer where the day says so.

Pure: the same day and the same site give the same readings on every machine. It judges nothing.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError
from pipeline.site import Installation, Point, Site
from simulators.day import DAY_S, Day, Stretch, Trace, second_of, seconds_of

Values = NDArray[np.float64]
_GRID: Values = np.arange(DAY_S, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Told:
    """What one point told: `seconds` of the day; `values` in the point's unit; `texts` as written, states by name."""

    installation: str
    point: str
    seconds: NDArray[np.int64]
    values: Values
    texts: tuple[str, ...]
    bad: NDArray[np.bool_]


def told(site: Site, day: Day) -> Iterator[Told]:
    """Every enabled point of the site. Raises ConfigError where the day leaves one out or knows one more."""
    for installation in site.installations:
        traces = day.points.get(installation.id, {})
        wanted = {point.id: point for point in installation.points if point.enabled}
        if missing := sorted(wanted.keys() ^ traces.keys()):
            raise ConfigError(f"the day and the site differ in points of {installation.id}: {', '.join(missing)}")
        yield from _Installation(installation, traces, day).told()


class _Installation:
    def __init__(self, installation: Installation, traces: dict[str, Trace], day: Day) -> None:
        self._id = installation.id
        self._points = {point.id: point for point in installation.points}
        self._traces = traces
        self._day = day
        self._truth: dict[str, Values] = {}

    def told(self) -> Iterator[Told]:
        for name, trace in self._traces.items():
            try:
                yield self._one(self._points[name], trace)
            except (ValueError, KeyError) as error:
                raise ConfigError(f"day, {self._id}/{name}: {error}") from None

    def _one(self, point: Point, trace: Trace) -> Told:
        seconds = _when(point, self._day)
        seconds = seconds[~_within(trace.gone, seconds)]
        shown = self._measured(point, trace)[seconds]
        if trace.states is not None:
            texts = tuple(point.states[value] for value in shown.tolist())
        else:
            decimals = max(0, -math.floor(math.log10(trace.step)))
            texts = tuple(f"{value:.{decimals}f}" for value in shown.tolist())
        return Told(self._id, point.id, seconds, shown, texts, _within(trace.bad, seconds))

    def _measured(self, point: Point, trace: Trace) -> Values:
        """What the instrument shows at every second: with its noise, in its steps, inside its range."""
        shown = self._of(point.id).copy()
        if trace.noise:
            drawn = np.random.RandomState((self._day.seed + zlib.crc32(point.id.encode())) % 2**32)
            shown += trace.noise * drawn.standard_normal(DAY_S)  # a frozen generator: the same with every numpy
        if trace.states is None:
            shown = np.round(shown / trace.step) * trace.step
            if point.low is not None and point.high is not None:
                shown = shown.clip(point.low, point.high)
            shown += 0.0  # no -0
        for stretch in trace.stuck:
            first, end = second_of(stretch.from_), second_of(stretch.to)
            shown[first:end] = shown[first]
        return shown

    def _of(self, name: str) -> Values:
        """The truth of a point, one value a second."""
        if name not in self._truth:
            self._truth[name] = self._worked_out(name)
        return self._truth[name]

    def _worked_out(self, name: str) -> Values:
        trace = self._traces[name]
        sources = [one for one in (trace.curve, trace.states, trace.tank, trace.like) if one is not None]
        if len(sources) != 1:
            raise ValueError("needs exactly one of curve, states, tank, like")
        if trace.tank is not None:
            tank = trace.tank
            gain = sum((self._of(flow) for flow in tank.inflow), np.zeros(DAY_S))
            loss = sum((self._of(flow) for flow in tank.outflow), _lines(tank.lost or 0.0))
            truth = tank.start + np.cumsum(gain - loss) / 3600 / tank.area
        elif trace.like is not None:
            truth = self._of(trace.like) + trace.plus
        elif trace.states is not None:
            numbers = {text: number for number, text in self._points[name].states.items()}
            truth = _steps({clock: numbers[state] for clock, state in trace.states.items()})
        else:
            truth = _lines(trace.curve or 0.0)
        if trace.sway is not None:
            turns = (_GRID - second_of(trace.sway.peak)) / seconds_of(trace.sway.every)
            truth = truth + trace.sway.by * np.cos(2 * math.pi * turns)
        return truth


def _when(point: Point, day: Day) -> NDArray[np.int64]:
    """The seconds at which a point is read: every period (a minute unless the site says), and closer stretches."""
    period = (point.period_ms or 60_000) // 1000
    due = _GRID.astype(np.int64) % period == 0
    for closer in day.closer:
        first, end, every = second_of(closer.from_), second_of(closer.to), seconds_of(closer.every)
        due[first:end:every] = True
    return np.flatnonzero(due)


def _within(stretches: Sequence[Stretch], seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
    found = np.zeros(len(seconds), np.bool_)
    for stretch in stretches:
        found |= (seconds >= second_of(stretch.from_)) & (seconds < second_of(stretch.to))
    return found


def _lines(knots: dict[str, float] | float) -> Values:
    """Straight lines between the knots, level before the first and after the last."""
    if not isinstance(knots, dict):
        return np.full(DAY_S, float(knots))
    return np.interp(_GRID, [second_of(clock) for clock in knots], list(knots.values()))


def _steps(knots: dict[str, float]) -> Values:
    times = [second_of(clock) for clock in knots]
    if times[:1] != [0] or times != sorted(times):
        raise ValueError("states begin at 00:00 and are in order of time")
    return np.repeat(list(knots.values()), np.diff([*times, DAY_S]))
