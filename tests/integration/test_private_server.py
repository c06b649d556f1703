"""The private PostgreSQL: started, taken over, stopped; never in anybody's way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from historian.migrate import migrate
from historian.private_server import PrivateServer, binaries, connection_string
from historian.processes import end_leftovers, postmaster_of
from pipeline.errors import ConfigError, Transient

ROOT = Path(__file__).parents[2]
START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from historian.private_server import PrivateServer
PrivateServer(Path(sys.argv[1])).ready()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrivateServer]:
    """A server under tmp_path, stopped whatever happens."""
    one = PrivateServer(tmp_path)
    yield one
    one.stop()


def start_and_die(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START_AND_DIE, str(folder)], cwd=ROOT, check=False, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def answer(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("select pg_postmaster_start_time()").fetchone()


def test_a_clean_stop_leaves_no_process_and_a_start_finds_the_data(tmp_path: Path, server: PrivateServer) -> None:
    data = tmp_path / "postgres" / "data"
    with psycopg.connect(server.ready()) as connection:
        connection.execute("create table kept as select 7 as x")
    server.stop()
    assert postmaster_of(data) is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"host={data} user=hazardwatch dbname=hazardwatch")
    with psycopg.connect(server.ready()) as connection:
        assert connection.execute("select x from kept").fetchone() == (7,)
    server.stop()


def test_a_server_left_behind_by_a_killed_process_is_taken_over_and_then_stopped(
    tmp_path: Path, server: PrivateServer
) -> None:
    start_and_die(tmp_path)
    left = postmaster_of(tmp_path / "postgres" / "data")
    assert left is not None
    answer(server.ready())
    assert postmaster_of(tmp_path / "postgres" / "data") == left
    server.stop()
    assert postmaster_of(tmp_path / "postgres" / "data") is None


def test_a_server_killed_with_its_owner_recovers(tmp_path: Path, server: PrivateServer) -> None:
    start_and_die(tmp_path)
    data = tmp_path / "postgres" / "data"
    left = postmaster_of(data)
    assert left is not None
    os.kill(left, signal.SIGKILL)
    end_leftovers(data)
    assert (data / "postmaster.pid").exists()
    answer(server.ready())


def test_a_stale_process_number_that_now_belongs_to_another_program_harms_nobody(
    tmp_path: Path, server: PrivateServer
) -> None:
    server.ready()
    server.stop()
    data = tmp_path / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n", encoding="ascii")
    answer(server.ready())


def test_a_server_that_cannot_start_says_why_in_its_own_words(tmp_path: Path, server: PrivateServer) -> None:
    server.ready()
    server.stop()
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("9.6\n", encoding="ascii")
    with pytest.raises(Transient, match=r"FATAL: .*incompatible with server"):
        server.ready()


def test_a_second_process_is_refused_while_the_first_lives(tmp_path: Path, server: PrivateServer) -> None:
    server.ready()
    with pytest.raises(ConfigError, match="another process already runs the database"):
        PrivateServer(tmp_path).ready()
    server.stop()


def test_a_kill_while_the_data_folder_is_made_leaves_nothing_in_the_way(tmp_path: Path, server: PrivateServer) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    (tmp_path / "postgres" / "initial-password").write_text("old", encoding="ascii")
    answer(server.ready())


def test_the_connection_string_reads_and_cannot_write(tmp_path: Path, server: PrivateServer) -> None:
    with psycopg.connect(server.ready(), autocommit=True) as connection:
        migrate(connection, "east-park")
    dsn = connection_string(tmp_path)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from readings_1h").fetchone() == (0,)
    for forbidden in (
        "create table hazardwatch.x ()",
        "table historian.reading",
        "delete from hazardwatch.dead_letters",
    ):
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"set transaction read write; {forbidden}".encode())
    psql = binaries() / "psql"  # of the wheel: the machine may have none
    assert subprocess.run([psql, dsn, "-Atc", "select 1"], check=True, capture_output=True).stdout == b"1\n"
    server.stop()


def test_without_the_password_nobody_gets_in(tmp_path: Path, server: PrivateServer) -> None:
    server.ready()
    for role in ("hazardwatch", "hazardwatch_read", "postgres"):
        with pytest.raises(psycopg.OperationalError, match=r"password|does not exist"):
            psycopg.connect(f"host={tmp_path}/postgres/data user={role} dbname=hazardwatch")
    server.stop()
    for secret in (tmp_path / "postgres").glob("*.pgpass"):
        assert secret.stat().st_mode & 0o077 == 0


def test_a_folder_whose_name_is_too_long_for_a_socket_works(tmp_path: Path) -> None:
    server = PrivateServer(tmp_path / ("d" * 60) / ("数" * 20))
    try:
        answer(server.ready())
        answer(server.ready())
    finally:
        server.stop()


def test_no_connection_string_where_no_database_ever_was(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no history under"):
        connection_string(tmp_path)
