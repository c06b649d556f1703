"""The database dies and stays away: alarms go out as before, it is said, and afterwards the history is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median

import pytest

from historian.private_server import PrivateServer
from simulators.receiver import Receiver
from tests.running import ROOT, Service
from tests.traffic import Alarms, Traffic, check_whole, kill_postmaster, until

AWAY = "SYSTEM/history/AWAY"
TRIES = 5


def site_file(folder: Path, receiver: Receiver) -> Path:
    text = (ROOT / "tests/integration/faults_site.yaml").read_text().replace("RECEIVER", str(receiver.port))
    site = folder / "site.yaml"
    site.write_text(text)
    return site


@contextmanager
def killed(server: Path) -> Iterator[None]:
    """The PostgreSQL of this data folder gets a -9, and cannot start as long as we are inside."""
    hidden = server / "PG_VERSION"
    hidden.rename(server / "hidden")
    kill_postmaster(server)
    yield
    (server / "hidden").rename(hidden)


@contextmanager
def stopped(server: PrivateServer) -> Iterator[None]:
    """An ordinary stop of a database that is not ours."""
    server.stop()
    yield
    server.ready()


@pytest.mark.timeout(300)
def test_the_private_database_killed_and_kept_away_delays_no_alarm_and_leaves_no_gap(tmp_path: Path) -> None:
    async def run() -> None:
        async with Receiver() as receiver:
            service = Service(site_file(tmp_path, receiver), tmp_path / "data")
            await asyncio.to_thread(_play, service, receiver, lambda: killed(tmp_path / "data/postgres/data"), None)

    asyncio.run(run())


@pytest.mark.timeout(300)
def test_an_external_database_stopped_for_a_while_delays_no_alarm_and_leaves_no_gap(tmp_path: Path) -> None:
    async def run() -> None:
        server = PrivateServer(tmp_path / "elsewhere")
        try:
            dsn = await asyncio.to_thread(server.ready)
            async with Receiver() as receiver:
                service = Service(site_file(tmp_path, receiver), tmp_path / "data", ["--dsn", dsn])
                await asyncio.to_thread(_play, service, receiver, lambda: stopped(server), dsn)
        finally:
            await asyncio.to_thread(server.stop)

    asyncio.run(run())


def _play(
    service: Service, receiver: Receiver, away: Callable[[], AbstractContextManager[None]], dsn: str | None
) -> None:
    alarms, traffic = Alarms(receiver, service.mqtt_port), Traffic(service.mqtt_port)
    service.start()
    try:
        service.wait_ready()
        with traffic.flowing():
            before = [alarms.latency_s() for _ in range(TRIES)]
            with away():
                during = [alarms.latency_s() for _ in range(TRIES)]
                until("AWAY is told", lambda: alarms.told(AWAY, "raised"))
                during += [alarms.latency_s() for _ in range(TRIES)]
                assert not service.healthy()
            until("AWAY returns", lambda: alarms.told(AWAY, "returned"))
        assert median(during) <= 2 * median(before) + 0.1, (before, during)
        assert max(during) < 3, (before, during)
        assert len(alarms.told(AWAY, "raised")) == 1
        check_whole(service, dsn or service.dsn(), traffic.acknowledged + alarms.spiked)
        service.wait_ready()
    finally:
        assert service.stop() == 0, service.output
    assert "Traceback" not in service.output
