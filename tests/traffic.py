"""A plant that goes on publishing whatever happens to the service, and what the service made of it.

It knows what was acknowledged, so that a test can want exactly that back.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.outside import ms_of
from pipeline.records import Kind
from simulators.receiver import Receiver
from tests.raw_publisher import RawPublisher
from tests.running import ROOT, Service

Reading = tuple[str, int]
"""Point and device time (ms): each is sent once with one value."""
_EVERY_S = 0.1
_POINTS = 3
_PATIENCE_S = 90


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def message(point: str, value: float, at: int) -> tuple[bytes, bytes]:
    return f"hazardwatch/v1/T1/{point}".encode(), json.dumps({"value": value, "time": at}).encode()


class Traffic:
    """Ten times a second one reading of each of three points, crossing limits, resent until acknowledged."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._newest = 0
        self.acknowledged: list[Reading] = []

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """While inside; afterwards everything that was sent is acknowledged."""
        self._thread.start()
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """No more; returns when the last is acknowledged."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        turn = 0
        while not self._ending.wait(_EVERY_S):
            turn += 1
            self._newest = max(self._newest + 1, now_ms())
            values = [round(7.5 + 7 * math.sin(turn / 12 + point), 3) for point in range(_POINTS)]
            batch = [message(f"LT-{point}", value, self._newest) for point, value in enumerate(values)]
            RawPublisher(self._port, batch, b"traffic").run(_PATIENCE_S)
            self.acknowledged += [(f"LT-{point}", self._newest) for point in range(_POINTS)]


class Alarms:
    """What a receiver was told, and how soon."""

    def __init__(self, receiver: Receiver, port: int) -> None:
        self._receiver = receiver
        self._port = port
        self.spiked: list[Reading] = []

    def told(self, alarm: str, event: str) -> list[dict[str, Any]]:
        """The events of an alarm that came as webhooks, each with the time it came."""
        found = []
        for one in list(self._receiver.messages):
            data = one.raw.get("data", {})
            if one.kind == "webhook" and data["alarm"] == alarm and data["event"] == event:
                found.append({**data, "received_at": one.received_at})
        return found

    def latency_s(self) -> float:
        """From publishing a value above LT-9's limit to the webhook of the alarm; then the value is low again."""
        event = "reraised" if self.spiked else "raised"  # nobody acknowledges
        at = now_ms()
        self._publish(14.0, at)
        until(
            f"LT-9's alarm of {at}", lambda: any(ms_of(one["time"]) == at for one in self.told("T1/LT-9/HH", event)), 30
        )
        came = next(one["received_at"] for one in self.told("T1/LT-9/HH", event) if ms_of(one["time"]) == at)
        self._publish(1.0, max(now_ms(), at + 1))
        return float(came - at) / 1000

    def _publish(self, value: float, at: int) -> None:
        RawPublisher(self._port, [message("LT-9", value, at)], b"spike").run(30)
        self.spiked.append(("LT-9", at))


def until(what: str, done: Callable[[], object], within_s: float = 60) -> None:
    """Returns when `done()`; fails naming `what`."""
    end = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        time.sleep(0.1)


def kill_postmaster(server: Path) -> None:
    """A -9 for the PostgreSQL of this data folder, and for no other."""
    os.kill(int((server / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)


def stored(dsn: str) -> Counter[Reading]:
    """How often each reading of T1 is in the history."""
    with psycopg.connect(dsn) as link:
        rows = link.execute(
            "select point, (extract(epoch from time) * 1000)::bigint, count(*) from hazardwatch.readings"
            " where installation = 'T1' group by 1, 2"
        ).fetchall()
    return Counter({(str(point), int(at)): int(count) for point, at, count in rows})


def stored_events(dsn: str, installation: str) -> list[str]:
    """Ids of the events in the history, in order."""
    with psycopg.connect(dsn) as link:
        rows = link.execute(
            "select event_id from hazardwatch.alarm_events where alarm like %s order by seq", (f"{installation}/%",)
        ).fetchall()
    return [str(id_) for (id_,) in rows]


def replayed(data: Path, installation: str) -> list[str]:
    """Ids of the events that one undisturbed replay of the service's log gives, in order."""
    command = [sys.executable, "-m", "hazardwatch", "replay", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["event_id"] for event in events if event["alarm"].startswith(f"{installation}/")]


def in_log(data: Path) -> Counter[Reading]:
    """How often each reading of T1 is in the plant log."""

    async def read() -> Counter[Reading]:
        found: Counter[Reading] = Counter()
        async with LocalLog.open(data / "log", read_only=True) as log:
            reader = log.reader(PLANT, {})
            while entries := await reader.fetch(0):
                for entry in entries:
                    if entry.installation == "T1" and entry.data[0] == Kind.READINGS:
                        block = records.decode_block(entry.data)
                        names = (block.points[i] for i in block.index.tolist())
                        found.update(zip(names, block.stamp.tolist(), strict=True))
        return found

    return asyncio.run(read())


def check_whole(service: Service, dsn: str, sent: list[Reading]) -> None:
    """Every acknowledged reading is stored once and no other; the events are those of a replay, id for id."""
    until("every reading in the history", lambda: set(sent) <= set(stored(dsn)))
    rows = stored(dsn)
    assert set(rows) == set(sent)
    assert set(rows.values()) == {1}
    assert set(in_log(service.data)) == set(sent)

    def equal() -> bool:
        told, again = stored_events(dsn, "T1"), replayed(service.data, "T1")
        return bool(told) and told == again

    until("the events of the history are those of a replay", equal, 30)
