"""A receiver of webhooks that notes when each event came. A process of its own: `python -m benchmarks.sink`.

It prints its port, then, when its standard input is closed, one JSON line for each event.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time

import msgspec

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Data(msgspec.Struct):
    """Of a webhook's `data`, what is measured."""

    event_id: str
    event: str
    alarm: str
    time: str


class Hook(msgspec.Struct):
    """The body of a webhook."""

    data: Data


class Got(msgspec.Struct, frozen=True):
    """One webhook. `at` epoch s when its last byte was read; `time` the event's own, ISO 8601."""

    at: float
    event: str
    alarm: str
    time: str
    event_id: str


class _Connection(asyncio.Protocol):
    def __init__(self, got: list[Got]) -> None:
        self._got = got
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            head, blank, rest = self._held.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            size = int(length[1]) if length else 0
            if not blank or len(rest) < size:
                return
            at = time.time()
            body, self._held = rest[:size], rest[size:]
            event = msgspec.json.decode(body, type=Hook).data
            self._got.append(Got(at, event.event, event.alarm, event.time, event.event_id))
            assert isinstance(self._transport, asyncio.Transport)
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    got: list[Got] = []
    server = await loop.create_server(lambda: _Connection(got), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for one in got:
        sys.stdout.buffer.write(msgspec.json.encode(one) + b"\n")


if __name__ == "__main__":
    asyncio.run(_serve())
