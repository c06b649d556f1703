"""Who is told past the log, over what, and what is on record of it afterwards."""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import pytest

from alerting.channels.message import Message, Receipt
from alerting.channels.sms_http import SmsHttp
from alerting.lane import Health
from alerting.routing import Routes
from hazardwatch import direct_path
from hazardwatch.outage import ALARM_ID, REFUSED_S, Tell
from hazardwatch.system_site import with_system
from pipeline import records
from pipeline.clock import now_ms
from pipeline.log import ALARM
from pipeline.model import SYSTEM, Delivery
from pipeline.site import Channel, Escalation, Installation, Notify, Person, Position, Site, Step, Text
from simulators.receiver import Answer, Receiver
from tests.memory_log import MemoryLog

PEOPLE = (
    Person(id="li.wei", name="李伟", phone="+8613800000001", language="zh-CN"),
    Person(id="chen.jie", name="陈杰", phone="+8613800000004", language="en"),
)


def site(receiver: Receiver, *escalations: Escalation) -> Site:
    return with_system(
        Site(
            id="s",
            name=Text(en="East park", zh="东园"),
            timezone="Asia/Shanghai",
            language="en",
            installations=(Installation(id="T1", name=Text(en="Tanks", zh="罐区"), owner="desk"),),
            positions=(Position(id="desk", level="post", people=("li.wei", "chen.jie")),),
            people=PEOPLE,
            channels=(
                Channel(id="hook", type="webhook", url=receiver.url("/hook")),
                Channel(id="sms", type="sms_http", url=receiver.url("/away"), fallback="sms-2"),
                Channel(id="sms-2", type="sms_http", url=receiver.url("/sms")),
            ),
            notify=Notify(always=("hook",), escalations=escalations),
        )
    )


CRITICAL = Escalation(priorities=("critical",), classes=("system",), steps=(Step(after_ms=0, to="owner", by=("sms",)),))


def test_always_channels_and_the_owners_people_are_told_and_a_channel_that_fails_has_its_fallback_used() -> None:
    async def run() -> None:
        async with Receiver() as receiver:
            receiver.answers["/away"] = Answer(404)
            began = now_ms()
            routes = Routes(site(receiver, CRITICAL), SYSTEM)
            made = await direct_path.tell(routes, Health(), Tell.BEGAN, began, "the disk is full")
        told = sorted((one.person or "", one.channel, one.outcome) for one in made)
        assert told == [
            ("", "hook", "sent"),
            ("chen.jie", "sms", "failed"),
            ("chen.jie", "sms-2", "sent"),
            ("li.wei", "sms", "failed"),
            ("li.wei", "sms-2", "sent"),
        ]
        assert {one.alarm for one in made} == {ALARM_ID}
        texts = {message.to: message.text for message in receiver.messages}
        assert "takes no records since" in texts["+8613800000004"]
        assert "起无法写入" in texts["+8613800000001"]
        [hook] = [message.raw for message in receiver.messages if message.kind == "webhook"]
        assert hook["subject"] == ALARM_ID
        assert hook["data"]["note"] == "the disk is full"
        assert len({message.message_id for message in receiver.messages}) == 3

    asyncio.run(run())


def test_a_fault_of_ours_over_one_channel_does_not_keep_the_others_from_telling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(_self: SmsHttp, _message: Message) -> Receipt:
        raise RuntimeError("a fault of ours")

    async def run() -> None:
        async with Receiver() as receiver:
            monkeypatch.setattr(SmsHttp, "send", broken)
            made = await direct_path.tell(
                Routes(site(receiver, CRITICAL), SYSTEM), Health(), Tell.BEGAN, now_ms(), "full"
            )
        assert ("hook", "sent") in [(one.channel, one.outcome) for one in made]
        assert {one.outcome for one in made if one.channel == "sms"} == {"failed"}

    asyncio.run(run())


def test_without_an_escalation_that_fits_the_always_channels_are_told() -> None:
    async def run() -> None:
        async with Receiver() as receiver:
            other = msgspec.structs.replace(CRITICAL, classes=("process",))
            found = direct_path.addresses(Routes(site(receiver, other), SYSTEM))
            assert [(person, channel.id) for person, channel in found] == [(None, "hook")]

    asyncio.run(run())


def test_refusals_and_silence_of_the_log_are_trouble() -> None:
    now = [100.0]
    refused: list[str | None] = [None]
    ticked = ["T1"]
    pulse = direct_path.Pulse(lambda: refused[0], lambda: ticked, lambda: now[0])
    assert pulse.trouble() is None
    now[0] += 6
    assert pulse.trouble() == "no tick was taken for 6 s"
    pulse.taken()
    assert pulse.trouble() is None
    refused[0] = "the disk is full"
    assert pulse.trouble() == "the disk is full"


def test_who_ticks_nothing_misses_no_ticks_but_hears_of_refusals() -> None:
    now = [100.0]
    refused: list[str | None] = [None]
    ticked: list[str] = []
    pulse = direct_path.Pulse(lambda: refused[0], lambda: ticked, lambda: now[0])
    now[0] += 60
    assert pulse.trouble() is None
    ticked.append("T1")
    assert pulse.trouble() is None
    now[0] += 6
    assert pulse.trouble() == "no tick was taken for 6 s"
    ticked.clear()
    refused[0] = "Kafka is away"
    assert pulse.trouble() == "Kafka is away"


def test_people_are_told_of_a_log_that_is_not_there_at_the_start_and_when_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> None:
        told, log = asyncio.Event(), MemoryLog()

        async def opening() -> MemoryLog:
            await told.wait()
            return log

        async with Receiver(on_message=lambda _: told.set()) as receiver:
            monkeypatch.setattr(direct_path, "_LOOK_S", 0.01)
            steady = itertools.count(step=REFUSED_S)
            monkeypatch.setattr(direct_path, "monotonic_s", lambda: next(steady))
            assert await direct_path.opened(opening(), site(receiver), Health(), "Kafka is away") is log
        kept = [records.decode(one.data) for one in log.topics[ALARM]]
        assert [one.detail for one in kept if isinstance(one, Delivery)] == [
            "past the log, raised",
            "past the log, cleared",
        ]

    asyncio.run(run())


def test_nobody_is_told_of_a_log_that_opens_at_once() -> None:
    async def run() -> None:
        log = MemoryLog()

        async def opening() -> MemoryLog:
            return log

        async with Receiver() as receiver:
            assert await direct_path.opened(opening(), site(receiver), Health(), "Kafka is away") is log
            assert receiver.messages == []
        assert log.topics == {}

    asyncio.run(run())
