"""One client's connection to the listener: MQTT packets in, acknowledgements out. Decides on no client's admission.

What it does not answer itself it asks its `House`: the listener, which knows the other connections.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from ingest import packets
from ingest.frames import Frame, cut_publishes, next_frame, parse_publish
from ingest.house import House, Stage
from ingest.intake import Publish as Message
from ingest.packets import Connect
from ingest.passwords import Permit
from ingest.properties import Code, Violation
from ingest.reading import Refusal
from ingest.receipts import PUBACK, PUBREC, receipt, sorted_out
from pipeline.clock import monotonic_s

_NOT_PERMITTED = Refusal("not_authorized", "this user may not publish to this topic")


class Connection(asyncio.Protocol):
    """Frames are cut out of what one read gives; only a packet that is cut off is kept."""

    def __init__(self, house: House[Connection]) -> None:
        self.house = house
        self.hop = house.hop
        self.stage = Stage.NEW
        self.connect: Connect | None = None
        self.certified: str | None = None
        self.permit: Permit | None = None
        self.graceful = False
        self.closed_for = "lost"
        self.since = self.last_heard = monotonic_s()
        self.stuck_since: float | None = None
        self._transport: asyncio.Transport | None = None
        self._rest = bytearray()
        self._needed = 0
        self._held = False
        self._version = packets.V311
        self._in_flight = 0
        self._answers = bytearray()
        self._counts: deque[int] = deque()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is at the door."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.house.arrived(self)

    def data_received(self, data: bytes) -> None:
        """Whatever one read gave."""
        self.last_heard = monotonic_s()
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest.clear()
        self._consume(data)

    def pause_writing(self) -> None:
        """The client does not read our answers, so we read none of its questions."""
        self.stuck_since = monotonic_s()
        self._steer()

    def resume_writing(self) -> None:
        """It reads again."""
        self.stuck_since = None
        self._steer()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """The socket is gone, for whatever reason."""
        self.stage = Stage.CLOSING
        self.house.gone(self)

    # the listener calls these

    @property
    def transport(self) -> asyncio.Transport:
        """The socket, or TLS on it."""
        assert self._transport is not None
        return self._transport

    def inside_tls(self, transport: asyncio.Transport, certified: str | None) -> None:
        """The handshake is done; the MQTT begins. `certified`: whose certificate the client showed, if asked to."""
        self.certified = certified
        self._transport = transport
        self.stage = Stage.NEW
        self._steer()
        self._consume_rest()

    def hold(self) -> None:
        """Stop reading until `release`."""
        self._held = True
        self._steer()

    def release(self) -> None:
        """Read on. The time we did not listen is not the client's silence."""
        self._held = False
        self.last_heard = monotonic_s()
        self._steer()

    def accept(self, connect: Connect, permit: Permit | None, connack: bytes) -> None:
        """The client is let in; what it sent behind its CONNECT is read now. `permit` None: it may do all."""
        self.connect = connect
        self.permit = permit
        self.stage = Stage.OPEN
        self._write(connack)
        self._steer()
        self._consume_rest()

    def end(self, reason: str, code: Code | None = None) -> None:
        """Close, saying why where the client can be told. `reason` is a fixed word for the counters."""
        if self.stage is Stage.CLOSING:
            return
        if code is not None:
            if self.stage is not Stage.OPEN:
                self._write(packets.connack_refused(code, self._version))
            elif self._version == packets.V5:
                self._write(packets.disconnect(code))
        self.stage = Stage.CLOSING
        self.closed_for = reason
        self.since = monotonic_s()
        self._rest.clear()
        self.transport.close()

    def committed(self, receipts: list[bytes]) -> None:
        """The log has what these receipts stand for."""
        for _ in receipts:
            self._in_flight -= self._counts.popleft()
        self._write(b"".join(receipts))

    # inside

    def _write(self, data: bytes) -> None:
        if data and self.stage is not Stage.CLOSING and not self.transport.is_closing():
            self.transport.write(data)

    def _say(self) -> None:
        """Write the answers of one read together."""
        if self._answers:
            self._write(bytes(self._answers))
            self._answers.clear()

    def _steer(self) -> None:
        """Read or not, whichever all the reasons together say."""
        if self.stage in (Stage.CLOSING, Stage.SHAKING) or self.transport.is_closing():
            return
        if self._held or self.stuck_since is not None or self.stage is Stage.KNOCKING:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _consume_rest(self) -> None:
        """What came while it could not be read: with the last of a handshake, or behind a CONNECT."""
        rest = bytes(self._rest)
        self._rest.clear()
        self._consume(rest)

    def _consume(self, data: bytes) -> None:
        at = self._needed = 0
        try:
            while at < len(data) and self.stage in (Stage.NEW, Stage.OPEN):
                begin = at
                if self.stage is Stage.OPEN:
                    at = self._cut_run(data, at)
                if at == begin:
                    most = (
                        self.house.limits.connect_bytes if self.stage is Stage.NEW else self.house.limits.packet_bytes
                    )
                    frame, at = next_frame(data, at, most)
                    if frame is None:
                        self._needed, at = at - begin, begin
                        break
                    self._handle(frame)
        except Violation as violation:
            self._say()
            self.end(violation.reason, violation.code)
        self._say()
        if self.stage is not Stage.CLOSING:
            self._rest += data[at:]

    def _cut_run(self, data: bytes, at: int) -> int:
        intake = self.house.intake
        most = self.house.limits.packet_bytes
        messages, identifiers, end = cut_publishes(data, at, self._version, intake.known, most)
        if messages:
            self._expect(len(identifiers))
            if self.permit is None:
                acks = b"\x40\x02" + b"\x40\x02".join(identifiers) if identifiers else b""
            else:
                messages, refused, acks = sorted_out(self.permit, messages, identifiers, self._version)
                for message in refused:
                    intake.refuse(message, self, _NOT_PERMITTED)
            self._hand_over(messages, acks, len(identifiers))
        return end

    def _expect(self, count: int) -> None:
        """MQTT 5: no more unacknowledged messages than we said. Older clients are held back by the socket alone."""
        if self._version == packets.V5 and self._in_flight + count > self.house.limits.receive_maximum:
            raise Violation("receive_maximum", Code.RECEIVE_MAXIMUM)

    def _hand_over(self, messages: Sequence[Message], acks: bytes, count: int) -> None:
        if acks:
            self._in_flight += count
            self._counts.append(count)
        self.house.intake.take(messages, self, acks)
        if self.house.intake.full:
            self.house.crowded()

    def _handle(self, frame: Frame) -> None:
        kind, flags = frame.head >> 4, frame.head & 0x0F
        if self.stage is Stage.NEW:
            self._knock(kind, flags, frame.body)
        elif kind == packets.PUBLISH:
            self._publish(frame)
        elif kind == packets.DISCONNECT and not flags:
            self._leave(frame.body)
        else:
            self._answers += packets.answer(kind, flags, frame.body, self._version)

    def _knock(self, kind: int, flags: int, body: bytes) -> None:
        if kind != packets.CONNECT or flags:
            raise Violation("no_connect")
        if body[6:7] == b"\x05":  # so that a refusal is told in the client's own version
            self._version = packets.V5
        connect = packets.parse_connect(body)
        self._version = connect.version
        self.stage = Stage.KNOCKING
        self._steer()
        self.house.knocked(self, connect)

    def _publish(self, frame: Frame) -> None:
        """A PUBLISH that is out of the ordinary: QoS 2, properties, or broken."""
        publish = parse_publish(frame, self._version)
        message = publish.topic, publish.payload
        count = 1 if publish.qos else 0
        self._expect(count)
        allowed = self.permit is None or self.permit.allows(publish.topic)
        if not allowed:
            self.house.intake.refuse(message, self, _NOT_PERMITTED)
        head = PUBREC if publish.qos == 2 else PUBACK
        acks = receipt(head, publish.identifier, self._version, allowed=allowed) if publish.qos else b""
        self._hand_over([message] if allowed else [], acks, count)

    def _leave(self, body: bytes) -> None:
        code, expiry_s = packets.parse_disconnect(body, self._version)
        assert self.connect is not None
        if expiry_s and not self.connect.expiry_s:
            raise Violation("bad_session_expiry", Code.PROTOCOL)
        if expiry_s is not None:
            self.connect = replace(self.connect, expiry_s=expiry_s)
        self.graceful = code == Code.SUCCESS
        self.end("disconnected" if self.graceful else "disconnected_with_will")
