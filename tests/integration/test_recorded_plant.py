"""A recorded plant through a real Mosquitto at 50 times its speed gives the alarms of a replay of the same file.

Why the two must agree exactly, though received time runs 50 times slower than device time here: limits, rates and
delays are judged by the samples' own times. Left out are what received time decides: STALE, LATE and CLOCK (silence
and lateness are 50 times shorter and two hours longer here), `decided`, ids and `seq`. The value of an alarm with a
delay is left out too: over a second without a sample, a replay's tick confirms it with the value before, live the
next sample does with its own.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from pipeline.local_log import LocalLog
from pipeline.log import ALARM
from pipeline.model import Event
from pipeline.outside import event_object, ms_of
from pipeline.records import Kind, decode
from tests.running import ROOT, Service
from tests.services import free_port, mosquitto
from tests.traffic import until

pytestmark = pytest.mark.services
SITE = ROOT / "tests/integration/skab_site.yaml"
RECORDED = ROOT.parent / "shared/data/skab/valve1_0.csv.gz"
POINTS = ("ACC-1", "ACC-2", "POWER", "PT", "TE-1", "TE-2", "VT", "FT")
SPEED = 50
BACK_MS = 2 * 3_600_000
"""The recording is made to begin two hours ago, so that none of its stamps is ever ahead of the clock."""
QUALITY = ("STALE", "LATE", "CLOCK")
DELAYED = ("ACC-2/H", "POWER/H", "TE-1/L", "TE-2/H", "TE-2/warming", "VT/L")

Row = tuple[int, str, float]
"""Device time (ms), point, value."""


def recorded() -> list[Row]:
    if not RECORDED.is_file():
        pytest.skip(f"the recorded data is not here ({RECORDED.name} in a folder shared/ beside the repository)")
    with gzip.open(RECORDED, "rt") as stream:
        rows = list(csv.reader(stream, delimiter=";"))[1:]
    times = [round(datetime.fromisoformat(f"{row[0]}+00:00").timestamp() * 1000) for row in rows]
    base = time.time_ns() // 1_000_000 // 1000 * 1000 - BACK_MS - times[0]
    return [(at + base, POINTS[n], float(row[1 + n])) for at, row in zip(times, rows, strict=True) for n in range(8)]


def replayed(file: Path, rows: list[Row]) -> list[dict[str, Any]]:
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("time", "installation", "point", "value"))
        writer.writerows((at, "LOOP", point, value) for at, point, value in rows)
    command = [sys.executable, "-m", "hazardwatch", "replay", str(SITE), str(file)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return relevant([json.loads(line) for line in said.splitlines()])


def live(data: Path) -> list[dict[str, Any]]:
    """What the service has said: the events in its alarm log."""

    async def read() -> list[dict[str, Any]]:
        found = []
        async with LocalLog.open(data / "log", read_only=True) as log:
            reader = log.reader(ALARM, {})
            while entries := await reader.fetch(0):
                found += [decode(entry.data) for entry in entries if entry.data[0] == Kind.EVENT]
        return [event_object(one) for one in found if isinstance(one, Event)]

    return relevant(asyncio.run(read()))


def relevant(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The limit and rate events."""
    return [one for one in found if one["alarm"].startswith("LOOP/") and not one["alarm"].endswith(QUALITY)]


def told(found: list[dict[str, Any]], last: int) -> Iterator[tuple[object, ...]]:
    """What must agree of each event, ordered by alarm; alarms of one time may be told in either order.

    `last`: what is confirmed after the last sample only time confirms, and a replay of files ends there.
    """
    for one in sorted(found, key=lambda one: str(one["alarm"])):
        if ms_of(one["time"]) <= last:
            value = None if one["alarm"].removeprefix("LOOP/") in DELAYED else one["value"]
            keys = ("alarm", "event", "time", "from", "state", "priority", "setpoint", "unit", "reason")
            yield (*(one[key] for key in keys), value)


def publish(port: int, rows: list[Row]) -> None:
    """One reading a message with QoS 1, each row at a fiftieth of its time; returns when the broker has all."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="water-loop", clean_session=True)
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        began, first = time.monotonic(), rows[0][0]
        waiting = []
        for at, readings in groupby(rows, key=lambda row: row[0]):
            time.sleep(max(0.0, began + (at - first) / 1000 / SPEED - time.monotonic()))
            for _, point, value in readings:
                body = json.dumps({"value": value, "time": at})
                waiting.append(client.publish(f"hazardwatch/v1/LOOP/{point}", body, qos=1))
        for one in waiting:
            one.wait_for_publish(30)
        assert all(one.is_published() for one in waiting)
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.timeout(240)
def test_a_recorded_plant_over_a_real_broker_gives_the_alarms_of_its_replay(tmp_path: Path) -> None:
    rows = recorded()
    port = free_port()
    service = Service(SITE, tmp_path / "data", ["--mqtt", f"mqtt://127.0.0.1:{port}"], listen=False)
    with mosquitto(tmp_path, port):
        service.start()
        try:
            service.wait_ready()
            began = time.monotonic()
            publish(port, rows)
            assert time.monotonic() - began < (rows[-1][0] - rows[0][0]) / 1000 / SPEED * 1.5 + 5, "not at 50 times"
            until("all readings are judged", lambda: judged(service) >= len(rows))
        finally:
            assert service.stop() == 0, service.output
    wanted = list(told(replayed(tmp_path / "rows.csv", rows), rows[-1][0]))
    assert list(told(live(tmp_path / "data"), rows[-1][0])) == wanted
    fired = Counter(str(one[0]) for one in wanted)
    assert len(wanted) > 100
    assert len(fired) >= 15, f"limits that never fire prove nothing: {fired}"


def judged(service: Service) -> int:
    """Readings the engine has taken."""
    hops = {one["hop"]: one for one in service.status()["hops"]}
    return int(hops["engine"]["passed"]) if "engine" in hops else 0
