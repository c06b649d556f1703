"""An engine set up wrongly: it takes every installation for its own, whatever the others do. For one fault."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from hazardwatch import system_watch
from hazardwatch.engine_role import EngineRole
from hazardwatch.sites import sound_site
from pipeline.clock import now_ms
from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog


class All:
    """A share of everything, for ever."""

    def __init__(self, installations: frozenset[str]) -> None:
        self._installations: frozenset[str] | None = installations

    async def owned(self) -> frozenset[str]:
        if self._installations is None:
            await asyncio.Event().wait()
        given, self._installations = self._installations, None
        assert given is not None
        return given


class GreedyLog(KafkaLog):
    """Divides nothing."""

    @asynccontextmanager
    async def share(self, role: str, installations: Collection[str]) -> AsyncIterator[All]:  # type: ignore[override]  # that is the fault
        yield All(frozenset(installations))


async def main(file: Path, kafka: str) -> None:
    """Judges, and ticks, until it is ended."""
    site, _ = sound_site(file)
    async with GreedyLog.open(kafka_of(kafka, {}), site.id) as log, asyncio.TaskGroup() as tasks:
        engine = EngineRole(log, site)
        tasks.create_task(engine.run())
        tasks.create_task(system_watch.tick(log, engine.installations, now_ms, lambda: None))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
