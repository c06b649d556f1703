"""What comes in badly, clocks that step, alarms by the thousand, snapshots that are damaged, owners that are wrong."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import msgspec
import psycopg

from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.kafka_snapshots import MANIFESTS
from tests.faults.fault import Fault
from tests.faults.park import Park
from tests.faults.plant import IDS, Reading
from tests.raw_publisher import RawPublisher
from tests.running import ROOT
from tests.traffic import now_ms, until

_HOUR_S = 3600
_BAD = [
    b"{", b"\xff\xfe\x00", b"", b'"12"', b"[" * 50_000, b'{"value":"1"}', b'{"value":1,"time":"yesterday"}',
    b'{"valeu":1}', b"1e999999999x", b"x" * 200_000,
]  # fmt: skip
During = Callable[[Park], AbstractContextManager[list[str]]]


def _count(park: Park, what: str) -> int:
    with psycopg.connect(park.dsn) as link:
        row = link.execute(what).fetchone()
    assert row is not None
    return int(row[0])


def _stored_extra(park: Park) -> int:
    return _count(park, "select count(*) from hazardwatch.readings where point = 'XT'")


def _events_extra(park: Park, event: str) -> int:
    return _count(
        park, f"select count(*) from hazardwatch.alarm_events where alarm like 'T%/XT/HH' and event = '{event}'"
    )


@contextmanager
def _poison(park: Park) -> Iterator[list[str]]:
    messages = [(f"hazardwatch/v1/{id_}/LT".encode(), body) for id_ in IDS[:20] for body in _BAD]
    unknown = [(f"hazardwatch/v1/T99/{n}".encode(), b"1") for n in range(200)]
    before = _count(park, "select coalesce(sum(count), 0) from historian.dead_letter")
    broker, listener = (door.port for door in park.plant.doors)
    RawPublisher(broker, messages, b"poison-a").run(60)  # of unknown installations nobody is subscribed there
    RawPublisher(listener, messages + unknown, b"poison-b").run(60)
    total = 2 * len(messages) + len(unknown)

    def refused() -> int:
        return _count(park, "select coalesce(sum(count), 0) from historian.dead_letter") - before

    until(f"all {total} bad messages are on record", lambda: refused() >= total, 60)
    yield [f"{total} bad messages sent, {refused()} on record as refused"]


@contextmanager
def _huge(park: Park) -> Iterator[list[str]]:
    from tests.integration.test_rubbish import CONNECT, HUGE, throw

    for one in HUGE:
        for link in ("gateway-listener", "gateway-mosquitto"):
            throw(park.net.links[link][0].port, CONNECT + one)
    yield []


@contextmanager
def _duplicates(park: Park) -> Iterator[list[str]]:
    for door, client in zip(park.plant.doors, (b"double-a", b"double-b"), strict=True):
        RawPublisher(door.port, [one.message for one in door.acknowledged[-2_000:]], client).run(60)
    yield ["the newest 4,000 readings were sent a second time"]


def _sent_extra(park: Park, readings: list[Reading]) -> str:
    """XT readings through the doors; every one is to be stored."""
    before = _stored_extra(park)
    park.plant.send(readings)
    wanted = before + len(readings)
    until("all of them are in the history", lambda: _stored_extra(park) >= wanted, 90)
    return f"{len(readings)} readings of another point sent so, {_stored_extra(park) - before} stored"


@contextmanager
def _reorder(park: Park) -> Iterator[list[str]]:
    at = now_ms() - 5_000
    readings = [Reading(id_, "XT", at + n, n % 90 / 10) for id_ in IDS for n in range(50)]
    random.Random(9).shuffle(readings)
    yield [_sent_extra(park, readings)]


@contextmanager
def _future(park: Park) -> Iterator[list[str]]:
    at = now_ms() + _HOUR_S * 1000
    yield [_sent_extra(park, [Reading(id_, "XT", at + n, n / 10) for id_ in IDS for n in range(20)])]


@contextmanager
def _past(park: Park) -> Iterator[list[str]]:
    at = now_ms() - 48 * _HOUR_S * 1000
    yield [_sent_extra(park, [Reading(id_, "XT", at + n, n / 10) for id_ in IDS for n in range(20)])]


def _stepped(name: str, seconds: int) -> During:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        park.clocks[name].step(seconds)
        try:
            time.sleep(15)
            yield []
        finally:
            park.clocks[name].step(0)

    return during


def _commanded(park: Park, alarm: str) -> float:
    """Seconds until the API has taken an acknowledgement."""
    api = park.members["api"][0]
    token = msgspec.json.decode((api.data / "cli.token").read_bytes())["token"]
    body = {"command": "acknowledge", "alarm": alarm, "by": "li"}
    began = time.monotonic()
    answer = httpx.post(
        f"http://127.0.0.1:{api.http_port}/api/v1/commands",
        json=body,
        headers={"authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code < 500, answer.text
    return time.monotonic() - began


@contextmanager
def _flood(park: Park) -> Iterator[list[str]]:
    """3,000 alarms of XT in a minute, each raised and cleared, and a command each half second."""
    before = _events_extra(park, "raised")
    newest = now_ms()
    began, answers = time.monotonic(), []
    for turn in range(50):
        newest = max(newest + 2, now_ms())
        park.plant.send([Reading(id_, "XT", newest + n, value) for id_ in IDS for n, value in enumerate((14.0, 1.0))])
        newest += 1
        answers.append(_commanded(park, f"{IDS[turn]}/XT/HH"))
        time.sleep(max(0.0, began + (turn + 1) * 1.2 - time.monotonic()))
    took = time.monotonic() - began
    until("all 3,000 alarms are stored", lambda: _events_extra(park, "raised") - before >= 3_000, 120)
    answers.sort()
    raised = f"3,000 alarms raised in {took:.0f} s, {_events_extra(park, 'raised') - before} stored"
    middle, longest = (f"{one * 1000:.0f} ms" for one in (answers[25], answers[-1]))
    yield [f"{raised}; 50 commands meanwhile answered in {middle} (median), {longest} (longest)"]


def _damage(park: Park, *, gone: bool) -> int:
    async def run() -> int:
        async with KafkaLog.open(kafka_of(park.bootstrap, {}), park.site) as log, log.table(MANIFESTS) as table:
            ours = {key: value for key, value in table.items().items() if key.startswith('["engine"')}
            for key, value in ours.items():
                manifest = msgspec.json.decode(value)
                await table.put(key, None if gone else msgspec.json.encode({**manifest, "digest": "0" * 64}))
            return len(ours)

    return asyncio.run(run())


def _snapshots(*, gone: bool) -> During:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        damaged = _damage(park, gone=gone)
        for one in park.members["engine"]:
            one.kill()
        for one in park.members["engine"]:
            one.start()
        yield [f"{damaged} snapshots {'removed' if gone else 'damaged'}"]

    return during


@contextmanager
def _greedy(park: Park) -> Iterator[list[str]]:
    command = [sys.executable, "-m", "tests.faults.greedy_engine", str(park.file), park.of_role["engine"]]
    with (park.folder / "greedy.output").open("ab") as said:
        child = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
    try:
        time.sleep(20)
        assert child.poll() is None, (park.folder / "greedy.output").read_text()[-2000:]
        yield []
    finally:
        child.terminate()
        child.wait(30)


@contextmanager
def _zombie(park: Park) -> Iterator[list[str]]:
    one = park.members["engine"][0]
    one.interrupt(signal.SIGSTOP)
    try:
        time.sleep(25)
        yield []
    finally:
        one.interrupt(signal.SIGCONT)


@contextmanager
def _joins(park: Park) -> Iterator[list[str]]:
    park.members["engine"].append(park.process(f"engine-joined-{time.time_ns()}", "engine"))
    park.members["engine"][-1].start()
    until("four engines share", park.divided, 90)
    yield []


@contextmanager
def _leaves(park: Park) -> Iterator[list[str]]:
    while len(park.members["engine"]) > 2:
        park.members["engine"].pop().stop(30)
    until("two engines share", park.divided, 90)
    park.members["engine"].append(park.process(f"engine-again-{time.time_ns()}", "engine"))
    park.members["engine"][-1].start()
    until("three engines share", park.divided, 90)
    yield []


RUBBISH = [
    Fault("poison messages", "not JSON, cut short, of 200 kB, of unknown installations", _poison, quick=True),
    Fault("huge messages", "said to have 256 MiB, and of 512 KiB", _huge),
    Fault("duplicates", "what was sent is sent again by another connection", _duplicates, quick=True),
    Fault("reorder", "3,000 readings in a random order", _reorder),
    Fault("stamps of the future", "1,200 readings stamped an hour ahead", _future),
    Fault("stamps of the past", "1,200 readings stamped two days back", _past),
]
OWNERS = [
    Fault("rebalance", "a fourth engine joins; 60 installations are divided anew", _joins, instant=True),
    Fault("rebalance", "engines leave until two are there; a third joins", _leaves, instant=True),
    Fault(
        "an engine is paused", "for 25 s (SIGSTOP) and goes on believing that its installations are its own", _zombie
    ),
    Fault("two engines for the same partition", "one more takes all 60 installations for its own, for 20 s", _greedy),
    Fault("snapshots corrupt", "all of all engines, which are then killed (-9)", _snapshots(gone=False), instant=True),
    Fault("snapshots missing", "all of all engines, which are then killed (-9)", _snapshots(gone=True), instant=True),
    Fault("3,000 alarms in a minute", "and commands meanwhile", _flood),
]
CLOCKS = [
    Fault("clock of all our processes", "1 hour ahead for 15 s, then right", _stepped("programs", _HOUR_S)),
    Fault("clock of all our processes", "1 hour back for 15 s, then right", _stepped("programs", -_HOUR_S)),
    Fault("clock of all brokers", "1 hour ahead for 15 s, then right", _stepped("brokers", _HOUR_S), same_stamps=False),
    Fault("clock of all brokers", "1 hour back for 15 s, then right", _stepped("brokers", -_HOUR_S), same_stamps=False),
]
