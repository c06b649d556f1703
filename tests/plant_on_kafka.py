"""A plant of twelve tanks over processes on Kafka: its site file, its readings, and what Kafka holds in the end."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hazardwatch.engine import Engine
from pipeline import records
from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.log import ALARM, PLANT, Entry, Log
from pipeline.model import Event, Judged
from tests.raw_publisher import RawPublisher
from tests.traffic import now_ms

IDS = [f"T{number}" for number in range(1, 13)]
_EVERY_S = 0.25
SITE = """
schema: hazardwatch/site/v1
site: {{id: {id}, timezone: UTC}}
templates:
  tank:
    points:
      - {{id: LT, quantity: level, unit: m, range: [0, 15], period: 1s,
         alarms: {{HH: {{setpoint: 13, deadband: 0.1}}, L: {{setpoint: 2, deadband: 0.1, on_delay: 1s}}}}}}
installations:
{installations}
positions: [{{id: desk, people: [li]}}]
people: [{{id: li, name: Li, phone: "+8613800000001"}}]
channels: {{hook: {{type: webhook, url: "{hook}"}}}}
notify: {{always: [hook]}}
"""


def site_file(folder: Path, id_: str, hook: str) -> Path:
    file = folder / "site.yaml"
    lines = [f"  - {{id: {one}, owner: desk, equipment: [{{id: A, use: tank}}]}}" for one in IDS]
    file.write_text(SITE.format(id=id_, installations="\n".join(lines), hook=hook))
    return file


class Plant:
    """Four times a second a value of each installation, up and down over its limits, until `ending`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ending = threading.Event()
        self.sent = 0

    @contextmanager
    def flowing(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._ending.set()
            thread.join()

    def _run(self) -> None:
        turn = 0
        while not self._ending.wait(_EVERY_S):
            turn += 1
            batch = [
                (
                    f"hazardwatch/v1/{id_}/LT".encode(),
                    b'{"value":%.3f,"time":%d}' % (7.5 + 7 * math.sin(turn / 6 + number), now_ms()),
                )
                for number, id_ in enumerate(IDS)
            ]
            RawPublisher(self._port, batch, b"plant").run(60)
            self.sent += len(batch)


class Story:
    """What Kafka holds in the end."""

    def __init__(self) -> None:
        self.plant: list[Entry] = []
        self.said: dict[str, list[Event]] = {}
        self.twice = 0
        self.judged: dict[str, int] = {}

    async def read(self, log: Log) -> None:
        for id_ in await log.installations(ALARM):
            self.said[id_] = []
        for topic, take in (PLANT, self.plant.append), (ALARM, self._alarm):
            reader = log.reader(topic, {})
            ends = await log.last(topic, await log.installations(topic))
            until_ = {id_: last.position for id_, last in ends.items()}
            while until_:
                for entry in await reader.fetch(1):
                    take(entry)
                    if entry.position >= until_.get(entry.installation, entry.position + 1):
                        del until_[entry.installation]

    def _alarm(self, entry: Entry) -> None:
        if entry.data[0] not in (records.Kind.EVENT, records.Kind.JUDGED):
            return
        record = records.decode(entry.data)
        said = self.said[entry.installation]
        if isinstance(record, Judged):
            self.judged[entry.installation] = max(record.position, self.judged.get(entry.installation, -1))
        elif isinstance(record, Event):
            if not said or (record.position, record.ordinal) > (said[-1].position, said[-1].ordinal):
                said.append(record)
            else:
                self.twice += 1

    def readings(self) -> dict[str, int]:
        """By installation of the site file: how many there are in the plant log."""
        found = dict.fromkeys(IDS, 0)
        for entry in self.plant:
            if entry.installation in found and entry.data[0] == records.Kind.READINGS:
                found[entry.installation] += len(records.decode_block(entry.data))
        return found

    def replayed(self) -> dict[str, list[str]]:
        """Ids of the events that one undisturbed engine each finds, up to where the engines came."""
        engines = {id_: Engine(id_) for id_ in self.said}
        found: dict[str, list[str]] = {id_: [] for id_ in self.said}
        for entry in self.plant:
            if entry.position <= self.judged.get(entry.installation, -1):
                events = engines[entry.installation].take(entry)
                found[entry.installation] += [event.event_id for event in events]
        return found


async def read_story(address: str, site: str) -> Story:
    story = Story()
    async with KafkaLog.open(kafka_of(address, {}), site) as log:
        await story.read(log)
    return story


def owners(status: dict[str, Any], role: str) -> dict[str, list[str]]:
    """Installation -> processes of the role that have it and are not silent."""
    found: dict[str, list[str]] = {}
    for one in status["processes"]:
        for id_ in [] if one["silent"] else one["owns"].get(role, []):
            found.setdefault(id_, []).append(one["process"])
    return found


def each_has_one(status: dict[str, Any], role: str, processes: int) -> bool:
    found = owners(status, role)
    whole = set(IDS) <= found.keys() and all(len(one) == 1 for one in found.values())
    return whole and len({one for ones in found.values() for one in ones}) == processes
