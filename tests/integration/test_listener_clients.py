"""The listener with clients that nobody here wrote: paho, aiomqtt, gmqtt, mosquitto_pub and MQTT.js; plain and TLS."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import gmqtt
import pytest
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.entrance import Entrance, tls_context
from ingest.passwords import Access, make_line
from tests.certificates import authority, certificate
from tests.listening import Door, listening, listening_thread
from tests.services import npm_package, program

TOPIC = "hazardwatch/v1/TF1/LT-101"
MQTT_JS = "5.16.0"


def paho(version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311, **options: Any) -> Client:
    return Client(CallbackAPIVersion.VERSION2, protocol=version, **options)


def connected(client: Client, port: int, **options: Any) -> list[tuple[bool, str]]:
    """Connect and wait; returns (session present, reason)."""
    came: list[tuple[bool, str]] = []
    up = threading.Event()

    def on_connect(_client: Client, _data: Any, flags: Any, reason: Any, _props: Any) -> None:
        came.append((flags.session_present, str(reason)))
        up.set()

    client.on_connect = on_connect
    client.connect("127.0.0.1", port, **options)
    client.loop_start()
    assert up.wait(10)
    return came


def finish(client: Client) -> None:
    client.disconnect()
    client.loop_stop()


def values(door: Door) -> list[float | None]:
    return [value for _, _, value, _ in door.log.readings()]


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_paho_publishes_and_is_acknowledged(tmp_path: Path, version: MQTTProtocolVersion, qos: int) -> None:
    with listening_thread(tmp_path) as door:
        client = paho(version)
        assert connected(client, door.port) == [(False, "Success")]
        sent: list[MQTTMessageInfo] = [client.publish(TOPIC, str(n), qos, retain=n == 3) for n in range(200)]
        for one in sent:
            one.wait_for_publish(10)
        client.publish(TOPIC, "200", 1).wait_for_publish(10)
        finish(client)
        assert values(door) == [float(n) for n in range(201)]
    assert door.listener.closed == {"disconnected": 1}


def test_paho_with_properties_and_a_subscription_goes_on(tmp_path: Path) -> None:
    with listening_thread(tmp_path) as door:
        client = paho(MQTTProtocolVersion.MQTTv5)
        refused = threading.Event()
        client.on_subscribe = lambda _c, _d, _m, reasons, _p: refused.set() if reasons[0].is_failure else None
        connected(client, door.port)
        client.subscribe("#")
        assert refused.wait(10)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.UserProperty = [("made", "by hand")]
        properties.MessageExpiryInterval = 60
        properties.ContentType = "application/json"
        client.publish(TOPIC, '{"value":1}', 1, properties=properties).wait_for_publish(10)
        finish(client)
        assert values(door) == [1.0]


def test_a_persistent_paho_session_goes_on_after_a_restart_and_nothing_is_lost(tmp_path: Path) -> None:
    client = paho(client_id="gw-7", clean_session=False)
    with listening_thread(tmp_path) as door:
        assert connected(client, door.port) == [(False, "Success")]
        client.publish(TOPIC, "1", 1).wait_for_publish(10)
        port = door.port
    resent = threading.Event()
    client.on_publish = lambda *_: resent.set()
    client.publish(TOPIC, "2", 1)
    entrance = Entrance("127.0.0.1", port)
    with listening_thread(tmp_path, entrance) as door:
        assert resent.wait(20)
        assert values(door) == [2.0]
        finish(client)
    again = paho(client_id="gw-7", clean_session=False)
    with listening_thread(tmp_path) as door:
        assert connected(again, door.port) == [(True, "Success")]
        finish(again)


def test_aiomqtt_publishes_and_hears_that_it_may_not_subscribe(tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(tmp_path) as door, aiomqtt.Client("127.0.0.1", door.port) as client:
            for n in range(50):
                await client.publish(TOPIC, json.dumps({"value": n}), qos=1)
            assert values(door) == [float(n) for n in range(50)]
            codes = await client.subscribe("a/#", qos=1)
            assert [code if isinstance(code, int) else code.value for code in codes] == [0x80]

    asyncio.run(main())


@pytest.mark.parametrize("version", [4, 5])
def test_gmqtt_publishes(tmp_path: Path, version: int) -> None:
    async def main() -> None:
        async with listening(tmp_path) as door:
            client = gmqtt.Client("gmqtt")
            await client.connect("127.0.0.1", door.port, version=version, keepalive=10)
            for n in range(50):
                client.publish(TOPIC, str(n), qos=1)
            async with asyncio.timeout(10):
                while len(values(door)) < 50:  # noqa: ASYNC110  # gmqtt has no word for "acknowledged"
                    await asyncio.sleep(0.01)
            await client.disconnect()
            assert values(door) == [float(n) for n in range(50)]

    asyncio.run(main())


@pytest.mark.services
@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub_publishes(tmp_path: Path, version: str, qos: str) -> None:
    command = [program("mosquitto_pub", "mosquitto-clients"), "-h", "127.0.0.1", "-V", version, "-q", qos, "-t", TOPIC]
    with listening_thread(tmp_path) as door:
        lines = "".join(f"{n}\n" for n in range(100))
        done = subprocess.run(
            [*command, "-p", str(door.port), "-l"], input=lines, capture_output=True, text=True, timeout=30, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        last = [*command[:-3], "1", "-t", TOPIC, "-p", str(door.port), "-m", "100"]
        subprocess.run(last, check=True, timeout=30)
        assert values(door) == [float(n) for n in range(101)]


SCRIPT = """
const mqtt = require("mqtt");
const [url, version] = process.argv.slice(2);
const client = mqtt.connect(url, { protocolVersion: Number(version), reconnectPeriod: 0 });
client.on("error", (error) => { console.error(error.message); process.exit(1); });
client.on("connect", async () => {
  for (let n = 0; n < 100; n++) await client.publishAsync("hazardwatch/v1/TF1/LT-101", String(n), { qos: n % 3 });
  const granted = await client.subscribeAsync("a").then((all) => all.map((one) => one.qos), (error) => [error.message]);
  await client.publishAsync("hazardwatch/v1/TF1/LT-101", "100", { qos: 1, retain: false });
  console.log(JSON.stringify(granted));
  await client.endAsync();
});
"""


@pytest.mark.services
@pytest.mark.parametrize("version", ["4", "5"])
def test_mqtt_js_publishes(tmp_path: Path, version: str) -> None:
    folder = npm_package("mqtt", MQTT_JS)
    script = folder / "publish.cjs"
    script.write_text(SCRIPT)
    with listening_thread(tmp_path) as door:
        command = [program("node", "nodejs"), str(script), f"mqtt://127.0.0.1:{door.port}", version]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert values(door) == [float(n) for n in range(101)]
        assert "128" in done.stdout or "rror" in done.stdout or "uthorized" in done.stdout


def trusting(folder: Path, **more: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    if more:
        context.load_cert_chain(more["certificate"], more["key"])
    return context


def test_tls_with_password_and_topics_serves_paho(tmp_path: Path) -> None:
    authority(tmp_path)
    (tmp_path / "passwords").write_text(make_line("gw", "secret", ["hazardwatch/v1/TF1/#"]) + "\n")
    entrance = Entrance("127.0.0.1", 0, tls=tls_context(*certificate(tmp_path, "server")))
    entrance = replace(entrance, access=Access(tmp_path / "passwords"))
    with listening_thread(tmp_path, entrance) as door:
        client = paho(MQTTProtocolVersion.MQTTv5)
        client.tls_set_context(trusting(tmp_path))
        client.username_pw_set("gw", "secret")
        connected(client, door.port)
        for n in range(500):
            sent = client.publish(TOPIC, str(n), 1)
        sent.wait_for_publish(10)
        client.publish("hazardwatch/v1/TF1", json.dumps({"readings": [{"point": "LT-101", "value": 1}] * 3000}), 1)
        client.publish(TOPIC, "500", 1).wait_for_publish(10)
        finish(client)
        assert values(door) == [*map(float, range(500)), *[1.0] * 3000, 500.0]


def test_a_client_certificate_is_asked_for_and_only_the_right_one_comes_in(tmp_path: Path) -> None:
    authority(tmp_path)
    authority(tmp_path, "other")
    good, bad = certificate(tmp_path, "gateway"), certificate(tmp_path, "stranger", "other")
    context = tls_context(*certificate(tmp_path, "server"), tmp_path / "ca.pem")
    with listening_thread(tmp_path, Entrance("127.0.0.1", 0, tls=context)) as door:
        client = paho()
        client.tls_set_context(trusting(tmp_path, certificate=good[0], key=good[1]))
        connected(client, door.port)
        for wrong in ({}, {"certificate": bad[0], "key": bad[1]}):
            assert _is_thrown_out(door.port, trusting(tmp_path, **wrong))
        with socket.create_connection(("127.0.0.1", door.port)) as plain:
            plain.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01c")
            plain.settimeout(10)
            assert b"\x20\x02" not in (_rest(plain.recv) or b"")
        client.publish(TOPIC, "1", 1).wait_for_publish(10)
        finish(client)
        assert values(door) == [1.0]
        assert [door.listener.closed[why] for why in ("no_certificate", "certificate_refused", "no_tls")] == [1, 1, 1]


def _rest(receive: Callable[[int], bytes]) -> bytes | None:
    try:
        return receive(100)
    except OSError:
        return None


def _is_thrown_out(port: int, context: ssl.SSLContext) -> bool:
    """TLS 1.3 tells a client of its refused certificate only when it reads."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        try:
            with context.wrap_socket(raw, server_hostname="127.0.0.1") as inside:
                inside.sendall(b"\xc0\x00")
                return inside.recv(1) == b""
        except OSError:
            return True
