"""paho's private names that the frame cutter leans on still exist and do what they did."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from paho.mqtt import __version__
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from ingest.paho_frames import FrameClient
from tests.listening import packet, publish

Run = tuple[int, list[tuple[bytes, bytes]], list[bytes]]


@contextmanager
def wired() -> Iterator[tuple[FrameClient, socket.socket, list[Run], list[MQTTMessage]]]:
    """A client whose socket is one end of a pair, as if it were connected."""
    runs: list[Run] = []
    messages: list[MQTTMessage] = []
    client = FrameClient(lambda *run: runs.append(run), frozenset)
    client.on_message = lambda _client, _data, message: messages.append(message)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    client._sock = ours
    try:
        yield client, theirs, runs, messages
    finally:
        client._sock = None
        ours.close()
        theirs.close()


def test_paho_is_of_the_versions_known_and_its_private_names_are_there() -> None:
    assert (2, 1) <= tuple(map(int, __version__.split(".")[:2])) < (2, 3)
    assert list(inspect.signature(Client._sock_recv).parameters) == ["self", "bufsize"]
    assert list(inspect.signature(Client._packet_queue).parameters)[1:5] == ["command", "packet", "mid", "qos"]
    assert list(inspect.signature(Client._ssl_wrap_socket).parameters) == ["self", "tcp_sock"]
    assert "self._ssl_wrap_socket(" in inspect.getsource(Client._create_socket)
    assert "self._sock_recv(" in inspect.getsource(Client._packet_read)
    assert "_packet_read()" in inspect.getsource(Client.loop_read)


def test_ordinary_messages_come_in_runs_and_odd_ones_through_paho() -> None:
    with wired() as (client, theirs, runs, messages):
        odd = publish("3", 3, version=5, props=b"\x01\x00")
        data = publish("1", 1, version=5) + publish("2", 2, version=5) + odd + publish("4", 4, version=5, head=0x33)
        theirs.sendall(data[:-3])
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
        theirs.sendall(data[-3:] + b"\xd0\x00")
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
        assert [(head, [p for _, p in found], ids) for head, found, ids in runs] == [
            (0x32, [b"1", b"2"], [b"\0\1", b"\0\2"]),
            (0x33, [b"4"], [b"\0\4"]),
        ]
        assert [(one.payload, one.mid, one.qos) for one in messages] == [(b"3", 3, 1)]


def test_acknowledgements_leave_as_they_were_built_in_one_write() -> None:
    with wired() as (client, theirs, _, _):
        client.puback(b"\x40\x02\x00\x01\x40\x02\x00\x02")
        assert theirs.recv(100) == b"\x40\x02\x00\x01\x40\x02\x00\x02"


def test_the_end_of_the_connection_is_met_by_paho_after_the_last_message() -> None:
    with wired() as (client, theirs, runs, _):
        gone: list[object] = []
        client.on_disconnect = lambda *told: gone.append(told)
        theirs.sendall(publish("1", 1, version=5) + b"\x32\x20half")
        theirs.close()
        assert client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS
        assert len(runs) == len(gone) == 1


def test_rubbish_of_a_broker_ends_the_connection() -> None:
    unreadable = [packet(0x20), packet(0x90, b"\0"), packet(0x32, b"\x00\x09a")]
    for rubbish in (
        *unreadable,
        b"\x32\xff\xff\xff\xff\xff",
        packet(0x36, b"\x00\x01a\x00\x01"),
        packet(0x32, b"\x00\x09a"),
        packet(0x20),
        packet(0x90, b"\0"),
    ):
        with wired() as (client, theirs, runs, messages):
            theirs.sendall(rubbish)
            assert client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS
            assert (runs, messages) == ([], [])
