"""The figures of ISA-18.2, on events small enough to count by hand."""

from __future__ import annotations

import pytest

from hazardwatch.kpi import DAY_MS, HOUR_MS, TEN_MIN_MS, kpi, object_of
from pipeline.model import Event
from tests.unit.api_world import event

SECOND, MINUTE = 1000, 60_000
T = 1_800_000_000_000 // DAY_MS * DAY_MS


def _one(at: int, what: str = "raised", alarm: str = "A/LT/H", state: str = "UNACK", **more: object) -> Event:
    return event(time=T + at, decided=T + at, seq=at + 1, event=what, alarm=alarm, state=state, **more)


def _burst(count: int, every: int, begin: int = 0) -> list[Event]:
    return [_one(begin + number * every, alarm=f"A/P{number}/H") for number in range(count)]


def test_rates_are_those_of_the_whole_time() -> None:
    found = kpi(_burst(12, HOUR_MS), T, T + DAY_MS)
    assert (found.annunciations, found.per_day, found.per_hour) == (12, 12, 0.5)
    assert found.per_ten_min == pytest.approx(12 / 144)
    assert object_of(found)["note"].startswith("1.0 days are fewer than the 30")


def test_thirty_days_are_enough_and_need_no_word() -> None:
    found = kpi([], T, T + 30 * DAY_MS)
    assert found.enough
    assert object_of(found)["note"] is None


def test_the_peak_has_its_time_and_periods_above_ten_their_share() -> None:
    found = kpi(_burst(11, SECOND, begin=HOUR_MS), T, T + 2 * HOUR_MS)
    assert (found.peak_ten_min, found.peak_ten_min_at) == (11, T + HOUR_MS)
    assert found.share_ten_min_above_10 == pytest.approx(1 / 12)
    assert found.share_hours_above_30 == 0


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    found = kpi(_burst(11, MINUTE // 2), T, T + HOUR_MS)
    [flood] = found.floods
    assert flood.begin == T + 10 * MINUTE // 2
    # Of eleven, the seventh has left the ten minutes: four are left.
    assert flood.end == T + 6 * MINUTE // 2 + TEN_MIN_MS
    assert flood.annunciations == 11
    assert kpi(_burst(10, MINUTE // 2), T, T + HOUR_MS).floods == []


def test_a_flood_that_has_not_ended_ends_with_the_time_looked_at() -> None:
    found = kpi(_burst(11, SECOND), T, T + MINUTE)
    assert found.longest_flood_s == 50


def test_chattering_is_three_in_a_minute_and_a_run_counts_once() -> None:
    on = [_one(number * 20 * SECOND) for number in range(6)]
    assert kpi(on, T, T + HOUR_MS).chattering == {"A/LT/H": 1}
    slow = [_one(number * 31 * SECOND) for number in range(6)]
    assert kpi(slow, T, T + HOUR_MS).chattering == {}


def test_fleeting_is_gone_in_seconds_with_nobody_acting() -> None:
    gone = [_one(0), _one(9 * SECOND, "returned", state="RTN_UNACK")]
    assert kpi(gone, T, T + HOUR_MS).fleeting == {"A/LT/H": 1}
    acted = [
        _one(0),
        _one(5 * SECOND, "acknowledged", state="ACKED", actor="li"),
        _one(9 * SECOND, "cleared", state="NORMAL"),
    ]  # one story, one line
    assert kpi(acted, T, T + HOUR_MS).fleeting == {}


def test_an_alarm_on_for_more_than_a_day_is_stale() -> None:
    found = kpi([_one(0), _one(MINUTE, alarm="A/FT/H")], T, T + DAY_MS + MINUTE)
    assert [(one.alarm, one.end) for one in found.stale] == [("A/LT/H", None)]
    assert {one.alarm for one in found.standing} == {"A/LT/H", "A/FT/H"}


def test_the_suppressed_are_listed_and_not_counted() -> None:
    hidden = [_one(0, "shelved", state="SHELVED", actor="li", note="noise"), _one(SECOND, state="SHELVED")]
    found = kpi(hidden, T, T + HOUR_MS)
    assert (found.annunciations, found.standing) == (0, [])
    assert [one.alarm for one in found.hidden] == ["A/LT/H"]
    lifted = [*hidden, _one(MINUTE, "unshelved", state="UNACK")]
    assert kpi(lifted, T, T + HOUR_MS).annunciations == 1


def test_bad_actors_come_first_with_their_share() -> None:
    found = kpi([*_burst(12, MINUTE), *[_one(HOUR_MS + n * MINUTE) for n in range(8)]], T, T + DAY_MS)
    assert next(iter(found.by_alarm.items())) == ("A/LT/H", 8)
    assert found.top_ten_share == pytest.approx(17 / 20)


def test_the_time_to_acknowledge_is_from_the_call() -> None:
    events = []
    for number, wait in enumerate([10, 20, 300]):
        begin = number * HOUR_MS
        events += [
            _one(begin, alarm=f"A/{number}/H"),
            _one(begin + wait * SECOND, "acknowledged", alarm=f"A/{number}/H", state="ACKED", actor="li"),
        ]
    found = kpi(events, T, T + DAY_MS)
    assert (found.acknowledged, found.ack_median_s, found.ack_max_s) == (3, 20, 300)


def test_what_was_before_only_says_what_stood() -> None:
    found = kpi([_one(-MINUTE), _one(-2 * MINUTE, alarm="A/X/H")], T, T + HOUR_MS)
    assert found.annunciations == 0
    assert len(found.standing) == 2


def test_no_events_give_no_figures_and_no_fault() -> None:
    found = kpi([], T, T + HOUR_MS)
    assert (found.annunciations, found.peak_ten_min_at, found.ack_median_s, found.top_ten_share) == (0, None, None, 0)
