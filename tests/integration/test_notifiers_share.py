"""Two notifiers over one log, and installations that move between them while alarms are raised: each is told once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import msgspec
import pytest

from alerting.lane import Health
from alerting.notifier import Notifier
from pipeline import records
from pipeline.log import ALARM
from pipeline.model import Delivery, Event, Judged
from pipeline.site import Channel, Site
from simulators.receiver import Answer, Receiver
from tests.alarm_story import T0, data_of, event, site
from tests.memory_log import MemoryLog

IDS = ("TF1", "TF2", "TF3")


def plant(receiver: Receiver) -> Site:
    known = site(
        channels=(
            Channel(id="sms", type="sms_http", url=receiver.url("/sms"), timeout_ms=2000),
            Channel(id="room", type="webhook", url=receiver.url("/hook")),
        ),
        always=("room",),
    )
    others = tuple(
        msgspec.json.decode(msgspec.json.encode(one).replace(b"TF1", id_.encode()), type=type(one))
        for id_ in IDS
        for one in known.installations
    )
    return msgspec.structs.replace(known, installations=others)


class World:
    """A log, two notifiers, and alarms of all installations."""

    def __init__(self, receiver: Receiver) -> None:
        self.log = MemoryLog()
        self.site = plant(receiver)
        self.roles = [asyncio.create_task(Notifier(self.log, self.site, Health()).run()) for _ in range(2)]
        self.raised: list[str] = []

    async def alarm(self, number: int) -> None:
        """One more, of one installation after the other."""
        id_ = IDS[number % len(IDS)]
        one = event(number + 1, "raised", "UNACK")
        one = msgspec.structs.replace(
            one, alarm=one.alarm.replace("TF1", id_), event_id=f"{id_}-{number}", occurrence=f"o{number}"
        )
        self.raised.append(one.event_id)
        await self.say(id_, one, Judged(second=T0, position=number + 1))

    async def say(self, id_: str, *said: Event | Judged) -> None:
        await self.log.append(ALARM, [(id_, data_of(one)) for one in said])

    async def begin(self) -> None:
        await self.log.joined("notifier", len(self.roles))

    async def divide(self, chance: random.Random) -> None:
        parts: tuple[list[str], list[str]] = ([], [])
        for id_ in (*IDS, "SYSTEM"):
            parts[chance.randint(0, 1)].append(id_)
        await self.log.divide("notifier", *parts)

    def delivered(self, outcome: str = "sent") -> Counter[tuple[str, str | None, int]]:
        found = [records.decode(one.data) for one in self.log.topics[ALARM] if one.data[0] == records.Kind.DELIVERY]
        return Counter(
            (one.event_id, one.person, one.step)
            for one in found
            if isinstance(one, Delivery) and one.outcome == outcome
        )

    async def until_told(self) -> None:
        """Every event to the control room; of an alarm that comes again a person may hear the newest only."""
        async with asyncio.timeout(60):
            while len([one for one in self.delivered() if one[1] is None]) < len(self.raised):
                for role in self.roles:
                    assert not role.done(), role.exception()
                await self.log.wait_beyond(ALARM, len(self.log.topics[ALARM]), 1)

    async def end(self) -> None:
        for role in self.roles:
            role.cancel()
        await asyncio.gather(*self.roles, return_exceptions=True)


@pytest.mark.parametrize("seed", range(2))
def test_no_step_is_told_twice_nor_left_out_while_installations_move(seed: int) -> None:
    async def story() -> None:
        chance = random.Random(seed)
        async with Receiver() as receiver:
            world = World(receiver)
            await world.begin()
            for number in range(40):
                await world.alarm(number)
                if chance.random() < 0.3:
                    await world.divide(chance)
            await world.divide(chance)
            await world.until_told()
            await world.end()
        assert set(world.delivered().values()) == {1}
        webhooks = Counter(one.event_id for one in receiver.messages if one.kind == "webhook")
        assert webhooks == Counter(world.raised)
        people = Counter((one.to, one.event_id) for one in receiver.messages if one.kind != "webhook")
        assert len(people) >= len(IDS)
        assert set(people.values()) == {1}

    asyncio.run(story())


def test_a_message_that_could_not_be_sent_yet_is_the_next_owners_to_send() -> None:
    async def story() -> None:
        async with Receiver() as receiver:
            world = World(receiver)
            await world.begin()
            receiver.answers["/hook"] = receiver.answers["/sms"] = Answer(503)
            for number in range(3):
                await world.alarm(number)
            async with asyncio.timeout(30):
                while len(world.delivered("retry")) < 6:
                    await world.log.wait_beyond(ALARM, len(world.log.topics[ALARM]), 1)
            await world.log.divide("notifier", (), (*IDS, "SYSTEM"))
            assert not world.delivered()
            receiver.answers.clear()
            await world.until_told()
            await world.end()
        assert set(world.delivered().values()) == {1}
        assert Counter(one.event_id for one in receiver.messages if one.kind == "webhook") == Counter(world.raised)

    asyncio.run(story())
