"""The historian against a real PostgreSQL and a real local log."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from historian.store import Store
from historian.summaries import Touched
from historian.upkeep import Upkeep
from historian.writer import Historian
from pipeline import records
from pipeline.errors import ConfigError, Permanent
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT, Log, Reader
from pipeline.model import Command, DeadLetter, Delivery, Judged, Standing
from tests.historian_parts import (
    T0,
    add,
    block,
    caught_up,
    config,
    event,
    opened_log,
    point,
    readings,
    rows,
    running,
    site,
)

Scene = Callable[[LocalLog, list[int]], Awaitable[None]]


async def run_for_ever(log: LocalLog, database: str) -> None:
    """A historian that is expected to fail."""
    await asyncio.wait_for(Historian(log, site(), lambda: database).run(asyncio.Event()), 30)


def play(folder: Path, scene: Scene) -> None:
    """Run a scene with a log whose clock the scene moves."""

    async def whole() -> None:
        now = [T0]
        async with opened_log(folder, now) as log:
            await scene(log, now)

    asyncio.run(whole())


def test_readings_are_stored_with_unit_quality_and_received_time(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(
            log, PLANT, config(site()), block(("LT-1", T0 - 500, 1.25)), block(("LT-2", T0 - 400, 2.5), quality=1)
        )
        async with running(log, site(), lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    found = rows(database, "select * from hazardwatch.readings order by time")
    stored = [
        (round(time.timestamp() * 1000), *rest, round(received.timestamp() * 1000), backfill)
        for time, *rest, received, backfill in found
    ]
    assert stored == [
        (T0 - 500, "TF1", "LT-1", 1.25, "m", "good", T0, False),
        (T0 - 400, "TF1", "LT-2", 2.5, "m", "uncertain", T0, False),
    ]


def test_a_value_that_is_no_number_is_null(tmp_path: Path, each_database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        odd = block(("LT-1", T0, 1.0), ("LT-1", T0 + 1, math.nan), ("LT-2", T0, math.inf), ("LT-2", T0 + 1, -0.0))
        await add(log, PLANT, config(site()), odd)
        async with running(log, site(), lambda: each_database):
            await caught_up(log, each_database)

    play(tmp_path, scene)
    assert sorted((p, v) for p, _, v in readings(each_database) if v is not None) == [("LT-1", 1.0), ("LT-2", -0.0)]
    assert sorted(p for p, _, v in readings(each_database) if v is None) == ["LT-1", "LT-2"]


def test_stamps_no_calendar_has_do_not_stop_the_rest(tmp_path: Path, each_database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        wild = [
            ("LT-1", -(2**61), 2.0),
            ("LT-1", -62_200_000_000_000, 3.0),
            ("LT-1", 2**61, 4.0),
            ("LT-1", T0 + 1, 5.0),
        ]
        for one in wild:
            await add(log, PLANT, block(one))
        async with running(log, site(), lambda: each_database):
            await caught_up(log, each_database)

    play(tmp_path, scene)
    found = rows(each_database, "select time::text, value, backfill from hazardwatch.readings order by value")
    assert [value for _, value, _ in found] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert found[1] == ("-infinity", 2.0, True)
    assert found[2][0].endswith("BC")
    assert rows(each_database, "select sum(n) from hazardwatch.readings_1h") == [(4,)]  # -infinity has no hour


def test_repeats_are_left_out(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        once = block(("LT-1", T0, 1.0), ("LT-2", T0, 2.0))
        await add(log, PLANT, config(site()), once, once, once)
        async with running(log, site(), lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    assert readings(database) == [("LT-1", T0, 1.0), ("LT-2", T0, 2.0)]


def test_late_and_backfilled_readings_change_summaries_that_were_made(tmp_path: Path, each_database: str) -> None:
    minute = T0 - T0 % 60_000
    by_minute = "select point, n, min, max, avg, last from hazardwatch.readings_1m where n > 0 order by bucket, point"
    by_hour = "select point, n, min, max, avg, last from hazardwatch.readings_1h order by bucket, point"

    def sum_up_all() -> int:
        upkeep = Upkeep.open(each_database, site(), Touched())
        count = 0
        while done := upkeep.summaries.sum_up(0.0, 1.0):
            count += done
        upkeep.close()
        return count

    async def scene(log: LocalLog, now: list[int]) -> None:
        now[0] = minute + 30_000
        await add(log, PLANT, config(site()), block(("LT-1", minute + 1000, 4.0), ("LT-1", minute + 9000, 8.0)))
        async with running(log, site(), lambda: each_database):
            await caught_up(log, each_database)
        live = rows(each_database, by_minute), rows(each_database, by_hour)
        assert live == ([("LT-1", 2, 4.0, 8.0, 6.0, 8.0)],) * 2
        assert sum_up_all() == 2
        assert (rows(each_database, by_minute), rows(each_database, by_hour)) == live

        now[0] = minute + 61_000
        await add(log, PLANT, block(("LT-1", minute + 5000, 0.0)), block(("LT-1", minute + 60_000, 3.0)))
        async with running(log, site(), lambda: each_database):
            await caught_up(log, each_database)
        live = rows(each_database, by_minute), rows(each_database, by_hour)
        assert live == (
            [("LT-1", 3, 0.0, 8.0, 4.0, 8.0), ("LT-1", 1, 3.0, 3.0, 3.0, 3.0)],
            [("LT-1", 4, 0.0, 8.0, 3.75, 3.0)],
        )
        assert sum_up_all() == 3
        assert (rows(each_database, by_minute), rows(each_database, by_hour)) == live

    play(tmp_path, scene)
    assert rows(each_database, "select value from hazardwatch.readings where backfill") == [(0.0,)]


def test_bad_readings_do_not_count_in_summaries(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(
            log, PLANT, config(site()), block(("LT-1", T0, 1.0)), block(("LT-1", T0 + 1, 99.0), quality=2),
            block(("LT-2", T0, math.nan)),
        )  # fmt: skip
        async with running(log, site(), lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    assert rows(database, "select point, n, max, last from hazardwatch.readings_1m order by point") == [
        ("LT-1", 1, 1.0, 1.0),
        ("LT-2", 0, None, None),
    ]
    assert rows(database, "select distinct quality from hazardwatch.readings where point = 'LT-2'") == [("bad",)]


def test_a_restart_goes_on_where_the_database_is(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        for k in range(5):
            now[0] += 1000
            again = block(("LT-1", T0, 0.0))  # a redelivery of the first reading, which only a restored admission knows
            await add(log, PLANT, block(("LT-1", T0 + k, float(k))), again)
            async with running(log, site(), lambda: database):
                await caught_up(log, database)

    play(tmp_path, scene)
    assert readings(database) == [("LT-1", T0 + k, float(k)) for k in range(5)]


def lose(dsn: str) -> None:
    """All that the historian made."""
    with psycopg.connect(dsn) as connection:
        for aggregate in ("hours", "minutes"):  # TimescaleDB does not find its way through its own cascade
            connection.execute(f"drop materialized view if exists historian_stored.{aggregate} cascade".encode())
        for schema in ("historian_stored", "hazardwatch", "historian"):
            connection.execute(f"drop schema if exists {schema} cascade".encode())


def test_a_lost_database_is_filled_again_from_the_log(tmp_path: Path, each_database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        async with running(log, site(), lambda: each_database):
            await caught_up(log, each_database)
            lose(each_database)
            now[0] += 1000
            await add(log, PLANT, block(("LT-1", T0 + 1, 2.0)))
            await caught_up(log, each_database)

    play(tmp_path, scene)
    assert readings(each_database) == [("LT-1", T0, 1.0), ("LT-1", T0 + 1, 2.0)]


def test_a_point_that_changes_its_unit_keeps_the_old_one_for_old_readings(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        changed = site(point("LT-9"), point("LT-1", unit="mm"))
        await add(log, PLANT, config(changed), block(("LT-1", T0, 1.0), ("LT-1", T0 + 1, 1000.0), ("LT-2", T0, 5.0)))
        async with running(log, changed, lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    found = rows(database, "select point, value, unit from hazardwatch.readings order by time")
    assert found == [("LT-1", 1.0, "m"), ("LT-1", 1000.0, "mm")]  # the repeat is still known, LT-2 is gone
    assert rows(database, "select point, unit from hazardwatch.points order by point") == [
        ("LT-1", "mm"),
        ("LT-9", "m"),
    ]


def test_points_and_alarm_settings_are_as_configured(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    assert rows(database, "select installation, point, name_en, unit from hazardwatch.points order by point") == [
        ("TF1", "LT-1", "LT-1", "m"),
        ("TF1", "LT-2", "LT-2", "m"),
    ]
    assert rows(
        database, "select alarm, priority, setpoint, on_delay_s, settings->>'kind' from hazardwatch.alarm_settings"
    ) == [("TF1/LT-1/H", "high", 9.0, 0.0, "high")]


def test_commands_show_what_came_of_them(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        asked = [
            Command(command="acknowledge", by="李伟", alarm="TF1/LT-1/H", note="看到了 \0 ✓"),
            Command(command="reset", by="li.wei", alarm="TF1/LT-1/H"),
            Command(command="acknowledge", by="li.wei", alarm="TF1/LT-1/H"),
            Command(command="mode", by="li.wei", target="TF1/T-1", mode="cleaning"),
        ]
        at = await add(log, PLANT, *(records.encode(one) for one in asked))
        acknowledged = event(at[0], 1, "ACKED", event="acknowledged", actor="李伟")
        others = event(at[0], 0, None, event="late_excursion")
        refused = event(at[1], 0, "ACKED", event="refused", actor="li.wei", reason="condition on")
        answers = [*(records.encode(one) for one in (others, acknowledged, refused))]
        await add(log, ALARM, *answers, records.encode(Judged(second=T0, position=at[2])))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)
            await caught_up(log, database, ALARM)

    play(tmp_path, scene)
    assert rows(
        database, "select command, alarm, actor, note, outcome from hazardwatch.commands order by time, outcome"
    ) == [
        ("acknowledge", "TF1/LT-1/H", "李伟", "看到了 ␀ ✓", "acknowledged"),
        ("acknowledge", "TF1/LT-1/H", "li.wei", None, "done"),
        ("mode", "TF1/T-1", "li.wei", None, "pending"),
        ("reset", "TF1/LT-1/H", "li.wei", None, "refused: condition on"),
    ]


def test_dead_letters_keep_their_payload_and_damaged_records_become_some(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        letters = [
            DeadLetter(topic="hazardwatch/v1/TF1/LT-1", reason="not_json", detail="at 0", payload=b"\x00\xffx"),
            DeadLetter(topic="t/报警", reason="not_json", detail="more", count=17),
        ]
        await add(log, PLANT, *(records.encode(one) for one in letters), installation="SYSTEM")
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0))[:40], b"\x63?", block(("LT-1", T0, 2.0)))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)
            await caught_up(log, database, installation="SYSTEM")

    play(tmp_path, scene)
    found = rows(database, "select topic, reason, detail, payload from hazardwatch.dead_letters order by topic")
    assert found[0] == ("hazardwatch/v1/TF1/LT-1", "not_json", "at 0", b"\x00\xffx")
    assert [(one[1], one[3]) for one in found[1:3]] == [
        ("damaged_record", block(("LT-1", T0, 1.0))[:40]),
        ("damaged_record", b"\x63?"),
    ]
    assert found[3][:3] == ("t/报警", "not_json", "more (17 of this reason, counted only)")
    assert readings(database) == [("LT-1", T0, 2.0)]


def test_alarm_events_are_stored_once_though_the_engine_says_them_again(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        first = [
            event(5, 0, "UNACK"),
            event(5, 1, None, event="late_excursion"),
            event(7, 0, "ACKED", event="acknowledged"),
        ]
        await add(log, ALARM, *(records.encode(one) for one in first))
        async with running(log, site(), lambda: database):
            await caught_up(log, database, ALARM)
            again = [*first[1:], event(9, 0, "NORMAL", event="cleared"), event(9, 1, "UNACK", alarm="TF1/LT-2/H")]
            await add(log, ALARM, *(records.encode(one) for one in again))
            await caught_up(log, database, ALARM)

    play(tmp_path, scene)
    assert rows(database, "select event_id, late_s from hazardwatch.alarm_events order by seq") == [
        ("e5-0", 0.12), ("e5-1", 0.12), ("e7-0", 0.12), ("e9-0", 0.12), ("e9-1", 0.12),
    ]  # fmt: skip
    assert rows(database, "select alarm, state from hazardwatch.alarms_standing") == [("TF1/LT-2/H", "UNACK")]


def test_the_engines_own_list_heals_what_stands_but_an_old_list_does_not(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        stands = event(3, 0, "RTN_UNACK", alarm="TF1/LT-2/H")
        await add(
            log,
            ALARM,
            records.encode(event(4, 0, "UNACK")),
            records.encode(Standing(position=3, alarms={})),
        )
        async with running(log, site(), lambda: database):
            await caught_up(log, database, ALARM)
            assert rows(database, "select alarm from hazardwatch.alarms_standing") == [("TF1/LT-1/H",)]
            await add(log, ALARM, records.encode(Standing(position=6, alarms={"TF1/LT-2/H": stands})))
            await caught_up(log, database, ALARM)

    play(tmp_path, scene)
    assert rows(database, "select alarm, state from hazardwatch.alarms_standing") == [("TF1/LT-2/H", "RTN_UNACK")]


def test_deliveries_become_notifications(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        sent = Delivery(
            event_id="e1", alarm="TF1/LT-1/H", occurrence="o1", person="li.wei", channel="sms", step=0, round=0,
            attempt=2, outcome="sent", sent_at=T0, provider_id="p-1", receipt_at=T0 + 900, detail="已送达",
        )  # fmt: skip
        await add(log, ALARM, records.encode(sent))
        async with running(log, site(), lambda: database):
            await caught_up(log, database, ALARM)

    play(tmp_path, scene)
    assert rows(
        database, "select event_id, person, channel, step, outcome, provider_id, detail from hazardwatch.notifications"
    ) == [("e1", "li.wei", "sms", 0, "sent", "p-1", "已送达")]


def test_a_historian_that_was_replaced_stores_nothing_twice_and_goes_on(tmp_path: Path, each_database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        async with running(log, site(), lambda: each_database) as first:
            await caught_up(log, each_database)
            async with running(log, site(), lambda: each_database) as second:  # both believe that all is theirs
                for k in range(1, 20):
                    now[0] += 10
                    await add(log, PLANT, block(("LT-1", T0 + k, 1.0 + k)))
                    await asyncio.sleep(0.1)
                await caught_up(log, each_database)
            await add(log, PLANT, block(("LT-1", T0 + 20, 21.0)))
            await caught_up(log, each_database)
        assert second is not first

    play(tmp_path, scene)
    assert readings(each_database) == [("LT-1", T0 + k, 1.0 + k) for k in range(21)]
    assert rows(each_database, "select sum(n) from hazardwatch.readings_1m") == [(21,)]


def test_another_sites_database_is_refused(tmp_path: Path, database: str) -> None:
    Store.open(database, site(id_="west-park"), PLANT, Touched()).close()

    async def scene(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()))
        with pytest.raises(ConfigError, match="holds the site 'west-park', not 'east-park'"):
            await run_for_ever(log, database)

    play(tmp_path, scene)
    assert rows(database, "select count(*) from historian.position") == [(0,)]


class TrimmedLog:
    """A log that has forgotten everything up to a position."""

    def __init__(self, log: LocalLog, position: int) -> None:
        self._log = log
        self._position = position

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def reader(self, topic: str, after: Mapping[str, int], only: Collection[str] | None = None) -> Reader:
        return self._log.reader(topic, {id_: max(after.get(id_, -1), self._position) for id_ in (*after, "TF1")}, only)


def test_a_hole_in_the_log_is_on_record_and_the_rest_is_stored(tmp_path: Path, database: str) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        known = await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)
        assert rows(database, "select count(*) from historian.gap") == [(0,)]
        now[0] += 1000
        lost = await add(log, PLANT, block(("LT-1", T0 + 1, 2.0)), block(("LT-1", T0 + 2, 3.0)))
        now[0] += 1000
        next_ = await add(log, PLANT, block(("LT-1", T0 + 3, 4.0)))
        async with running(cast("Log", TrimmedLog(log, lost[-1])), site(), lambda: database):
            await caught_up(log, database)
        gap = "select topic, installation, after_position, until_position, until_time - after_time from historian.gap"
        assert rows(database, gap) == [("plant", "TF1", known[-1], next_[0], timedelta(seconds=2))]

    play(tmp_path, scene)
    assert readings(database) == [("LT-1", T0, 1.0), ("LT-1", T0 + 3, 4.0)]


def test_an_empty_database_beside_a_trimmed_log_starts_from_the_snapshots_configuration(
    tmp_path: Path, database: str
) -> None:
    async def scene(log: LocalLog, now: list[int]) -> None:
        known = await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)
        lose(database)
        now[0] += 1000
        await add(log, PLANT, block(("LT-1", T0 + 1, 2.0)))
        async with running(cast("Log", TrimmedLog(log, known[-1])), site(), lambda: database):
            await caught_up(log, database)

    play(tmp_path, scene)
    assert readings(database) == [("LT-1", T0 + 1, 2.0)]
    assert len(rows(database, "select * from hazardwatch.points")) == 2


def test_a_database_filled_from_another_log_is_left_alone(tmp_path: Path, database: str) -> None:
    async def first(log: LocalLog, now: list[int]) -> None:
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)), block(("LT-1", T0 + 1, 2.0)))
        async with running(log, site(), lambda: database):
            await caught_up(log, database)

    async def second(log: LocalLog, now: list[int]) -> None:
        now[0] += 1
        await add(log, PLANT, config(site()), block(("LT-1", T0, 1.0)), block(("LT-1", T0 + 1, 2.0)))
        with pytest.raises(Permanent, match="not the one this database was filled from"):
            await run_for_ever(log, database)

    play(tmp_path / "first", first)
    play(tmp_path / "second", second)
    assert len(readings(database)) == 2
