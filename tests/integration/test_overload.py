"""A log that is slow or away behind a real broker: memory stays bounded, the broker queues, nothing is lost unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest.broker import Broker, TlsFiles, broker_of
from ingest.collector import Collector
from ingest.intake import Intake
from ingest.paho_loop import IN_FLIGHT, KEEP_ALIVE_S
from tests.ingest_parts import KeptLog, site
from tests.integration.test_collector import publish, subscribed, until, values
from tests.secured import mosquitto_secured
from tests.services import free_port, mosquitto

pytestmark = pytest.mark.services
USERS = {"collector": "watch", "TF1": "one"}
MANY = 60_000


class GatedLog(KeptLog):
    """Takes nothing while the gate is shut, and does not say why, as a Kafka that is away."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        await self.gate.wait()
        return await super().append(topic, items)


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """(port, authority) of a Mosquitto as shipped, but telling of itself every second."""
    with mosquitto_secured(tmp_path, USERS, {"sys_interval 10": "sys_interval 1"}) as (port, trusted, _):
        yield port, trusted


def test_while_the_log_takes_nothing_the_shipped_broker_keeps_everything_and_little_is_held(
    shipped: tuple[int, Path],
) -> None:
    port, trusted = shipped

    async def main() -> None:
        log = GatedLog()
        intake = Intake(log, site(), most=1000)  # type: ignore[arg-type]  # the intake only appends
        broker = broker_of(
            f"mqtts://collector@localhost:{port}", {"HAZARDWATCH_MQTT_PASSWORD": "watch"}, TlsFiles(trusted)
        )
        collector = Collector(intake, log, site(), broker)  # type: ignore[arg-type]  # appends, shares, tables
        tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
        await until(lambda: subscribed(collector))
        lines = [str(n) for n in range(MANY)]
        login = ["-h", "localhost", "-u", "TF1", "-P", "one", "--cafile", str(trusted)]
        await publish(port, lines, "hazardwatch/v1/TF1/LT-101", *login)  # all acknowledged by the broker
        assert intake.full
        (session,) = collector.sessions()
        assert session.in_flight <= IN_FLIGHT
        assert intake._held < IN_FLIGHT  # a read, and what was taken when it became full
        assert subscribed(collector)
        log.gate.set()
        await until(lambda: len(values(log)) >= MANY)
        await until(lambda: collector.stored() is not None)
        assert collector.dropped() == 0
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert values(log) == [float(n) for n in range(MANY)]

    asyncio.run(main())


def test_what_a_broker_with_stock_limits_loses_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = GatedLog(), free_port()
        with mosquitto(tmp_path, port, "max_queued_messages 1000", "sys_interval 1"):
            intake = Intake(log, site(), most=10)  # type: ignore[arg-type]  # the intake only appends
            collector = Collector(intake, log, site(), Broker("127.0.0.1", port))  # type: ignore[arg-type]
            tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
            await until(lambda: collector.dropped() is not None)
            await publish(port, [str(n) for n in range(IN_FLIGHT + 5000)])
            log.gate.set()
            await until(lambda: (collector.dropped() or 0) > 0)
            await publish(port, ["-1"])
            await until(lambda: -1.0 in values(log))
            await until(lambda: collector.dropped() == IN_FLIGHT + 5001 - len(values(log)))
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    asyncio.run(main())


def test_a_collector_that_does_not_read_stays_connected_beyond_its_keep_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.paho_loop.KEEP_ALIVE_S", 1)

    async def main() -> None:
        log, port = GatedLog(), free_port()
        said = tmp_path / "broker.log"
        with mosquitto(tmp_path, port, f"log_dest file {said}", "log_type all", "user root"):
            intake = Intake(log, site(), most=1)  # type: ignore[arg-type]  # the intake only appends
            collector = Collector(intake, log, site(), Broker("127.0.0.1", port))  # type: ignore[arg-type]
            tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
            await until(lambda: subscribed(collector))
            await publish(port, ["1", "2", "3"])
            await until(lambda: said.read_text().count("Received PINGREQ from hazardwatch-test") >= 4)
            assert subscribed(collector)
            log.gate.set()
            await until(lambda: len(values(log)) >= 3)
            assert said.read_text().count("as hazardwatch-test") == 1
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    assert KEEP_ALIVE_S > 1
    asyncio.run(main())
