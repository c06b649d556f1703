"""The kinds beyond the contract against the oracle, which reads their pages one sample at a time."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.site import Site
from tests.engine_play import Player, play
from tests.oracle import run
from tests.oracle.kinds_site import kinds_site
from tests.oracle.records import Commanded, Record
from tests.oracle.sites import INSTALLATION
from tests.oracle.streams import seeded_stream, went_back
from tests.stories import at, got, r
from tests.unit.test_engine_oracle import plain

SITE: Site = kinds_site()
EXPECTED = partial(run, whole=True)
BALANCES = ("TF1/stuck", "TF1/leak")


def compared(stream: list[Record], *, replay: bool) -> tuple[list[Any], list[Any]]:
    """What the engine tells, and what the oracle does."""
    expected = plain(EXPECTED(SITE, INSTALLATION, stream, replay=replay))
    happened = plain(play(SITE, INSTALLATION, stream, replay=replay))
    for one, other in zip(happened, expected, strict=False):
        litre_apart = one["alarm"] in BALANCES and None not in (one["value"], other["value"])
        if litre_apart and abs(one["value"] - other["value"]) < 0.0011:  # half a litre is rounded either way
            one["value"] = other["value"]
    return happened, expected


def readings_of(stream: list[Record]) -> list[Record]:
    """Without the commands of people, but for acknowledgements and resets."""
    return [one for one in stream if not isinstance(one, Commanded) or one.command.command in ("acknowledge", "reset")]


@pytest.mark.parametrize("seed", range(40))
def test_random_streams(seed: int) -> None:
    happened, expected = compared(readings_of(seeded_stream(seed, SITE, records=120)), replay=seed % 2 == 0)
    assert happened == expected


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_streams_in_which_the_logs_own_clock_is_set(seed: int) -> None:
    stream = went_back(readings_of(seeded_stream(seed, SITE, records=80)), random.Random(seed))
    happened, expected = compared(stream, replay=False)
    assert happened == expected


def test_every_alarm_goes_on_and_off_in_these_streams() -> None:
    streams = [readings_of(seeded_stream(seed, SITE, records=120)) for seed in range(8)]
    told = {(one["alarm"], one["event"]) for stream in streams for one in play(SITE, INSTALLATION, stream)}
    ids = [one.id for one in SITE.installations[0].alarms]
    ids += [one.id for point in SITE.installations[0].points for one in point.alarms if one.kind in ("noise", "ewma")]
    assert {(id_, event) for id_ in ids for event in ("raised", "returned")} <= told


@pytest.mark.parametrize("seed", range(3))
def test_a_snapshot_at_every_position_changes_nothing(seed: int) -> None:
    whole, broken = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    for record in readings_of(seeded_stream(seed, SITE, records=70)):
        whole.take(record)
        broken.take(record)
        broken.engine = type(broken.engine).restore(INSTALLATION, broken.engine.snapshot())
    assert broken.events == whole.events
    assert whole.events


def test_a_changed_comparison_keeps_its_condition_and_loses_what_waits() -> None:
    player = Player(SITE, INSTALLATION, replay=False)
    for second in range(3):
        player.take(got(second, r("XC", second, 1.0), r("XV", second, 0.0)))
    here = SITE.installations[0]
    slower = [msgspec.structs.replace(one, on_delay_ms=5_000) if one.name == "valve" else one for one in here.alarms]
    changed = msgspec.structs.replace(SITE, installations=(msgspec.structs.replace(here, alarms=tuple(slower)),))
    player.events += player.engine.configure(changed, at(2.5))
    for second in range(3, 10):
        player.take(got(second, r("XC", second, 1.0), r("XV", second, 0.0)))
    raised = {one.alarm: one.time for one in player.events if one.event == "raised"}
    assert raised == {"TF1/valve": at(8), "TF1/valve-safe": at(6)}
