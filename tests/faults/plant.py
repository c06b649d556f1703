"""The plant of the fault table: 60 installations that publish whatever happens, and what must come of it.

It knows what was acknowledged. What must come of it is read from that alone, by five lines of its own; the
program's rules are not asked.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.raw_publisher import RawPublisher
from tests.traffic import now_ms

IDS = [f"T{number:02}" for number in range(1, 61)]
LIMIT, DEADBAND = 13.0, 0.1
_EVERY_S = 0.5
_PERIOD = 20
_PATIENCE_S = 600
_AT_ONCE = 2_000

Key = tuple[str, str, int]
"""Installation, point, device time (ms)."""
Alarm = tuple[str, str, int]
"""Alarm, event, device time (ms)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it is published."""

    installation: str
    point: str
    at: int
    value: float

    @property
    def message(self) -> tuple[bytes, bytes]:
        body = json.dumps({"value": self.value, "time": self.at})
        return f"hazardwatch/v1/{self.installation}/{self.point}".encode(), body.encode()


def expected(readings: Iterable[Reading], standing: set[str]) -> list[Alarm]:
    """Raised at the limit, cleared below it and its deadband; `standing` are the alarms on before, and after."""
    found = []
    for one in sorted(readings, key=lambda one: one.at):
        alarm = f"{one.installation}/{one.point}/HH"
        if one.value >= LIMIT and alarm not in standing:
            standing.add(alarm)
            found.append((alarm, "raised", one.at))
        elif one.value < LIMIT - DEADBAND and alarm in standing:
            standing.discard(alarm)
            found.append((alarm, "cleared", one.at))
    return found


class Door:
    """One gateway with one connection: in order, resent until acknowledged."""

    def __init__(self, port: int, client: str) -> None:
        self.port = port
        self._client = client.encode()
        self._waiting: list[Reading] = []
        self._more = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run)
        self.acknowledged: list[Reading] = []
        self.failed: str | None = None

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Returns when all is acknowledged."""
        with self._more:
            self._ending = True
            self._more.notify()
        self._thread.join()

    def give(self, readings: Iterable[Reading]) -> None:
        with self._more:
            self._waiting += readings
            self._more.notify()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _run(self) -> None:
        while True:
            with self._more:
                self._more.wait_for(lambda: self._waiting or self._ending)
                batch = self._waiting[:_AT_ONCE]
            if not batch:
                return
            try:
                RawPublisher(self.port, [one.message for one in batch], self._client).run(_PATIENCE_S)
            except (TimeoutError, AssertionError) as error:
                self.failed = f"{type(error).__name__}: {error}"
                return
            with self._more:
                self.acknowledged += batch
                del self._waiting[: len(batch)]


class Plant:
    """Twice a second two values of each installation: LT over its limit half of the time, PT without alarms.

    Even installations come through the first door, odd ones through the second.
    """

    def __init__(self, doors: list[Door]) -> None:
        self.doors = doors
        self.generated: list[Reading] = []
        self._newest = 0
        self._ending = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Afterwards everything is acknowledged."""
        for door in self.doors:
            door.begin()
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._ending.set()
            thread.join()
            for door in self.doors:
                door.end()

    def _run(self) -> None:
        turn = 0
        while not self._ending.wait(_EVERY_S):
            turn += 1
            with self._lock:
                at = self._stamp()
                for number, id_ in enumerate(IDS):
                    level = 14.0 if (turn + number) % _PERIOD < _PERIOD / 2 else 1.0
                    self._send([Reading(id_, "LT", at, level), Reading(id_, "PT", at, at % 97 / 10)])

    def _stamp(self) -> int:
        self._newest = max(self._newest + 1, now_ms())
        return self._newest

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is published while inside; what was given to the doors goes on to be acknowledged."""
        with self._lock:
            yield

    def burst(self, turns: int) -> None:
        """So many values of PT of each installation at once, a millisecond apart."""
        for _ in range(turns):
            with self._lock:
                at = self._stamp()
                self._send(Reading(id_, "PT", at, at % 89 / 10) for id_ in IDS)

    def send(self, readings: list[Reading]) -> None:
        """Readings with stamps of their own making; of point XT, which is counted and not compared by stamp."""
        with self._lock:
            self._send(readings)

    def _send(self, readings: Iterable[Reading]) -> None:
        shares: dict[int, list[Reading]] = defaultdict(list)
        for one in readings:
            self.generated.append(one)
            shares[IDS.index(one.installation) % len(self.doors)].append(one)
        for number, share in shares.items():
            self.doors[number].give(share)
