"""Rubbish at every door of the running service: it is refused and counted, and nobody else is harmed."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.model import DeadLetter
from pipeline.records import Kind
from simulators.receiver import Receiver
from tests.raw_publisher import RawPublisher
from tests.running import ROOT, Service
from tests.traffic import Alarms, Traffic, check_whole, message, until

UNKNOWN = 20_000
WHOLE_PER_SECOND = 100
GROWN_KIB = 200_000
BAD = [
    b"{", b"\xff\xfe\x00", b"", b'"12"', b"true", b"[[[[[[[[", b"[" * 50_000, b'{"value":"1"}', b'{"value":{}}',
    b'{"value":1,"time":"yesterday"}', b'{"value":1,"time":"2026-11-22T08:00:00"}', b'{"value":1,"quality":"fine"}',
    b'{"valeu":1}', b"1e999999999x",
]  # fmt: skip
HUGE = [
    b"\x32" + b"\xff\xff\xff\x7f" + b"x" * 100_000,  # a packet said to have 256 MiB
    b"\x32" + b"\x80\x80\x20" + b"y" * 600_000,  # one of 512 KiB, sent whole
    b"\x10" + b"\xff\xff\xff\x7f" + b"z" * 100_000,
]
CONNECT = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03bad"


def throw(port: int, data: bytes) -> bytes:
    """Send it to a door; whatever comes back until the door is shut."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        got = b""
        with suppress(ConnectionError):  # being thrown out in the middle of it is one of the answers
            link.sendall(data)
            with suppress(OSError):  # not connected any more: it was thrown out between the two
                link.shutdown(socket.SHUT_WR)
            while piece := link.recv(65_536):
                got += piece
        return got


def at_mqtt(port: int) -> None:
    chance = random.Random(7)
    for _ in range(100):
        throw(port, chance.randbytes(chance.randrange(1, 5_000)))
        throw(port, CONNECT + chance.randbytes(chance.randrange(1, 5_000)))
    for huge in HUGE:
        throw(port, huge)
        throw(port, CONNECT + huge)
    throw(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


def at_http(service: Service) -> None:
    chance = random.Random(8)
    for _ in range(50):
        throw(service.http_port, chance.randbytes(3_000))
    throw(service.http_port, b"GET /livez HTTP/1.1\r\n" + b"X-Long: " + b"a" * 300_000 + b"\r\n\r\n")
    throw(service.http_port, b"POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{")
    token = msgspec.json.decode((service.data / "cli.token").read_bytes())["token"]
    with httpx.Client(base_url=f"http://127.0.0.1:{service.http_port}", timeout=30) as link:
        for path in (
            "/nothing",
            "/api/v1/alarms/../../../etc/passwd",
            "/api/v1/alarms/%00%ff",
            "/api/v1/events?after=x",
        ):
            assert link.get(path).status_code in (401, 404)
            assert link.get(path, headers={"authorization": f"Bearer {token}"}).status_code in (404, 422)
        for body in [*BAD, b"a" * 3_000_000]:
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            assert 400 <= link.post("/api/v1/commands", content=body, headers=headers).status_code < 500
        assert link.get("/api/v1/alarms", headers={"authorization": "Bearer " + "x" * 8_000}).status_code == 401


def at_the_topics(port: int) -> int:
    """What is well-formed MQTT and no reading; returns how many were sent, each of them acknowledged."""
    unknown = [message(f"NO-{n}", 1.0, n) for n in range(UNKNOWN)]
    bad = [(b"hazardwatch/v1/T1/LT-2", body) for body in BAD]
    astray = [(topic, b"1") for topic in (b"a", b"hazardwatch/v1/T9/LT-1", b"hazardwatch/v1/T1/LT-1/x", b"$SYS/x")]
    for sent, client in ((unknown, b"unknown"), (bad, b"bad"), (astray, b"astray")):
        RawPublisher(port, sent, client).run(120)
    return len(unknown) + len(bad) + len(astray)


def resident_kib(pid: int) -> int:
    status = (Path("/proc") / str(pid) / "status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


def dead_letters(data: Path) -> list[tuple[int, DeadLetter]]:
    """All of the log, each with its received time in s."""

    async def read() -> list[tuple[int, DeadLetter]]:
        found = []
        async with LocalLog.open(data / "log", read_only=True) as log:
            reader = log.reader(PLANT, {})
            while entries := await reader.fetch(0):
                found += [(e.stamp // 1000, records.decode(e.data)) for e in entries if e.data[0] == Kind.DEAD_LETTER]
        return [(at, one) for at, one in found if isinstance(one, DeadLetter)]

    return asyncio.run(read())


@pytest.mark.timeout(300)
def test_rubbish_at_every_door_is_counted_and_harms_nobody(tmp_path: Path) -> None:
    async def run() -> None:
        async with Receiver() as receiver:
            await asyncio.to_thread(_play, tmp_path, receiver)

    asyncio.run(run())


def _play(folder: Path, receiver: Receiver) -> None:
    site = folder / "site.yaml"
    text = (ROOT / "tests/integration/faults_site.yaml").read_text()
    site.write_text(text.replace("RECEIVER", str(receiver.port)))
    service = Service(site, folder / "data")
    alarms, traffic = Alarms(receiver, service.mqtt_port), Traffic(service.mqtt_port)
    service.start()
    try:
        service.wait_ready()
        with traffic.flowing():
            alarms.latency_s()
            before = resident_kib(service.pid)
            at_mqtt(service.mqtt_port)
            at_http(service)
            sent = at_the_topics(service.mqtt_port)
            assert alarms.latency_s() < 3
        good = traffic.acknowledged + alarms.spiked
        until("every hop's counters add up", lambda: _adds_up(service, good, sent))
        assert service.healthy()
        assert resident_kib(service.pid) - before < GROWN_KIB
        check_whole(service, service.dsn(), good)
    finally:
        assert service.stop() == 0, service.output
    assert "Traceback" not in service.output
    _check_letters(dead_letters(folder / "data"), sent)


def _adds_up(service: Service, good: list[tuple[str, int]], refused: int) -> bool:
    hops = {one["hop"]: one for one in service.status()["hops"]}
    door, engine = hops["listener"], hops["engine"]
    return (
        all(one["unaccounted"] == 0 for one in hops.values())
        and (door["passed"], sum(door["refused"].values())) == (len(good), refused)
        and door["waiting"] == 0
        and engine["received"] >= len(good)
        and not engine["refused"].get("unknown_point")
    )


def _check_letters(letters: list[tuple[int, DeadLetter]], refused: int) -> None:
    """Every refusal is on record, at most a hundred a second whole, no payload longer than 64 KiB."""
    assert sum(letter.count for _, letter in letters) == refused
    whole = Counter(at for at, letter in letters if letter.topic)
    assert max(whole.values()) <= 2 * WHOLE_PER_SECOND  # a second of ours may lie over two of the log's
    assert sum(whole.values()) < UNKNOWN / 4
    assert max(len(letter.payload) for _, letter in letters) <= 64 * 1024
    assert {letter.reason for _, letter in letters} >= {"unknown_point", "unknown_installation", "unknown_topic"}
