"""Doors as processes on one Kafka: killed, stopped for seconds and replaced, nothing is lost and nobody fights."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.log import PLANT
from pipeline.records import Kind, decode_block
from tests.running import Service
from tests.services import free_port, mosquitto

pytestmark = pytest.mark.services
IDS = ("A", "B", "C", "D")
START_MS = 1_700_000_000_000
SITE = """\
schema: hazardwatch/site/v1
site: {{id: {name}, name: {{en: Doors}}, timezone: UTC, language: en}}
installations:
{installations}
"""
INSTALLATION = """\
  - id: {name}
    name: {{en: Part {name}}}
    points: [{{id: LT-1, name: {{en: Level}}, quantity: level, unit: m, range: [0, 1000000], stale_after: never}}]
"""


def site_file(folder: Path) -> tuple[str, Path]:
    """(site id nobody else has, its file)."""
    name = f"doors-{secrets.token_hex(4)}"
    path = folder / "site.yaml"
    path.write_text(SITE.format(name=name, installations="".join(INSTALLATION.format(name=one) for one in IDS)))
    return name, path


class Publisher:
    """Sends rising numbers with rising stamps to every installation; `sent` of each are acknowledged or under way."""

    def __init__(self, port: int, client_id: str = "") -> None:
        self.client = Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=not client_id, protocol=MQTTProtocolVersion.MQTTv311
        )
        self.client.max_inflight_messages_set(1000)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.numbers = itertools.count()
        self.sent = 0

    def send(self, count: int) -> None:
        """That many to each installation, a thousand a second in all."""
        for n in itertools.islice(self.numbers, count):
            for one in IDS:
                self.client.publish(f"hazardwatch/v1/{one}/LT-1", f'{{"value":{n},"time":{START_MS + n}}}', 1)
            time.sleep(len(IDS) / 1000)
            self.sent += 1

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def logged(kafka: str, site: str, wanted: Callable[[dict[str, list[int]]], bool]) -> dict[str, list[int]]:
    """The numbers in the plant log, by installation, once they are as `wanted`, or after a minute."""
    found: dict[str, list[int]] = {one: [] for one in IDS}
    async with KafkaLog.open(kafka_of(kafka, {}), site) as log:
        reader = log.reader(PLANT, {})
        end = time.monotonic() + 60
        while not wanted(found) and time.monotonic() < end:
            for entry in await reader.fetch(0.5):
                if entry.data[0] == Kind.READINGS:
                    found[entry.installation] += [int(t) - START_MS for t in decode_block(entry.data).stamp]
    return found


def all_there(sent: int) -> Callable[[dict[str, list[int]]], bool]:
    return lambda found: all(len(set(numbers)) >= sent for numbers in found.values())


def judge(found: dict[str, list[int]], sent: int) -> None:
    """Everything is there; what came again came after its first time, and first times are in order."""
    for one in IDS:
        first_times = list(dict.fromkeys(found[one]))
        assert first_times == list(range(sent)), one


@pytest.fixture
def services(tmp_path: Path) -> Iterator[list[Service]]:
    running: list[Service] = []
    yield running
    for one in running:
        one.interrupt(signal.SIGCONT)
        one.kill()


def test_collectors_are_taken_over_when_one_is_killed_and_when_one_is_stopped_and_comes_back(
    tmp_path: Path, kafka: str, services: list[Service]
) -> None:
    site, path = site_file(tmp_path)
    port = free_port()
    more = ["--role", "collector", "--kafka", kafka, "--mqtt", f"mqtt://127.0.0.1:{port}"]

    def started(name: str) -> Service:
        services.append(Service(path, tmp_path / name, more, listen=False))
        services[-1].start()
        return services[-1]

    said = tmp_path / "broker.log"
    with mosquitto(tmp_path, port, f"log_dest file {said}", "connection_messages true", "user root"):
        first, second = started("first"), started("second")
        wait_for(lambda: count(first, "connected to") and count(second, "connected to"))
        publisher = Publisher(port)
        publisher.send(300)
        first.kill()
        publisher.send(300)
        third = started("third")
        wait_for(lambda: count(third, "connected to") > 0)
        publisher.send(300)
        second.interrupt(signal.SIGSTOP)
        publisher.send(2500)  # ten seconds: its share has lapsed
        second.interrupt(signal.SIGCONT)
        publisher.send(1000)
        found = asyncio.run(logged(kafka, site, all_there(publisher.sent)))
        publisher.end()
        judge(found, publisher.sent)
        # Each time somebody comes under an id that is connected; two that fought would have come for ever.
        assert said.read_text().count("already connected") <= 3 * len(IDS)


def count(service: Service, words: str) -> int:
    return service.output.count(words)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_device_whose_listener_is_killed_goes_on_at_the_other_and_is_known_there(
    tmp_path: Path, kafka: str, services: list[Service]
) -> None:
    site, path = site_file(tmp_path)
    for name in ("a", "b"):
        services.append(Service(path, tmp_path / name, ["--role", "collector", "--kafka", kafka]))
        services[-1].start()
    a, b = services
    wait_for(lambda: all("hazardwatch runs" in one.output for one in services))
    device = Publisher(a.mqtt_port, "gw")
    came: list[bool] = []
    device.client.on_connect = lambda _client, _data, flags, *_: came.append(flags.session_present)
    device.send(200)
    device.client.connect_async("127.0.0.1", b.mqtt_port)  # where it goes when it is cut off
    a.kill()
    device.send(500)
    found = asyncio.run(logged(kafka, site, all_there(device.sent)))
    device.end()
    for numbers in found.values():  # paho sends new ones before those it repeats
        assert set(numbers) == set(range(device.sent))
    assert came[-1]
