"""Two configurations over the same readings: the events are those of two replays, and their difference is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazardwatch.backtest import Both, backtest
from hazardwatch.backtest_compare import compare, comparison_object
from hazardwatch.backtest_page import page
from hazardwatch.backtest_scope import affected
from hazardwatch.config_diff import differences
from hazardwatch.replay import Recorded, replay
from pipeline.model import NO_STAMP, Block, Event
from pipeline.outside import iso
from pipeline.site import Alarm, Deviation, Installation, Point, Site, Suppress, Text, Vote

T = 1_800_000_000_000
SECOND = 1000
NAMES = ("P0", "P1", "P2", "P3")


def _alarm(id_: str, point: str | None, **more: object) -> Alarm:
    plain = {"kind": "high", "alarm_class": "process", "priority": "high"}
    return Alarm(id=id_, name=id_.rpartition("/")[2], point=point, **plain | more)  # type: ignore[arg-type]  # of Alarm


def _point(name: str, setpoint: float, **more: object) -> Point:
    own = (
        _alarm(f"A/{name}/H", name, setpoint=setpoint, deadband=0.5),
        *(_alarm(f"A/{name}/{kind.upper()}", name, kind=kind) for kind in ("stale", "bad", "late", "clock")),
    )
    text = Text(en=f"<{name}>", zh="点")
    return Point(
        id=name, name=text, quantity="level", unit="m", low=0.0, high=10.0, stale_after_ms=3000, alarms=own, **more  # type: ignore[arg-type]  # of Point
    )  # fmt: skip


VOTE = _alarm("A/both", None, kind="vote", vote=Vote(need=2, of=("A/P0/H", "A/P1/H")))
APART = _alarm(
    "A/apart", None, kind="deviation", setpoint=3.0, deadband=0.1, deviation=Deviation(point="P2", reference="P3")
)


def _site(*points: Point, alarms: tuple[Alarm, ...] = (VOTE, APART), suppress: tuple[Suppress, ...] = ()) -> Site:
    here = Installation(id="A", name=Text(en="A", zh="A"), points=points, alarms=alarms, suppress=suppress)
    return Site(id="plant", name=Text(en="plant", zh="厂"), timezone="Asia/Shanghai", installations=(here,))


OLD = _site(*(_point(name, 8.0) for name in NAMES))
CHANGES = {
    "one setpoint": _site(_point("P0", 7.0), *(_point(name, 8.0) for name in NAMES[1:])),
    "one of two that are compared": _site(*(_point(name, 8.0) for name in NAMES[:3]), _point("P3", 6.0)),
    "a point removed": _site(*(_point(name, 8.0) for name in NAMES[:2]), alarms=(VOTE,)),
    "a point in another order": _site(*(_point(name, 8.0) for name in reversed(NAMES))),
    "a point disabled": _site(
        *(_point(name, 8.0) for name in NAMES[:2]), _point("P2", 8.0, enabled=False), alarms=(VOTE,)
    ),
    "the vote": _site(*(_point(name, 8.0) for name in NAMES), alarms=(APART,)),
    "everything": _site(*(_point(name, 6.5, enabled=name != "P3") for name in NAMES), alarms=(VOTE,)),
    "nothing": OLD,
}


def _recorded(seed: int, seconds: int = 60) -> Iterator[Recorded]:
    drawn = np.random.default_rng(seed)
    for second in range(seconds):
        chosen = drawn.permutation(4)[: drawn.integers(1, 5)].astype(np.uint16)
        received = T + second * SECOND + int(drawn.integers(0, 900))
        stamp = received - drawn.integers(0, 2500, len(chosen))
        flags = drawn.choice([0, 0, 0, 1, 2, NO_STAMP], len(chosen)).astype(np.uint8)
        yield received, "A", Block(NAMES, chosen, stamp, drawn.normal(7.0, 1.5, len(chosen)).round(2), flags)


def _plain(events: list[Event], names: set[str]) -> list[tuple[str, str, int, int, float | None]]:
    """Without what counts per log: an older configuration judged in part has other running numbers there."""
    kept = [one for one in events if one.alarm in names]
    return sorted((one.alarm, one.event_id, one.time, one.decided, one.value) for one in kept)


def _names(site: Site) -> set[str]:
    here = site.installations[0]
    return {alarm.id for point in here.points for alarm in point.alarms} | {alarm.id for alarm in here.alarms}


@pytest.mark.parametrize("name", CHANGES)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_events_are_those_of_a_replay_of_each(name: str, seed: int) -> None:
    new = CHANGES[name]
    recorded = list(_recorded(seed))
    both = backtest(OLD, new, recorded)
    assert _plain(both.before, _names(OLD)) == _plain(list(replay(OLD, recorded)), _names(OLD))
    assert _plain(both.after, _names(new)) == _plain(list(replay(new, recorded)), _names(new))
    assert both.readings == sum(len(block) for _, _, block in recorded if isinstance(block, Block))


def test_a_change_reaches_what_is_judged_together_and_nothing_else() -> None:
    here = OLD.installations[0]
    assert affected(here, CHANGES["one setpoint"].installations[0]) == {"P0", "P1", "A/both"}
    assert affected(here, CHANGES["one of two that are compared"].installations[0]) == {"P2", "P3", "A/apart"}
    assert affected(here, here) == set()
    rule = Suppress(id="s", alarms=("A/P2/H",), cause="A/P0/H")
    more = msgspec.structs.replace(here, suppress=(rule,))
    assert affected(here, more) == {"s", "P0", "P1", "P2", "P3", "A/both", "A/apart"}
    assert affected(None, here) is None


def _one(stamp: int, value: float) -> Block:
    return Block(("P0",), np.zeros(1, np.uint16), np.array([stamp]), np.array([value]), np.zeros(1, np.uint8))


def _both(old: float, new: float, values: list[float]) -> Both:
    alone = [(T + n * SECOND, "A", _one(T + n * SECOND, value)) for n, value in enumerate(values)]
    return backtest(_site(_point("P0", old), alarms=()), _site(_point("P0", new), alarms=()), alone)


def test_an_alarm_that_comes_earlier_says_by_how_much() -> None:
    [change] = compare(_both(8.0, 7.0, [6, 7.2, 7.6, 8.4, 8.4, 6])).changes
    [pair] = change.moved
    assert (change.alarm, change.before, change.after, pair.earlier_s) == ("A/P0/H", 1, 1, 2)


def test_an_alarm_that_would_not_come_is_told_with_its_time() -> None:
    told = comparison_object(compare(_both(8.0, 9.0, [6, 8.4, 6, 6, 9.4, 6])))
    [change] = told["changes"]
    assert change["lost"] == [{"begin": iso(T + SECOND), "end": iso(T + 2 * SECOND)}]
    assert (change["before"], change["after"], change["gained"]) == (2, 1, [])
    assert (told["kpi_before"]["annunciations"], told["kpi_after"]["annunciations"]) == (2, 1)


def test_two_alarms_that_become_one_count_as_one_moved_and_one_lost() -> None:
    [change] = compare(_both(8.0, 6.4, [5, 8.4, 7, 8.4, 5])).changes
    assert (change.before, change.after, len(change.moved), len(change.lost)) == (2, 1, 1, 1)


def test_the_same_configuration_differs_in_nothing() -> None:
    assert compare(_both(8.0, 8.0, [6, 8.4, 6])).changes == []


def test_the_page_needs_nothing_from_elsewhere_and_shows_both_limits() -> None:
    old, new = _site(_point("P0", 8.0), alarms=()), _site(_point("P0", 9.0), alarms=())
    found = compare(_both(8.0, 9.0, [6, 8.4, 6]))
    html = page(found, old, new, differences(old, new), lambda *_: ([T, T + SECOND, T + 2 * SECOND], [6, 8.4, 6]))
    assert not re.search(r"https?://|<script|src=|url\(", html)
    assert html.count('class="l b"') == html.count('class="l a"') == 1
    assert "&lt;P0&gt;" in html
    assert "limit_moved_away" in html
    assert "fewer than the 30" in html


def test_a_page_without_differences_says_so() -> None:
    site = _site(_point("P0", 8.0), alarms=())
    html = page(compare(_both(8.0, 8.0, [6])), site, site, [], lambda *_: ([], []))
    assert "No alarm would have come, gone or moved." in html
