"""TLS and certificates at both doors, with real ones: whoever is wrong is refused, and the word for it is plain."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.broker import Broker, TlsFiles, broker_of
from ingest.collector import Collector
from ingest.entrance import Entrance, tls_context
from ingest.intake import Intake
from ingest.paho_frames import FrameClient
from ingest.paho_loop import PahoLoop
from ingest.passwords import Access, make_line
from pipeline.errors import Transient
from tests.certificates import authority, certificate
from tests.ingest_parts import KeptLog, site
from tests.integration.test_collector import subscribed, until
from tests.listening import Client, connect, listening, puback, publish, text
from tests.secured import mosquitto_secured
from tests.services import free_port, mosquitto, program

TOPIC = b"hazardwatch/v1/TF1/LT-101"
OTHER = b"hazardwatch/v1/TF2/LT-101"
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: authorities ca and stranger-ca; server, and gateways of each kind."""
    folder = tmp_path_factory.mktemp("papers")
    authority(folder)
    authority(folder, "stranger-ca")
    certificate(folder, "server")
    certificate(folder, "elsewhere", names="DNS:elsewhere.plant")
    certificate(folder, "stranger", "stranger-ca")
    certificate(folder, "old", expired=True)
    for name in ("TF1", "TF2", "both", "nobody"):
        certificate(folder, name)
    return folder


def pair(papers: Path, name: str) -> Pair:
    return papers / f"{name}.pem", papers / f"{name}.key"


# --- devices to the listener ---------------------------------------------------------------------------------------


@pytest.fixture
def entrance(papers: Path, tmp_path: Path) -> Entrance:
    lines = [
        "TF1:certificate:hazardwatch/v1/TF1/#",
        "TF2:certificate:hazardwatch/v1/TF2/#",
        make_line("both", "secret", ["hazardwatch/v1/TF1/#"]),
    ]
    (tmp_path / "passwords").write_text("\n".join(lines) + "\n")
    tls = tls_context(*pair(papers, "server"), papers / "ca.pem")
    return Entrance("127.0.0.1", 0, Access(tmp_path / "passwords"), tls)


async def device(port: int, papers: Path, name: str | None, user: str = "", password: str = "") -> Client:
    """A client whose certificate is `name`'s, its CONNECT sent."""
    trust = ssl.create_default_context(cafile=papers / "ca.pem")
    if name is not None:
        trust.load_cert_chain(*pair(papers, name))
    client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=trust))
    flags = 2 | (0xC0 if password else 0x80 if user else 0)
    client.send(
        connect("c", 5, flags=flags, tail=(text(user) if user else b"") + (text(password) if password else b""))
    )
    return client


def test_a_gateway_is_known_by_its_certificate_and_publishes_only_its_own_installation(
    papers: Path, entrance: Entrance, tmp_path: Path
) -> None:
    async def main() -> None:
        async with listening(tmp_path, entrance) as door:
            client = await device(door.port, papers, "TF1")
            assert (await client.packet())[0] == 0x20
            client.send(publish("1", 1, version=5) + publish("2", 2, topic=OTHER, version=5))
            await client.gets(puback(1) + b"\x40\x03\x00\x02\x87")
            assert [len(door.log.readings(one)) for one in ("TF1", "TF2")] == [1, 0]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("name", "user", "password"),
    [("nobody", "", ""), ("TF1", "TF2", ""), ("both", "", ""), ("both", "both", "wrong"), ("TF1", "both", "secret")],
)
def test_a_certificate_is_no_proof_for_another_user_nor_for_a_line_that_wants_a_password(
    papers: Path, entrance: Entrance, tmp_path: Path, name: str, user: str, password: str
) -> None:
    async def main() -> None:
        async with listening(tmp_path, entrance) as door:
            client = await device(door.port, papers, name, user, password)
            assert await client.is_closed() == b"\x20\x03\x00\x86\x00"
            await until(lambda: door.listener.closed["bad_credentials"] == 1)

    asyncio.run(main())


def test_a_line_with_a_password_wants_both(papers: Path, entrance: Entrance, tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(tmp_path, entrance) as door:
            client = await device(door.port, papers, "both", "both", "secret")
            assert (await client.packet())[0] == 0x20

    asyncio.run(main())


def test_without_being_asked_for_a_certificate_nobody_is_let_in_by_a_line_that_wants_one(
    papers: Path, entrance: Entrance, tmp_path: Path
) -> None:
    open_entrance = Entrance("127.0.0.1", 0, entrance.access, tls_context(*pair(papers, "server")))

    async def main() -> None:
        async with listening(tmp_path, open_entrance) as door:
            client = await device(door.port, papers, "TF1", "TF1", "any")
            assert await client.is_closed() == b"\x20\x03\x00\x86\x00"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("name", "word"), [(None, "no_certificate"), ("old", "certificate_expired"), ("stranger", "certificate_refused")]
)
def test_who_shows_no_good_certificate_is_refused_and_counted_by_its_fault(
    papers: Path, entrance: Entrance, tmp_path: Path, name: str | None, word: str
) -> None:
    async def main() -> None:
        async with listening(tmp_path, entrance) as door:
            try:
                client = await device(door.port, papers, name)
                await client.reader.read()
            except ssl.SSLError:
                pass  # TLS 1.3 tells a client of it only when it reads
            await until(lambda: door.listener.closed[word] == 1)
            assert door.log.appends == []

    asyncio.run(main())


# --- the collector to a broker -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demanding(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Mosquitto that asks for certificates of our authority."""
    folder, port, plain = tmp_path_factory.mktemp("broker"), free_port(), free_port()
    signed, key = pair(papers, "server")
    lines = [f"listener {port} 127.0.0.1", f"certfile {signed}", f"keyfile {key}", f"cafile {papers / 'ca.pem'}"]
    with mosquitto(folder, plain, "user root", *lines, "require_certificate true", "tls_version tlsv1.2"):
        yield port


async def refused(broker: Broker) -> str:
    client = FrameClient(lambda *_: None, dict, client_id="x")
    line = PahoLoop(client, broker, lambda: None)
    with pytest.raises(Transient) as caught:
        await line.connect(client.loop_read)
    return str(caught.value)


def broker(port: int, ca: Path, own: Pair | None = None, host: str = "127.0.0.1") -> Broker:
    return broker_of(f"mqtts://{host}:{port}", {}, TlsFiles(ca, *(own or (None, None))))


@pytest.mark.services
def test_a_broker_that_wants_a_certificate_gets_ours(papers: Path, demanding: int, tmp_path: Path) -> None:
    async def main() -> None:
        log = KeptLog()
        intake = Intake(log, site())  # type: ignore[arg-type]  # the intake only appends
        collector = Collector(intake, log, site(), broker(demanding, papers / "ca.pem", pair(papers, "TF1")))  # type: ignore[arg-type]
        task = asyncio.create_task(collector.run())
        await until(lambda: subscribed(collector))
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(main())


@pytest.mark.services
@pytest.mark.parametrize(
    ("own", "words"),
    [
        (None, "without a certificate"),
        ("stranger", "our certificate: it does not know its authority"),
        ("old", "our certificate: it has expired"),
    ],
)
def test_a_broker_that_refuses_our_certificate_is_quoted_plainly(
    papers: Path, demanding: int, own: str | None, words: str
) -> None:
    chosen = broker(demanding, papers / "ca.pem", pair(papers, own) if own else None)
    said = asyncio.run(refused(chosen))
    # TLS 1.3 tells a client only after its handshake; by then the broker may have closed the connection.
    assert words in said or "may refuse our certificate, or want one" in said


@pytest.mark.services
@pytest.mark.parametrize(
    ("server", "ca", "words"),
    [
        ("old", "ca", "its certificate is refused: certificate has expired"),
        ("server", "stranger-ca", "its certificate is refused: "),
        ("elsewhere", "ca", "its certificate is refused: IP address mismatch"),
    ],
)
def test_a_broker_whose_certificate_is_not_good_is_not_spoken_to(
    papers: Path, tmp_path: Path, server: str, ca: str, words: str
) -> None:
    signed, key = pair(papers, server)
    port, plain = free_port(), free_port()
    lines = [f"listener {port} 127.0.0.1", f"certfile {signed}", f"keyfile {key}"]
    with mosquitto(tmp_path, plain, "user root", *lines):
        assert words in asyncio.run(refused(broker(port, papers / f"{ca}.pem")))


@pytest.mark.services
def test_through_the_shipped_broker_a_gateway_reaches_only_its_own_installation(tmp_path: Path) -> None:
    users = {"collector": "watch", "TF1": "one"}

    def send(port: int, trusted: Path, topic: bytes) -> None:
        command = [program("mosquitto_pub", "mosquitto-clients"), "-h", "localhost", "-p", str(port), "-u", "TF1"]
        command += ["-P", "one", "--cafile", str(trusted), "-V", "mqttv5", "-q", "1", "-t", topic.decode(), "-m", "1"]
        subprocess.run(command, check=False, capture_output=True, timeout=30)

    async def main() -> None:
        log = KeptLog()
        intake = Intake(log, site())  # type: ignore[arg-type]  # the intake only appends
        with mosquitto_secured(tmp_path, users) as (port, trusted, _):
            environment = {"HAZARDWATCH_MQTT_PASSWORD": "watch"}
            chosen = broker_of(f"mqtts://collector@localhost:{port}", environment, TlsFiles(trusted))
            collector = Collector(intake, log, site(), chosen)  # type: ignore[arg-type]  # appends, shares, tables
            tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
            await until(lambda: subscribed(collector))
            for topic in (OTHER, TOPIC):
                await asyncio.to_thread(send, port, trusted, topic)
            await until(lambda: bool(log.appends))
            await until(lambda: collector.dropped() is not None)  # it may hear what the broker says of itself
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        assert [len(log.readings(one)) for one in ("TF1", "TF2")] == [1, 0]
        assert collector.dropped() == 0

    asyncio.run(main())
