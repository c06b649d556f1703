"""Writes the examples of docs/messages.md with the real code; a test holds the two together.

python -m tests.doc_examples        (rewrites every block behind a `<!-- made: NAME -->` line)
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import numpy as np

from alerting import texts
from alerting.channels import CHANNELS
from alerting.channels.http import client_for
from alerting.channels.message import Message
from alerting.routing import Routes
from alerting.telling import Key, Send
from alerting.telling import Kind as Why
from hazardwatch.config_book import part_of
from hazardwatch.config_decide import PROPOSAL_MS
from hazardwatch.engine import Engine
from pipeline import kafka_topics, records
from pipeline.config_records import ConfigAsk, ConfigDecision, ConfigPart, Difference
from pipeline.log import Entry
from pipeline.model import (
    NO_STAMP,
    Block,
    Command,
    DeadLetter,
    Delivery,
    Event,
    Judged,
    Quality,
    Standing,
    WarningAct,
    WarningEvent,
)
from pipeline.outside import event_json
from pipeline.records import Kind
from pipeline.site import (
    Alarm,
    Channel,
    Escalation,
    Installation,
    Notify,
    Person,
    Point,
    Position,
    Site,
    Source,
    SourceReadings,
    Step,
    Text,
)

PAGE = Path(__file__).parents[1] / "docs" / "messages.md"
T0 = 1_795_334_400_000
"""2026-11-22T08:00:00Z"""
SECRET = b"whsec_aGF6YXJkd2F0Y2ggZXhhbXBsZSBzZWNyZXQ="
HH = Alarm(
    id="TF1/LT-101/HH",
    name="HH",
    point="LT-101",
    kind="high",
    alarm_class="process",
    priority="critical",
    setpoint=13.2,
    deadband=0.1,
    cause=Text(en="Overfill", zh="超量进料"),
    action=Text(en="Close MOV-101", zh="关闭 MOV-101 阀"),
)


def about(point: str) -> tuple[Alarm, ...]:
    """STALE, BAD, LATE and CLOCK of a point."""
    return tuple(
        Alarm(
            id=f"TF1/{point}/{name}",
            name=name,
            point=point,
            kind=name.lower(),
            alarm_class="instrument",
            priority="low",
        )
        for name in ("STALE", "BAD", "LATE", "CLOCK")
    )


TEMPERATURE = Point(
    id="TT-101", name=Text(en="Tank 101 temperature", zh="101 罐温度"), quantity="temperature", unit="°C",
    alarms=about("TT-101"),
)  # fmt: skip
SWITCH = Point(
    id="LSHH-101", name=Text(en="Tank 101 switch", zh="101 罐开关"), quantity="state", unit="",
    states={0.0: "tripped", 1.0: "healthy"}, alarms=about("LSHH-101"),
)  # fmt: skip
SITE = Site(
    id="east-park",
    name=Text(en="East park", zh="东园"),
    timezone="Asia/Shanghai",
    installations=(
        Installation(
            id="TF1",
            name=Text(en="Tank farm 1", zh="一号罐区"),
            owner="desk",
            points=(
                Point(
                    id="LT-101",
                    name=Text(en="Tank 101 level", zh="101 罐液位"),
                    quantity="level",
                    unit="m",
                    low=0.0,
                    high=15.0,
                    stale_after_ms=30_000,
                    alarms=(HH, *about("LT-101")),
                ),
                TEMPERATURE,
                SWITCH,
            ),
        ),
    ),
    positions=(Position(id="desk", people=("li.wei",)),),
    people=(Person(id="li.wei", name="李伟", phone="+8613800000001", language="en"),),
    channels=(
        Channel(id="sms", type="sms_http", url="https://sms.example/send"),
        Channel(id="control-room", type="webhook", url="https://hooks.example/in"),
    ),
    notify=Notify(
        always=("control-room",), escalations=(Escalation(steps=(Step(after_ms=0, to="owner", by=("sms",)),)),)
    ),
    sources=(
        Source(
            topic="legacy/+/+/telemetry",
            time="ts",
            readings=SourceReadings(installation="{1}", point="{2}", value="data.pv", quality="data.q"),
            quality_map={"192": "good", "64": "uncertain", "0": "bad"},
        ),
    ),
)
BLOCK = Block(
    ("LT-101", "TT-101"),
    np.array([0, 1, 0], np.uint16),
    np.array([T0, T0, 0], np.int64),
    np.array([13.21, np.nan, 13.22]),
    np.array([Quality.GOOD, Quality.BAD, Quality.UNCERTAIN | NO_STAMP], np.uint8),
)
COMMAND = Command(command="acknowledge", by="li.wei", alarm=HH.id, note="MOV-101 closed")


def events() -> list[Event]:
    """A real engine's: raised by the reading, acknowledged by the command."""
    engine = Engine("TF1")
    config = bytes([Kind.CONFIG]) + msgspec.json.encode(SITE)
    reading = Block(("LT-101",), BLOCK.index[:1], BLOCK.stamp[:1], BLOCK.value[:1], BLOCK.flags[:1])
    told: list[Event] = []
    for position, (after, data) in enumerate(
        [(-900, config), (120, records.encode_block(reading)), (9_000, records.encode(COMMAND))], 5
    ):
        told += engine.take(Entry("TF1", position, T0 + after, data))
    return told


def message(channel: str, why: Why) -> Message:
    """What the outbox would hand to a channel for the raised alarm."""
    event = events()[0]
    routes = Routes(SITE, "TF1")
    person = SITE.people[0] if why is Why.ALARM else None
    key = Key(event.event_id, person.id if person else None, channel, 0 if person else -1, 0)
    return Message(
        id=event.event_id if person is None else f"{event.event_id}-0-0-li_wei",
        kind=why,
        event=event,
        site=SITE.id,
        installation="TF1",
        person=person,
        lines=Text(en=texts.line(routes, event, "en"), zh=texts.line(routes, event, "zh-CN")),
        short=texts.short(routes, Send(key, why, event, event.state, 0, None), "en"),
        guidance=(HH.cause, HH.consequence, HH.action),
        acknowledge=f"http://127.0.0.1:8787/api/v1/acknowledge?alarm={event.alarm}&occurrence={event.occurrence}",
        attempt_ms=T0 + 130,
    )


def request(number: int, secret: bytes | None, why: Why) -> str:
    """The HTTP request that a channel really makes: line, our headers, body laid out for reading."""
    channel = SITE.channels[number]
    seen: list[httpx.Request] = []

    def provider(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "p-1"})

    async def post() -> None:
        async with client_for(channel, httpx.MockTransport(provider)) as client:
            await CHANNELS[channel.type](channel, secret, client).send(message(channel.id, why))

    asyncio.run(post())
    [sent] = seen
    ours = [name for name in sent.headers if name.startswith("webhook-") or name in ("content-type", "authorization")]
    ours += ["idempotency-key"] if "idempotency-key" in sent.headers else []
    lines = [f"POST {sent.url.path} HTTP/1.1", *(f"{name}: {sent.headers[name]}" for name in ours)]
    return "\n".join([*lines, "", laid_out(sent.content)])


def laid_out(data: bytes) -> str:
    """JSON for reading."""
    return json.dumps(json.loads(data), ensure_ascii=False, indent=2)


def dump(data: bytes) -> str:
    """Offset, 16 bytes in hex, and what of them is ASCII."""
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:04x}  {part[:8].hex(' '):23}  {part[8:].hex(' '):23}  {shown}")
    return "\n".join(lines)


def undump(text: str) -> bytes:
    """The bytes of a `dump`."""
    return b"".join(bytes.fromhex(line[6:54]) for line in text.splitlines())


def record(data: bytes) -> str:
    """The kind byte in hex, and the JSON behind it."""
    return f"{data[0]:02x} {data[1:].decode()}"


def topics() -> str:
    """The topics of a site in Kafka; `N` where the number of partitions is chosen."""
    lines = []
    for topic in kafka_topics.wanted("SITE", kafka_topics.DEFAULT_PARTITIONS, copies := 3):
        many = "N" if topic.partitions == kafka_topics.DEFAULT_PARTITIONS else str(topic.partitions)
        lines.append(f"{topic.name}: {many} partition{'s' * (many != '1')}, {copies} copies")
        lines += [f"    {name}={value}{_days(name, value)}" for name, value in topic.settings.items()]
    return "\n".join(lines)


def _days(name: str, value: str) -> str:
    return f"   ({int(value) // 86_400_000} days)" if name == "retention.ms" and value != "-1" else ""


def made() -> dict[str, str]:
    """Every example by its name."""
    raised, acknowledged = events()
    delivery = Delivery(
        event_id=raised.event_id, alarm=HH.id, occurrence=raised.occurrence, person="li.wei", channel="sms", step=0,
        round=0, attempt=1, outcome="sent", sent_at=T0 + 160, provider_id="p-1",
    )  # fmt: skip
    letter = DeadLetter(
        topic="hazardwatch/v1/TF1/LT-999", reason="unknown_point", detail="'LT-999' is no point of TF1", payload=b"12.3"
    )
    config = bytes([Kind.CONFIG]) + msgspec.json.encode(SITE)
    judged = Judged(second=T0, position=6)
    digest, body = part_of(SITE, "TF1")
    ask = ConfigAsk(
        id="5f0c1d2e3a4b5c6d", ask="apply", by="li.wei", token="li.wei (engineer, li.wei's own)", note="MOC 2026-114",
        base={"TF1": "91bb0b0d4c1e2f3a", "SYSTEM": "0d2a4c6e8f1b3d5f"}, parts={"TF1": digest},
    )  # fmt: skip
    raised_limit = Difference(
        where=HH.id, what="setpoint", before=13.0, after=13.2, effect="loosening", reason="limit_moved_away"
    )
    decision = ConfigDecision(
        outcome="pending", time=T0, ask=ask.id, change=17, by=ask.by, token=ask.token, note=ask.note,
        before={"TF1": "91bb0b0d4c1e2f3a"}, after=ask.parts, until=T0 + PROPOSAL_MS, differences=(raised_limit,),
    )  # fmt: skip
    part = ConfigPart(digest=digest, site=msgspec.Raw(body))
    warning = WarningEvent(
        warning="5f0f2f1f7d0b8c35f2a8c6a9d7b1e3c4", seq=1, time=T0, event="issued", from_level=None, level="orange",
        alarms=(HH.id,), position=6, ordinal=2**30,
    )  # fmt: skip
    act = WarningAct(warning=warning.warning, act="verify", by="li.wei", verdict="true", cause="MOV-101 stuck open")
    standing = Standing(position=7, alarms={HH.id: acknowledged})
    examples: dict[str, Callable[[], str]] = {
        "readings": lambda: dump(records.encode_block(BLOCK)),
        "tick": records.TICK_RECORD.hex,
        "command": lambda: record(records.encode(COMMAND)),
        "config": lambda: f"{record(config)[:240]} ...",
        "dead letter": lambda: record(records.encode(letter)),
        "config part": lambda: f"{record(records.encode(part))[:160]} ...",
        "config ask": lambda: record(records.encode(ask)),
        "config decision": lambda: record(records.encode(decision)),
        "event": lambda: record(records.encode(raised)),
        "judged": lambda: record(records.encode(judged)),
        "delivery": lambda: record(records.encode(delivery)),
        "standing": lambda: record(records.encode(standing)),
        "warning": lambda: record(records.encode(warning)),
        "warning act": lambda: record(records.encode(act)),
        "topics": topics,
        "outside": lambda: laid_out(event_json(raised)),
        "webhook": lambda: request(1, SECRET, Why.EVENT),
        "sms": lambda: request(0, b"provider-token", Why.ALARM),
    }
    return {name: example() for name, example in examples.items()}


_BLOCK = re.compile(r"(<!-- made: ([a-z ]+) -->\n```[a-z]*\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)


def blocks(page: str) -> dict[str, str]:
    """The made blocks of a page, by name."""
    return {found[2]: found[3].rstrip("\n") for found in _BLOCK.finditer(page)}


def render(page: str) -> str:
    """The page with every made block written anew."""
    examples = made()
    return _BLOCK.sub(lambda found: f"{found[1]}{examples[found[2]]}\n{found[4]}", page)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
