"""The listener seen byte by byte: what is answered, when, and what becomes of those who break the rules."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.entrance import Entrance
from ingest.passwords import Access, make_line
from tests.ingest_parts import KeptLog
from tests.listening import TOPIC, Client, Door, connect, limited, listening, packet, puback, publish, text

Scene = Callable[[Door], Awaitable[None]]


def play(folder: Path, scene: Scene, entrance: Entrance | None = None, log: KeptLog | None = None) -> None:
    async def main() -> None:
        async with listening(folder, entrance, log=log) as door:
            await scene(door)

    asyncio.run(main())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what has no event of its own; fails after 10 s."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # the condition lies in the program, which signals nobody
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("version", [4, 5])
def test_a_reading_is_acknowledged_when_the_log_has_it(tmp_path: Path, version: int) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port, version=version)
        client.send(publish('{"value":12.3,"time":5}', 7, version=version))
        await client.gets(puback(7))
        assert door.log.readings() == [("LT-101", 5, 12.3, 0)]

    play(tmp_path, scene)


def test_nothing_is_acknowledged_while_the_log_refuses_and_everything_in_order_afterwards(tmp_path: Path) -> None:
    log = KeptLog(refusing=2)

    async def scene(door: Door) -> None:
        client = await Client.known(door.port)
        client.send(b"".join(publish(str(n), n) for n in range(1, 101)))
        await client.gets(puback(*range(1, 101)))
        assert log.refusing == 0
        assert [value for _, _, value, _ in log.readings()] == [float(n) for n in range(1, 101)]

    play(tmp_path, scene, log=log)


def test_bytes_that_come_one_by_one_make_the_same_messages(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port)
        for byte in connect() + publish("1", 1) + publish("2", 2, head=0x34) + publish("3", 3) + b"\xc0\x00":
            client.send(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        await client.gets(b"\x20\x02\x00\x00")
        answers = b"".join([await client.packet() for _ in range(4)])
        assert answers.replace(b"\xd0\x00", b"") == puback(1) + b"\x50\x02\x00\x02" + puback(3)
        assert [value for _, _, value, _ in door.log.readings()] == [1.0, 2.0, 3.0]

    play(tmp_path, scene)


def test_what_is_sent_behind_the_connect_without_waiting_is_taken(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port, connect() + publish("1", 1) + publish("2", 2))
        await client.gets(b"\x20\x02\x00\x00" + puback(1, 2))

    play(tmp_path, scene)


def test_qos_0_is_taken_and_not_answered(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port)
        client.send(publish("1", head=0x30) + publish("2", head=0x31) + publish("3", 3))
        await client.gets(puback(3))
        assert [value for _, _, value, _ in door.log.readings()] == [1.0, 2.0, 3.0]

    play(tmp_path, scene)


@pytest.mark.parametrize("version", [4, 5])
def test_qos_2_is_received_when_the_log_has_it_and_completed_without_memory(tmp_path: Path, version: int) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port, version=version)
        client.send(publish("1", 9, head=0x34, version=version))
        await client.gets(b"\x50\x02\x00\x09")
        assert len(door.log.readings()) == 1
        client.send(b"\x62\x02\x00\x09" + b"\x62\x02\x00\x0a")
        await client.gets(b"\x70\x02\x00\x09" + b"\x70\x02\x00\x0a")

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [(TOPIC, b"warm", "not_json"), (b"who/knows", b"1", "unknown_topic"), (TOPIC + b"9", b"1", "unknown_point")],
)
def test_a_refused_payload_is_kept_and_acknowledged(tmp_path: Path, topic: bytes, payload: bytes, reason: str) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port)
        client.send(publish(payload, 1, topic=topic) + publish("2", 2))
        await client.gets(puback(1, 2))
        (letter,) = door.log.letters()
        assert (letter.topic, letter.reason, letter.payload) == (topic.decode(), reason, payload)
        assert [value for _, _, value, _ in door.log.readings()] == [2.0]

    play(tmp_path, scene)


def test_subscribing_is_refused_with_the_proper_codes(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        old = await Client.known(door.port, "old")
        old.send(packet(0x82, b"\x00\x05" + text("a") + b"\x01" + text("b/#") + b"\x00"))
        await old.gets(b"\x90\x04\x00\x05\x80\x80")
        old.send(packet(0xA2, b"\x00\x06" + text("a")))
        await old.gets(b"\xb0\x02\x00\x06")
        new = await Client.known(door.port, "new", 5)
        filters = text("a") + b"\x01" + text("b/#") + b"\x00" + text("$share/g/a") + b"\x01"
        new.send(packet(0x82, b"\x00\x05\x00" + filters))
        await new.gets(b"\x90\x06\x00\x05\x00\x87\xa2\x9e")
        new.send(packet(0xA2, b"\x00\x06\x00" + text("a") + text("b")))
        await new.gets(b"\xb0\x05\x00\x06\x00\x11\x11")
        new.send(publish("1", 1, version=5))
        await new.gets(puback(1))

    play(tmp_path, scene)


def test_an_mqtt_5_client_is_told_what_this_endpoint_does_not_do(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port, connect("", 5))
        answer = await client.packet()
        assert answer[2:4] == b"\x00\x00"
        told = answer[5:]
        assert told[:3] == b"\x21" + struct.pack(">H", door.listener.limits.receive_maximum)
        assert told[3:8] == b"\x27" + struct.pack(">I", door.listener.limits.packet_bytes)
        assert told[8:16] == b"\x25\x00\x28\x00\x29\x00\x2a\x00"
        assert told[16:17] == b"\x12"
        assert told[19:].startswith(b"auto-")

    play(tmp_path, scene)


def test_a_persistent_session_is_present_again_also_after_a_restart(tmp_path: Path) -> None:
    expiry = b"\x11" + struct.pack(">I", 3600)

    async def first(door: Door) -> None:
        old = await Client.at(door.port, connect("old", flags=0))
        await old.gets(b"\x20\x02\x00\x00")
        new = await Client.at(door.port, connect("new", 5, flags=0, props=expiry))
        assert (await new.packet())[2] == 0
        brief = await Client.at(door.port, connect("brief", 5, flags=0))
        assert (await brief.packet())[2] == 0

    async def again(door: Door) -> None:
        old = await Client.at(door.port, connect("old", flags=0))
        await old.gets(b"\x20\x02\x01\x00")
        new = await Client.at(door.port, connect("new", 5, flags=0, props=expiry))
        assert (await new.packet())[2] == 1
        brief = await Client.at(door.port, connect("brief", 5, flags=0))
        assert (await brief.packet())[2] == 0
        forgetting = await Client.at(door.port, connect("old"))
        await forgetting.gets(b"\x20\x02\x00\x00")

    async def at_last(door: Door) -> None:
        old = await Client.at(door.port, connect("old", flags=0))
        await old.gets(b"\x20\x02\x00\x00")

    for scene in (first, again, at_last):
        play(tmp_path, scene)


def test_the_newest_connection_of_a_client_id_takes_over(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        old = await Client.known(door.port, "twice", 5)
        oldest = await Client.known(door.port, "again", 4)
        new = await Client.known(door.port, "twice", 4)
        await Client.known(door.port, "again", 5)
        assert await old.is_closed() == b"\xe0\x01\x8e"
        assert await oldest.is_closed() == b""
        new.send(publish("1", 1))
        await new.gets(puback(1))
        assert door.lost == []  # whoever came back is not lost

    play(tmp_path, scene)


def test_a_client_that_sends_more_than_its_receive_maximum_is_disconnected(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port, "c", 5)
        client.send(b"".join(publish(str(n), n, version=5) for n in range(1, 12)))
        assert await client.is_closed() == b"\xe0\x01\x93"
        assert door.listener.closed["receive_maximum"] == 1

    play(tmp_path, scene, limited(receive_maximum=10))


MALFORMED = {
    "no_connect": publish("1"),
    "not_mqtt": packet(0x10, text("HTTP") + b"\x04\x02\x00\x00" + text("c")),
    "bad_connect": packet(0x10, text("MQTT") + b"\x04\x03\x00\x00" + text("c")),
    "cut_short": packet(0x10, text("MQTT") + b"\x04\x02\x00\x00\x00\x09c"),
    "long_varint": b"\x10\xff\xff\xff\xff\x01",
    "too_large": b"\x10\xff\xff\x7f",
    "bad_utf8": connect() + publish("1", topic=b"\xff\xfe"),
    "null_in_text": connect() + publish("1", topic=b"a\0b"),
    "bad_topic": connect() + publish("1", topic=b"hazardwatch/v1/TF1/+"),
    "packet_id_zero": connect() + publish("1", 0),
    "bad_publish_flags": connect() + publish("1", head=0x36),
    "bad_flags": connect() + packet(0xC1),
    "unexpected_packet": connect() + packet(0x20, b"\x00\x00"),
    "bad_subscribe": connect() + packet(0x82, b"\x00\x01"),
    "bad_unsubscribe": connect() + packet(0xA2, b"\x00\x01"),
    "bad_pubrel": connect() + packet(0x62, b"\x00\x01\x00"),
    "bad_disconnect": connect() + packet(0xE0, b"\x00"),
    "topic_alias": connect("c", 5) + publish("1", version=5, props=b"\x23\x00\x01"),
    "bad_property": connect("c", 5) + publish("1", version=5, props=b"\x7e\x00"),
    "repeated_property": connect("c", 5) + publish("1", version=5, props=b"\x01\x00\x01\x00"),
    "bad_property_value": connect("c", 5) + publish("1", version=5, props=b"\x01\x02"),
    "bad_session_expiry": connect("c", 5) + packet(0xE0, b"\x00\x05\x11\x00\x00\x00\x09"),
}


@pytest.mark.parametrize("reason", MALFORMED)
def test_who_breaks_the_protocol_is_closed_and_counted_and_nobody_else_is_harmed(tmp_path: Path, reason: str) -> None:
    async def scene(door: Door) -> None:
        good = await Client.known(door.port, "good")
        bad = await Client.at(door.port, MALFORMED[reason])
        await bad.is_closed()
        assert door.listener.closed == {reason: 1}
        good.send(publish("1", 1))
        await good.gets(puback(1))

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (packet(0x10, text("MQTT") + b"\x03\x02\x00\x00" + text("c")), b"\x20\x02\x00\x01"),
        (packet(0x10, text("MQTT") + b"\x06\x02\x00\x00" + text("c")), b"\x20\x02\x00\x01"),
        (connect("", flags=0), b"\x20\x02\x00\x02"),
        (connect("x" * 300), b"\x20\x02\x00\x02"),
        (connect("x" * 300, 5), b"\x20\x03\x00\x85\x00"),
        (connect("c", 5, props=b"\x15\x00\x01a"), b"\x20\x03\x00\x8c\x00"),
        (connect("c", 5, props=b"\x21\x00\x00"), b"\x20\x03\x00\x82\x00"),
    ],
)
def test_a_connect_that_cannot_be_is_refused_with_its_code(tmp_path: Path, first: bytes, answer: bytes) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port, first)
        assert await client.is_closed() == answer

    play(tmp_path, scene)


def test_a_silent_client_is_closed_after_one_and_a_half_keep_alives(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        silent = await Client.at(door.port, connect("silent", 5, keep_alive=1))
        await silent.packet()
        assert await silent.is_closed() == b"\xe0\x01\x8d"
        assert door.lost == [("silent", None)]

    play(tmp_path, scene)


def test_who_does_not_say_connect_in_time_is_closed(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port, b"\x10")
        assert await client.is_closed() == b""
        assert door.listener.closed == {"no_connect_in_time": 1}

    play(tmp_path, scene, limited(connect_s=0.1))


def test_more_connections_than_allowed_are_closed_at_once(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        first = await Client.known(door.port, "first")
        second = await Client.at(door.port, connect("second"))
        await second.is_closed()
        first.send(b"\xe0\x00")
        await first.is_closed()
        await Client.known(door.port, "third")
        assert door.listener.closed["too_many_connections"] == 1

    play(tmp_path, scene, limited(connections=1))


def test_a_packet_above_the_limit_closes_the_connection(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.known(door.port, "c", 5)
        client.send(publish("1" * 2000, version=5))
        assert await client.is_closed() == b"\xe0\x01\x95"

    play(tmp_path, scene, limited(packet_bytes=1000))


WILL = text("status/pump") + text("gone")
READING_WILL = text(TOPIC) + text('{"value":null,"quality":"bad"}')


def test_a_lost_client_is_told_of_and_one_that_says_goodbye_is_not(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        lost = await Client.at(door.port, connect("lost", flags=6, tail=WILL))
        await lost.packet()
        leaving = await Client.at(door.port, connect("leaving", flags=6, tail=WILL))
        await leaving.packet()
        leaving.send(b"\xe0\x00")
        await leaving.is_closed()
        lost.drop()
        await until(lambda: bool(door.lost))
        assert door.lost == [("lost", "status/pump")]
        await door.intake.settled()
        assert door.log.appends == []

    play(tmp_path, scene)


def test_a_will_that_is_a_reading_is_taken_as_published(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        client = await Client.at(door.port, connect("lost", flags=6, tail=READING_WILL))
        await client.packet()
        client.drop()
        await until(lambda: bool(door.log.appends))
        assert door.log.readings() == [("LT-101", 0, None, 0b110)]

    play(tmp_path, scene)


def test_a_delayed_will_is_void_when_the_client_comes_back_and_said_when_it_does_not(tmp_path: Path) -> None:
    will = b"\x05\x18" + struct.pack(">I", 1) + READING_WILL
    expiry = b"\x11" + struct.pack(">I", 60)

    async def scene(door: Door) -> None:
        for name in ("back", "away"):
            client = await Client.at(door.port, connect(name, 5, flags=4, props=expiry, tail=will))
            await client.packet()
            client.drop()
        await until(lambda: len(door.lost) == 2)
        await Client.known(door.port, "back", 5)
        assert door.log.appends == []
        await until(lambda: bool(door.log.appends))
        await asyncio.sleep(1.1)  # a second will would have been said by now
        assert len(door.log.readings()) == 1

    play(tmp_path, scene)


def guarded(folder: Path) -> Entrance:
    path = folder / "passwords"
    path.write_text(make_line("gw", "secret", ["hazardwatch/v1/TF1/+"]) + "\n")
    return replace(Entrance("127.0.0.1", 0), access=Access(path))


LOGIN = {"flags": 0xC2, "tail": text("gw") + text("secret")}


def test_only_the_right_password_comes_in(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        for version, code in ((4, b"\x20\x02\x00\x04"), (5, b"\x20\x03\x00\x86\x00")):
            for tail in (text("gw") + text("wrong"), text("nobody") + text("secret")):
                client = await Client.at(door.port, connect("c", version, flags=0xC2, tail=tail))
                assert await client.is_closed() == code
            anonymous = await Client.at(door.port, connect("c", version))
            assert await anonymous.is_closed() == code
        for _ in range(2):
            good = await Client.at(door.port, connect("c", flags=0xC2, tail=text("gw") + text("secret")))
            await good.gets(b"\x20\x02\x00\x00")

    play(tmp_path, scene, guarded(tmp_path))


def test_a_user_publishes_only_to_its_own_topics(tmp_path: Path) -> None:
    other = b"hazardwatch/v1/TF2/LT-101"

    async def scene(door: Door) -> None:
        tail = text("gw") + text("secret")
        new = await Client.at(door.port, connect("new", 5, flags=0xC2, tail=tail))
        await new.packet()
        messages = [publish("1", 1, version=5), publish("2", 2, topic=other, version=5), publish("3", 3, version=5)]
        new.send(b"".join(messages) + publish("4", 4, topic=other, head=0x34, version=5))
        await new.gets(puback(1) + b"\x40\x03\x00\x02\x87" + puback(3) + b"\x50\x03\x00\x04\x87")
        old = await Client.at(door.port, connect("old", flags=0xC2, tail=tail))
        await old.packet()
        old.send(publish("5", 5, topic=other))
        await old.gets(puback(5))
        assert [value for _, _, value, _ in door.log.readings()] == [1.0, 3.0]
        assert door.log.readings("TF2") == []
        assert [one.reason for one in door.log.letters()] == ["not_authorized"] * 3

    play(tmp_path, scene, guarded(tmp_path))


def test_a_client_that_never_reads_its_acknowledgements_is_cut_off_and_others_go_on(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        deaf = await Client.known(door.port, "deaf")
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio's own reading side
        (connection,) = door.listener._connections
        for name, side in ((socket.SO_SNDBUF, connection.transport), (socket.SO_RCVBUF, deaf.writer)):
            side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, name, 4096)
        good = await Client.known(door.port, "good")

        async def asks_for_ever() -> None:
            while True:
                deaf.send(b"\xc0\x00" * 10_000)
                await deaf.writer.drain()

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(asks_for_ever(), 20)
        assert door.listener.closed["stuck"] == 1
        good.send(publish("1", 1))
        await good.gets(puback(1))

    play(tmp_path, scene, limited(connect_s=0.5))


def test_readings_held_are_bounded_while_the_log_is_away(tmp_path: Path) -> None:
    log = KeptLog(refusing=5)

    async def scene(door: Door) -> None:
        door.intake._most = 1000
        client = await Client.known(door.port)
        burst = b"".join(publish(str(n), n, head=0x32) for n in range(1, 60_001))
        client.send(burst)
        await until(lambda: door.intake.full)
        await asyncio.sleep(0.2)
        assert door.intake._held < 20_000
        await client.gets(puback(*range(1, 60_001)))
        assert [value for _, _, value, _ in log.readings()] == [float(n) for n in range(1, 60_001)]

    play(tmp_path, scene, log=log)
