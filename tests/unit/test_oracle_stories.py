"""The oracle tells every hand-worked story as the contract does."""

from __future__ import annotations

import pytest

from tests.oracle import run
from tests.stories import Story, tell
from tests.stories.table import ALL


@pytest.mark.parametrize("story", ALL, ids=lambda story: story.name)
def test_the_oracle_tells_the_story(story: Story) -> None:
    happened, expected = tell(story, run)
    assert happened == expected


def test_no_two_stories_share_a_name() -> None:
    names = [story.name for story in ALL]
    assert len(names) == len(set(names))
