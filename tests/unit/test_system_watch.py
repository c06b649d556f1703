"""What hazardwatch says of itself: a value that cannot be had is a bad sample, and the others go on."""

from __future__ import annotations

import asyncio
import math

from hazardwatch.system_watch import watch
from pipeline.log import PLANT
from pipeline.model import SYSTEM
from pipeline.records import decode_block
from tests.memory_log import MemoryLog


def away() -> float:
    raise OSError("the disk went away")


def test_a_probe_that_fails_gives_a_bad_sample_and_stops_nothing() -> None:
    async def story() -> None:
        log, configured = MemoryLog(), asyncio.Event()
        configured.set()
        watching = asyncio.create_task(watch(log, configured, {"disk-free": away, "history": lambda: 1.0}))
        await log.wait_beyond(PLANT, 0, 5)
        assert not watching.done()
        watching.cancel()
        [entry] = log.topics[PLANT]
        block = decode_block(entry.data)
        assert (entry.installation, block.points) == (SYSTEM, ("disk-free", "history"))
        assert math.isnan(block.value[0])
        assert block.value[1] == 1.0

    asyncio.run(story())
