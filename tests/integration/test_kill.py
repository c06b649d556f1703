"""kill -9 again and again in the middle of it: nothing acknowledged is missing, nothing is there twice."""

from __future__ import annotations

import asyncio
import json
import math
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest

from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.records import Kind
from simulators.receiver import Receiver
from tests.raw_publisher import RawPublisher
from tests.running import ROOT, Service

READINGS = 20_000
KILLS = 10
POINTS = 4
STEP_MS = 10


def _messages(began: int) -> list[tuple[bytes, bytes]]:
    """Numbered by their device time; each point swings across its limits hundreds of times."""
    found = []
    for number in range(READINGS):
        point, turn = number % POINTS, number // POINTS
        value = round(7.5 + 7 * math.sin(turn / 8 + point), 3)
        body = json.dumps({"value": value, "time": began + turn * STEP_MS})
        found.append((f"hazardwatch/v1/T1/LT-{point}".encode(), body.encode()))
    return found


async def _in_log(folder: Path) -> Counter[tuple[str, int]]:
    """How often each numbered reading is in the plant log."""
    found: Counter[tuple[str, int]] = Counter()
    async with LocalLog.open(folder, read_only=True) as log:
        reader = log.reader(PLANT, {})
        while entries := await reader.fetch(0):
            for entry in entries:
                if entry.installation == "T1" and entry.data[0] == Kind.READINGS:
                    block = records.decode_block(entry.data)
                    names = (block.points[i] for i in block.index.tolist())
                    found.update(zip(names, block.stamp.tolist(), strict=True))
    return found


def _until(what: str, done: Callable[[], bool], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.2)


@pytest.mark.timeout(600)
def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    asyncio.run(_torture(tmp_path))


async def _torture(folder: Path) -> None:
    async with Receiver(language="en") as receiver:
        text = (ROOT / "tests/integration/torture_site.yaml").read_text().replace("RECEIVER", str(receiver.port))
        site = folder / "site.yaml"
        site.write_text(text)
        service = Service(site, folder / "data")
        began = time.time_ns() // 1_000_000 - READINGS // POINTS * STEP_MS - 5_000
        messages = _messages(began)
        publisher = RawPublisher(service.mqtt_port, messages)
        await asyncio.to_thread(_kill_while_publishing, service, publisher)
        await asyncio.to_thread(_settled, service, len(messages))
        try:
            _check_history(service, began)
        finally:
            assert await asyncio.to_thread(service.stop) == 0, service.output
        assert "Traceback" not in service.output
        await _check_log(folder / "data", messages, publisher)
        _check_deliveries(receiver, await asyncio.to_thread(_replayed, folder / "data"))


def _reached(publisher: RawPublisher, goal: float) -> bool:
    return publisher.acknowledged >= goal


def _kill_while_publishing(service: Service, publisher: RawPublisher) -> None:
    chance = random.Random(20261122)
    service.start()
    sending = threading.Thread(target=publisher.run, args=(300,))
    sending.start()
    for kill in range(KILLS):
        goal = (kill + chance.random()) * READINGS / KILLS
        _until(f"acknowledgements up to {goal:.0f}", partial(_reached, publisher, goal))
        time.sleep(chance.random() * 0.3)
        service.kill()
        service.start()
    sending.join()
    service.wait_ready()


def _settled(service: Service, readings: int) -> None:
    """The history has everything and the last events are told."""

    def stored() -> bool:
        with psycopg.connect(service.dsn()) as link:
            row = link.execute("select count(*) from hazardwatch.readings where installation = 'T1'").fetchone()
        return row is not None and row[0] >= readings

    _until("all readings in the history", stored)
    time.sleep(4)  # events decided by the last seconds are on their way


def _check_history(service: Service, began: int) -> None:
    with psycopg.connect(service.dsn()) as link:
        rows = link.execute(
            "select point, (extract(epoch from time) * 1000)::bigint, count(*) from hazardwatch.readings"
            " where installation = 'T1' group by 1, 2"
        ).fetchall()
        events = link.execute(
            "select event_id from hazardwatch.alarm_events where alarm like 'T1/%' order by seq"
        ).fetchall()
    wanted = {(f"LT-{n % POINTS}", began + n // POINTS * STEP_MS) for n in range(READINGS)}
    assert {(point, time_) for point, time_, _ in rows} == wanted
    assert all(count == 1 for *_, count in rows)
    replayed = [event["event_id"] for event in _replayed(service.data) if event["alarm"].startswith("T1/")]
    assert len(events) > 400
    assert [id_ for (id_,) in events] == replayed[: len(events)]
    assert len(replayed) == len(events)


async def _check_log(data: Path, messages: list[tuple[bytes, bytes]], publisher: RawPublisher) -> None:
    assert publisher.acknowledged == len(messages)
    in_log = await _in_log(data / "log")
    for topic, payload in messages:
        assert in_log[topic.decode().split("/")[-1], json.loads(payload)["time"]] >= 1


def _replayed(data: Path) -> list[dict[str, str]]:
    command = [sys.executable, "-m", "hazardwatch", "replay", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _check_deliveries(receiver: Receiver, events: list[dict[str, str]]) -> None:
    told = Counter(message.event_id for message in receiver.messages)
    missed = [event for event in events if event["event"] == "raised" and event["event_id"] not in told]
    assert not missed
    assert set(told) <= {event["event_id"] for event in events}
