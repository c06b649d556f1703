"""The historian's health: what ends it is said for both topics, and a connection string is never quoted."""

from __future__ import annotations

import asyncio

import pytest

from historian.store import check_dsn, without_password
from historian.writer import Historian
from pipeline.errors import ConfigError, Permanent
from pipeline.log import ALARM, PLANT
from tests.historian_parts import site
from tests.memory_log import MemoryLog


@pytest.mark.parametrize("fault", [Permanent("refused"), ConfigError("another site's"), RuntimeError("our own fault")])
def test_whatever_ends_it_neither_topic_counts_as_connected(fault: Exception) -> None:
    async def story() -> None:
        def ready() -> str:
            raise fault

        historian = Historian(MemoryLog(), site(), ready)
        with pytest.raises(type(fault)):
            await historian.run(asyncio.Event())
        assert {topic: one.error for topic, one in historian.health().items()} == dict.fromkeys(
            (PLANT, ALARM), str(fault)
        )
        assert not any(one.connected for one in historian.health().values())

    asyncio.run(story())


@pytest.mark.parametrize("dsn", ["postgres//me:s3cret@host/db", "postgresql://me:s3cret%zz@host/db", "s3cret"])
def test_a_connection_string_that_is_none_is_refused_without_being_quoted(dsn: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_dsn(dsn)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "dsn", ["postgresql://me:s3cret@host:5432/db", "host=host port=5432 dbname=db user=me password=s3cret"]
)
def test_the_string_that_people_are_told_holds_no_password(dsn: str) -> None:
    assert sorted(without_password(dsn).split()) == ["dbname=db", "host=host", "port=5432", "user=me"]


@pytest.mark.parametrize("dsn", ["postgresql://me:s3cret@host:5432/db", "host=/run user=me", ""])
def test_a_connection_string_is_taken_as_libpq_takes_it(dsn: str) -> None:
    check_dsn(dsn)
