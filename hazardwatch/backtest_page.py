"""A comparison of two configurations as one self-contained HTML page: tables, and trends where they differ. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from hazardwatch.backtest_compare import AlarmChange, Comparison
from hazardwatch.backtest_plot import Trend, svg
from hazardwatch.backtest_style import STYLE
from hazardwatch.difference_words import attribute, shown
from hazardwatch.kpi import Kpi, Spell, word
from pipeline.config_records import Difference
from pipeline.site import Alarm, Point, Site

PLOTS = 20
"""So many alarms get a trend; all of them are in the table."""
_PAD_MS = 300_000
_MOST_MS = 6 * 3_600_000
Samples = Callable[[str, str, int, int], tuple[list[int], list[float]]]
"""(installation, point, begin, end ms) -> received times (ms) and values."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def page(found: Comparison, old: Site, new: Site, changed: Sequence[Difference], samples: Samples) -> str:
    """The whole page."""
    local = _Local(new.timezone)
    title = f"Back-test of {escape(new.id)}"
    body = [
        f'<h1>{title}<span class="zh">设定变更回测</span></h1>',
        _about(found, new.timezone, local),
        _note(found.after),
        _changes(changed),
        _figures(found.before, found.after),
        _alarms(found.changes, local),
        *_plots(found, old, new, samples, local),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _about(found: Comparison, zone: str, local: _Local) -> str:
    times = f"{escape(local(found.begin))} to {escape(local(found.end))} ({escape(zone)})"
    return (
        f"<p>{times}, {found.readings:,} readings. Both configurations went through the same engine. "
        "Nothing was sent to anybody.</p>"
    )


class _Local:
    """Times in the site's zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def __call__(self, ms: int) -> str:
        return (_EPOCH + timedelta(milliseconds=ms)).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _head(en: str, zh: str) -> str:
    return f'<h2>{en}<span class="zh">{zh}</span></h2>'


def _note(figures: Kpi) -> str:
    said = word(figures)
    return f'<p class="note">{escape(said)}</p>' if said else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in numbers else ''}>{cell}</{tag}>" for place, cell in enumerate(row)
        )

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><tr>{cells('th', head)}</tr>{lines}</table>"


def _changes(changed: Sequence[Difference]) -> str:
    rows = [
        [f'<span class="{one.effect}">{one.effect}</span>', *(escape(cell) for cell in
         (one.where, attribute(one.what), shown(one.what, one.before), shown(one.what, one.after), one.reason))]
        for one in changed[:100]
    ]  # fmt: skip
    more = f"<p>... and {len(changed) - 100} more</p>" if len(changed) > 100 else ""
    head = ["effect", "where", "what", "before", "after", "because"]
    return _head("What changes", "变更内容") + (_table(head, rows) if rows else "<p>Nothing.</p>") + more


def _figures(before: Kpi, after: Kpi) -> str:
    rows = [
        ["annunciations 报警次数", str(before.annunciations), str(after.annunciations)],
        ["annunciations per 10 min 每 10 分钟", f"{before.per_ten_min:.3f}", f"{after.per_ten_min:.3f}"],
        ["most in 10 min 10 分钟峰值", str(before.peak_ten_min), str(after.peak_ten_min)],
        ["floods 报警泛滥", str(len(before.floods)), str(len(after.floods))],
        ["longest flood 最长泛滥", f"{before.longest_flood_s:.0f} s", f"{after.longest_flood_s:.0f} s"],
        ["chattering alarms 抖动报警", str(len(before.chattering)), str(len(after.chattering))],
        ["fleeting alarms 瞬时报警", str(len(before.fleeting)), str(len(after.fleeting))],
        ["on for more than 24 h 持续报警", str(len(before.stale)), str(len(after.stale))],
    ]
    return _head("Figures", "指标") + _table(["figure", "before 变更前", "after 变更后"], rows, (1, 2))


def _alarms(changes: Sequence[AlarmChange], local: _Local) -> str:
    rows = [
        [
            escape(one.alarm),
            str(one.before),
            str(one.after),
            _listed(one.lost, "lost", local),
            _listed(one.gained, "gained", local),
            _moved(one, local),
        ]
        for one in changes
    ]
    head = ["alarm", "before", "after", "would not come 减少", "would come too 新增", "earlier or later 提前/推迟"]
    told = _table(head, rows, (1, 2)) if rows else "<p>No alarm would have come, gone or moved.</p>"
    return _head("Alarms that differ", "有差异的报警") + told


def _listed(spells: Sequence[Spell], kind: str, local: _Local, most: int = 5) -> str:
    if not spells:
        return ""
    more = f"<br>... {len(spells) - most} more" if len(spells) > most else ""
    times = "<br>".join(escape(local(one.begin)) for one in spells[:most])
    return f'<span class="{kind}">{len(spells)}:</span><br>{times}{more}'


def _moved(change: AlarmChange, local: _Local, most: int = 5) -> str:
    lines = []
    for pair in change.moved[:most]:
        shift = pair.earlier_s
        words = f"{abs(shift):.0f} s {'earlier' if shift > 0 else 'later'}" if shift else "ends at another time"
        lines.append(f"{escape(local(pair.before.begin))}: {words}")
    more = [f"... {len(change.moved) - most} more"] if len(change.moved) > most else []
    return "<br>".join([*lines, *more])


def _plots(found: Comparison, old: Site, new: Site, samples: Samples, local: _Local) -> list[str]:
    olds, news = _placed(old), _placed(new)
    parts: list[str] = []
    for change in found.changes:
        point = next((placed[1] for placed in (news.get(change.alarm), olds.get(change.alarm)) if placed), None)
        if point is not None and len(parts) < PLOTS:
            limits = _limit(olds, change.alarm), _limit(news, change.alarm)
            parts.append(
                f"<h3>{escape(change.alarm)} {escape(point.name.en)}<span class=zh>{escape(point.name.zh)}</span></h3>"
            )
            parts[-1] += svg(_trend(found, change, point, limits, samples), local)
    if not parts:
        return []
    key = (
        '<p class="key"><b style="background:#37474f"></b>value 测量值'
        '<b style="background:#d98200"></b>limit and alarm before 变更前'
        '<b style="background:#1b5e9b"></b>limit and alarm after 变更后. The first difference of each alarm.</p>'
    )
    return [_head("Trends", "趋势"), key, *parts]


def _placed(site: Site) -> dict[str, tuple[Alarm, Point]]:
    return {alarm.id: (alarm, point) for here in site.installations for point in here.points for alarm in point.alarms}


def _limit(placed: dict[str, tuple[Alarm, Point]], alarm: str) -> float | None:
    return placed[alarm][0].setpoint if alarm in placed else None


def _trend(
    found: Comparison, change: AlarmChange, point: Point, limits: tuple[float | None, float | None], samples: Samples
) -> Trend:
    spells = [*change.lost, *change.gained, *(one for pair in change.moved for one in (pair.before, pair.after))]
    first = min(spells, key=lambda one: one.begin)
    length = min((first.end or found.end) - first.begin, _MOST_MS)
    pad = max(_PAD_MS, length // 3)
    begin, end = max(found.begin, first.begin - pad), min(found.end, first.begin + length + pad)
    times, values = samples(change.alarm.split("/")[0], point.id, begin, end + 1)
    moved = change.moved
    return Trend(
        begin=begin,
        end=max(end, begin + 1),
        unit=point.unit,
        times=times,
        values=values,
        limits=limits,
        before=[*change.lost, *(pair.before for pair in moved)],
        after=[*change.gained, *(pair.after for pair in moved)],
    )
