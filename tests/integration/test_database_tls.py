"""The history over TLS with verify-full and a password from a file, on the configuration in deploy/postgres."""

import asyncio
import os
import secrets
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from historian.database import for_reading
from historian.store import Store
from historian.summaries import Touched
from pipeline.errors import Transient
from pipeline.log import PLANT
from tests.certificates import authority
from tests.historian_parts import T0, add, block, caught_up, config, opened_log, rows, running, site

pytestmark = pytest.mark.services


@pytest.fixture
def parts(timescale_secured: str, tmp_path: Path) -> dict[str, str]:
    """The connection as the documentation writes it: the password is in a file, not in the string."""
    found = {name: str(value) for name, value in conninfo_to_dict(timescale_secured).items()}
    passfile = tmp_path / "pgpass"
    passfile.touch(mode=0o600)
    passfile.write_text(f"*:*:*:{found['user']}:{found.pop('password')}\n")
    return {**found, "passfile": str(passfile)}


def opened(**parts: str) -> None:
    Store.open(make_conninfo("", **parts), site(), PLANT, Touched()).close()


def test_the_history_is_written_with_verify_full_and_a_password_from_a_file(
    parts: dict[str, str], tmp_path: Path
) -> None:
    dsn = make_conninfo("", **parts)

    async def scene() -> None:
        async with opened_log(tmp_path / "log", [T0]) as log:
            await add(log, PLANT, config(site()), block(("LT-1", T0, 1.25)))
            async with running(log, site(), lambda: dsn):
                await caught_up(log, dsn)

    assert parts["sslmode"] == "verify-full"
    asyncio.run(scene())
    assert rows(dsn, "select value from hazardwatch.readings") == [(1.25,)]
    assert rows(dsn, "select ssl from pg_stat_ssl where pid = pg_backend_pid()") == [(True,)]


def test_another_authority_another_name_and_no_tls_are_refused(parts: dict[str, str], tmp_path: Path) -> None:
    other = str(authority(tmp_path, "other"))
    with pytest.raises(Transient, match="certificate verify failed"):
        opened(**{**parts, "sslrootcert": other})
    with pytest.raises(Transient, match=r'does not match host name "db\.example"'):
        opened(**{**parts, "host": "db.example", "hostaddr": parts["host"]})
    with pytest.raises(Transient, match="no encryption"):
        opened(**{**parts, "sslmode": "disable"})


def test_a_wrong_password_is_refused_and_not_told(parts: dict[str, str]) -> None:
    wrong = secrets.token_hex(8)
    with pytest.raises(Transient, match="password authentication failed") as refused:
        opened(**{name: value for name, value in parts.items() if name != "passfile"}, password=wrong)
    assert wrong not in str(refused.value)


def test_dashboards_read_the_views_and_nothing_else(parts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Role and rights as deploy/postgres/README.md has them; the password is in the environment."""
    password = secrets.token_hex(8)
    with psycopg.connect(make_conninfo("", **parts), autocommit=True) as admin:
        admin.execute(sql.SQL("create role hazardwatch_read login password {}").format(password))
        opened(**parts)  # gives the rights
        monkeypatch.setenv("PGPASSWORD", password)
        reader = {name: value for name, value in parts.items() if name != "passfile"} | {"user": "hazardwatch_read"}
        with psycopg.connect(make_conninfo("", **reader), autocommit=True) as reading:
            reading.execute("select * from hazardwatch.readings_1h").fetchall()
            for refused in (
                "select * from historian.reading",
                "delete from hazardwatch.alarms_standing",
                "create table hazardwatch.mine (x integer)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reading.execute(refused.encode())
        admin.execute("drop owned by hazardwatch_read")
        admin.execute("drop role hazardwatch_read")
    assert os.environ["PGPASSWORD"] == password


def test_what_people_get_for_reading_holds_no_password_and_refuses_to_write(timescale_secured: str) -> None:
    given = for_reading(timescale_secured)
    assert str(conninfo_to_dict(timescale_secured)["password"]) not in given
    password = str(conninfo_to_dict(timescale_secured)["password"])
    with (
        psycopg.connect(given, password=password) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("create table mine (x integer)")
