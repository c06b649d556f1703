"""The servers restarted, killed, stopped for a while and paused; the ways between the parts cut and slowed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from tests.faults.fault import Fault
from tests.faults.park import Park
from tests.servers import Server

HOLD_S = 8.0
LONG_S = 120.0
_SLOW_S = 0.3

Chosen = Callable[[Park], Sequence[Server]]


def each(what: Callable[[Server], None], servers: Sequence[Server]) -> None:
    """At once: a broker alone is not up before others are."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(what, servers))


def _stopped(chosen: Chosen, hold_s: float) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        each(Server.stop, chosen(park))
        try:
            time.sleep(hold_s)
            yield []
        finally:
            each(Server.start, chosen(park))

    return during


def _killed(chosen: Chosen) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        for one in chosen(park):
            one.kill()
        each(Server.start, chosen(park))
        yield []

    return during


def _paused(chosen: Chosen) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        for one in chosen(park):
            one.pause()
        try:
            time.sleep(HOLD_S)
            yield []
        finally:
            for one in chosen(park):
                one.resume()

    return during


def _of(name: str, chosen: Chosen, quick: tuple[str, ...], *, killed: bool) -> list[Fault]:
    made = [
        Fault(name, "restarted", _stopped(chosen, 0), quick="restarted" in quick),
        Fault(name, f"paused (SIGSTOP) for {HOLD_S:.0f} s", _paused(chosen), quick="paused" in quick),
    ]
    if killed:
        made.insert(1, Fault(name, "kill -9, started again", _killed(chosen), quick="killed" in quick))
    return made


SERVERS = [
    *_of("Mosquitto", lambda park: [park.mosquitto], (), killed=False),
    *_of("Kafka, one broker of three", lambda park: [park.brokers[1]], (), killed=False),
    *_of("Kafka, all three brokers", lambda park: list(park.brokers.values()), ("killed",), killed=True),
    *_of("TimescaleDB", lambda park: [park.database], ("restarted",), killed=True),
    Fault(
        "Mosquitto, TimescaleDB and one broker of three",
        f"all stopped for {LONG_S:.0f} s",
        _stopped(lambda park: [park.mosquitto, park.database, park.brokers[1]], LONG_S),
    ),
    Fault(
        "Kafka, all three brokers",
        f"stopped for {LONG_S:.0f} s",
        _stopped(lambda park: list(park.brokers.values()), LONG_S),
    ),
]


def _slow_and_cut(link: str) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        park.net.slow(link, _SLOW_S)
        try:
            time.sleep(HOLD_S)
            park.net.cut(link)
            time.sleep(HOLD_S)
            yield []
        finally:
            park.net.heal(link)

    return during


LINKS = (
    "gateway-mosquitto", "gateway-listener", "collector-mosquitto", "collector-kafka", "engine-kafka",
    "historian-kafka", "historian-database", "notifier-kafka", "notifier-receiver", "api-kafka",
)  # fmt: skip
_WORDS = f"{_SLOW_S:.1f} s slower each way for {HOLD_S:.0f} s, then cut for {HOLD_S:.0f} s"
NETWORK = [Fault(f"network {link}", _WORDS, _slow_and_cut(link), quick=link == "collector-kafka") for link in LINKS]
