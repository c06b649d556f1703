"""A real PostgreSQL for tests: a private server, or the one of HAZARDWATCH_TEST_DSN (it must let us make databases)."""

import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from historian.private_server import PrivateServer


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of a server, for making databases."""
    given = os.environ.get("HAZARDWATCH_TEST_DSN")
    if given:
        yield given
        return
    server = PrivateServer(tmp_path_factory.mktemp("server"))
    try:
        yield server.ready()
    finally:
        server.stop()


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """DSN of an empty database of this test's own."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield make_conninfo(postgres, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
