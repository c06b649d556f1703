"""Several collectors at one real Mosquitto: each topic has one at a time, and nothing is lost when it changes hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest.broker import Broker
from ingest.broker_session import HELD_UP_S
from ingest.collector import Collector
from ingest.intake import Intake
from pipeline.site import Installation, Source, SourceReadings
from tests.ingest_parts import NAME, POINTS, site
from tests.integration.test_collector import publish, subscribed, until
from tests.services import free_port, mosquitto
from tests.shared_log import SharedLog

pytestmark = pytest.mark.services
IDS = ("TF1", "TF2", "TF3", "TF4")
SOURCES = [
    Source(topic=f"{name}/+/+", readings=SourceReadings(installation="{1}", point="{2}", value="v"))
    for name in ("old", "older")
]
PLANT = site(installations=[Installation(id=one, name=NAME, points=POINTS[:2]) for one in IDS], sources=SOURCES)


@asynccontextmanager
async def collecting(log: SharedLog, port: int) -> AsyncIterator[Collector]:
    intake = Intake(log, PLANT)  # type: ignore[arg-type]  # the intake only appends
    collector = Collector(intake, log, PLANT, Broker("127.0.0.1", port), divided=True)  # type: ignore[arg-type]
    tasks = [asyncio.create_task(intake.run()), asyncio.create_task(collector.run())]
    try:
        yield collector
    finally:
        for task in reversed(tasks):
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in results), results


def clients(*collectors: Collector) -> list[str]:
    return sorted(state.client_id for one in collectors for state in one.sessions())


def all_there(*collectors: Collector) -> bool:
    return len(clients(*collectors)) == len(IDS) + len(SOURCES) and all(map(subscribed, collectors))


async def publish_all(port: int, numbers: range) -> None:
    """`numbers` to every installation, and through every mapped source to its second point."""
    lines = [str(n) for n in numbers]
    mapped = [f'{{"v":{n}}}' for n in numbers]
    await asyncio.gather(
        *(publish(port, lines, f"hazardwatch/v1/{one}/LT-101") for one in IDS),
        publish(port, mapped, "old/TF1/TT-101"),
        publish(port, mapped, "older/TF3/TT-101"),
    )


def came(log: SharedLog) -> dict[str, list[float | None]]:
    """What was sent again because a collector left before its PUBACK got through is left out, as admission does."""
    found: dict[str, dict[float | None, None]] = {}
    for one in IDS:
        for point, _, value, _ in log.readings(one):
            found.setdefault(f"{one}/{point}", {})[value] = None
    return {point: list(values) for point, values in found.items()}


SERIES = {*(f"{one}/LT-101" for one in IDS), "TF1/TT-101", "TF3/TT-101"}


def whole(log: SharedLog, size: int) -> bool:
    return sum(len(values) for values in came(log).values()) >= size * len(SERIES)


def test_every_topic_has_one_collector_and_each_reading_comes_once_and_in_order_over_joining_and_leaving(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        log, port = SharedLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, port) as first:
                await until(lambda: all_there(first))
                publishing = asyncio.create_task(publish_all(port, range(3000)))
                async with collecting(log, port) as second:
                    await until(lambda: all_there(first, second) and bool(second.sessions()))
                    assert len(set(clients(first, second))) == len(clients(first, second))
                    assert len(first.sessions()) < len(IDS) + len(SOURCES)
                    await publishing
                    await until(lambda: whole(log, 3000))
                await publish_all(port, range(3000, 3010))
                await log.group.divide(IDS)
                await until(lambda: all_there(first) and whole(log, 3010))
        assert came(log) == {one: [float(n) for n in range(3010)] for one in SERIES}
        assert log.letters() == []

    asyncio.run(main())


def test_another_site_is_divided_anew_and_its_readings_come_once(tmp_path: Path) -> None:
    kept = (*IDS[:3], "TF5")
    other = site(installations=[Installation(id=one, name=NAME, points=POINTS[:2]) for one in kept], sources=SOURCES)

    def clients_of_kept(*collectors: Collector) -> bool:
        owned = [one for collector in collectors for one in collector.owned()]
        return {*owned} == {*kept} and len(clients(*collectors)) == len(kept) + len(SOURCES)

    async def main() -> None:
        log, port = SharedLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, port) as first, collecting(log, port) as second:
                await until(lambda: all_there(first, second))
                for one in (first, second):  # one after the other: the division of the one before is over by then
                    one._intake.use(other)
                    await one.use(other)
                    await until(lambda one=one: subscribed(one))  # type: ignore[misc]  # mypy does not infer a lambda's default
                await until(lambda: clients_of_kept(first, second) and all(map(subscribed, (first, second))))
                for id_ in kept:
                    await publish(port, [str(n) for n in range(10)], f"hazardwatch/v1/{id_}/LT-101")
                await until(lambda: all(len(log.readings(id_)) >= 10 for id_ in kept))
        values = [[value for _, _, value, _ in log.readings(id_)] for id_ in kept]
        assert values == [[float(n) for n in range(10)]] * len(kept)
        assert log.letters() == []

    asyncio.run(main())


def test_who_is_replaced_while_it_hangs_is_thrown_off_and_does_not_fight_for_the_session(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = SharedLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, port) as first:
                await until(lambda: all_there(first))
                hanging = log.group.members[0]
                log.group.members.clear()  # as if it were stopped: the group goes on without it
                async with collecting(log, port) as second:
                    await until(lambda: all_there(second))
                    await until(lambda: all("another uses" in (one.trouble or "") for one in first.sessions()))
                    await publish_all(port, range(500))
                    await until(lambda: whole(log, 500))
                    assert subscribed(second)
                    hanging.parts.put_nowait(frozenset())  # at last it hears of it
                    await until(lambda: not first.sessions())
                    assert subscribed(second)
        assert came(log) == {one: [float(n) for n in range(500)] for one in SERIES}

    asyncio.run(main())


def test_what_waits_in_the_socket_of_a_process_that_was_stopped_is_left_to_the_next(tmp_path: Path) -> None:
    async def main() -> None:
        log, port = SharedLog(), free_port()
        with mosquitto(tmp_path, port):
            async with collecting(log, port) as first:
                await until(lambda: all_there(first))
                session = next(one for one, _ in first._sessions.values() if one.unit.home == "TF1")
                session._line.ran_s -= 2 * HELD_UP_S  # as after a SIGSTOP, before the event loop has turned once
                publishing = asyncio.create_task(publish(port, ["1"]))
                await until(lambda: not session.subscribed.is_set())
                assert "held up" in (session.trouble() or "")
                await publishing
                assert log.appends == []
                await log.group.divide(IDS)
                await until(lambda: all_there(first) and bool(log.appends))
        assert came(log) == {"TF1/LT-101": [1.0]}

    asyncio.run(main())
