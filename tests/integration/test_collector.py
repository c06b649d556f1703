"""The collector with a real Mosquitto: nothing lost, nothing acknowledged too early, back after the broker was away."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest.broker import Broker, broker_of
from ingest.collector import Collector
from ingest.intake import Intake
from ingest.paho_frames import FrameClient
from pipeline.errors import Transient
from pipeline.model import NO_STAMP, RETAINED
from pipeline.site import Site, Source, SourceReadings
from tests.certificates import authority, certificate
from tests.ingest_parts import TF1, TF2, KeptLog, site
from tests.services import free_port, mosquitto, program

pytestmark = pytest.mark.services
TOPIC = "hazardwatch/v1/TF1/LT-101"


@asynccontextmanager
async def collecting(log: KeptLog, broker: Broker, plant: Site | None = None) -> AsyncIterator[Collector]:
    plant = plant or site()
    intake = Intake(log, plant)  # type: ignore[arg-type]  # the intake only appends
    collector = Collector(intake, log, plant, broker)  # type: ignore[arg-type]  # appends, shares, tables
    tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
    try:
        await until(lambda: subscribed(collector))
        yield collector
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in results), results


async def publish(port: int, lines: list[str], topic: str = TOPIC, *options: str) -> None:
    command = [
        program("mosquitto_pub", "mosquitto-clients"),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-q",
        "1",
        "-t",
        topic,
    ]
    await asyncio.to_thread(
        subprocess.run, [*command, "-l", *options], input="\n".join(lines) + "\n", text=True, check=True, timeout=60
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the condition lies in another program
            await asyncio.sleep(0.01)


def subscribed(collector: Collector) -> bool:
    return bool(collector.sessions()) and collector.trouble() is None


def values(log: KeptLog) -> list[float | None]:
    return [value for _, _, value, _ in log.readings()]


def test_every_reading_published_at_a_broker_is_in_the_log_in_order(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, Broker("127.0.0.1", port)):
                await publish(port, [str(n) for n in range(5000)])
                await publish(port, [json.dumps({"readings": [{"point": "TT-101", "value": 1}] * 900})], TOPIC[:-7])
                await until(lambda: len(values(log)) >= 5900)
        assert values(log) == [*map(float, range(5000)), *[1.0] * 900]

    asyncio.run(main())


def test_what_was_published_while_we_were_away_comes_when_we_are_back(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, Broker("127.0.0.1", port)):
                await publish(port, ["1"])
                await until(lambda: values(log) == [1.0])
            await publish(port, ["2", "3"])
            async with collecting(log, Broker("127.0.0.1", port)):
                await until(lambda: len(values(log)) >= 3)
        assert values(log) == [1.0, 2.0, 3.0]

    asyncio.run(main())


class ClosedLog(KeptLog):
    """A log that never takes anything."""

    async def append(self, topic: str, items: object) -> list[int]:
        raise Transient("no room")


def test_what_the_log_did_not_take_is_sent_again_by_the_broker(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(ClosedLog(), Broker("127.0.0.1", port)) as collector:
                await publish(port, [str(n) for n in range(100)])
                await until(lambda: collector._intake.full)
            async with collecting(log, Broker("127.0.0.1", port)):
                await until(lambda: len(values(log)) >= 100)
        assert values(log) == [float(n) for n in range(100)]

    asyncio.run(main())


def test_the_collector_connects_again_when_the_broker_comes_back(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            collecting_on = collecting(log, Broker("127.0.0.1", port))
            collector = await collecting_on.__aenter__()
            await publish(port, ["1"])
            await until(lambda: values(log) == [1.0])
            assert collector.trouble() is None
        try:
            await until(lambda: collector.trouble() == f"no connection to mqtt://127.0.0.1:{port}")
            with mosquitto(tmp_path, port):
                await until(lambda: subscribed(collector))
                await publish(port, ["2"])
                await until(lambda: len(values(log)) >= 2)
                await collecting_on.__aexit__(None, None, None)
        finally:
            assert values(log) == [1.0, 2.0]

    asyncio.run(main())


def test_a_retained_copy_is_marked_and_comes_once(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            await publish(port, ["7"], TOPIC, "-r")
            for _ in range(2):
                async with collecting(log, Broker("127.0.0.1", port)):
                    await publish(port, ["8"])
                    await until(lambda: 8.0 in values(log))
                log.appends.append([])
        flags = [(value, flag) for _, _, value, flag in log.readings()]
        assert flags == [(7.0, NO_STAMP | RETAINED), (8.0, NO_STAMP), (8.0, NO_STAMP)]

    asyncio.run(main())


def test_a_message_that_is_too_large_stops_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, Broker("127.0.0.1", port)):
                await publish(port, ["1", "2" * 2_000_000, "3"])
                await until(lambda: len(values(log)) >= 2)
        assert values(log) == [1.0, 3.0]

    asyncio.run(main())


def test_mapped_sources_and_only_the_sites_topics_are_subscribed(tmp_path: Path) -> None:
    source = Source(
        topic="legacy/+/+/telemetry",
        time="ts",
        readings=SourceReadings(installation="{1}", point="{2}", value="data.pv", quality="data.q"),
        quality_map={"192": "good", "0": "bad"},
    )

    async def main() -> None:
        log, port = KeptLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(
                log, Broker("127.0.0.1", port), site(installations=[TF1], sources=[source])
            ) as collector:
                await publish(port, ["1"], "hazardwatch/v1/TF2/LT-101")
                await publish(port, ['{"ts":5,"data":{"pv":1.5,"q":0}}'], "legacy/TF1/LT-101/telemetry")
                await until(lambda: bool(log.appends))
                collector._intake.use(site(installations=[TF1, TF2]))
                await collector.use(site(installations=[TF1, TF2]))
                await until(lambda: subscribed(collector))
                await publish(port, ['{"ts":6,"data":{"pv":1.5}}'], "legacy/TF1/LT-101/telemetry")
                await publish(port, ["2"], "hazardwatch/v1/TF2/LT-101")
                await until(lambda: bool(log.readings("TF2")))
        assert log.readings() == [("LT-101", 5, 1.5, 2)]
        assert log.readings("TF2") == [("LT-101", 0, 2.0, NO_STAMP)]
        assert log.letters() == []

    asyncio.run(main())


def test_tls_with_user_and_password_and_nothing_of_the_password_is_printed(tmp_path: Path) -> None:
    authority(tmp_path)
    signed, key = certificate(tmp_path, "broker")
    passwords = tmp_path / "mosquitto.passwords"
    tool = program("mosquitto_passwd", "mosquitto")
    subprocess.run([tool, "-b", "-c", str(passwords), "hw", "s3cret"], check=True, capture_output=True)
    passwords.chmod(0o644)
    for one in (signed, key):
        one.chmod(0o644)

    async def main() -> None:
        log, port, plain = KeptLog(), free_port(), free_port()
        lines = ["user root", "allow_anonymous false", f"password_file {passwords}"]
        lines += [f"listener {plain} 127.0.0.1", f"certfile {signed}", f"keyfile {key}"]
        environment = {"HAZARDWATCH_MQTT_PASSWORD": "s3cret", "HAZARDWATCH_MQTT_CA": str(tmp_path / "ca.pem")}
        broker = broker_of(f"mqtts://hw@localhost:{plain}", environment)
        assert "s3cret" not in f"{broker} {broker!r}"
        with mosquitto(tmp_path, port, *lines):
            async with collecting(log, broker):
                await publish(port, [str(n) for n in range(2000)], TOPIC, "-u", "hw", "-P", "s3cret")
                await until(lambda: len(values(log)) >= 2000)
        assert values(log) == [float(n) for n in range(2000)]

    asyncio.run(main())


def test_a_connection_made_while_the_intake_is_full_is_held_back_too(tmp_path: Path) -> None:
    def held_back(collector: Collector, other_than: object = None) -> bool:
        sock = client(collector).socket()
        return sock is not None and sock is not other_than and sock.fileno() not in readers()

    async def main() -> None:
        port = free_port()
        with mosquitto(tmp_path, port):
            async with collecting(ClosedLog(), Broker("127.0.0.1", port)) as collector:
                await publish(port, ["1"])
                await until(lambda: collector._intake.full)
                await publish(port, ["2"])
                await until(lambda: held_back(collector))
                first = client(collector).socket()
                client(collector).disconnect()
                await until(lambda: client(collector).is_connected() and held_back(collector, first))

    asyncio.run(main())


def client(collector: Collector) -> FrameClient:
    ((session, _),) = collector._sessions.values()
    return session._client


def readers() -> set[int]:
    """The files whose readability the event loop waits for."""
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # the way to see that nobody reads
    return {fd for fd, key in selector.get_map().items() if key.data[0] is not None}
