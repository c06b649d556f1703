"""The notifier against a real receiver over loopback HTTP: what people get, also when channels fail or we die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from alerting.lane import Health
from alerting.notifier import Notifier
from pipeline import records
from pipeline.clock import now_ms
from pipeline.log import ALARM
from pipeline.metrics import LAG_S
from pipeline.model import Delivery, Event, Judged
from pipeline.site import Channel, Escalation, Site, Step
from simulators.receiver import Answer, Receiver
from tests.alarm_story import MIN, T0, config, data_of, event, site
from tests.memory_log import MemoryLog

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the published example of Standard Webhooks, no real one
PATIENCE_S = 20.0


def plant(receiver: Receiver, *, always: bool = True, fallback: str | None = None) -> Site:
    channels = (
        Channel(id="sms", type="sms_http", url=receiver.url("/sms"), fallback=fallback, timeout_ms=2000),
        Channel(id="sms-2", type="sms_http", url=receiver.url("/sms")),
        Channel(id="phone", type="sms_http", url=receiver.url("/sms")),
        Channel(id="dingtalk", type="dingtalk", url="http://127.0.0.1:1/robot?access_token=topsecret"),
        Channel(id="nowhere", type="sms_http", url="http://127.0.0.1:1/sms"),
        Channel(id="room", type="webhook", url=receiver.url("/hook"), secret_env="WEBHOOK_SECRET_OF_TEST"),
    )
    return site(channels=channels, always=("room",) if always else ())


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something another task does; fails the test where it never comes."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is the outside of the program
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(log: MemoryLog, site_: Site, health: Health | None = None) -> AsyncIterator[Health]:
    """A notifier that is killed at the end, whatever it is doing."""
    health = health or Health()
    role = asyncio.create_task(
        Notifier(
            log, site_, health, acknowledge_url=lambda: "http://console.test/{alarm}?occurrence={occurrence}"
        ).run()
    )
    try:
        yield health
    finally:
        role.cancel()
        with suppress(asyncio.CancelledError):
            await role


async def say(log: MemoryLog, *said: Event | Judged | bytes) -> None:
    await log.append(ALARM, [("TF1", one if isinstance(one, bytes) else data_of(one)) for one in said])


def deliveries(log: MemoryLog) -> list[Delivery]:
    found = [records.decode(one.data) for one in log.topics.get(ALARM, []) if one.data[0] == records.Kind.DELIVERY]
    return [one for one in found if isinstance(one, Delivery)]


def outcomes(log: MemoryLog) -> list[tuple[str, str]]:
    return [(one.channel, one.outcome) for one in deliveries(log)]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_OF_TEST", SECRET)


def test_a_raised_alarm_reaches_phone_and_control_room_signed_and_on_record() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver(secret=SECRET) as receiver, running(log, plant(receiver)):
            await say(log, event(1, "raised", "UNACK"))
            await until(lambda: len(deliveries(log)) == 2)
        sms, webhook = sorted(receiver.messages, key=lambda one: one.kind)
        assert (sms.to, sms.event_id) == ("+8613800000001", "e1")
        assert sms.text == (
            "[紧急] 甲醇罐区：101 罐液位 高高报警，13.21 m（限值 13.2 m）。措施：关闭 MOV-101 阀。"
            "2026-11-22 16:00:00 #TF1-1"
        )
        assert webhook.raw["data"]["links"] == {"acknowledge": "http://console.test/TF1/LT-101/HH?occurrence=o1"}
        assert (webhook.event_id, webhook.message_id) == ("e1", "e1")
        assert sorted(outcomes(log)) == [("room", "sent"), ("sms", "sent")]
        assert {one.provider_id for one in deliveries(log)} <= {"r-1", "r-2", None}

    asyncio.run(story())


def test_steps_follow_the_judged_seconds_and_stop_when_somebody_takes_it() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver() as receiver, running(log, plant(receiver, always=False)):
            await say(log, event(1, "raised", "UNACK"))
            await until(lambda: len(deliveries(log)) == 1)
            await say(log, Judged(second=T0 + 2 * MIN, position=2))
            await until(lambda: len(deliveries(log)) == 3)
            await until(lambda: LAG_S.labels("notifier")._value.get() < PATIENCE_S)  # not two minutes: it was due now
            await say(log, event(2, "acknowledged", "ACKED", was="UNACK", at=3 * MIN, actor="wang.fang"))
            await say(log, Judged(second=T0 + 60 * MIN, position=3))
            await until(lambda: len(deliveries(log)) == 5)
        assert sorted(str(one.to)[-1] for one in receiver.messages) == ["1", "1", "2", "5", "5"]
        assert [one.text for one in receiver.messages[3:] if one.to == "+8613800000005"] == [
            "Methanol tank farm: Tank 101 level high-high alarm, taken by 王芳. #TF1-2.1.0"
        ]

    asyncio.run(story())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_provider_that_is_overloaded_or_broken_is_tried_again_with_the_same_message_id(status: int) -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver() as receiver, running(log, plant(receiver, always=False)):
            receiver.answers["/sms"] = Answer(status)
            await say(log, event(1, "raised", "UNACK"))
            await until(lambda: receiver.asked.get("/sms", 0) >= 2)
            receiver.answers.clear()
            await until(lambda: ("sms", "sent") in outcomes(log))
        assert len(receiver.messages) == 1
        assert deliveries(log)[0].outcome == "retry"
        assert deliveries(log)[0].detail == f"HTTP {status}: {{}}"

    asyncio.run(story())


def test_a_refused_message_is_recorded_shown_and_not_tried_again_but_sent_by_the_fallback() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver() as other, Receiver() as receiver:
            site_ = plant(receiver, always=False, fallback="room")
            async with running(log, site_) as health:
                receiver.answers["/sms"] = Answer(403)
                await say(log, event(1, "raised", "UNACK"))
                await until(lambda: len(deliveries(log)) == 2)
                assert health.failing(now_ms()) == {"sms": "HTTP 403: {}"}
        assert outcomes(log) == [("sms", "failed"), ("room", "sent")]
        assert receiver.asked == {"/sms": 1, "/hook": 1}
        assert other.asked == {}

    asyncio.run(story())


def test_a_provider_that_is_away_brings_in_the_fallback_and_gets_its_message_when_it_is_back() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver() as receiver:
            async with Receiver() as gone:
                address = gone.url("/sms")
            channels = (
                Channel(id="sms", type="sms_http", url=address, fallback="sms-2"),
                Channel(id="sms-2", type="sms_http", url=receiver.url("/sms")),
            )
            async with running(log, site(channels=channels)):
                await say(log, event(1, "raised", "UNACK"))
                await until(lambda: ("sms-2", "sent") in outcomes(log))
                assert outcomes(log)[:2] == [("sms", "retry"), ("sms", "retry")]
                async with Receiver(port=gone.port) as back:
                    await until(lambda: ("sms", "sent") in outcomes(log))
        assert [one.event_id for one in back.messages + receiver.messages] == ["e1", "e1"]

    asyncio.run(story())


def test_a_slow_channel_holds_up_no_other() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver(secret=SECRET) as receiver, running(log, plant(receiver)):
            receiver.answers["/sms"] = Answer(after_s=PATIENCE_S * 2)
            await say(
                log, *[event(n, "raised", "UNACK", occurrence=f"o{n}", alarm=f"TF1/X/{n}") for n in range(1, 101)]
            )
            await until(lambda: outcomes(log).count(("room", "sent")) == 100)
            assert ("sms", "sent") not in outcomes(log)

    asyncio.run(story())


def test_after_a_crash_what_has_no_result_is_sent_with_the_same_ids_and_what_has_one_is_not() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver(secret=SECRET) as receiver:
            site_ = plant(receiver)
            async with running(log, site_):
                receiver.answers["/sms"] = Answer(after_s=PATIENCE_S * 2)
                await say(log, config(site_), event(1, "raised", "UNACK"))
                await until(lambda: outcomes(log) == [("room", "sent")] and receiver.asked.get("/sms") == 1)
            receiver.answers.clear()
            async with running(log, site_):
                await until(lambda: ("sms", "sent") in outcomes(log))
                await say(log, event(2, "returned", "RTN_UNACK", was="UNACK"))
                await until(lambda: outcomes(log).count(("room", "sent")) == 2)
        assert receiver.asked == {"/sms": 2, "/hook": 2}
        assert [one.message_id for one in receiver.messages if one.kind == "sms"] == ["e1-0-0-li_wei"]

    asyncio.run(story())


class Dying(MemoryLog):
    """The log of a process that is killed before its delivery records are written."""

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        if any(data[0] == records.Kind.DELIVERY for _, data in items):
            await asyncio.Event().wait()
        return await super().append(topic, items)


def test_killed_between_a_message_and_its_record_the_message_goes_again_under_its_id() -> None:
    async def story() -> None:
        log = Dying()
        async with Receiver(secret=SECRET) as receiver:
            site_ = plant(receiver)
            async with running(log, site_):
                await say(log, config(site_), event(1, "raised", "UNACK"))
                await until(lambda: len(receiver.messages) == 2)
            assert deliveries(log) == []
            living = MemoryLog()
            living.topics = log.topics
            async with running(living, site_):
                await until(lambda: sorted(outcomes(living)) == [("room", "sent"), ("sms", "sent")])
        assert sorted(str(one.message_id) for one in receiver.messages) == sorted(["e1", "e1-0-0-li_wei"] * 2)

    asyncio.run(story())


def test_a_channel_of_a_later_version_is_skipped_on_record_without_its_token() -> None:
    async def story() -> None:
        log = MemoryLog()
        async with Receiver() as receiver:
            site_ = plant(receiver, always=False)
            steps = (Step(after_ms=0, to="owner", by=("dingtalk", "sms")),)
            site_ = site(Escalation(steps=steps), channels=site_.channels)
            async with running(log, site_):
                await say(log, event(1, "raised", "UNACK"))
                await until(lambda: len(deliveries(log)) == 2)
        skipped = next(one for one in deliveries(log) if one.channel == "dingtalk")
        assert skipped.outcome == "skipped"
        assert skipped.detail == "channel type 'dingtalk' is not sent in this version"
        assert all(b"topsecret" not in one.data for one in log.topics[ALARM])

    asyncio.run(story())


def test_in_a_flood_the_critical_alarm_that_comes_last_is_sent_among_the_first() -> None:
    async def story() -> None:
        log = MemoryLog()
        flood = [
            event(n, "raised", "UNACK", occurrence=f"o{n}", alarm=f"TF1/X/{n}", priority="high") for n in range(1, 501)
        ]
        async with Receiver() as receiver, running(log, plant(receiver, always=False)):
            await say(log, *flood, event(999, "raised", "UNACK"))
            await until(lambda: len(deliveries(log)) == 501)
        order = [one.event_id for one in receiver.messages]
        assert len(set(order)) == 501
        assert order.index("e999") < 250

    asyncio.run(story())


def test_a_wrong_secret_is_a_permanent_failure_that_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_OF_TEST", "another")

    async def story() -> None:
        log = MemoryLog()
        async with Receiver(secret=SECRET) as receiver, running(log, plant(receiver)) as health:
            await say(log, event(1, "raised", "UNACK"))
            await until(lambda: len(deliveries(log)) == 2)
            assert health.failing(now_ms()) == {"room": 'HTTP 401: {"error": "the signature does not fit"}'}

    asyncio.run(story())
