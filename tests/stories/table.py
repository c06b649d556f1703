"""All stories in one table, for whoever wants to play them."""

from __future__ import annotations

from tests.stories import (
    Story,
    admissions,
    instruments,
    levels,
    lifecycles,
    rates,
    several,
    suppressions,
    times,
    trends,
)

FIRST: list[Story] = [
    *levels.STORIES,
    *instruments.STORIES,
    *admissions.STORIES,
    *lifecycles.STORIES,
    *times.STORIES,
    *rates.STORIES,
]
"""What the first release judges."""

WHOLE: list[Story] = [*trends.STORIES, *several.STORIES, *suppressions.STORIES]
"""What the contract asks for beside that."""
