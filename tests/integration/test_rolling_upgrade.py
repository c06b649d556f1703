"""An old and a new version side by side on one real Kafka, replaced one after the other while the plant goes on.

And a changed site file, brought in the same way.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from pipeline import records
from pipeline.records import Kind
from simulators.receiver import Receiver
from tests.newer_version import UNKNOWN_KIND, VERSION
from tests.plant_on_kafka import IDS, Plant, Story, each_has_one, read_story, site_file
from tests.running import Service
from tests.traffic import until

pytestmark = pytest.mark.services

_SHARED = ("engine", "notifier", "historian")


class Site:
    """A front with the doors and two processes with all else, on one log and one database."""

    def __init__(self, kafka: str, folder: Path, database: str, receiver: Receiver) -> None:
        self.id = f"rolling-{os.getpid()}"
        self.kafka, self.receiver = kafka, receiver
        self.file = site_file(folder, self.id, receiver.url("/hook"))
        more = ["--kafka", kafka, "--dsn", database, "--role"]
        self.front = Service(self.file, folder / "front", [*more, "collector,api"])
        self.backs = [
            Service(self.file, folder / f"back-{n}", [*more, ",".join(_SHARED)], listen=False) for n in (1, 2)
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        everybody = [self.front, *self.backs]
        for one in everybody:
            one.start()
        try:
            until("each installation is one process's", lambda: self.front.healthy() and self.divided(2), 120)
            yield
        finally:
            with ThreadPoolExecutor() as each:
                codes = list(each.map(Service.stop, everybody))
        assert codes == [0, 0, 0]
        for one in everybody:
            assert "Traceback" not in one.output

    def divided(self, processes: int) -> bool:
        status = self.front.status()
        return all(each_has_one(status, role, processes) for role in _SHARED) and all(
            role["works"] for one in status["processes"] for role in one["roles"]
        )

    def replace(self, one: Service, program: str = "hazardwatch") -> None:
        """Ends a process as an administrator does, and starts it again; the other has all meanwhile."""
        assert one.stop() == 0
        until("the other has all", lambda: self.divided(1), 120)
        one.program = program
        one.start()
        until("both have a part", lambda: self.divided(2), 120)
        told = len(self.receiver.messages)
        until("alarms go on", lambda: len(self.receiver.messages) > told + 10)

    def versions(self) -> list[str]:
        return sorted(one["version"] for one in self.front.status()["processes"])

    def change(self) -> None:
        """Another limit in the site file, in one step, as the operations page says."""
        draft = self.file.with_suffix(".new")
        draft.write_text(self.file.read_text().replace("setpoint: 13,", "setpoint: 12.5,"))
        draft.replace(self.file)


def test_versions_and_site_files_are_replaced_one_process_at_a_time_and_no_alarm_is_lost_or_doubled(
    kafka: str, tmp_path: Path, database: str
) -> None:
    async def story() -> None:
        async with Receiver() as receiver:
            await asyncio.to_thread(_rolled, Site(kafka, tmp_path, database, receiver), database)

    asyncio.run(story())


def _rolled(site: Site, database: str) -> None:
    first, second = site.backs
    with site.running():
        plant = Plant(site.front.mqtt_port)
        with plant.flowing():
            until("alarms are told", lambda: len(site.receiver.messages) > 10)
            site.replace(first, "tests.newer_version")
            assert site.versions().count(VERSION) == 1
            site.change()
            site.replace(second, "tests.newer_version")
            assert site.versions().count(VERSION) == 2
            site.replace(second)  # back to the old version; meanwhile the first, with the old file, has all
            assert first.stop() == 0
            until("the second has all", lambda: site.divided(1), 120)
            until("the new file is in force", lambda: _limits(site) == {id_: [13, 12.5] for id_ in IDS}, 120)
        story = asyncio.run(read_story(site.kafka, site.id))
        until("all is stored", lambda: _readings(database) == story.readings(), 60)
    story = asyncio.run(read_story(site.kafka, site.id))
    _same_as_replayed(story)
    _stored_once(story, database)
    _told_once(story, site.receiver)
    assert _limits(site) == {id_: [13, 12.5] for id_ in IDS}
    assert sum(story.readings().values()) == plant.sent


def _same_as_replayed(story: Story) -> None:
    kinds = Counter(entry.data[0] for entry in story.plant)
    assert kinds[UNKNOWN_KIND] > 100, "the newer version has said nothing the older does not know"
    said = {
        id_: [one.event_id for one in events if one.position <= story.judged[id_]] for id_, events in story.said.items()
    }
    assert said == story.replayed()
    assert all(len(said[id_]) > 5 for id_ in IDS)


def _readings(database: str) -> dict[str, int]:
    with psycopg.connect(database) as connection:
        counted = "select installation, count(*) from hazardwatch.readings group by 1"
        return {id_: count for id_, count in connection.execute(counted) if id_ in IDS}


def _stored_once(story: Story, database: str) -> None:
    with psycopg.connect(database) as connection:
        stored = [id_ for (id_,) in connection.execute("select event_id from hazardwatch.alarm_events")]
        gaps = connection.execute("select distinct topic, reason from historian.gap").fetchall()
    assert len(stored) == len(set(stored))
    events = {one.event_id for id_ in IDS for one in story.said[id_]}
    assert {id_ for id_ in stored if id_.partition("/")[0] != "SYSTEM"} >= events
    assert _readings(database) == story.readings()
    assert {topic for topic, why in gaps if f"{UNKNOWN_KIND:02x}" not in why} == set()


def _told_once(story: Story, receiver: Receiver) -> None:
    told = Counter(one.event_id for one in receiver.messages)
    assert {one.event_id for id_ in IDS for one in story.said[id_]} <= told.keys()
    assert [id_ for id_, count in told.items() if count > 1] == []


def _limits(site: Site) -> dict[str, list[float | None]]:
    """By installation: the limits that were put in force, one after the other.

    Processes that start together may each introduce a new site: the same, said again, is no change.
    """
    found: dict[str, list[float | None]] = {id_: [] for id_ in IDS}
    for entry in asyncio.run(read_story(site.kafka, site.id)).plant:
        if entry.installation in found and entry.data[0] == Kind.CONFIG:
            [tank] = records.decode_site(entry.data).installations
            [limit] = [one.setpoint for one in tank.points[0].alarms if one.name == "HH"]
            if found[entry.installation][-1:] != [limit]:
                found[entry.installation].append(limit)
    return found
