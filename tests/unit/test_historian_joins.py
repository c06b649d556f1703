"""Whether the log is the one a database was filled from, asked before anything is written."""

from __future__ import annotations

import asyncio

import pytest

from historian.following import joins
from historian.progress import NOTHING, Stored
from pipeline.errors import Permanent
from pipeline.log import PLANT
from tests.memory_log import MemoryLog


class Forgetful(MemoryLog):
    """Keeps for a time only, but knows of whom it once had entries."""

    async def installations(self, topic: str) -> list[str]:
        return ["GONE", *await super().installations(topic)]


def test_an_installation_of_which_all_was_trimmed_does_not_end_the_history_of_the_others() -> None:
    asyncio.run(joins(Forgetful(), PLANT, {"GONE": Stored(7, 0)}))


@pytest.mark.parametrize("position", [2, 9])
def test_a_log_that_ends_before_the_database_does_is_another_one(position: int) -> None:
    async def story() -> None:
        log = Forgetful()
        await log.append(PLANT, [("TF1", b"1"), ("TF1", b"2")])
        await joins(log, PLANT, {"TF1": Stored(1, 0), "NEW": Stored(NOTHING, 0)})
        with pytest.raises(Permanent, match="not the one"):
            await joins(log, PLANT, {"TF1": Stored(position, 0)})
        with pytest.raises(Permanent, match="not the one"):
            await joins(log, PLANT, {"TF2": Stored(0, 0)})

    asyncio.run(story())
