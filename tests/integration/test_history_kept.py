"""How long the history keeps what: readings go, their summaries stay right, late ones are added to what is closed."""

import asyncio
import random
from pathlib import Path

import msgspec
import psycopg

from historian.summaries import Touched
from historian.upkeep import Upkeep
from pipeline import records
from pipeline.clock import now_ms
from pipeline.log import PLANT
from pipeline.model import DeadLetter
from pipeline.site import History
from tests.historian_parts import add, block, caught_up, config, opened_log, rows, running, site

DAY = 86_400_000
KEPT = msgspec.structs.replace(site(), history=History(readings_ms=30 * DAY, minutes_ms=60 * DAY))
NOW = now_ms()
OLD = NOW - 40 * DAY
OLD -= OLD % 3_600_000


def forget(dsn: str) -> None:
    """As the historian does it, until nothing is left."""
    upkeep = Upkeep.open(dsn, KEPT, Touched())
    while upkeep.retention.add_late() or upkeep.summaries.sum_up(0.0, 1.0) or upkeep.retention.forget(1.0):
        pass
    upkeep.close()


async def write(folder: Path, dsn: str, *records_: tuple[int, bytes]) -> None:
    """Each at its time of the log."""
    now = [0]
    async with opened_log(folder, now) as log:
        for now[0], record in records_:  # the log's clock
            await add(log, PLANT, record)
        async with running(log, KEPT, lambda: dsn):
            await caught_up(log, dsn)


def minutes(dsn: str) -> list[tuple[object, ...]]:
    return rows(dsn, "select n, min, max, last from hazardwatch.readings_1m where n > 0 order by bucket, point")


def test_old_readings_go_and_their_summaries_stay_and_late_ones_are_added(tmp_path: Path, each_database: str) -> None:
    dsn, hour = each_database, "select n, min, max, avg, last from hazardwatch.readings_1h order by bucket, point"
    asyncio.run(
        write(
            tmp_path,
            dsn,
            (OLD, config(KEPT)),
            (OLD, block(("LT-1", OLD, 4.0), ("LT-2", OLD, 7.0))),
            (OLD + 2000, block(("LT-1", OLD + 1000, 8.0))),
            (OLD + DAY, records.encode(DeadLetter(topic="t", reason="r", detail="d"))),
            (NOW, block(("LT-1", NOW, 5.0))),
        )
    )
    before = minutes(dsn)
    assert len(before) == 3
    forget(dsn)
    assert rows(dsn, "select value from hazardwatch.readings order by time") == [(5.0,)]
    assert rows(dsn, "select * from hazardwatch.dead_letters") == []
    assert minutes(dsn) == before
    told = rows(dsn, "select what, rows, chunks from historian.forgotten order by what")
    assert [one[0] for one in told] == ["readings", "refused messages"]
    assert all(rows_ or chunks for _, rows_, chunks in told)

    # Late by more than the readings are kept: stored, and added to the minute and the hour that are closed.
    asyncio.run(write(tmp_path, dsn, (NOW + 1000, block(("LT-1", OLD + 500, 1.0), ("LT-1", OLD + 59_000, 3.0)))))
    forget(dsn)
    assert rows(dsn, "select value, backfill from hazardwatch.readings order by time") == [
        (1.0, True), (3.0, True), (5.0, False),
    ]  # fmt: skip
    assert minutes(dsn)[0] == (4, 1.0, 8.0, 3.0)
    assert rows(dsn, hour)[0] == (4, 1.0, 8.0, 4.0, 3.0)
    forget(dsn)
    assert minutes(dsn)[0] == (4, 1.0, 8.0, 3.0)


def test_minutes_go_later_than_readings_and_hours_stay(tmp_path: Path, each_database: str) -> None:
    long_ago = NOW - 70 * DAY
    asyncio.run(
        write(
            tmp_path,
            each_database,
            (long_ago, config(KEPT)),
            (long_ago, block(("LT-1", long_ago, 4.0))),
            (NOW, block(("LT-1", NOW, 5.0))),
        )
    )
    forget(each_database)
    assert minutes(each_database) == [(1, 5.0, 5.0, 5.0)]
    assert rows(each_database, "select n, last from hazardwatch.readings_1h order by bucket") == [(1, 4.0), (1, 5.0)]


def test_what_came_late_is_kept_from_when_it_came(tmp_path: Path, database: str) -> None:
    ages = OLD - 3000 * DAY
    asyncio.run(
        write(
            tmp_path,
            database,
            (OLD, config(KEPT)),
            (OLD, block(("LT-1", ages, 1.0))),
            (NOW - DAY, block(("LT-2", ages, 2.0))),
            (NOW, block(("LT-1", NOW, 5.0))),
        )
    )
    assert rows(database, "select count(*) from historian.old_reading") == [(2,)]
    forget(database)
    assert rows(database, "select value from hazardwatch.readings order by time") == [(2.0,), (5.0,)]
    assert rows(database, "select sum(n) from hazardwatch.readings_1h") == [(3,)]


def test_nothing_is_closed_while_nothing_is_to_go(tmp_path: Path, database: str) -> None:
    asyncio.run(write(tmp_path, database, (NOW, config(KEPT)), (NOW, block(("LT-1", OLD, 4.0)))))
    forget(database)
    assert rows(database, "select isfinite(before) from historian.horizon") == [(False,)]
    assert minutes(database) == [(1, 4.0, 4.0, 4.0)]


def test_a_batch_that_is_being_written_puts_retention_off(tmp_path: Path, database: str) -> None:
    asyncio.run(
        write(
            tmp_path, database, (OLD, config(KEPT)), (OLD, block(("LT-1", OLD, 4.0))), (NOW, block(("LT-1", NOW, 5.0)))
        )
    )
    upkeep = Upkeep.open(database, KEPT, Touched())
    with psycopg.connect(database) as writer:
        writer.execute("select from historian.horizon for key share")
        upkeep.retention.forget(1.0)
        assert rows(database, "select count(*) from historian.reading") == [(2,)]
    upkeep.retention.forget(1.0)
    upkeep.close()
    assert rows(database, "select count(*) from historian.reading") == [(1,)]


FROM_READINGS = """
select date_trunc('{unit}', time), point, count(value) filter (where quality <> 'bad'),
       min(value) filter (where quality <> 'bad'), max(value) filter (where quality <> 'bad'),
       round((avg(value) filter (where quality <> 'bad'))::numeric, 6),
       (array_agg(value order by time desc) filter (where quality <> 'bad'))[1]
from hazardwatch.readings group by 1, 2 order by 1, 2
"""
FROM_SUMMARIES = """
select bucket, point, n, min, max, round(avg::numeric, 6), last from hazardwatch.readings_{name} order by 1, 2
"""


def test_whatever_comes_in_whatever_order_the_summaries_are_what_the_readings_say(
    tmp_path: Path, each_database: str
) -> None:
    """Live, late, and so late that they lie beside the big table; looked at before and after summing up, in turns."""
    drawn, begin = random.Random(5), NOW - 2 * 3_600_000

    def same() -> None:
        for unit, name in (("minute", "1m"), ("hour", "1h")):
            expected = rows(each_database, FROM_READINGS.format(unit=unit))
            assert rows(each_database, FROM_SUMMARIES.format(name=name)) == expected

    async def scene() -> None:
        now = [begin]
        async with opened_log(tmp_path, now) as log:
            await add(log, PLANT, config(site()))
            for _ in range(5):
                for _ in range(40):
                    now[0] += 11_003
                    late = drawn.choice([0, 0, 0, 90_000, 3_700_000, 31 * DAY, 31 * DAY + 30_000])
                    one = (f"LT-{drawn.randint(1, 2)}", now[0] - late, round(drawn.random(), 3))
                    await add(log, PLANT, block(one, quality=drawn.choice([0, 0, 1, 2])))
                async with running(log, site(), lambda: each_database):
                    await caught_up(log, each_database)
                same()
                upkeep = Upkeep.open(each_database, site(), Touched())
                while upkeep.summaries.sum_up(0.0, 1.0):
                    pass
                upkeep.close()
                same()
                assert rows(each_database, "select count(*) from historian.dirty_minute") == [(0,)]

    asyncio.run(scene())
