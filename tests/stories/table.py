"""All stories in one table, for whoever wants to play them."""

from __future__ import annotations

from tests.stories import Story, admissions, instruments, levels, lifecycles, rates, times

ALL: list[Story] = [
    *levels.STORIES,
    *instruments.STORIES,
    *admissions.STORIES,
    *lifecycles.STORIES,
    *times.STORIES,
    *rates.STORIES,
]
