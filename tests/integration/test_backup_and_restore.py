"""What the operations page says of backup and restore, done with the real parts."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import psycopg

from historian.private_server import binaries
from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT
from tests.historian_parts import T0, add, block, caught_up, config, event, opened_log, rows, running, site
from tests.historian_parts import until as until_true
from tests.integration.conftest import own_database
from tests.raw_publisher import RawPublisher
from tests.running import ROOT, Service
from tests.traffic import now_ms, until

SITE = """
schema: hazardwatch/site/v1
site: {id: backed-up, timezone: UTC}
installations:
  - id: TF1
    owner: desk
    points:
      - {id: LT, quantity: level, unit: m, range: [0, 15], period: 1s, alarms: {HH: {setpoint: 13, deadband: 0.1}}}
positions: [{id: desk, people: [li]}]
people: [{id: li, name: Li, phone: "+8613800000001"}]
"""


def publish(service: Service, *values: float) -> None:
    """Each with a device time of its own; returns when all are acknowledged."""
    base = now_ms()
    messages = [(b"hazardwatch/v1/TF1/LT", b'{"value":%r,"time":%d}' % (v, base + n)) for n, v in enumerate(values)]
    RawPublisher(service.mqtt_port, messages).run(30)


def stored(service: Service) -> list[float]:
    with psycopg.connect(service.dsn()) as connection:
        query = "select value from hazardwatch.readings where installation = 'TF1' order by time"
        return [value for (value,) in connection.execute(query)]


def told(service: Service) -> list[str]:
    """Ids of TF1's level alarm's events."""
    with psycopg.connect(service.dsn()) as connection:
        query = "select event_id from hazardwatch.alarm_events where alarm = 'TF1/LT/HH' order by seq"
        return [id_ for (id_,) in connection.execute(query)]


def test_a_data_folder_put_back_from_a_copy_goes_on_from_the_last_record_of_the_copy(tmp_path: Path) -> None:
    file, copy = tmp_path / "site.yaml", tmp_path / "copy"
    file.write_text(SITE)
    service = Service(file, tmp_path / "data")
    service.start()
    try:
        service.wait_ready()
        publish(service, 5.0, 14.0)
        assert service.stop() == 0
        subprocess.run(["cp", "-a", service.data, copy], check=True)
        service.start()
        service.wait_ready()
        publish(service, 6.0)
        service.kill()
        shutil.rmtree(service.data)  # the disk is lost
        subprocess.run(["cp", "-a", copy, service.data], check=True)
        service.start()
        service.wait_ready()
        publish(service, 12.0)
        until("all is stored", lambda: (stored(service), len(told(service))) == ([5.0, 14.0, 12.0], 2))
        raised_and_cleared = told(service)
        assert service.stop() == 0
    finally:
        service.kill()
    assert "Traceback" not in service.output
    assert replayed(service.data) == raised_and_cleared


def replayed(data: Path) -> list[str]:
    """Ids of the level alarm's events as the log alone gives them."""
    out = data.parent / "events.jsonl"
    command = [sys.executable, "-m", "hazardwatch", "replay", "--data", str(data), "--out", str(out)]
    subprocess.run(command, check=True, cwd=ROOT)
    found = [msgspec.json.decode(line) for line in out.read_bytes().splitlines()]
    return [one["event_id"] for one in found if one["alarm"] == "TF1/LT/HH"]


async def feed(log: LocalLog, now: list[int], rounds: range) -> None:
    """In each round a reading and an alarm event."""
    for k in rounds:
        now[0] += 10
        [at] = await add(log, PLANT, block(("LT-1", T0 + k, float(k))))
        await add(log, ALARM, records.encode(event(at, 0, "UNACK", event_id=f"e{k}")))


def dumped(dsn: str, file: Path) -> None:
    run = [str(binaries() / "pg_dump"), "--format=custom", f"--file={file}", f"--dbname={dsn}"]
    subprocess.run(run, check=True)


def restored(dsn: str, file: Path) -> None:
    run = [str(binaries() / "pg_restore"), "--exit-on-error", "--no-owner", f"--dbname={dsn}", str(file)]
    subprocess.run(run, check=True)


def whole(dsn: str, count: int) -> None:
    """Each reading and each event up to `count` is there once."""
    query = "select count(*), count(distinct value), max(value) from hazardwatch.readings"
    assert rows(dsn, query) == [(count, count, float(count))]
    query = "select count(*), count(distinct event_id) from hazardwatch.alarm_events"
    assert rows(dsn, query) == [(count, count)]
    assert rows(dsn, "select sum(n)::bigint from hazardwatch.readings_1m") == [(count,)]
    assert rows(dsn, "select count(*) from historian.gap") == [(0,)]


def test_a_database_restored_from_a_dump_older_than_the_log_is_filled_up_from_the_log(
    tmp_path: Path, private: str
) -> None:
    dump = tmp_path / "history.dump"

    async def story() -> None:
        now = [T0]
        async with opened_log(tmp_path / "log", now) as log:
            await add(log, PLANT, config(site()))
            with own_database(private) as first, own_database(private) as second:
                async with running(log, site(), lambda: first):
                    feeding = asyncio.create_task(feed(log, now, range(1, 401)))
                    await until_true(lambda: rows(first, "select count(*) > 9 from hazardwatch.readings") == [(True,)])
                    await asyncio.to_thread(dumped, first, dump)  # while it is being written to
                    await feeding
                    for topic in (PLANT, ALARM):
                        await caught_up(log, first, topic)
                whole(first, 400)
                await asyncio.to_thread(restored, second, dump)
                async with running(log, site(), lambda: second):
                    await feed(log, now, range(401, 501))
                    for topic in (PLANT, ALARM):
                        await caught_up(log, second, topic)
                whole(second, 500)

    asyncio.run(story())
