"""The whole contract at once, kinds, suppression, modes and all, against the oracle."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import encode_site
from pipeline.site import of_installation
from rules.table import JUDGED_KINDS
from tests.engine_play import Player, play
from tests.oracle import run
from tests.oracle.records import Record
from tests.oracle.sites import INSTALLATION
from tests.oracle.streams import nasty_streams, seeded_stream
from tests.oracle.whole_site import whole_site
from tests.stories import Story, tell
from tests.stories.table import WHOLE
from tests.stories.table_rows import ROWS
from tests.unit.test_engine_oracle import plain

SITE = whole_site()
HERE = SITE.installations[0]


@pytest.mark.parametrize("story", WHOLE, ids=lambda story: story.name)
def test_the_engine_tells_the_story(story: Story) -> None:
    happened, expected = tell(story, play)
    assert happened == expected


def test_every_row_of_the_transition_table_has_its_story() -> None:
    assert list(ROWS) == list(range(1, 23))
    assert all(story.name.startswith(f"row {row}: ") for row, stories in ROWS.items() for story in stories)


def assert_same(stream: list[Record], *, replay: bool) -> None:
    """Engine and oracle tell the same."""
    expected = plain(partial(run, whole=True)(SITE, INSTALLATION, stream, replay=replay))
    happened = plain(play(SITE, INSTALLATION, stream, replay=replay))
    assert happened == [{key: other[key] for key in one} for one, other in zip(happened, expected, strict=True)]


@pytest.mark.parametrize("seed", range(50))
def test_random_streams(seed: int) -> None:
    assert_same(seeded_stream(seed, SITE, records=120, whole=True), replay=seed % 2 == 0)


@settings(max_examples=25, deadline=None)
@given(nasty_streams(SITE, records=12, whole=True), st.booleans())
def test_streams_that_hypothesis_shrinks(stream: list[Record], replay: bool) -> None:
    assert_same(stream, replay=replay)


def test_every_kind_and_every_event_is_met() -> None:
    kinds = {alarm.kind for point in HERE.points for alarm in point.alarms} | {alarm.kind for alarm in HERE.alarms}
    assert {"high", "time_to_limit", "flatline", "cusum", "deviation", "vote", "degraded"} <= kinds <= JUDGED_KINDS
    every = [alarm for point in HERE.points for alarm in point.alarms]
    assert any(alarm.count for alarm in every)
    assert any(alarm.by_mode for alarm in every)
    told = [
        event for seed in range(4) for event in play(SITE, INSTALLATION, seeded_stream(seed, SITE, 120, whole=True))
    ]
    assert {event["event"] for event in told} >= {
        "raised", "reraised", "acknowledged", "returned", "cleared", "shelved", "unshelved", "suppressed",
        "unsuppressed", "out_of_service", "in_service", "late_excursion", "refused",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_snapshot_at_every_position_changes_nothing(seed: int) -> None:
    whole, broken = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    for record in seeded_stream(seed, SITE, records=80, whole=True):
        whole.take(record)
        broken.take(record)
        broken.engine = type(broken.engine).restore(INSTALLATION, broken.engine.snapshot())
    assert broken.events == whole.events


@pytest.mark.parametrize("seed", range(4))
def test_the_same_configuration_once_more_changes_nothing(seed: int) -> None:
    once, again = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    config = encode_site(of_installation(SITE, INSTALLATION))
    for record in seeded_stream(seed, SITE, records=80, whole=True):
        for player in (once, again):
            player.take(record)
        again.events += again.raw(record.received, config)
        once.events += once.raw(record.received, b"\x02")
    told = [(event.event_id, event.time, event.state) for event in once.events]
    assert [(event.event_id, event.time, event.state) for event in again.events] == told
