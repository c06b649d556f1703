"""The servers tests run against are what they are said to be."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.devstack import processes
from tests.servers import Brokers, kafka_brokers

pytestmark = pytest.mark.services


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as child:
        yield child
        child.kill()


def test_a_noted_process_is_found_again_and_ended(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    mark = tmp_path / "sleeper.json"
    processes.remember(mark, sleeper.pid, signal.SIGTERM)
    assert processes.running(mark) == sleeper.pid
    assert processes.end([mark]) == {"sleeper": "ended"}
    assert sleeper.wait() == -signal.SIGTERM
    assert not mark.exists()


def test_a_process_that_only_has_the_number_of_the_noted_one_is_left_alone(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    mark = tmp_path / "other.json"
    processes.remember(mark, sleeper.pid, signal.SIGTERM)
    noted = json.loads(mark.read_text())
    boot, tick = noted["born"].split()
    mark.write_text(json.dumps({**noted, "born": f"{boot} {int(tick) - 1}"}))
    assert processes.running(mark) is None
    assert processes.end([mark]) == {"other": "was not running"}
    assert sleeper.poll() is None


def test_a_process_that_does_not_end_is_killed_and_that_is_said(tmp_path: Path) -> None:
    deaf = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 600; done"]
    program = processes.Program("deaf", deaf, tmp_path / "log", lambda _pid, said: "up" in said)
    [child] = processes.start(program)
    mark = tmp_path / "deaf.json"
    processes.remember(mark, child.pid, signal.SIGTERM)
    assert processes.end([mark], seconds=0.1) == {"deaf": "killed: it had not ended after 0 s"}
    assert child.wait() == -signal.SIGKILL
    os.killpg(child.pid, signal.SIGKILL)  # its own child, the sleep


def test_a_server_that_does_not_come_up_says_why_and_leaves_none_of_the_others(tmp_path: Path) -> None:
    fine = processes.Program("fine", ["sleep", "600"], tmp_path / "fine.log", lambda _pid, _said: True)
    broken = processes.Program("broken", ["sh", "-c", "echo no room; exit 3"], tmp_path / "b.log", lambda _p, _s: False)
    started: list[int] = []

    def note(pid: int, _said: str) -> bool:
        started.append(pid)
        return True

    noted = replace(fine, ready=note)
    with pytest.raises(processes.DidNotStart, match=r"broken ended at once \(exit 3\): no room"):
        processes.start(noted, broken)
    assert not Path(f"/proc/{started[0]}").exists()


def test_servers_of_a_test_run_that_was_killed_do_not_stay(tmp_path: Path) -> None:
    run = """
from pathlib import Path
from deploy.devstack.processes import Program
from tests.servers import launch
[child] = launch(Program("server", ["sleep", "600"], Path("{log}"), lambda _pid, _said: True))
print(child.pid, flush=True)
input()
"""
    command = [sys.executable, "-c", run.replace("{log}", str(tmp_path / "log"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        server = int(tests.stdout.readline())
        handle = os.pidfd_open(server)
        tests.kill()
    ended, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    assert ended


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


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """A broker that may be killed and paused; it serves again after each test."""
    with kafka_brokers(tmp_path_factory.mktemp("own")) as brokers:
        yield brokers


def test_a_record_the_broker_has_acknowledged_survives_its_kill(own: Brokers) -> None:
    async def main(brokers: Brokers) -> None:
        await make_topic(brokers.bootstrap, "kept", **{"flush.messages": "1"})
        await send(brokers.bootstrap, "kept", b"one", b"two")
        brokers.servers[1].kill()
        brokers.servers[1].start()
        assert await read(brokers.bootstrap, "kept", 2) == [b"one", b"two"]

    asyncio.run(main(own))


def test_a_paused_broker_acknowledges_once_it_goes_on(own: Brokers) -> None:
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

    asyncio.run(main(own))


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
