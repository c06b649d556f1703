"""The configurations in deploy/, as shipped, with the real servers: who gets in, who does not, what is lost."""

from __future__ import annotations

import asyncio
import gc
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from tests.certificates import authority
from tests.secured import DEPLOY, PREFIX, Secured, changed, mosquitto_secured
from tests.servers import Server
from tests.services import free_port, process, program

pytestmark = pytest.mark.services
TOPIC = f"{PREFIX}.rights"


def speaking(secured: Secured) -> dict[str, object]:
    """What an aiokafka client needs to be let in."""
    return {
        "bootstrap_servers": secured.address,
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=str(secured.authority)),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": secured.user,
        "sasl_plain_password": secured.password,
    }


async def send(secured: Secured, topic: str) -> None:
    producer = AIOKafkaProducer(**speaking(secured))
    try:  # not `async with`: where the start fails that leaves the producer open
        await producer.start()
        await producer.send_and_wait(topic, b"one")
    finally:
        await producer.stop()


def test_the_kafka_user_makes_and_writes_topics_of_its_site_and_no_others(kafka_secured: Secured) -> None:
    async def main() -> None:
        admin = AIOKafkaAdminClient(**speaking(kafka_secured))
        await admin.start()
        try:
            made = await admin.create_topics([NewTopic(TOPIC, 1, 1), NewTopic("elsewhere", 1, 1)])
        finally:
            await admin.close()
        assert {name: code for name, code, *_ in made.topic_errors} == {TOPIC: 0, "elsewhere": 29}  # not authorized
        await send(kafka_secured, TOPIC)
        with pytest.raises(TopicAuthorizationFailedError):
            await send(replace(kafka_secured, user="stranger", password="stranger-only-for-a-test"), TOPIC)

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_kafka_is_closed_without_the_right(wrong: str, kafka_secured: Secured, tmp_path: Path) -> None:
    given = {"password": "guessed"} if wrong == "password" else {"authority": authority(tmp_path)}
    with pytest.raises(KafkaConnectionError):
        asyncio.run(send(replace(kafka_secured, **given), TOPIC))
    gc.collect()  # aiokafka leaves the socket of a refused handshake to the collector: its warning belongs here


def test_the_database_is_reached_with_tls_and_the_right_name(timescale_secured: str) -> None:
    with psycopg.connect(timescale_secured) as connection:
        [(encrypted, version)] = connection.execute(
            "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
        ).fetchall()
        assert encrypted
        assert version == "TLSv1.3"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("sslmode=verify-full", "sslmode=disable", "no encryption"),
        ("127.0.0.1", "elsewhere.example", "does not match host name"),
        ("only-for-a-test", "guessed", "password authentication failed"),
        ("/hazardwatch?", "/postgres?", "no pg_hba.conf entry"),
    ],
)
def test_the_database_is_closed_without_the_right(old: str, new: str, word: str, timescale_secured: str) -> None:
    dsn = timescale_secured.replace(old, new)
    assert dsn != timescale_secured
    with pytest.raises(psycopg.OperationalError, match=word):
        psycopg.connect(dsn, hostaddr="127.0.0.1")


def test_the_database_of_another_authority_is_not_trusted(timescale_secured: str, tmp_path: Path) -> None:
    trusted = authority(tmp_path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(timescale_secured.partition("sslrootcert=")[0] + f"sslrootcert={trusted}")


# --- Mosquitto -----------------------------------------------------------------------------------------------------

USERS = {"TF1": "one", "TF2": "two", "collector": "three"}


class Broker:
    """The shipped broker, spoken to by Mosquitto's own clients."""

    def __init__(self, port: int, trusted: Path, server: Server) -> None:
        self.server = server
        self._at = ["-h", "127.0.0.1", "-p", str(port), "--cafile", str(trusted), "-V", "5", "-q", "1"]

    def publish(self, user: str, topic: str, *lines: str) -> str:
        """What the client says about it."""
        command = [program("mosquitto_pub", "mosquitto-clients"), *self._at, "-u", user, "-P", USERS.get(user, "x")]
        done = subprocess.run(
            [*command, "-t", topic, "-l"], input="\n".join(lines) + "\n", text=True, capture_output=True, check=False,
            timeout=60,
        )  # fmt: skip
        return done.stdout + done.stderr

    def read(self, user: str, topic: str, *options: str, session: str = "") -> list[str]:
        """What that user's persistent session gets; each name of a session is one."""
        command = [program("mosquitto_sub", "mosquitto-clients"), *self._at, "-u", user, "-P", USERS[user]]
        wanted = ["-i", f"{user}-{session}", "-c", "-x", "3600", "-t", topic]
        done = subprocess.run([*command, *wanted, *options], text=True, capture_output=True, check=False, timeout=120)
        return done.stdout.splitlines()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with mosquitto_secured(tmp_path, USERS) as parts:
        yield Broker(*parts)


def test_a_gateway_publishes_its_own_installation_only_and_the_collector_reads_all(broker: Broker) -> None:
    broker.read("collector", "#", "-E")
    assert broker.publish("TF1", "hazardwatch/v1/TF1/LT-101", "1") == ""
    assert broker.publish("TF1", "hazardwatch/v1/TF1", "2") == ""
    for foreign in ("hazardwatch/v1/TF2/LT-101", "hazardwatch/v1/TF10/LT-101", "hazardwatch/v1/TF2", "anything"):
        assert "Not authorized" in broker.publish("TF1", foreign, "foreign")
    assert "Not authorized" in broker.publish("collector", "hazardwatch/v1/TF1/LT-101", "foreign")
    assert broker.publish("TF2", "hazardwatch/v1/TF2/LT-101", "3") == ""
    assert broker.read("collector", "#", "-C", "3") == ["1", "2", "3"]


def test_a_gateway_reads_nothing_and_an_unknown_one_does_not_get_in(broker: Broker) -> None:
    broker.read("TF1", "#", "-E")
    broker.publish("TF2", "hazardwatch/v1/TF2/LT-101", "secret")
    broker.publish("TF1", "hazardwatch/v1/TF1/LT-101", "own")
    assert broker.read("TF1", "#", "-W", "1") == []
    assert "ot authori" in broker.publish("nobody", "hazardwatch/v1/TF1/LT-101", "1")


def test_a_hundred_thousand_readings_wait_for_a_collector_that_is_away_also_while_the_broker_restarts(
    broker: Broker,
) -> None:
    broker.read("collector", "hazardwatch/v1/#", "-E")
    sent = [str(n) for n in range(100_000)]
    for begin in (0, 50_000):  # mosquitto_pub 2.0 loses count after 65,535 lines and ends too early
        broker.publish("TF1", "hazardwatch/v1/TF1/LT-101", *sent[begin : begin + 50_000])
    broker.server.stop()
    broker.server.start()
    assert broker.read("collector", "hazardwatch/v1/#", "-C", "100000") == sent


def test_what_exceeds_the_bound_is_counted_where_hazardwatch_watches(tmp_path: Path) -> None:
    smaller = {"max_queued_bytes 268435456": "max_queued_bytes 1000", "sys_interval 10": "sys_interval 1"}
    with mosquitto_secured(tmp_path, USERS, smaller) as parts:
        broker = Broker(*parts)
        broker.read("collector", "hazardwatch/v1/#", "-E")
        broker.publish("TF1", "hazardwatch/v1/TF1/LT-101", *["x" * 100] * 50)
        kept = broker.read("collector", "hazardwatch/v1/#", "-C", "10")
        dropped = broker.read("collector", "$SYS/broker/publish/messages/dropped", "-W", "3", session="watch")
    assert len(kept) == 10
    assert dropped[-1] == "40"


def test_the_broker_of_the_compose_files_starts_with_its_configuration(tmp_path: Path) -> None:
    port = free_port()
    text = changed(
        (DEPLOY / "compose" / "mosquitto.conf").read_text(),
        {"listener 1883": f"listener {port} 127.0.0.1", "/mosquitto/data/": f"{tmp_path}/"},
    )
    (tmp_path / "mosquitto.conf").write_text(text + "user root\n")
    with process([program("mosquitto", "mosquitto"), "-c", str(tmp_path / "mosquitto.conf")], port):
        at = ["-h", "127.0.0.1", "-p", str(port)]
        health = [program("mosquitto_sub", "mosquitto-clients"), *at, "-t", "$SYS/broker/uptime", "-C", "1", "-W", "9"]
        assert subprocess.run(health, capture_output=True, check=True, timeout=20).stdout
