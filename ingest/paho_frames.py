"""A paho client that cuts PUBLISH frames out of one large read. Everything else stays paho's.

paho reads a packet byte by byte from the socket; here it reads from what one `recv` gave, and the runs of
ordinary PUBLISH packets never reach it. It leans on private names of paho 2.x, `_sock_recv`, `_packet_queue` and
`_ssl_wrap_socket`; tests/unit/test_paho_frames.py watches that they exist and do what they did.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Container
from typing import Any

from paho.mqtt import MQTTException
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from ingest.frames import cut_publishes, frame_size
from ingest.properties import Violation

_READ = 256 * 1024
_FIRST_READ = 4 * 1024
"""Until the broker has let us in: behind its word it sends at once all that it had sent before, wanted now or not."""
MOST_PACKET = 1024 * 1024
_PUBACK = 0x40
_PINGREQ = 0xC0

Run = Callable[[int, list[tuple[bytes, bytes]], list[bytes]], None]
"""(first byte of the first PUBLISH, (topic, payload) of each, packet identifiers)."""


class FrameClient(Client):
    """`on_run` hears runs of ordinary PUBLISH packets; odd ones come to `on_message` as always."""

    def __init__(self, on_run: Run, known: Callable[[], Container[bytes]], **options: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True, **options)
        self._on_run = on_run
        self._known = known
        self._come = b""
        self._at = 0
        self._until = 0
        """paho may read `_come` from `_at` to here: one whole packet."""
        self._failure: OSError | None = None

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """One large read, and all whole packets in it. Never leaves paho with half a packet."""
        more = self._recv_all()
        self._come = self._come[self._at :] + more
        self._at = 0
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        while self._at < len(self._come) and code == MQTTErrorCode.MQTT_ERR_SUCCESS:
            begin = self._at
            head = self._come[begin]
            messages, identifiers, self._at = cut_publishes(self._come, begin, 5, self._known(), MOST_PACKET)
            if messages:
                self._on_run(head, messages, identifiers)
            elif not self._whole():
                break
            else:
                code = self._leave_to_paho(max_packets)
        if self._failure is not None:
            self._until = self._at
            code = super().loop_read(1)  # paho meets the failure itself and tells of it
        return code

    def puback(self, receipts: bytes) -> None:
        """Send PUBACK packets that are already built, in one write."""
        self._packet_queue(_PUBACK, receipts, 0, 0)

    def ping(self) -> None:
        """PINGREQ whose answer paho does not wait for: for who does not read at the moment."""
        self._packet_queue(_PINGREQ, b"\xc0\x00", 0, 0)

    @property
    def failure(self) -> OSError | None:
        """Why reading ended, if it did."""
        return self._failure

    def _leave_to_paho(self, max_packets: int) -> MQTTErrorCode:
        try:
            code = super().loop_read(max_packets)
        except (ValueError, IndexError, struct.error, MQTTException) as error:  # what its parser lets through
            self._failure = ConnectionError(f"the broker sent what paho cannot read: {error}")
            code = MQTTErrorCode.MQTT_ERR_PROTOCOL
        self._at = self._until
        return code

    def _whole(self) -> bool:
        try:
            bounds = frame_size(self._come, self._at, MOST_PACKET)
        except Violation as violation:
            self._failure = ConnectionError(f"the broker broke the protocol: {violation.reason}")
            return False
        if bounds is None or bounds[1] > len(self._come):
            return False
        self._until = bounds[1]
        return True

    def _recv_all(self) -> bytes:
        parts = []
        size = 0
        most = _READ if self.is_connected() else _FIRST_READ
        while size < most:
            try:
                part = super()._sock_recv(most)
            except BlockingIOError:
                break
            except OSError as error:
                self._failure = error
                break
            if not part:
                self._failure = ConnectionError("the broker closed the connection")
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _sock_recv(self, bufsize: int) -> bytes:
        """What paho reads from."""
        if self._at == self._until:
            if self._failure is not None:
                raise self._failure
            raise BlockingIOError
        piece = self._come[self._at : min(self._at + bufsize, self._until)]
        self._at += len(piece)
        return piece

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Paho leaves a socket whose handshake failed open; whoever tries again for hours has them all."""
        assert self._ssl_context is not None
        inside = self._ssl_context.wrap_socket(tcp_sock, server_hostname=self.host, do_handshake_on_connect=False)
        try:
            inside.settimeout(self.connect_timeout)
            inside.do_handshake()
        except Exception:
            inside.close()
            raise
        return inside

    def forget(self) -> None:
        """Begin anew, before another connection."""
        self._come, self._at, self._until, self._failure = b"", 0, 0, None
