"""An MQTT 3.1.1 publisher that resends what was not acknowledged: what a careful gateway does, in plain sockets.

It knows exactly which of its messages were acknowledged, which no client library tells over a reconnect.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence

_WINDOW = 200


def _text(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _length(size: int) -> bytes:
    out = b""
    while True:
        size, low = size >> 7, size & 127
        out += bytes([low | (128 if size else 0)])
        if not size:
            return out


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _length(len(body)) + body


class RawPublisher:
    """Publishes `messages` (topic, payload) in order with QoS 1. `acknowledged` counts from the front."""

    def __init__(self, port: int, messages: Sequence[tuple[bytes, bytes]], client: bytes = b"torture") -> None:
        self._port = port
        self._messages = messages
        self._client = client
        self.acknowledged = 0

    def run(self, deadline_s: float) -> None:
        """Until all are acknowledged; reconnects as often as it must. Raises TimeoutError."""
        end = time.monotonic() + deadline_s
        while self.acknowledged < len(self._messages):
            if time.monotonic() > end:
                raise TimeoutError(f"{self.acknowledged} of {len(self._messages)} acknowledged")
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=5) as link:
                    self._session(link)
            except OSError:
                time.sleep(0.05)  # the service is being killed or started: a gateway tries again

    def _session(self, link: socket.socket) -> None:
        link.sendall(_packet(0x10, _text(b"MQTT") + b"\x04\x00" + struct.pack("!H", 60) + _text(self._client)))
        held = b""
        while len(held) < 4:
            held += self._received(link)
        held = held[4:]  # CONNACK
        sent = self.acknowledged
        while self.acknowledged < len(self._messages):
            batch = []
            while sent < len(self._messages) and sent - self.acknowledged < _WINDOW:
                topic, payload = self._messages[sent]
                batch.append(_packet(0x32, _text(topic) + struct.pack("!H", sent % 65_000 + 1) + payload))
                sent += 1
            if batch:
                link.sendall(b"".join(batch))
            held += self._received(link)
            while len(held) >= 4:
                assert held[:2] == b"\x40\x02", "only PUBACKs are expected"
                assert struct.unpack("!H", held[2:4])[0] == self.acknowledged % 65_000 + 1, "PUBACKs come in order"
                self.acknowledged += 1
                held = held[4:]

    @staticmethod
    def _received(link: socket.socket) -> bytes:
        data = link.recv(65_536)
        if not data:
            raise ConnectionResetError("closed")
        return data
