"""The kinds that look at more than one sample or point, and `count`, against the oracle."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from pipeline.site import Alarm, Point
from rules.table import JUDGED_KINDS
from tests.engine_play import Player, play
from tests.oracle import run
from tests.oracle.records import Commanded, Record
from tests.oracle.sites import INSTALLATION
from tests.oracle.streams import seeded_stream
from tests.oracle.whole_site import whole_site
from tests.stories import Story, several, tell, trends
from tests.unit.test_engine_oracle import plain


def _judged(alarm: Alarm) -> bool:
    return alarm.kind in JUDGED_KINDS and not alarm.by_mode


def _of_single_points(point: Point) -> Point:
    return msgspec.structs.replace(point, alarms=tuple(alarm for alarm in point.alarms if _judged(alarm)))


_WHOLE = whole_site()
_HERE = msgspec.structs.replace(
    _WHOLE.installations[0],
    points=tuple(_of_single_points(point) for point in _WHOLE.installations[0].points),
    alarms=tuple(alarm for alarm in _WHOLE.installations[0].alarms if _judged(alarm)),
    suppress=(),
)
SITE = msgspec.structs.replace(_WHOLE, installations=(_HERE,))


def _stream(seed: int, records: int = 120) -> list[Record]:
    """Without the commands of a later version."""
    built = ("acknowledge", "reset")
    stream = seeded_stream(seed, SITE, records=records)
    return [one for one in stream if not isinstance(one, Commanded) or one.command.command in built]


LATER = "a member out of service counts as off"
"""Takes a member out of service, which a later version does."""
STORIES = [story for story in [*trends.STORIES, *several.STORIES] if story.name != LATER]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_engine_tells_the_story(story: Story) -> None:
    happened, expected = tell(story, play)
    assert happened == expected


@pytest.mark.parametrize("seed", range(50))
def test_random_streams(seed: int) -> None:
    replay = seed % 2 == 0
    stream = _stream(seed)
    expected = plain(partial(run, whole=True)(SITE, INSTALLATION, stream, replay=replay))
    happened = plain(play(SITE, INSTALLATION, stream, replay=replay))
    assert happened == [{key: other[key] for key in one} for one, other in zip(happened, expected, strict=True)]


def test_every_kind_is_met() -> None:
    kinds = {alarm.kind for point in _HERE.points for alarm in point.alarms}
    assert {"high", "time_to_limit", "flatline", "cusum"} <= kinds
    assert {"deviation", "vote", "degraded"} <= {alarm.kind for alarm in _HERE.alarms}
    assert any(alarm.count for point in _HERE.points for alarm in point.alarms)


@pytest.mark.parametrize("seed", range(3))
def test_a_snapshot_at_every_position_changes_nothing(seed: int) -> None:
    whole, broken = (Player(SITE, INSTALLATION, replay=False) for _ in range(2))
    for record in _stream(seed, records=60):
        whole.take(record)
        broken.take(record)
        broken.engine = type(broken.engine).restore(INSTALLATION, broken.engine.snapshot())
    assert broken.events == whole.events
