"""Floods and chattering by the numbers of ISA-18.2: above 10 in 10 minutes, below 5, three in 60 s."""

from __future__ import annotations

from alerting.flood import Chatter, Flood

S = 1000
MIN = 60 * S


def test_ten_annunciations_in_ten_minutes_are_no_flood_and_the_eleventh_begins_one() -> None:
    flood = Flood()
    for n in range(10):
        flood.annunciated(n * S)
    assert flood.since is None
    flood.annunciated(10 * S)
    assert flood.since == 10 * S


def test_eleven_spread_over_more_than_ten_minutes_are_no_flood() -> None:
    flood = Flood()
    for n in range(11):
        flood.annunciated(n * MIN)
    assert flood.since is None


def test_a_flood_lasts_until_fewer_than_five_came_in_ten_minutes() -> None:
    flood = Flood()
    for n in range(11):
        flood.annunciated(n * S)
    for n in range(5):
        flood.annunciated(9 * MIN + n * S)
    flood.passed(19 * MIN - S)
    assert flood.since == 10 * S
    flood.passed(19 * MIN)
    assert flood.since is None


def test_a_flood_that_ended_begins_again_only_above_ten() -> None:
    flood = Flood()
    for n in range(11):
        flood.annunciated(n * S)
    flood.passed(11 * MIN)
    for n in range(10):
        flood.annunciated(12 * MIN + n)
    assert flood.since is None
    flood.annunciated(12 * MIN + 10)
    assert flood.since == 12 * MIN + 10


def test_time_that_goes_back_changes_nothing() -> None:
    flood = Flood()
    for n in range(11):
        flood.annunciated(MIN + n)
    flood.passed(0)
    assert (len(flood.times), flood.since) == (11, MIN + 10)


def test_three_raises_in_sixty_seconds_are_chattering_and_a_second_more_is_not() -> None:
    chatter = Chatter()
    for at in (0, 30 * S, 60 * S):
        chatter.raised("a", at)
    for at in (0, 30 * S, 61 * S):
        chatter.raised("b", at)
    assert set(chatter.chattered) == {"a"}
    chatter.raised("b", 90 * S)
    assert set(chatter.chattered) == {"a", "b"}


def test_chattering_is_over_after_ten_quiet_minutes_and_nothing_is_kept_of_it() -> None:
    chatter = Chatter()
    for at in (0, S, 2 * S):
        chatter.raised("a", at)
    chatter.passed(10 * MIN + S)
    assert set(chatter.chattered) == {"a"}
    chatter.passed(10 * MIN + 2 * S)
    assert not chatter.chattered
    assert not chatter.raises
