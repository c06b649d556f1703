"""The disk of the data folder fills: it is said, nothing is acknowledged that is not kept, and it goes on by itself."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from hazardwatch.outage import ALARM_ID
from simulators.receiver import Receiver
from tests.running import ROOT, Service
from tests.small_disk import fill_up, small_disk
from tests.traffic import Alarms, Traffic, check_whole, in_log, kill_postmaster, until

LL, LOW = "SYSTEM/disk-free/LL", "SYSTEM/disk-free/L"


@contextmanager
def filling(filler: Path) -> Iterator[None]:
    """Another program that takes all the room there is, again and again; in the end it is stopped and its file gone."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(0.2):
            fill_up(filler)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        filler.unlink()


@pytest.mark.timeout(400)
def test_a_full_disk_is_told_loses_nothing_and_heals(tmp_path: Path) -> None:
    async def run() -> None:
        async with Receiver() as receiver:
            with small_disk(tmp_path / "disk", "500m") as disk:
                await asyncio.to_thread(_play, tmp_path, disk, receiver)

    asyncio.run(run())


def _play(folder: Path, disk: Path, receiver: Receiver) -> None:
    text = (ROOT / "tests/integration/faults_site.yaml").read_text().replace("RECEIVER", str(receiver.port))
    site = folder / "site.yaml"
    site.write_text(text)
    service = Service(site, disk / "data")
    alarms, traffic = Alarms(receiver, service.mqtt_port), Traffic(service.mqtt_port)
    service.start()
    try:
        service.wait_ready()
        with traffic.flowing():
            alarms.latency_s()
            fill_up(disk / "once")
            until("the log itself tells", lambda: alarms.told(LL, "raised") and alarms.told(LOW, "raised"))
            assert not (disk / "data/log/ballast").exists()
            alarms.latency_s()
            with filling(disk / "filler"):
                _nothing_goes(service, traffic, alarms, receiver)
                (disk / "once").unlink()
            until("it is told that it is over", lambda: alarms.told(ALARM_ID, "cleared"))
            until("the disk alarms return", lambda: alarms.told(LL, "returned") and alarms.told(LOW, "returned"))
            alarms.latency_s()
            service.wait_ready()
            until("the ballast is there again", (disk / "data/log/ballast").exists)
        check_whole(service, service.dsn(), traffic.acknowledged + alarms.spiked)
        _check_told(receiver, service.dsn(), alarms)
    finally:
        assert service.stop() == 0, service.output
    assert "Traceback" not in service.output


def _nothing_goes(service: Service, traffic: Traffic, alarms: Alarms, receiver: Receiver) -> None:
    """While not a byte can be written: people hear of it, and what is acknowledged is in the log."""
    until("it is told past the log", lambda: alarms.told(ALARM_ID, "raised"))
    until(
        "a person is told too", lambda: [one for one in receiver.messages if one.kind == "sms" and "日志" in one.text]
    )
    assert not service.healthy()
    kill_postmaster(service.data / "postgres/data")  # whatever it needs to start again is not to be had now
    until("the database is seen to lack room too", lambda: "No space left" in service.trouble("historian"))
    before = len(traffic.acknowledged)
    time.sleep(3)
    assert len(traffic.acknowledged) == before
    assert set(traffic.acknowledged) <= set(in_log(service.data))


def _check_told(receiver: Receiver, dsn: str, alarms: Alarms) -> None:
    assert len(alarms.told(ALARM_ID, "raised")) == len(alarms.told(ALARM_ID, "cleared")) == 1

    def rows() -> list[tuple[object, ...]]:
        with psycopg.connect(dsn) as link:
            return link.execute(
                "select channel, person, outcome from hazardwatch.notifications where alarm = %s order by sent_at",
                (ALARM_ID,),
            ).fetchall()

    until("the direct messages are on record", lambda: len(rows()) == 4)
    assert sorted(rows(), key=str) == [("hook", None, "sent")] * 2 + [("sms", "li.wei", "sent")] * 2
