"""MQTT 5 properties: which packet may carry which, and their values. Pure; OASIS MQTT 5.0, 2.2.2."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

Properties = dict[int, int | str | bytes]
"""By identifier. User properties are checked and left out: nothing here reads them."""


class Code(IntEnum):
    """Reason codes we send (MQTT 5.0, 2.4)."""

    SUCCESS = 0x00
    NO_SUBSCRIPTION = 0x11
    MALFORMED = 0x81
    PROTOCOL = 0x82
    UNSUPPORTED_VERSION = 0x84
    BAD_CLIENT_ID = 0x85
    BAD_CREDENTIALS = 0x86
    NOT_AUTHORIZED = 0x87
    UNAVAILABLE = 0x88
    SHUTTING_DOWN = 0x8B
    BAD_AUTH_METHOD = 0x8C
    KEEP_ALIVE = 0x8D
    TAKEN_OVER = 0x8E
    RECEIVE_MAXIMUM = 0x93
    TOPIC_ALIAS = 0x94
    TOO_LARGE = 0x95
    SHARED_NOT_SUPPORTED = 0x9E
    WILDCARD_NOT_SUPPORTED = 0xA2


class Violation(Exception):
    """What a client sent breaks MQTT: a fixed word for the counters and the reason code it is told."""

    def __init__(self, reason: str, code: Code = Code.MALFORMED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


BYTE, TWO, FOUR, VARINT, BINARY, TEXT, PAIR = range(7)

SESSION_EXPIRY: Final = 0x11
ASSIGNED_CLIENT_ID: Final = 0x12
WILL_DELAY: Final = 0x18
RECEIVE_MAXIMUM: Final = 0x21
TOPIC_ALIAS: Final = 0x23
AUTH_METHOD: Final = 0x15
AUTH_DATA: Final = 0x16
USER: Final = 0x26
MAXIMUM_PACKET: Final = 0x27

CONNECT = {
    SESSION_EXPIRY: FOUR,
    AUTH_METHOD: TEXT,
    AUTH_DATA: BINARY,
    0x17: BYTE,  # request problem information
    0x19: BYTE,  # request response information
    RECEIVE_MAXIMUM: TWO,
    0x22: TWO,  # topic alias maximum
    USER: PAIR,
    MAXIMUM_PACKET: FOUR,
}
WILL = {0x01: BYTE, 0x02: FOUR, 0x03: TEXT, 0x08: TEXT, 0x09: BINARY, WILL_DELAY: FOUR, USER: PAIR}
PUBLISH = {0x01: BYTE, 0x02: FOUR, 0x03: TEXT, 0x08: TEXT, 0x09: BINARY, TOPIC_ALIAS: TWO, USER: PAIR}
DISCONNECT = {SESSION_EXPIRY: FOUR, 0x1F: TEXT, USER: PAIR}
ACKNOWLEDGE = {0x1F: TEXT, USER: PAIR}
SUBSCRIBE = {0x0B: VARINT, USER: PAIR}
UNSUBSCRIBE = {USER: PAIR}

_FLAGS = frozenset({0x01, 0x17, 0x19})
_NEVER_ZERO = frozenset({RECEIVE_MAXIMUM, MAXIMUM_PACKET, 0x0B})


class Cursor:
    """Reads one packet's body from the front; every short read is a Violation."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.at + count
        if end > len(self.data):
            raise Violation("cut_short")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self.data) - self.at)

    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at == len(self.data)

    def number(self, width: int) -> int:
        """A big-endian number."""
        return int.from_bytes(self.take(width), "big")

    def varint(self) -> int:
        """A variable byte integer of at most four bytes."""
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift:
                    raise Violation("long_varint")  # the shortest form is required
                return value
        raise Violation("long_varint")

    def binary(self) -> bytes:
        """Bytes with their length in two bytes in front."""
        return self.take(self.number(2))

    def text(self) -> str:
        """UTF-8 with its length in front."""
        return utf8(self.binary())


def utf8(data: bytes) -> str:
    """An MQTT string: well-formed UTF-8 without U+0000."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Violation("bad_utf8") from None
    if "\0" in text:
        raise Violation("null_in_text")
    return text


def read(cursor: Cursor, allowed: dict[int, int]) -> Properties:
    """The properties that stand next. Raises Violation for unknown, repeated, misplaced and ill-formed ones."""
    cursor_in = Cursor(cursor.take(cursor.varint()))
    found: Properties = {}
    while not cursor_in.done():
        identifier = cursor_in.varint()
        kind = allowed.get(identifier)
        if kind is None:
            raise Violation("bad_property")
        if kind == PAIR:
            cursor_in.text()
            cursor_in.text()
            continue
        if identifier in found:
            raise Violation("repeated_property", Code.PROTOCOL)
        found[identifier] = _checked(identifier, _value(cursor_in, kind))
    return found


def _value(cursor: Cursor, kind: int) -> int | str | bytes:
    if kind == TEXT:
        return cursor.text()
    if kind == BINARY:
        return cursor.binary()
    if kind == VARINT:
        return cursor.varint()
    return cursor.number({BYTE: 1, TWO: 2, FOUR: 4}[kind])


def _checked(identifier: int, value: int | str | bytes) -> int | str | bytes:
    if (identifier in _FLAGS and value not in (0, 1)) or (identifier in _NEVER_ZERO and value == 0):
        raise Violation("bad_property_value", Code.PROTOCOL)
    return value


def number(properties: Properties, identifier: int, default: int) -> int:
    """A numeric property, or `default`."""
    value = properties.get(identifier, default)
    assert isinstance(value, int)
    return value


def varint(value: int) -> bytes:
    """A variable byte integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
