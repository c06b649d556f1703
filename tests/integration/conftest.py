"""Real servers, one of each for the whole session: started when the first test asks, ended after the last.

HAZARDWATCH_TEST_DSN and HAZARDWATCH_TEST_KAFKA name ones that run already; that database must let us make databases.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from historian.private_server import PrivateServer
from tests import secured
from tests.servers import kafka_brokers, timescale_server
from tests.services import missing


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> str:
    """DSN of a server, for making databases: a private one, or that of HAZARDWATCH_TEST_DSN."""
    return os.environ.get("HAZARDWATCH_TEST_DSN") or request.getfixturevalue("private")


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """DSN of an empty database of this test's own."""
    with own_database(postgres) as dsn:
        yield dsn


_WITH_TIMESCALE = "given" if os.environ.get("HAZARDWATCH_TEST_DSN") else "timescale"


@pytest.fixture(scope="session")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of a private server, also where HAZARDWATCH_TEST_DSN names another."""
    server = PrivateServer(tmp_path_factory.mktemp("server"))
    try:
        yield server.ready()
    finally:
        server.stop()


@pytest.fixture(
    scope="session",
    params=["private", pytest.param(_WITH_TIMESCALE, marks=pytest.mark.services)],
)
def each_server(request: pytest.FixtureRequest) -> str:
    """DSN of a server of each edition there is, for making databases."""
    fixture = {"private": "private", "given": "postgres", "timescale": "timescale_dsn"}[request.param]
    found: str = request.getfixturevalue(fixture)
    return found


@pytest.fixture
def each_database(each_server: str) -> Iterator[str]:
    """DSN of an empty database of this test's own, at each of them."""
    with own_database(each_server) as dsn:
        yield dsn


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """DSN of a new, empty database at that server; gone afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield make_conninfo(server, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HOST:PORT of one Kafka broker, or the address in HAZARDWATCH_TEST_KAFKA. Topics have each test's own names."""
    given = os.environ.get("HAZARDWATCH_TEST_KAFKA")
    if given:
        yield given
        return
    with kafka_brokers(tmp_path_factory.mktemp("kafka")) as brokers:
        yield brokers.bootstrap


@pytest.fixture(scope="session")
def timescale_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of a server with TimescaleDB, for making databases: that of HAZARDWATCH_TEST_DSN if it has it."""
    given = os.environ.get("HAZARDWATCH_TEST_DSN")
    if given:
        with psycopg.connect(given) as connection:
            offered = connection.execute("select from pg_available_extensions where name = 'timescaledb'")
            if offered.fetchone() is None:
                missing("the server of HAZARDWATCH_TEST_DSN offers no TimescaleDB")
        yield given
        return
    with timescale_server(tmp_path_factory.mktemp("timescale")) as (_, server):
        yield server.dsn


@pytest.fixture
def timescale(timescale_dsn: str) -> Iterator[str]:
    """DSN of an empty database of this test's own, at a server with TimescaleDB."""
    with own_database(timescale_dsn) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def kafka_secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[secured.Secured]:
    """A broker that asks for TLS and SCRAM-SHA-512, with the configuration in deploy/kafka; see tests/secured.py."""
    with secured.kafka_secured(tmp_path_factory.mktemp("kafka-secured")) as (found, _):
        yield found


@pytest.fixture(scope="session")
def timescale_secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN with sslmode=verify-full of a database `hazardwatch`, with the configuration in deploy/postgres."""
    with secured.timescale_secured(tmp_path_factory.mktemp("timescale-secured")) as (_, dsn):
        yield dsn
