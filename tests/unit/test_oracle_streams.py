"""The streams the oracle is fed are worth feeding, and the oracle itself does not care how ticks fall."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import State
from tests.oracle import Readings, Record, run
from tests.oracle.sites import INSTALLATION, oracle_site
from tests.oracle.streams import nasty_streams, seeded_stream, tidy_streams, went_back
from tests.oracle.whole_site import whole_site

SITE = oracle_site()
POINTS = SITE.installations[0].points


def test_a_seed_always_gives_the_same_stream() -> None:
    assert repr(seeded_stream(7, SITE)) == repr(seeded_stream(7, SITE))


def test_a_few_dozen_streams_meet_every_event_state_and_reason() -> None:
    told = [one for seed in range(40) for one in run(SITE, INSTALLATION, seeded_stream(seed, SITE), None, True)]
    assert {one["event"] for one in told} == {
        "raised", "reraised", "acknowledged", "returned", "cleared", "reset", "refused", "late_excursion",
    }  # fmt: skip
    assert {one["state"] for one in told} == {
        None, "NORMAL", "UNACK", "ACKED", "RTN_UNACK", "LATCH_UNACK", "LATCH_ACKED",
    }  # fmt: skip
    assert {one["reason"] for one in told} >= {
        "limit", "lost", "stale", "late", "quality", "null", "range", "uncertain", "ahead", "back", "realarm",
        "unknown_alarm", "unknown_person", "other_occurrence", "condition_on", "not_acknowledged", "not_latched",
    }  # fmt: skip
    assert {one["alarm"] for one in told} >= {one.id for point in POINTS for one in point.alarms} - {
        "TF1/FT-1/STALE"  # never
    }


def test_a_log_whose_own_clock_jumps_is_told_too() -> None:
    for seed in range(5):
        stream = went_back(seeded_stream(seed, SITE), Random(seed))
        told = run(SITE, INSTALLATION, stream, None, False)
        assert [one["seq"] for one in told] == list(range(1, len(told) + 1))


def test_streams_with_every_command_meet_every_event_and_state() -> None:
    site = whole_site()
    told = [
        one
        for seed in range(40)
        for one in run(site, INSTALLATION, seeded_stream(seed, site, whole=True), None, True, whole=True)
    ]
    assert {one["event"] for one in told} == {
        "raised", "reraised", "acknowledged", "returned", "cleared", "reset", "shelved", "unshelved", "suppressed",
        "unsuppressed", "out_of_service", "in_service", "late_excursion", "refused",
    }  # fmt: skip
    assert {one["state"] for one in told if one["state"]} == set(State)
    assert {one["reason"] for one in told} >= {"expired", "one_shot", "suppressed", "too_long", "not_shelved"}
    of = site.installations[0]
    assert {one["alarm"] for one in told if one["event"] == "raised"} >= {
        one.id for one in (*of.alarms, *(each for point in of.points for each in point.alarms))
    }


def _with_ticks(stream: list[Record], random: Random) -> list[Record]:
    ticked: list[Record] = []
    for record in stream:
        between = record.received - ticked[-1].received if ticked else 0
        steps = sorted(random.randrange(between + 1) for _ in range(random.randint(0, 2)))
        ticked += [Readings(record.received - between + step) for step in steps]
        ticked.append(record)
    return ticked


@given(nasty_streams(SITE, records=25), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_ticks_change_nothing_in_a_replay(stream: list[Record], random: Random) -> None:
    until = stream[-1].received + 40_000
    plain = run(SITE, INSTALLATION, stream, until, True)
    assert run(SITE, INSTALLATION, _with_ticks(stream, random), until, True) == plain


@given(nasty_streams(whole_site(), records=20, whole=True))
@settings(max_examples=25, deadline=None)
def test_nothing_leaves_a_state_it_is_not_in_whatever_people_ask(stream: list[Record]) -> None:
    state: dict[str, str] = {}
    for one in run(whole_site(), INSTALLATION, stream, stream[-1].received + 40_000, True, whole=True):
        if one["from"] is not None:
            assert one["from"] == state.get(one["alarm"], "NORMAL")
            state[one["alarm"]] = one["state"]


@given(st.sampled_from(POINTS).flatmap(tidy_streams))
@settings(max_examples=50, deadline=None)
def test_no_alarm_leaves_a_state_it_is_not_in(stream: list[Record]) -> None:
    state: dict[str, str] = {}
    for one in run(SITE, INSTALLATION, stream, stream[-1].received + 40_000, True):
        assert one["from"] == state.get(one["alarm"], "NORMAL")
        state[one["alarm"]] = one["state"]
