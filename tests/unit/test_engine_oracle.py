"""The engine against the oracle, which was written from the contract alone: the same events, one for one."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine_play import Player, play
from tests.oracle import run
from tests.oracle.records import Record
from tests.oracle.sites import INSTALLATION, oracle_site
from tests.oracle.streams import nasty_streams, seeded_stream, tidy_streams, went_back
from tests.stories import Story, tell
from tests.stories.table import FIRST

SITE = oracle_site()
POINTS = st.sampled_from(SITE.installations[0].points)


def plain(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Comparable: NaN is None."""
    return [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in event.items()}
        for event in events
    ]


def assert_same(stream: list[Record], *, replay: bool) -> None:
    """Engine and oracle tell the same."""
    expected = plain(run(SITE, INSTALLATION, stream, replay=replay, whole=True))
    happened = plain(play(SITE, INSTALLATION, stream, replay=replay))
    for number, (one, other) in enumerate(zip(happened, expected, strict=False)):
        assert one == {key: other[key] for key in one}, f"event {number}"
    assert len(happened) == len(expected)


@pytest.mark.parametrize("story", FIRST, ids=lambda story: story.name)
def test_the_engine_tells_the_story(story: Story) -> None:
    happened, expected = tell(story, play)
    assert happened == expected


@pytest.mark.parametrize("seed", range(60))
def test_random_streams(seed: int) -> None:
    assert_same(seeded_stream(seed, SITE), replay=seed % 2 == 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_log_whose_own_clock_was_set(seed: int) -> None:
    assert_same(went_back(seeded_stream(seed, SITE), random.Random(seed)), replay=False)


@settings(max_examples=40, deadline=None)
@given(nasty_streams(SITE), st.booleans())
def test_streams_that_hypothesis_shrinks(stream: list[Record], replay: bool) -> None:
    assert_same(stream, replay=replay)


@settings(max_examples=150, deadline=None)
@given(POINTS.flatmap(tidy_streams))
def test_short_streams_of_one_point(stream: list[Record]) -> None:
    assert_same(stream, replay=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_snapshot_at_every_position_changes_nothing(seed: int) -> None:
    stream = seeded_stream(seed, SITE, records=40)
    whole = Player(SITE, INSTALLATION, replay=False)
    broken = Player(SITE, INSTALLATION, replay=False)
    for record in stream:
        whole.take(record)
        broken.take(record)
        broken.engine = type(broken.engine).restore(INSTALLATION, broken.engine.snapshot())
    assert broken.events == whole.events


def test_the_same_stream_gives_the_same_ids() -> None:
    stream = seeded_stream(7, SITE)
    first, second = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    for record in stream:
        first.take(record)
        second.take(record)
    assert first.events == second.events
    ids = [event.event_id for event in first.events]
    assert len(ids) == len(set(ids)) > 0
