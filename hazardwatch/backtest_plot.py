"""One trend as inline SVG: a point's values, the limit before and after, and when the alarm was on under each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import msgspec

from hazardwatch.kpi import Spell
from hazardwatch.plot_scale import round_steps

WIDTH, HEIGHT = 760, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 10, 58
_COLUMNS = 350
_ROWS = (("before", "b", HEIGHT - _BOTTOM + 12), ("after", "a", HEIGHT - _BOTTOM + 24))


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be seen. Times ms; `limits` (before, after), None where there is none."""

    begin: int
    end: int
    unit: str
    times: list[int]
    values: list[float]
    limits: tuple[float | None, float | None]
    before: list[Spell]
    after: list[Spell]


def svg(trend: Trend, label: Callable[[int], str]) -> str:
    """The picture; `label` writes a time."""
    finite = [value for value in trend.values if value == value]  # noqa: PLR0124  # NaN is the one that is not itself
    shown = [*finite, *(limit for limit in trend.limits if limit is not None)]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    margin = (high - low) * 0.08 or 0.5
    low, high = low - margin, high + margin

    def x(time: int) -> float:
        inner = WIDTH - _LEFT - _RIGHT
        return round(
            _LEFT + inner * (min(max(time, trend.begin), trend.end) - trend.begin) / (trend.end - trend.begin), 1
        )

    def y(value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low), 1)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f'<rect class="f" x="{_LEFT}" y="{_TOP}" width="{WIDTH - _LEFT - _RIGHT}" height="{HEIGHT - _TOP - _BOTTOM}"/>',
        *_scale(low, high, trend.unit, y),
        *(f'<polyline class="v" points="{line}"/>' for line in _lines(trend, x, y)),
        *_limits(trend.limits, y),
        *_spells(trend, x),
        f'<text class="t" x="{_LEFT}" y="{HEIGHT - 8}">{escape(label(trend.begin))}</text>',
        f'<text class="t e" x="{WIDTH - _RIGHT}" y="{HEIGHT - 8}">{escape(label(trend.end))}</text>',
        "</svg>",
    ]
    return "".join(parts)


def _scale(low: float, high: float, unit: str, y: Callable[[float], float]) -> list[str]:
    lines = []
    for value in round_steps(low, high):
        lines.append(f'<line class="g" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(value)}" y2="{y(value)}"/>')
        words = f"{value:.6g} {unit}".strip()
        lines.append(f'<text class="t e" x="{_LEFT - 6}" y="{y(value) + 4}">{escape(words)}</text>')
    return lines


def _lines(trend: Trend, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    """At most some hundred columns, each with its lowest and highest value, so that no spike is lost; NaN is a gap."""
    lines: list[list[str]] = [[]]
    column: list[tuple[int, float]] = []
    step = max(1, (trend.end - trend.begin) // _COLUMNS)
    for time, value in zip(trend.times, trend.values, strict=True):
        if column and (value != value or time // step != column[0][0] // step):  # noqa: PLR0124  # NaN
            lines[-1] += _drawn(column, x, y)
            column = []
        if value != value:  # noqa: PLR0124  # NaN
            lines.append([])
        else:
            column.append((time, value))
    lines[-1] += _drawn(column, x, y)
    return [" ".join(line) for line in lines if line]


def _drawn(column: Sequence[tuple[int, float]], x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    if not column:
        return []
    kept = sorted({min(column, key=lambda each: each[1]), max(column, key=lambda each: each[1])})
    return [f"{x(time)},{y(value)}" for time, value in kept]


def _limits(limits: tuple[float | None, float | None], y: Callable[[float], float]) -> list[str]:
    return [
        f'<line class="l {kind}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(limit)}" y2="{y(limit)}"/>'
        for kind, limit in zip("ba", limits, strict=True)
        if limit is not None
    ]


def _spells(trend: Trend, x: Callable[[int], float]) -> list[str]:
    lines = []
    for (name, kind, at), spells in zip(_ROWS, (trend.before, trend.after), strict=True):
        lines.append(f'<text class="t e" x="{_LEFT - 6}" y="{at + 7}">{name}</text>')
        for spell in spells:
            end = trend.end if spell.end is None else spell.end
            if end >= trend.begin and spell.begin <= trend.end:
                width = max(round(x(end) - x(spell.begin), 1), 2)
                lines.append(f'<rect class="s {kind}" x="{x(spell.begin)}" y="{at}" width="{width}" height="8"/>')
    return lines
