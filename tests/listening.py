"""A listener on a free port of this machine for the length of a test, with a log in memory behind it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from ingest.entrance import Entrance
from ingest.intake import Intake
from ingest.listener import Listener
from ingest.sessions import FileSessions, Sessions
from pipeline.clock import monotonic_s
from pipeline.site import Site
from tests.ingest_parts import KeptLog, site

TOPIC = b"hazardwatch/v1/TF1/LT-101"


@dataclass
class Door:
    """What a test sees of it: where it is, what came, who was lost."""

    log: KeptLog
    intake: Intake
    listener: Listener
    port: int
    lost: list[tuple[str, str | None]] = field(default_factory=list)


@asynccontextmanager
async def listening(
    folder: Path,
    entrance: Entrance | None = None,
    *,
    log: KeptLog | None = None,
    plant: Site | None = None,
    sessions: Sessions | None = None,
) -> AsyncIterator[Door]:
    """In the test's own event loop."""
    log = log or KeptLog()
    intake = Intake(log, plant or site())  # type: ignore[arg-type]  # the intake only appends
    lost: list[tuple[str, str | None]] = []
    entrance = entrance or Entrance("127.0.0.1", 0)
    sessions = sessions or FileSessions(folder / "sessions.db", monotonic_s())
    listener = Listener(intake, entrance, sessions, lambda who, topic: lost.append((who, topic)))
    port = await listener.start()
    tasks = [asyncio.create_task(intake.run()), asyncio.create_task(listener.sweep())]
    try:
        yield Door(log, intake, listener, port, lost)
    finally:
        await listener.close()
        await Client.abort_all()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in results), results


@contextmanager
def listening_thread(folder: Path, entrance: Entrance | None = None, *, plant: Site | None = None) -> Iterator[Door]:
    """In a thread with a loop of its own, for clients that block."""
    doors: list[Door] = []
    up = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def stay() -> None:
        async with listening(folder, entrance, plant=plant) as door:
            doors.append(door)
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(stay()))
    thread.start()
    try:
        assert up.wait(10)
        yield doors[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def varint(size: int) -> bytes:
    out = b""
    while size > 127:
        out += bytes([size & 127 | 128])
        size >>= 7
    return out + bytes([size])


def packet(head: int, body: bytes = b"") -> bytes:
    return bytes([head]) + varint(len(body)) + body


def connect(
    client_id: str = "c",
    version: int = 4,
    *,
    flags: int = 2,
    keep_alive: int = 0,
    tail: bytes = b"",
    props: bytes = b"",
) -> bytes:
    properties = varint(len(props)) + props if version == 5 else b""
    head = text("MQTT") + bytes([version, flags]) + struct.pack(">H", keep_alive)
    return packet(0x10, head + properties + text(client_id) + tail)


def publish(
    payload: bytes | str,
    number: int = 1,
    *,
    topic: bytes = TOPIC,
    head: int = 0x32,
    version: int = 4,
    props: bytes = b"",
) -> bytes:
    data = payload.encode() if isinstance(payload, str) else payload
    identifier = struct.pack(">H", number) if head & 6 else b""
    properties = varint(len(props)) + props if version == 5 else b""
    return packet(head, text(topic) + identifier + properties + data)


def puback(*numbers: int) -> bytes:
    return b"".join(b"\x40\x02" + struct.pack(">H", number) for number in numbers)


class Client:
    """A raw client that waits for what it is to get."""

    writers: ClassVar[list[asyncio.StreamWriter]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.writers.append(writer)

    @classmethod
    async def abort_all(cls) -> None:
        """No socket outlives its event loop."""
        for writer in cls.writers:
            writer.transport.abort()
        cls.writers.clear()
        await asyncio.sleep(0)

    @classmethod
    async def at(cls, port: int, first: bytes = b"") -> Client:
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        client.send(first)
        return client

    @classmethod
    async def known(cls, port: int, client_id: str = "c", version: int = 4) -> Client:
        """Connected, its CONNACK read."""
        client = await cls.at(port, connect(client_id, version))
        assert (await client.packet())[0] == 0x20
        return client

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def gets(self, expected: bytes) -> None:
        found = await asyncio.wait_for(self.reader.readexactly(len(expected)), 10)
        assert found == expected

    async def packet(self) -> bytes:
        head = await asyncio.wait_for(self.reader.readexactly(2), 10)
        return head + await asyncio.wait_for(self.reader.readexactly(head[1]), 10)

    async def is_closed(self) -> bytes:
        """Waits for the end; returns what came before it."""
        try:
            return await asyncio.wait_for(self.reader.read(-1), 10)
        except ConnectionResetError:
            return b""

    def drop(self) -> None:
        """Go without a word."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def limited(**limits: float) -> Entrance:
    """A loopback entrance with other limits."""
    entrance = Entrance("127.0.0.1", 0)
    return replace(entrance, limits=replace(entrance.limits, **limits))  # type: ignore[arg-type]  # by name, in a test
