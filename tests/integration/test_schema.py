"""Migrations, and the views as the contract has them."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from historian import migrate as migrating
from historian import named_sql
from historian.migrate import Migration, migrate, migrations
from historian.prepared import open_prepared
from pipeline.errors import ConfigError
from tests.historian_parts import rows, site
from tests.integration.conftest import own_database
from tests.schema_doc import render

ROOT = Path(__file__).parents[2]
CONTRACT = {
    "readings": "time installation point value unit quality received backfill",
    "readings_1m": "bucket installation point n min max avg last",
    "readings_1h": "bucket installation point n min max avg last",
    "alarm_events": "event_id seq time decided late_s alarm occurrence event from state priority value setpoint unit "
    "actor note reason drill",
    "notifications": "sent_at event_id alarm person channel step outcome provider_id receipt_at detail",
    "dead_letters": "received topic reason detail payload",
    "commands": "time command alarm actor note outcome",
}
ALL_VIEWS = {*CONTRACT, "alarms_standing", "points", "alarm_settings", "warnings"}


@pytest.fixture(scope="module")
def migrated(each_server: str) -> Iterator[str]:
    """For tests that change nothing in it."""
    with own_database(each_server) as dsn:
        connection, _ = open_prepared(dsn, "test", site())
        connection.close()
        yield dsn


def test_migrating_again_changes_nothing(migrated: str) -> None:
    before = rows(migrated, "select number, name, digest, applied from historian.migration order by number")
    with psycopg.connect(migrated, autocommit=True) as connection:
        migrate(connection, "east-park")
    assert rows(migrated, "select number, name, digest, applied from historian.migration order by number") == before
    assert [number for number, *_ in before] == [one.number for one in migrations()]


def test_two_that_migrate_at_once_do_it_once(database: str) -> None:
    def one(_: int) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            migrate(connection, "east-park")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert rows(database, "select count(*) from historian.migration") == [(len(migrations()),)]


def test_a_migration_that_was_changed_after_it_was_applied_is_refused(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = migrations()
    monkeypatch.setattr(migrating, "migrations", lambda: [Migration(1, first.name, first.sql + " "), *others])
    with (
        psycopg.connect(migrated, autocommit=True) as connection,
        pytest.raises(ConfigError, match=r"0001_\w+\.sql is not the file that was applied"),
    ):
        migrate(connection, "east-park")


def test_a_database_of_a_later_version_is_refused(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, "east-park")
        connection.execute("insert into historian.migration (number, name, digest) values (99, '0099_new.sql', '')")
        with pytest.raises(ConfigError, match=r"made by a later version of hazardwatch \(it has 0099_new.sql\)"):
            migrate(connection, "east-park")


def test_the_views_have_the_contracts_columns(migrated: str) -> None:
    found = rows(
        migrated,
        "select table_name, string_agg(column_name, ' ' order by ordinal_position) from information_schema.columns "
        "where table_schema = 'hazardwatch' group by table_name",
    )
    columns = dict(found)
    assert columns.keys() == ALL_VIEWS
    assert {name: columns[name] for name in CONTRACT} == CONTRACT
    assert columns["alarms_standing"] == CONTRACT["alarm_events"]


def test_every_view_and_column_says_what_it_means_and_in_which_unit(migrated: str) -> None:
    described = rows(
        migrated,
        "select c.relname, a.attname, format_type(a.atttypid, null), col_description(c.oid, a.attnum), "
        "obj_description(c.oid) from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'hazardwatch' and a.attnum > 0",
    )
    for view, column, type_, meaning, about in described:
        assert about, view
        assert meaning, (view, column)
        if type_ == "timestamp with time zone":
            assert "UTC" in meaning, (view, column)
        if type_ == "double precision":
            assert re.search("unit|second", meaning), (view, column)


def test_the_page_about_the_schema_is_what_the_database_says(migrated: str) -> None:
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    assert page == render(migrated), "write it anew: python -m tests.schema_doc DSN > docs/schema.md"


@pytest.mark.parametrize("name", sorted(named_sql.load("queries.sql")))
def test_every_query_runs(migrated: str, name: str) -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    given = {
        "alarm": "TF1/LT-1/H", "installation": "TF1", "point": "LT-1", "event_id": "e1",
        "since": now, "until": now, "limit": 5,
    }  # fmt: skip
    with psycopg.connect(migrated) as connection:
        cursor = connection.execute(named_sql.load("queries.sql")[name], given)
        assert len(cursor.fetchall()) == (1 if name == "counts" else 0)


def test_readings_are_found_by_time_through_the_one_index(migrated: str) -> None:
    assert rows(migrated, "select indexdef from pg_indexes where tablename = 'reading'") == [
        ('CREATE INDEX reading_time ON historian.reading USING btree ("time")',)
    ]
    with psycopg.connect(migrated) as connection:
        connection.execute("set enable_seqscan = off")
        connection.execute("insert into historian.reading values (now(), now(), 1, 1, 0, false)")  # never committed
        query = named_sql.load("queries.sql")["readings_of_point"]
        plan = connection.execute(
            "explain " + query,
            {"installation": "T", "point": "P", "since": "yesterday", "until": "tomorrow", "limit": 1},
        ).fetchall()
        connection.rollback()
    assert any("reading_time" in line for (line,) in plan), plan


OURS = sorted(path.name for path in (ROOT / "historian").glob("*.sql") if path.name != "queries.sql")


@pytest.mark.parametrize("file", OURS)
def test_every_statement_is_used(file: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "historian").glob("*.py"))
    source += "".join(source.replace("{what}", what) for what in ("minute", "hour") if file != "statements.sql")
    assert {name for name in named_sql.load(file) if f'"{name}"' not in source} == set()
