"""Comparisons judged all at once tell what they tell when every sample is looked at."""

from __future__ import annotations

import math
from random import Random

import pytest

from rules import together
from rules.joint import Joint, Verdict
from tests.engine_play import Player, play
from tests.oracle.kinds_site import kinds_site
from tests.oracle.records import Record
from tests.oracle.sites import INSTALLATION
from tests.stories import got, r

SITE = kinds_site()
COMPARED = {one.id for one in SITE.installations[0].alarms}
POINTS = ("LT", "FT-1", "FT-2", "FT-3", "XC", "XV", "PT")


def calm_stream(seed: int) -> list[Record]:
    """A plant that mostly does nothing: now and then a gauge sticks, a valve stays, a value is missing."""
    drawn, level, order, state, stuck = Random(seed), 6.0, 0, 0, False
    stream: list[Record] = []
    for second in range(150):
        flow = drawn.choice((300.0, 300.0, 120.0))
        level = level if stuck else level + flow / 3600 / 1.7
        stuck = drawn.random() < 0.3 if second % 20 == 0 else stuck
        order = drawn.choice((0, 1)) if drawn.random() < 0.05 else order
        state = order if drawn.random() < 0.2 else state
        values = {
            "LT": level,
            "FT-1": flow,
            "FT-2": 1.0,
            "FT-3": 60.0,
            "XC": order,
            "XV": state,
            "PT": drawn.gauss(9, 0.2),
        }
        sent = [point for point in POINTS if drawn.random() < 0.9]
        bad = drawn.choice(POINTS) if drawn.random() < 0.02 else None
        late = drawn.choice((0, 0, 0, 0.4))
        stream.append(
            got(second, *(r(one, second - late, math.nan if one == bad else round(values[one], 3)) for one in sent))
        )
        if level > 12:
            level = 6.0
    return stream


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_tell_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = calm_stream(seed)
    at_once = play(SITE, INSTALLATION, stream)

    def nothing_is_calm(self: together._Lanes, joint: Joint) -> None:
        self._calm[:] = False

    monkeypatch.setattr(together._Lanes, "settle", nothing_is_calm)
    one_by_one = play(SITE, INSTALLATION, stream)
    assert at_once == one_by_one
    assert COMPARED & {one["alarm"] for one in at_once}


def test_most_records_of_a_calm_plant_need_no_look_at_single_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"at once": 0, "exactly": 0}
    take = together.Together.take

    def counted(
        self: together.Together, sent: together.Sent, latest: together.Latest
    ) -> tuple[dict[str, tuple[int, Verdict] | None], list[str]]:
        found = take(self, sent, latest)
        asked["at once"] += len(found[0])
        asked["exactly"] += len(found[1])
        return found

    monkeypatch.setattr(together.Together, "take", counted)
    play(SITE, INSTALLATION, calm_stream(1))
    assert asked["at once"] > asked["exactly"] > 0


def test_a_snapshot_of_a_calm_plant_goes_on_where_it_was() -> None:
    whole, broken = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    for record in calm_stream(3):
        whole.take(record)
        broken.take(record)
        broken.engine = type(broken.engine).restore(INSTALLATION, broken.engine.snapshot())
    assert broken.events == whole.events
    assert whole.events
