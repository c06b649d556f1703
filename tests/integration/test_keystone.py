"""The keystone: one recorded plant log, under every way of running, gives the same alarm events, id for id.

The record has everything that gateways, clocks and people do to a log. It is put into each log as it stands, stamps
and all. Once a service runs on it, ticks of now come behind it: what they bring is not of the record.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline import records
from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, Entry, Log, Reader
from pipeline.model import Event, Judged
from pipeline.outside import event_object
from tests import recorded_log
from tests.recorded_log import IDS, Recorded
from tests.running import ROOT, Service

pytestmark = pytest.mark.services
EACH = 700
Events = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Said:
    """What an alarm log tells of a record that ends at `last`; what an engine says twice is skipped, as readers do."""

    last: dict[str, int]
    events: dict[str, list[Event]] = field(default_factory=lambda: {id_: [] for id_ in IDS})
    judged: dict[str, int] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        id_ = entry.installation
        if id_ not in self.last or entry.data[0] not in (records.Kind.EVENT, records.Kind.JUDGED):
            return
        one = records.decode(entry.data)
        if isinstance(one, Judged):
            self.judged[id_] = max(one.position, self.judged.get(id_, -1))
        elif isinstance(one, Event) and one.position <= self.last[id_]:
            said = self.events[id_]
            if not said or (one.position, one.ordinal) > (said[-1].position, said[-1].ordinal):
                said.append(one)

    @property
    def whole(self) -> bool:
        return all(self.judged.get(id_, -1) >= last for id_, last in self.last.items())

    def outside(self) -> Events:
        return {id_: [event_object(one) for one in events] for id_, events in self.events.items()}


async def follow(reader: Reader, said: Said, enough: Callable[[Said], bool]) -> None:
    """Take what the alarm log says until it is enough."""
    end = time.monotonic() + 240
    while not enough(said):
        assert time.monotonic() < end, f"judged {said.judged} of {said.last}"
        for entry in await reader.fetch(0.2):
            said.take(entry)


async def all_of(log: Log, last: dict[str, int]) -> Events:
    said = Said(last)
    await follow(log.reader(ALARM, {}), said, lambda one: one.whole)
    return said.outside()


def site_of(folder: Path, name: str) -> tuple[str, Path]:
    id_ = f"keystone-{secrets.token_hex(4)}"
    return id_, recorded_log.site_file(folder / name, id_)


@dataclass(slots=True)
class Ways:
    """The record and the ways it is run."""

    folder: Path
    log: list[Recorded]
    kafka: str
    ran: list[Service] = field(default_factory=list)

    def service(self, file: Path, name: str, more: Sequence[str] = ()) -> Service:
        made = Service(file, self.folder / name, ["--role", "engine,api", *more], listen=False)
        self.ran.append(made)
        made.start()
        return made

    def replayed(self, data: Path) -> Events:
        command = [sys.executable, "-m", "hazardwatch", "replay", "--data", str(data)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found: Events = {id_: [] for id_ in IDS}
        for line in done.stdout.splitlines():
            event = json.loads(line)
            found[event["alarm"].partition("/")[0]].append(event)
        return found

    async def one_local(self, data: Path, last: dict[str, int]) -> Events:
        file = recorded_log.site_file(self.folder / "local", "keystone")
        service = Service(file, data, [], listen=True)
        self.ran.append(service)
        service.start()
        await asyncio.to_thread(service.wait_ready, 200)
        assert await asyncio.to_thread(service.stop) == 0, service.output
        async with LocalLog.open(data / "log", read_only=True) as log:
            return await all_of(log, last)

    async def one_on_kafka(self) -> Events:
        id_, file = site_of(self.folder, "one")
        access = kafka_of(self.kafka, {})
        last = await recorded_log.into_kafka(self.log, access, id_)
        self.service(file, "one-process", ["--kafka", self.kafka])
        async with KafkaLog.open(access, id_) as log:
            return await all_of(log, last)

    async def three_on_kafka(self) -> Events:
        """One is killed when it has begun, and comes back, so that it is divided anew twice in the middle."""
        id_, file = site_of(self.folder, "three")
        access = kafka_of(self.kafka, {})
        last = await recorded_log.into_kafka(self.log, access, id_)
        engines = [self.service(file, f"three-{n}", ["--kafka", self.kafka]) for n in range(3)]
        async with KafkaLog.open(access, id_) as log:
            said = Said(last)
            reader = log.reader(ALARM, {})
            await follow(reader, said, lambda one: any(one.events.values()))
            assert not said.whole, "all was judged before anybody could be killed"
            engines[0].kill()
            engines[0].start()
            await follow(reader, said, lambda one: one.whole)
            engines[1].kill()
            return await all_of(log, last)


@pytest.mark.timeout(900)
def test_one_recorded_log_gives_the_same_events_under_every_way_of_running(kafka: str, tmp_path: Path) -> None:
    async def scene(ways: Ways) -> dict[str, Events]:
        data = tmp_path / "local-data"
        last = await recorded_log.into_local(ways.log, data)
        found = {"replay": await asyncio.to_thread(ways.replayed, data)}
        found["one process"] = await ways.one_local(data, last)
        found["one process on Kafka"] = await ways.one_on_kafka()
        found["three engines on Kafka"] = await ways.three_on_kafka()
        return found

    site = recorded_log.read_site(recorded_log.site_file(tmp_path / "site", "keystone"))
    ways = Ways(tmp_path, recorded_log.recorded(site, EACH), kafka)
    try:
        found = asyncio.run(scene(ways))
    finally:
        for one in ways.ran:
            one.kill()
    wanted = found.pop("replay")
    for way, events in found.items():
        for id_ in IDS:
            assert [one["event_id"] for one in events[id_]] == [one["event_id"] for one in wanted[id_]], (way, id_)
            assert events[id_] == wanted[id_], (way, id_)
    kinds = Counter(one["event"] for events in wanted.values() for one in events)
    assert sum(kinds.values()) > 1_000
    assert len(kinds) > 12, f"a record in which little happens proves little: {kinds}"
