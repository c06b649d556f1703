"""All stories in one table, for whoever wants to play them."""

from __future__ import annotations

from tests.stories import (
    Story,
    admissions,
    clocks,
    designs,
    holds,
    instruments,
    levels,
    lifecycles,
    rates,
    several,
    suppressions,
    table_rows,
    times,
    trends,
    trips,
)

FIRST: list[Story] = [
    *levels.STORIES,
    *holds.STORIES,
    *instruments.STORIES,
    *trips.STORIES,
    *admissions.STORIES,
    *clocks.STORIES,
    *lifecycles.STORIES,
    *times.STORIES,
    *rates.STORIES,
]
"""What the first release judges."""

WHOLE: list[Story] = [*trends.STORIES, *several.STORIES, *suppressions.STORIES, *designs.STORIES, *table_rows.STORIES]
"""What the contract asks for beside that."""
