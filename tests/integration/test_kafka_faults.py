"""Brokers killed in the middle of appends: what was acknowledged is there, once and in order, and all goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.log import PLANT
from tests.integration.test_log_contract import drain, of
from tests.kafka_parts import make_topics
from tests.servers import Brokers, kafka_brokers

pytestmark = pytest.mark.services
SITE = "faults"


class Writers:
    """Append numbers to three installations, seven at a time, until they are told to end."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self.acknowledged: dict[str, list[int]] = {name: [] for name in "ABC"}
        self._grew = asyncio.Condition()
        self._ending = False
        self._tasks = [asyncio.create_task(self._write(name)) for name in "ABC"]

    async def _write(self, name: str) -> None:
        while not self._ending:
            number = len(self.acknowledged[name])
            items = [(name, b"%d" % n) for n in range(number, number + 7)]
            self.acknowledged[name] += await self._log.append(PLANT, items)
            async with self._grew:
                self._grew.notify_all()

    async def until(self, more: int) -> None:
        """Each installation has got so many more."""
        goals = {name: len(ones) + more for name, ones in self.acknowledged.items()}
        async with self._grew:
            await self._grew.wait_for(lambda: all(len(self.acknowledged[name]) >= goals[name] for name in goals))

    async def end(self) -> None:
        self._ending = True
        await asyncio.gather(*self._tasks)


async def check(log: KafkaLog, writers: Writers) -> None:
    """All that was acknowledged is there, each once, in order, where it was said to be."""
    reader = log.reader(PLANT, {}, set(writers.acknowledged))
    entries = await drain(reader, sum(map(len, writers.acknowledged.values())))
    for name, positions in writers.acknowledged.items():
        assert of(entries, name) == [b"%d" % n for n in range(len(positions))]
        assert [entry.position for entry in entries if entry.installation == name] == positions


def test_a_broker_killed_in_the_middle_of_appends_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async def scene(brokers: Brokers) -> None:
        access = kafka_of(brokers.bootstrap, {})
        await make_topics(access, SITE, 2)
        async with asyncio.timeout(120), KafkaLog.open(access, SITE) as log:
            reader = log.reader(PLANT, {})
            await log.append(PLANT, [("D", b"before")])
            writers = Writers(log)
            await writers.until(100)
            brokers.servers[1].kill()
            waiting = asyncio.create_task(log.append(PLANT, [("D", b"while it is away")]))
            while log.health().refused is None:  # noqa: ASYNC110  # health is asked, it does not call
                await asyncio.sleep(0.1)
            assert not waiting.done()
            assert "has taken nothing of faults.plant" in str(log.health().refused)
            await asyncio.to_thread(brokers.servers[1].start)
            await waiting
            await writers.until(100)
            await writers.end()
            assert log.health().refused is None
            await check(log, writers)
            assert of(await drain(reader, 600), "D") == [b"before", b"while it is away"]

    with kafka_brokers(tmp_path) as brokers:
        asyncio.run(scene(brokers))


def test_of_three_brokers_the_leader_may_be_killed(tmp_path: Path) -> None:
    async def scene(brokers: Brokers) -> None:
        access = kafka_of(brokers.bootstrap, {})
        await make_topics(access, SITE, 1)
        async with asyncio.timeout(120), KafkaLog.open(access, SITE) as log:
            writers = Writers(log)
            await writers.until(100)
            brokers.servers[await leader(brokers.bootstrap)].kill()
            await writers.until(100)
            await writers.end()
            await check(log, writers)

    with kafka_brokers(tmp_path, 3) as brokers:
        asyncio.run(scene(brokers))


async def leader(bootstrap: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        [described] = await admin.describe_topics([f"{SITE}.{PLANT}"])
        number: int = described["partitions"][0]["leader"]
        return number
    finally:
        await admin.close()
