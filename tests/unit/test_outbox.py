"""The outbox while a receiver is away: what waits costs little, and nothing of it is lost."""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from alerting.lane import Health, Lanes
from alerting.outbox import EVENTS_AT_ONCE, Outbox
from alerting.routing import Routes
from alerting.telling import Kind, Send, Telling
from pipeline.clock import now_ms
from pipeline.log import ALARM
from pipeline.model import Delivery
from pipeline.records import decode
from pipeline.site import Channel, Site, Text
from tests.alarm_story import event
from tests.memory_log import MemoryLog

HOOK = Channel(id="hook", type="webhook", url="http://receiver.test/hook")
MANY = 3 * EVENTS_AT_ONCE


def sends() -> list[Send]:
    made = []
    for number in range(MANY):
        one = msgspec.structs.replace(event(1, "raised", "UNACK"), event_id=f"e{number}")
        made.append(Telling(kind=Kind.EVENT, event=one, state="UNACK", open={"hook": 0}).send("hook"))
    return made


def test_a_receiver_that_is_away_has_a_hundred_tasks_and_gets_everything_once_it_is_back() -> None:
    async def story() -> None:
        here, met = asyncio.Event(), asyncio.Event()
        asked: list[str] = []

        def receiver(request: httpx.Request) -> httpx.Response:
            asked.append(request.headers["webhook-id"])
            met.set()
            if not here.is_set():
                raise httpx.ConnectError("away")
            return httpx.Response(200)

        log, before = MemoryLog(), len(asyncio.all_tasks())
        async with asyncio.TaskGroup() as tasks:
            outbox = Outbox(log, tasks, Lanes(Health(), httpx.MockTransport(receiver)), now_ms, lambda: None)
            routes = Routes(Site(id="s", name=Text(en="s", zh="s"), channels=(HOOK,)), "TF1")
            for one in sends():
                outbox.start("TF1", routes, one)
            assert len(asyncio.all_tasks()) - before == EVENTS_AT_ONCE
            await met.wait()
            here.set()
        records = [decode(entry.data) for entry in log.topics[ALARM]]
        sent = [one.event_id for one in records if isinstance(one, Delivery) and one.outcome == "sent"]
        assert sorted(sent) == sorted(f"e{number}" for number in range(MANY))
        assert len(set(asked)) == MANY

    asyncio.run(story())
