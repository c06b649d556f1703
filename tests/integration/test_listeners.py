"""Several listeners behind one address: a device comes back to any of them, and is one client all the time."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiomqtt
from paho.mqtt.enums import MQTTProtocolVersion

from ingest.entrance import Entrance
from ingest.shared_sessions import SharedSessions
from pipeline.lone import LoneTable
from tests.ingest_parts import KeptLog
from tests.integration.test_listener import READING_WILL, until
from tests.integration.test_listener_clients import paho
from tests.listening import Client, Door, connect, listening, puback, publish

TOPIC = "hazardwatch/v1/TF1/LT-101"
EXPIRY = b"\x11" + struct.pack(">I", 3600)


@asynccontextmanager
async def several(folder: Path, count: int = 2) -> AsyncIterator[list[Door]]:
    """Listeners with one log and one table of sessions."""
    log, table = KeptLog(), LoneTable()
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(listening(folder, log=log, sessions=SharedSessions(table)))
            for _ in range(count)
        ]


async def comes(door: Door, client_id: str, *, flags: int = 0, tail: bytes = b"") -> tuple[Client, bool]:
    """(the client, whether it was told of a session)."""
    client = await Client.at(door.port, connect(client_id, 5, flags=flags, props=EXPIRY, tail=tail))
    answer = await client.packet()
    assert answer[0] == 0x20
    return client, bool(answer[2])


def test_a_session_is_present_at_the_other_listener_and_a_clean_start_ends_it_everywhere(tmp_path: Path) -> None:
    async def main() -> None:
        async with several(tmp_path) as (a, b):
            first, present = await comes(a, "gw")
            assert not present
            first.drop()
            assert (await comes(b, "gw"))[1]
            assert (await comes(a, "gw"))[1]
            assert not (await comes(b, "gw", flags=2))[1]
            assert (await comes(a, "gw"))[1]

    asyncio.run(main())


def test_a_half_open_connection_is_closed_when_its_client_comes_to_another_listener_and_its_will_is_not_said(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with several(tmp_path) as (a, b):
            old, _ = await comes(a, "gw", flags=4, tail=b"\x00" + READING_WILL)
            new, present = await comes(b, "gw")
            assert present
            assert await old.is_closed() == b"\xe0\x01\x8e"
            new.send(publish("1", 1, version=5))
            await new.gets(puback(1))
            assert a.log.readings() == [("LT-101", 0, 1.0, 4)]
            assert (a.lost, b.lost) == ([], [])

    asyncio.run(main())


def test_a_connection_found_dead_after_its_client_went_elsewhere_is_no_loss(tmp_path: Path) -> None:
    async def main() -> None:
        async with several(tmp_path) as (a, b):
            old, _ = await comes(a, "gw", flags=4, tail=b"\x00" + READING_WILL)
            await comes(b, "gw")
            old.drop()  # before A has looked around
            gone, _ = await comes(a, "lost", flags=4, tail=b"\x00" + READING_WILL)
            gone.drop()
            await until(lambda: bool(a.lost))
            await until(lambda: bool(a.log.appends))
            assert (a.lost, b.lost) == ([("lost", TOPIC)], [])
            assert len(a.log.readings()) == 1

    asyncio.run(main())


def test_a_will_that_waits_is_void_when_the_client_comes_to_another_listener(tmp_path: Path) -> None:
    will = b"\x05\x18" + struct.pack(">I", 2) + READING_WILL

    async def main() -> None:
        async with several(tmp_path) as (a, b):
            for name in ("back", "away"):
                client, _ = await comes(a, name, flags=4, tail=will)
                client.drop()
            await until(lambda: len(a.lost) == 2)
            await comes(b, "back")
            await until(lambda: bool(a.log.appends))
            await until(lambda: not a.listener._wills.waiting())
            assert len(a.log.readings()) == 1

    asyncio.run(main())


def test_paho_loses_nothing_when_it_is_cut_off_and_comes_back_to_another_listener(tmp_path: Path) -> None:
    async def main() -> None:
        async with several(tmp_path, 3) as doors:
            clients = [
                paho(MQTTProtocolVersion.MQTTv311, client_id="gw-4", clean_session=False),
                paho(MQTTProtocolVersion.MQTTv5, client_id="gw-5"),
            ]
            came: list[bool] = []
            for client in clients:
                client.on_connect = lambda _client, _data, flags, *_: came.append(flags.session_present)
                client.connect_async("127.0.0.1", doors[0].port)
                client.loop_start()
            await until(lambda: len(came) == 2)
            sent = []
            for at, door in enumerate(doors):
                sent += [
                    client.publish(TOPIC, str(n), 1) for client in clients for n in range(at * 100, at * 100 + 100)
                ]
                if door is not doors[-1]:
                    for client in clients:
                        client.connect_async("127.0.0.1", doors[at + 1].port)
                    for connection in list(door.listener._connections):
                        connection.transport.abort()
                    await until(lambda: len(came) == 2 * at + 4)  # noqa: B023  # waited for within the round
            await until(lambda: all(one.is_published() for one in sent))
            for client in clients:
                client.disconnect()
                client.loop_stop()
            values = [value for _, _, value, _ in doors[0].log.readings()]
            assert set(values) == {float(n) for n in range(300)}
            assert len(values) >= 600
            assert came.count(True) >= 2  # the one of MQTT 3.1.1 asked for its session to be kept

    asyncio.run(main())


def test_aiomqtt_goes_on_at_the_next_listener_when_its_own_is_gone(tmp_path: Path) -> None:
    async def main() -> None:
        log, table = KeptLog(), LoneTable()
        async with AsyncExitStack() as stack:
            last = await stack.enter_async_context(listening(tmp_path, log=log, sessions=SharedSessions(table)))
            for n in range(3):
                async with (
                    listening(tmp_path, Entrance("127.0.0.1", 0), log=log, sessions=SharedSessions(table)) as door,
                    aiomqtt.Client("127.0.0.1", door.port, identifier="gw", clean_session=False) as client,
                ):
                    await client.publish(TOPIC, str(n), qos=1)
            assert (await comes(last, "gw"))[1]
        assert [value for _, _, value, _ in log.readings()] == [0.0, 1.0, 2.0]

    asyncio.run(main())
