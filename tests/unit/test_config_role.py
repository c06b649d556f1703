"""Who carries out changes of the configuration: never by an old book, however sure it is of its share."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from hazardwatch.config_role import ConfigRole
from pipeline import records
from pipeline.config_records import ConfigAsk, ConfigDecision
from pipeline.log import ALARM, PLANT, Entry
from pipeline.model import SYSTEM
from tests.memory_log import MemoryLog, MemoryReader
from tests.oracle.sites import oracle_site

ASK = ConfigAsk(id="a", ask="approve", by="nobody", token="t", change=1)  # the name of one
ANSWER = records.encode(ConfigDecision(outcome="refused", time=1, ask="a", reason="unknown_change"))


class HeldUp(MemoryReader):
    """While its first entries are on the way, another process answers what they ask."""

    async def fetch(self, wait_s: float) -> list[Entry]:
        entries = await super().fetch(wait_s)
        if any(one.data == records.encode(ASK) for one in entries):
            await self._log.append(ALARM, [(SYSTEM, ANSWER)])
        return entries


class HeldUpLog(MemoryLog):
    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> MemoryReader:
        return HeldUp(self, topic, after, only)


def test_who_was_held_up_does_not_do_what_another_has_done_meanwhile() -> None:
    async def story() -> None:
        log = HeldUpLog()
        config = records.config_copy(records.encode_site(oracle_site()), 0)
        await log.append(ALARM, [(SYSTEM, config), (SYSTEM, records.encode(ASK))])
        role = ConfigRole(log, lambda: True)
        running = asyncio.create_task(role.run())
        while role.book.answer("a") is None:
            await role.next_change()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert log.topics.get(PLANT, []) == []

    asyncio.run(story())


def test_what_is_asked_is_answered_by_who_has_read_all() -> None:
    async def story() -> None:
        log = MemoryLog()
        config = records.config_copy(records.encode_site(oracle_site()), 0)
        await log.append(ALARM, [(SYSTEM, config), (SYSTEM, records.encode(ASK))])
        role = ConfigRole(log, lambda: True)
        running = asyncio.create_task(role.run())
        await log.wait_beyond(PLANT, 0, 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        [answer] = [records.decode(one.data) for one in log.topics[PLANT]]
        assert isinstance(answer, ConfigDecision)
        assert answer.outcome == "refused"

    asyncio.run(story())
