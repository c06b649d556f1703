"""The oracle tells every hand-worked story as the contract does."""

from __future__ import annotations

from functools import partial

import pytest

from tests.oracle import run
from tests.stories import Story, tell
from tests.stories.table import FIRST, WHOLE


@pytest.mark.parametrize("story", FIRST, ids=lambda story: story.name)
def test_the_oracle_tells_the_story(story: Story) -> None:
    happened, expected = tell(story, run)
    assert happened == expected


@pytest.mark.parametrize("story", FIRST + WHOLE, ids=lambda story: story.name)
def test_the_whole_oracle_tells_it_too(story: Story) -> None:
    happened, expected = tell(story, partial(run, whole=True))
    assert happened == expected


def test_no_two_stories_share_a_name() -> None:
    names = [story.name for story in FIRST + WHOLE]
    assert len(names) == len(set(names))
