"""A database from before, and one that gets TimescaleDB later, keep every reading and every summary."""

import secrets

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from historian import migrate as migrating
from historian.edition import Edition, chunk_hours, readings_per_s
from historian.migrate import migrate, migrations
from historian.prepared import open_prepared
from historian.store import Store
from historian.summaries import Touched
from historian.upkeep import Upkeep
from pipeline.log import PLANT
from tests.historian_parts import T0, point, rows, site

HOUR = T0 - T0 % 3_600_000

FILL = """
insert into historian.series (id, installation, point, unit) values (1, 'TF1', 'LT-1', 'm'), (7, 'TF1', 'LT-2', 'm');
insert into historian.position values ('plant', 'TF1', 41, 1795000000000), ('alarm', 'TF1', 3, 1795000000000);
insert into historian.reading
    select to_timestamp(1795000000 + i * 3600), to_timestamp(1795000000 + i * 3600), i, 1, 0, false
    from generate_series(0, 99) i;
insert into historian.reading values
    ('-infinity', to_timestamp(1795000000), -1, 7, 0, true),
    (to_timestamp(1795000000 - 31 * 86400), to_timestamp(1795000000), -2, 7, 0, true);
insert into historian.dirty_minute
    select distinct date_trunc('minute', time) from historian.reading where isfinite(time);
insert into historian.dirty_hour
    select distinct date_trunc('hour', time) from historian.reading where isfinite(time);
"""


def first_four(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database as the version before made and filled it, on a server without TimescaleDB."""
    whole = migrations()
    with monkeypatch.context() as patch, psycopg.connect(dsn, autocommit=True) as connection:
        patch.setattr(migrating, "migrations", lambda: whole[:4])
        migrate(connection, "east-park")
        connection.execute(FILL.encode())


def face(dsn: str) -> list[list[tuple[object, ...]]]:
    """What people see."""
    asked = (
        "select point, value, unit, quality, backfill from hazardwatch.readings order by value",
        "select bucket::text, point, n, min, max, avg, last from hazardwatch.readings_1m order by 1, 2",
        "select bucket::text, point, n, min, max, avg, last from hazardwatch.readings_1h order by 1, 2",
    )
    return [rows(dsn, one) for one in asked]


def test_a_database_of_the_version_before_goes_on_with_all_it_had(
    each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_four(each_database, monkeypatch)
    before = face(each_database)
    assert [len(one) for one in before] == [102, 101, 101]
    store = Store.open(each_database, site(), PLANT, Touched())
    assert face(each_database) == before
    assert store.stored(["TF1"]) == {"TF1": (41, 1795000000000)}
    assert rows(each_database, "select count(*) from historian.old_reading") == [(2,)]
    upkeep = Upkeep.open(each_database, site(), Touched())
    while upkeep.summaries.sum_up(0.0, 1.0):
        pass
    assert face(each_database) == before
    with psycopg.connect(each_database, autocommit=True) as connection:  # numbers go on behind those there were
        connection.execute("insert into historian.series (installation, point, unit) values ('TF1', 'LT-3', 'm')")
    assert rows(each_database, "select max(id) from historian.series") == [(8,)]
    upkeep.close()
    store.close()


@pytest.mark.services
def test_a_plain_table_becomes_a_hypertable_once_there_is_timescaledb(
    timescale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_four(timescale, monkeypatch)
    with psycopg.connect(timescale, autocommit=True) as connection:
        migrate(connection, "east-park")  # and no more: as on a server without the extension
    before = face(timescale)
    assert rows(timescale, "select count(*) from pg_extension where extname = 'timescaledb'") == [(0,)]
    connection, edition = open_prepared(timescale, "test", site())
    connection.close()
    assert edition is not Edition.PLAIN
    assert face(timescale) == before
    chunks = "select count(*) from timescaledb_information.chunks where hypertable_name = 'reading'"
    assert rows(timescale, chunks)[0][0] >= 4
    assert rows(timescale, "select indexdef from pg_indexes where tablename = 'reading'") == [
        ('CREATE INDEX reading_time ON historian.reading USING btree ("time")',)
    ]


@pytest.mark.services
def test_a_role_that_may_not_add_the_extension_keeps_a_plain_table_until_somebody_adds_it(timescale: str) -> None:
    name = "writer_" + secrets.token_hex(6)
    mine = make_conninfo(timescale, user=name, password="only-here")
    writer, here = sql.Identifier(name), sql.Identifier(str(conninfo_to_dict(timescale)["dbname"]))

    def edition() -> Edition:
        connection, found = open_prepared(mine, "test", site())
        connection.close()
        return found

    with psycopg.connect(timescale, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login password 'only-here'").format(writer))
        try:
            admin.execute(sql.SQL("grant create on database {} to {}").format(here, writer))
            assert edition() is Edition.PLAIN
            admin.execute("create extension timescaledb")  # into the schema hazardwatch, where that is the role's name
            assert edition() is not Edition.PLAIN
        finally:
            admin.execute(sql.SQL("drop owned by {} cascade").format(writer))
            admin.execute(sql.SQL("drop role {}").format(writer))


def test_a_chunk_is_as_long_as_the_rate_allows() -> None:
    assert [chunk_hours(rate) for rate in (1, 1000, 2000, 10_000, 30_000, 250_000)] == [24, 24, 12, 2, 1, 1]
    assert readings_per_s(site(point("a", period_ms=100), point("b", period_ms=60_000), point("c", enabled=False))) == (
        pytest.approx(10 + 1 / 60)
    )
