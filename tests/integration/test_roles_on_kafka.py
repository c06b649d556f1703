"""Several processes of the roles on a real Kafka: one dies and comes back, and the alarms are those of a replay."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simulators.receiver import Receiver
from tests.plant_on_kafka import IDS, Plant, Story, each_has_one, read_story, site_file
from tests.running import Service
from tests.traffic import until

pytestmark = pytest.mark.services


def test_a_process_that_is_killed_and_comes_back_costs_no_alarm_and_doubles_none(kafka: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with Receiver() as receiver:
            await asyncio.to_thread(_killed, kafka, tmp_path, receiver)

    asyncio.run(story())


def _killed(kafka: str, folder: Path, receiver: Receiver) -> None:
    site = f"roles-{os.getpid()}"
    file = site_file(folder, site, receiver.url("/hook"))

    def process(name: str, roles: str, *, listen: bool = False) -> Service:
        return Service(file, folder / name, ["--kafka", kafka, "--role", roles], listen=listen)

    front = process("front", "collector,api", listen=True)
    others = [process(f"other-{number}", "engine,notifier") for number in range(3)]
    for one in [front, *others]:
        one.start()
    try:
        until("each installation is one process's", lambda: front.healthy() and _divided(front, 3), 120)
        with Plant(front.mqtt_port).flowing():
            until("alarms are told", lambda: len(receiver.messages) > 20)
            others[1].kill()
            until("the two others have all", lambda: _divided(front, 2))
            until("SYSTEM's alarm is told", lambda: "SYSTEM/processes-silent/H" in _alarms(receiver))
            assert _silent(front) == [str(others[1].data)]
            others[1].start()
            until("each of three has a part", lambda: _divided(front, 3), 120)
            told = len(receiver.messages)
            until("alarms go on", lambda: len(receiver.messages) > told + 20)
            assert _silent(front) == []
    finally:
        with ThreadPoolExecutor() as each:
            codes = list(each.map(Service.stop, [front, *others]))
    assert codes == [0] * 4
    for one in [front, *others]:
        assert "Traceback" not in one.output
    _check(asyncio.run(read_story(kafka, site)), receiver)


def _divided(front: Service, processes: int) -> bool:
    status = front.status()
    return all(each_has_one(status, role, processes) for role in ("engine", "notifier"))


def _silent(front: Service) -> list[str]:
    return [one["process"].partition(":")[2] for one in front.status()["processes"] if one["silent"]]


def _alarms(receiver: Receiver) -> set[str]:
    return {one.raw["data"]["alarm"] for one in receiver.messages}


def _check(story: Story, receiver: Receiver) -> None:
    # An engine that was ended may have said an event and not yet that the record is judged.
    said = {
        id_: [one.event_id for one in events if one.position <= story.judged[id_]] for id_, events in story.said.items()
    }
    replayed = story.replayed()
    assert said == replayed
    assert all(len(said[id_]) > 3 for id_ in IDS)
    told = Counter(one.event_id for one in receiver.messages)
    assert {event for id_ in IDS for event in said[id_]} <= told.keys()
    assert sum(told.values()) - len(told) <= 8  # as many as can be under way over one channel when it is killed
