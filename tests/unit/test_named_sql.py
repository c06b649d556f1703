import pytest

from historian import migrate, named_sql, rows


def test_statements_are_found_by_name() -> None:
    statements = named_sql.load("migrate.sql")
    assert statements["site"] == "select id from historian.site"


@pytest.mark.parametrize("file", ["statements.sql", "queries.sql", "migrate.sql", "private_server.sql"])
def test_no_name_stands_twice_and_none_is_empty(file: str) -> None:
    assert all(named_sql.load(file).values())


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [one.number for one in migrate.migrations()] == list(range(1, len(migrate.migrations()) + 1))


def test_moments_no_calendar_has_are_infinite() -> None:
    assert [rows.moment(ms) for ms in (2**61, -(2**61))] == ["infinity", "-infinity"]
    assert str(rows.moment(1)) == "1970-01-01 00:00:00.001000+00:00"
