"""The MQTT control packets that are rare (all but PUBLISH): parsed and built. Pure; OASIS MQTT 3.1.1 and 5.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest import properties
from ingest.properties import Code, Cursor, Properties, Violation, varint

CONNECT, PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 6, 8, 10, 12, 14
_CONNACK, _SUBACK, _UNSUBACK, _DISCONNECT = 0x20, 0x90, 0xB0, 0xE0
PINGRESP = b"\xd0\x00"
V311, V5 = 4, 5
NEVER_EXPIRES = 0xFFFFFFFF
_MOST_CLIENT_ID = 256
_REFUSED_311 = {
    Code.UNSUPPORTED_VERSION: 1,
    Code.BAD_CLIENT_ID: 2,
    Code.UNAVAILABLE: 3,
    Code.BAD_CREDENTIALS: 4,
    Code.NOT_AUTHORIZED: 5,
}
"""MQTT 3.1.1 has five words for a refused CONNECT; everything else closes without one."""
_ONLY_DISCONNECT = frozenset({Code.SHUTTING_DOWN, Code.KEEP_ALIVE, Code.TAKEN_OVER})
"""Codes that a CONNACK may not carry."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the client wants said when it is lost. `delay_s` as MQTT 5's Will Delay Interval."""

    topic: str
    payload: bytes
    delay_s: int = 0


@dataclass(frozen=True, slots=True)
class Connect:
    """A checked CONNECT. `expiry_s`: how long the session outlives the connection (0: not at all)."""

    version: int
    client_id: str
    clean_start: bool
    expiry_s: int
    keep_alive_s: int
    user: str | None
    password: bytes | None
    will: Will | None


def parse_connect(body: bytes) -> Connect:
    """Raises Violation; its code is what CONNACK says where the version is known."""
    cursor = Cursor(body)
    if cursor.binary() not in (b"MQTT", b"MQIsdp"):
        raise Violation("not_mqtt")
    version = cursor.number(1) & 0x7F  # the high bit is how Mosquitto marks a bridge
    if version not in (V311, V5):
        raise Violation("unsupported_version", Code.UNSUPPORTED_VERSION)
    flags = cursor.number(1)
    keep_alive_s = cursor.number(2)
    found = properties.read(cursor, properties.CONNECT) if version == V5 else {}
    if properties.AUTH_DATA in found and properties.AUTH_METHOD not in found:
        raise Violation("auth_data_without_method", Code.PROTOCOL)
    client_id = cursor.text()
    will = _will(cursor, flags, version)
    user = cursor.text() if flags & 0x80 else None
    password = cursor.binary() if flags & 0x40 else None
    _check_connect(cursor, flags, version, found)
    clean = bool(flags & 0x02)
    if version == V5:
        expiry_s = properties.number(found, properties.SESSION_EXPIRY, 0)
    else:
        expiry_s = 0 if clean else NEVER_EXPIRES
    if len(client_id) > _MOST_CLIENT_ID or (not client_id and version == V311 and not clean):
        raise Violation("bad_client_id", Code.BAD_CLIENT_ID)
    return Connect(version, client_id, clean, expiry_s, keep_alive_s, user, password, will)


def _check_connect(cursor: Cursor, flags: int, version: int, found: Properties) -> None:
    if flags & 0x01 or not cursor.done() or (version == V311 and flags & 0x40 and not flags & 0x80):
        raise Violation("bad_connect")
    if properties.AUTH_METHOD in found:
        raise Violation("bad_auth_method", Code.BAD_AUTH_METHOD)


def _will(cursor: Cursor, flags: int, version: int) -> Will | None:
    if not flags & 0x04:
        if flags & 0x38:
            raise Violation("bad_will")
        return None
    if flags & 0x18 == 0x18:
        raise Violation("bad_will")
    found = properties.read(cursor, properties.WILL) if version == V5 else {}
    topic = topic_name(cursor.binary())
    return Will(topic, cursor.binary(), properties.number(found, properties.WILL_DELAY, 0))


def topic_name(data: bytes) -> str:
    """A topic that can be published to. Raises Violation."""
    topic = properties.utf8(data)
    if not topic or "+" in topic or "#" in topic:
        raise Violation("bad_topic")
    return topic


def parse_disconnect(body: bytes, version: int) -> tuple[int, int | None]:
    """(reason code, new session expiry in s or None)."""
    if version == V311 and body:
        raise Violation("bad_disconnect")
    cursor = Cursor(body)
    code = 0 if cursor.done() else cursor.number(1)
    found = {} if cursor.done() else properties.read(cursor, properties.DISCONNECT)
    if not cursor.done():
        raise Violation("bad_disconnect")
    if properties.SESSION_EXPIRY in found:
        return code, properties.number(found, properties.SESSION_EXPIRY, 0)
    return code, None


def parse_pubrel(body: bytes, version: int) -> bytes:
    """The packet identifier as sent."""
    cursor = Cursor(body)
    identifier = packet_id(cursor)
    if version == V5 and not cursor.done():
        cursor.number(1)
        if not cursor.done():
            properties.read(cursor, properties.ACKNOWLEDGE)
    if not cursor.done():
        raise Violation("bad_pubrel")
    return identifier


def packet_id(cursor: Cursor) -> bytes:
    """Two bytes, not both zero."""
    identifier = cursor.take(2)
    if identifier == b"\0\0":
        raise Violation("packet_id_zero", Code.PROTOCOL)
    return identifier


def answer_subscribe(body: bytes, version: int) -> bytes:
    """The SUBACK that refuses every filter: this is no broker. Raises Violation."""
    cursor = Cursor(body)
    identifier = packet_id(cursor)
    if version == V5:
        properties.read(cursor, properties.SUBSCRIBE)
    codes = bytearray()
    while not cursor.done():
        topic_filter = cursor.text()
        options = cursor.number(1)
        if not topic_filter or options & 0x03 == 0x03 or options & (0xC0 if version == V5 else 0xFC):
            raise Violation("bad_subscribe")
        codes.append(_why_not(topic_filter) if version == V5 else 0x80)
    if not codes:
        raise Violation("bad_subscribe", Code.PROTOCOL)
    return _packet(_SUBACK, identifier + (b"\0" if version == V5 else b"") + codes)


def _why_not(topic_filter: str) -> Code:
    if topic_filter.startswith("$share/"):
        return Code.SHARED_NOT_SUPPORTED
    if "+" in topic_filter or "#" in topic_filter:
        return Code.WILDCARD_NOT_SUPPORTED
    return Code.NOT_AUTHORIZED


def answer_unsubscribe(body: bytes, version: int) -> bytes:
    """The UNSUBACK. Raises Violation."""
    cursor = Cursor(body)
    identifier = packet_id(cursor)
    if version == V5:
        properties.read(cursor, properties.UNSUBSCRIBE)
    count = 0
    while not cursor.done():
        if not cursor.text():
            raise Violation("bad_unsubscribe")
        count += 1
    if not count:
        raise Violation("bad_unsubscribe", Code.PROTOCOL)
    return _packet(_UNSUBACK, identifier + (b"\0" + bytes([Code.NO_SUBSCRIPTION]) * count if version == V5 else b""))


def answer(kind: int, flags: int, body: bytes, version: int) -> bytes:
    """To what a publisher may say beside CONNECT, PUBLISH and DISCONNECT. Raises Violation."""
    if flags != (2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0):
        raise Violation("bad_flags")
    if kind == PINGREQ and not body:
        return PINGRESP
    if kind == PUBREL:
        return pubcomp(parse_pubrel(body, version))
    if kind == SUBSCRIBE:
        return answer_subscribe(body, version)
    if kind == UNSUBSCRIBE:
        return answer_unsubscribe(body, version)
    raise Violation("unexpected_packet", Code.PROTOCOL)


def connack(connect: Connect, *, present: bool, assigned: bool, receive_maximum: int, maximum_packet: int) -> bytes:
    """A CONNACK that accepts. Of MQTT 5 it says all that this endpoint does not do."""
    head = bytes([present, 0])
    if connect.version == V311:
        return _packet(_CONNACK, head)
    told = bytearray()
    told += bytes([properties.RECEIVE_MAXIMUM]) + receive_maximum.to_bytes(2, "big")
    told += bytes([properties.MAXIMUM_PACKET]) + maximum_packet.to_bytes(4, "big")
    told += bytes([0x25, 0, 0x28, 0, 0x29, 0, 0x2A, 0])  # retain, wildcard, subscription id, shared: not available
    if assigned:
        name = connect.client_id.encode()
        told += bytes([properties.ASSIGNED_CLIENT_ID]) + len(name).to_bytes(2, "big") + name
    return _packet(_CONNACK, head + varint(len(told)) + told)


def connack_refused(code: Code, version: int) -> bytes:
    """A CONNACK that refuses; empty where the version has no word for it."""
    if version == V5:
        return _packet(_CONNACK, bytes([0, Code.UNAVAILABLE if code in _ONLY_DISCONNECT else code, 0]))
    word = _REFUSED_311.get(code)
    return b"" if word is None else _packet(_CONNACK, bytes([0, word]))


def disconnect(code: Code) -> bytes:
    """MQTT 5's DISCONNECT from the server."""
    return _packet(_DISCONNECT, bytes([code]))


def pubcomp(identifier: bytes) -> bytes:
    """The last step of QoS 2."""
    return b"\x70\x02" + identifier


def _packet(head: int, body: Sequence[int]) -> bytes:
    return bytes([head]) + varint(len(body)) + bytes(body)
