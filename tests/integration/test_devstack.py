"""The servers tests run against are what they are said to be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.servers import Brokers, kafka_brokers

pytestmark = pytest.mark.services


async def make_topic(bootstrap: str, topic: str, **settings: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, -1, {}, settings)])
    finally:
        await admin.close()


async def send(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(30):
            return [(await consumer.getone()).value for _ in range(count)]


def test_a_record_the_broker_has_acknowledged_survives_its_kill(tmp_path: Path) -> None:
    async def main(brokers: Brokers) -> None:
        await make_topic(brokers.bootstrap, "kept", **{"flush.messages": "1"})
        await send(brokers.bootstrap, "kept", b"one", b"two")
        brokers.servers[1].kill()
        brokers.servers[1].start()
        assert await read(brokers.bootstrap, "kept", 2) == [b"one", b"two"]

    with kafka_brokers(tmp_path) as brokers:
        asyncio.run(main(brokers))


def test_a_paused_broker_acknowledges_once_it_goes_on(tmp_path: Path) -> None:
    async def main(brokers: Brokers) -> None:
        await make_topic(brokers.bootstrap, "waits")
        async with AIOKafkaProducer(bootstrap_servers=brokers.bootstrap, acks="all") as producer:
            await producer.send_and_wait("waits", b"one")
            brokers.servers[1].pause()
            sent = await producer.send("waits", b"two")
            done, _ = await asyncio.wait([sent], timeout=0.5)
            assert not done
            brokers.servers[1].resume()
            await sent
        assert await read(brokers.bootstrap, "waits", 2) == [b"one", b"two"]

    with kafka_brokers(tmp_path) as brokers:
        asyncio.run(main(brokers))


def test_three_brokers_keep_three_copies(tmp_path: Path) -> None:
    async def main(brokers: Brokers) -> None:
        await make_topic(brokers.bootstrap, "copied")
        admin = AIOKafkaAdminClient(bootstrap_servers=brokers.bootstrap)
        await admin.start()
        try:
            [topic] = await admin.describe_topics(["copied"])
        finally:
            await admin.close()
        assert sorted(topic["partitions"][0]["replicas"]) == [1, 2, 3]

    with kafka_brokers(tmp_path, 3) as brokers:
        asyncio.run(main(brokers))


def test_a_database_of_the_fixture_can_have_a_hypertable(timescale: str) -> None:
    with psycopg.connect(timescale) as connection:
        connection.execute("create extension timescaledb")
        connection.execute("create table t (time timestamptz not null)")
        connection.execute("select create_hypertable('t', 'time')")
        found = connection.execute("select hypertable_name from timescaledb_information.hypertables").fetchall()
    assert found == [("t",)]


def test_topics_are_never_made_by_a_misspelled_name(kafka: str) -> None:
    async def main() -> set[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        try:
            await admin.describe_topics(["misspelled"])
            return set(await admin.list_topics())
        finally:
            await admin.close()

    assert "misspelled" not in asyncio.run(main())
