"""CONNECT and the rare packets, read to the letter; rubbish is a Violation and nothing else."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import packets
from ingest.packets import NEVER_EXPIRES, Connect, Will
from ingest.properties import Code, Cursor, Violation, varint
from tests.listening import connect, text
from tests.listening import varint as another_varint


def body(packet: bytes) -> bytes:
    return packet[2:]


def test_a_connect_of_3_1_1_is_read_whole() -> None:
    tail = text("status") + text("gone") + text("gw") + text("secret")
    assert packets.parse_connect(body(connect("c", flags=0xE4, keep_alive=60, tail=tail))) == Connect(
        4, "c", False, NEVER_EXPIRES, 60, "gw", b"secret", Will("status", b"gone")
    )


def test_a_connect_of_5_is_read_whole() -> None:
    will = b"\x05\x18" + struct.pack(">I", 30) + text("status") + text("gone")
    expiry = b"\x11" + struct.pack(">I", 3600)
    assert packets.parse_connect(body(connect("c", 5, flags=0x46, tail=will + text("pw"), props=expiry))) == Connect(
        5, "c", True, 3600, 0, None, b"pw", Will("status", b"gone", 30)
    )


def test_a_bridge_of_mosquitto_marks_its_version_and_is_a_client_like_others() -> None:
    assert packets.parse_connect(body(connect("b", 0x84))).version == 4


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (connect("c", 3), Code.UNSUPPORTED_VERSION),
        (connect("c", flags=0x0A), Code.MALFORMED),  # will QoS without a will
        (connect("c", flags=0x1E, tail=text("t") + text("m")), Code.MALFORMED),  # will QoS 3
        (connect("c", flags=0x06, tail=text("t/#") + text("m")), Code.MALFORMED),
        (connect("c", flags=0x42, tail=text("pw")), Code.MALFORMED),  # 3.1.1: a password needs a user
        (connect("c", tail=b"x"), Code.MALFORMED),
        (connect("c", 5, props=b"\x16\x00\x01a"), Code.PROTOCOL),  # authentication data without method
        (connect("c", 5, props=b"\x11\x00\x00\x00\x01" * 2), Code.PROTOCOL),
        (connect("", flags=0), Code.BAD_CLIENT_ID),
    ],
)
def test_a_connect_that_cannot_be_is_a_violation(data: bytes, code: Code) -> None:
    with pytest.raises(Violation) as caught:
        packets.parse_connect(body(data))
    assert caught.value.code is code


def test_an_mqtt_5_client_may_come_without_a_name() -> None:
    assert packets.parse_connect(body(connect("", 5, flags=0))).client_id == ""


def test_a_disconnect_says_why_and_for_how_long_the_session_is_to_live() -> None:
    assert packets.parse_disconnect(b"", 4) == (0, None)
    assert packets.parse_disconnect(b"\x04", 5) == (4, None)
    assert packets.parse_disconnect(b"\x00\x05\x11\x00\x00\x00\x09", 5) == (0, 9)


READERS: list[Callable[[bytes, int], object]] = [
    lambda data, _version: packets.parse_connect(data),
    packets.parse_disconnect,
    packets.parse_pubrel,
    packets.answer_subscribe,
    packets.answer_unsubscribe,
]
starts = st.sampled_from([b"", text("MQTT") + b"\x05", text("MQTT") + b"\x04\x02\x00\x00", b"\x00\x01", b"\x00\x01\0"])


@given(starts, st.binary(max_size=60), st.sampled_from(READERS), st.sampled_from([4, 5]))
@settings(max_examples=1000, deadline=None)
def test_rubbish_is_a_violation_or_an_answer(
    start: bytes, rest: bytes, read: Callable[[bytes, int], object], version: int
) -> None:
    with contextlib.suppress(Violation):  # any other error fails
        read(start + rest, version)


@given(st.integers(0, 268_435_455))
def test_a_variable_byte_integer_comes_back(value: int) -> None:
    assert varint(value) == another_varint(value)
    assert Cursor(varint(value)).varint() == value
