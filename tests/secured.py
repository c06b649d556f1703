"""The shipped broker and database configurations, with certificates of a test's own: real listeners that refuse.

Only paths, ports and host names of the shipped files are changed, each by its exact text, so that a test that passes
speaks for what is shipped.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from deploy.devstack import kafka, postgres
from deploy.devstack.processes import Program, answers, free_port
from tests.certificates import authority, certificate
from tests.servers import Brokers, Server, kafka_libs, launch, running_cluster, timescale_server
from tests.services import ROOT, program

DEPLOY = ROOT / "deploy"
PREFIX = "secured"
"""What topics and groups of the Kafka user begin with; a site with an id that begins so is let in."""


@dataclass(frozen=True, slots=True)
class Secured:
    """A server over TLS: HOST:PORT, the authority to trust, one user that is let in and its password."""

    address: str
    authority: Path
    user: str
    password: str


def changed(text: str, changes: Mapping[str, str]) -> str:
    """`text` with each old -> new, every one of which must occur."""
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in the shipped file any more"
        text = text.replace(old, new)
    return text


# --- Kafka ---------------------------------------------------------------------------------------------------------


def shipped_properties() -> dict[str, str]:
    """deploy/kafka/server.properties as a mapping."""
    lines = (DEPLOY / "kafka" / "server.properties").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


@contextmanager
def kafka_secured(folder: Path) -> Iterator[tuple[Secured, Brokers]]:
    """One broker with the shipped properties: user hazardwatch may use what begins with PREFIX, stranger nothing."""
    trusted = authority(folder)
    signed, key = certificate(folder, "kafka-1")
    node = folder / "node.pem"
    node.touch(0o600)
    node.write_text(key.read_text() + signed.read_text() + trusted.read_text())
    broker = kafka.Broker(1, free_port(), free_port(), folder / "kafka-1")
    peers = free_port()
    at = "127.0.0.1"
    own = {
        "controller.quorum.voters": f"1@{at}:{broker.controller}",
        "listeners": f"CLIENT://{at}:{broker.port},BROKER://{at}:{peers},CONTROLLER://{at}:{broker.controller}",
        "advertised.listeners": f"CLIENT://{at}:{broker.port},BROKER://{at}:{peers}",
        "ssl.keystore.location": str(node),
        "ssl.truststore.location": str(trusted),
        "log.dirs": str(broker.folder / "data"),
    }
    shipped = shipped_properties()
    assert own.keys() <= shipped.keys()
    users = {"admin": "admin-only-for-a-test", "hazardwatch": "only-for-a-test", "stranger": "stranger-only-for-a-test"}
    scram = [f"SCRAM-SHA-512=[name={user},password={password}]" for user, password in users.items()]
    cluster = kafka.Cluster(kafka_libs(), [broker], {**shipped, **own}, scram)
    with running_cluster(cluster) as brokers:
        _allow(cluster, trusted, folder / "admin.properties", users["admin"])
        yield Secured(cluster.bootstrap, trusted, "hazardwatch", users["hazardwatch"]), brokers


def _allow(cluster: kafka.Cluster, trusted: Path, client: Path, password: str) -> None:
    """What deploy/kafka/README.md tells the administrator to do."""
    client.touch(0o600)
    client.write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        f"ssl.truststore.type=PEM\nssl.truststore.location={trusted}\n"
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
        f'username="admin" password="{password}";\n'
    )
    command = [
        "java", "-XX:TieredStopAtLevel=1", "-cp", f"{cluster.libs}/*", "org.apache.kafka.tools.AclCommand",
        "--bootstrap-server", cluster.bootstrap, "--command-config", str(client), "--add",
        "--allow-principal", "User:hazardwatch", "--operation", "All",
        "--topic", PREFIX, "--group", PREFIX, "--resource-pattern-type", "prefixed",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


@contextmanager
def timescale_secured(folder: Path) -> Iterator[tuple[Secured, str]]:
    """(where it is, DSN with sslmode=verify-full of its database hazardwatch), with the shipped configuration."""
    trusted = authority(folder)
    home = folder / "server"
    shipped = dict(_settings(DEPLOY / "postgres" / "hazardwatch.conf"))
    inside = {"ssl_cert_file": "/srv/server.pem", "ssl_key_file": "/srv/server.key", "listen_addresses": "127.0.0.1"}
    assert inside.keys() <= shipped.keys()
    certificate(folder, "server")
    home.mkdir()
    for name in ("server.pem", "server.key"):
        shutil.copy(folder / name, home / name)
        (home / name).chmod(0o400)
    with timescale_server(home, {**shipped, **inside, "ssl": "off"}) as (process, server):
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("create database hazardwatch")
        process.stop()
        for name in ("server.pem", "server.key"):
            shutil.chown(home / name, *postgres.owner(server.root))
        rules = (DEPLOY / "postgres" / "pg_hba.conf").read_text().splitlines()
        postgres.prepare(replace(server, settings={**shipped, **inside}, access=rules))
        process.start()
        secured = Secured(f"127.0.0.1:{server.port}", trusted, postgres.USER, server.password)
        dsn = server.dsn.removesuffix("/postgres") + f"/hazardwatch?sslmode=verify-full&sslrootcert={trusted}"
        yield secured, dsn


def _settings(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            yield key.strip(), value.strip().strip("'")


# --- Mosquitto -----------------------------------------------------------------------------------------------------


@contextmanager
def mosquitto_secured(
    folder: Path, users: dict[str, str], changes: dict[str, str] | None = None
) -> Iterator[tuple[int, Path, Server]]:
    """(port, authority, process) of the shipped configuration with these users and passwords; `changes` of its text."""
    trusted = authority(folder)
    signed, key = certificate(folder, "broker")
    (folder / "tls").mkdir()
    shutil.copy(signed, folder / "tls" / "broker.pem")
    shutil.copy(key, folder / "tls" / "broker.key")
    shutil.copy(DEPLOY / "mosquitto" / "acl", folder / "acl")
    passwords = folder / "passwords"
    passwords.touch(0o600)
    for user, password in users.items():
        maker = program("mosquitto_passwd", "mosquitto")
        subprocess.run([maker, "-b", str(passwords), user, password], check=True, capture_output=True)
    port = free_port()
    text = changed(
        (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(),
        {
            "listener 8883": f"listener {port} 127.0.0.1",
            "/etc/mosquitto": str(folder),
            "/var/lib/mosquitto": str(folder),
            **(changes or {}),
        },
    )
    # As root it would become the user mosquitto, who may not reach the test's folder.
    configuration = folder / "mosquitto.conf"
    configuration.write_text(text + "user root\n")
    server = Program(
        name="mosquitto",
        command=[program("mosquitto", "mosquitto"), "-c", str(configuration)],
        log=folder / "broker.log",
        ready=lambda _pid, _said: answers(port),
    )
    [child] = launch(server)
    running = Server(server, child)
    try:
        yield port, trusted, running
    finally:
        running.stop()
