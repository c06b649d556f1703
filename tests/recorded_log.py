"""One recorded plant log, and putting it as it stands, stamps and all, into a local log and into a Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from msgspec.structs import replace

from hazardwatch.sites import sound_site
from pipeline import records
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_log import KafkaLog
from pipeline.kafka_topics import name_of, wanted
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.model import Block, Command
from pipeline.site import Site, of_installation
from tests.engine_play import block_of
from tests.kafka_parts import make_topics
from tests.oracle.records import Commanded, Readings
from tests.oracle.sites import INSTALLATION
from tests.oracle.streams import nasty_stream
from tests.traffic import now_ms

IDS = [f"TF{number}" for number in range(1, 7)]
PARTITIONS = 3
SITE = """\
schema: hazardwatch/site/v1
site: {{id: {id}, timezone: UTC, language: en}}
installations:
{installations}
templates:
  tank:
    modes: [normal, cleaning]
    points:
      - id: LT-1
        quantity: level
        unit: m
        range: [0, 15]
        stale_after: 10s
        late_after: 60s
        alarms:
          HH: {{setpoint: 13.2, deadband: 0.1, latching: true, ack_required: true}}
          H: {{setpoint: 12.5, deadband: 0.2, on_delay: 5s, off_delay: 5s, by_mode: {{cleaning: {{setpoint: 13}}}}}}
          L: {{setpoint: 1.5, deadband: 0.15, on_delay: 3s}}
          LL: {{setpoint: 0.8, deadband: 0.1, off_delay: 3s}}
      - id: PT-1
        quantity: pressure
        unit: MPa
        range: [0, 2]
        stale_after: 30s
        alarms: {{H: {{setpoint: 1.6, deadband: 0.05}}}}
    suppress:
      - {{id: low-while-cleaning, alarms: ["LT-1/L"], when: {{mode: cleaning}}}}
people:
  - {{id: li.wei, name: 李伟}}
  - {{id: wang.fang, name: 王芳}}
"""

Recorded = tuple[str, int, bytes]
"""Installation, stamp (ms), record; in the order of the log."""


def site_file(folder: Path, id_: str) -> Path:
    """The site of the recorded log under a name of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  - {{id: {one}, equipment: [{{id: T-1, use: tank}}]}}" for one in IDS)
    file = folder / "site.yaml"
    file.write_text(SITE.format(id=id_, installations=lines))
    return file


def recorded(site: Site, each: int) -> list[Recorded]:
    """`each` records of every installation, ending a minute ago: gaps, late uploads, clocks gone wrong, repeats,
    acknowledgements, shelving, modes, bypasses; the first of each is its configuration.
    """
    found: list[Recorded] = []
    for number, id_ in enumerate(IDS):
        [own] = of_installation(site, id_).installations
        stream = nasty_stream(Random(number), _as_first(site, own.id), each, whole=True)
        data = [
            (one.received, records.encode(_of(id_, one.command)) if isinstance(one, Commanded) else _data(one))
            for one in stream
        ]
        found.append((id_, data[0][0], records.encode_site(of_installation(site, id_))))
        found += [(id_, at, what) for at, what in data]
    shift = (now_ms() - 60_000 - max(at for _, at, _ in found)) // 1000 * 1000
    return [(id_, at + shift, _shifted(what, shift)) for id_, at, what in sorted(found, key=lambda one: one[1])]


def _as_first(site: Site, id_: str) -> Site:
    """The site with one installation, under the name that the generator of streams knows."""
    told = records.encode_site(of_installation(site, id_)).decode().replace(f'"{id_}', f'"{INSTALLATION}')
    return records.decode_site(told.encode())


def _of(id_: str, command: Command) -> Command:
    alarm, target = (one and one.replace(f"{INSTALLATION}/", f"{id_}/", 1) for one in (command.alarm, command.target))
    return replace(command, alarm=alarm, target=target)


def _data(one: Readings) -> bytes:
    return records.encode_block(block_of(one.readings)) if one.readings else records.TICK_RECORD


def _shifted(data: bytes, by_ms: int) -> bytes:
    if data[0] != records.Kind.READINGS:
        return data
    block = records.decode_block(data)
    return records.encode_block(replace_stamps(block, by_ms))


def replace_stamps(block: Block, by_ms: int) -> Block:
    """The block that much later."""
    return type(block)(block.points, block.index, block.stamp + by_ms, block.value, block.flags)


async def into_local(log: list[Recorded], data: Path) -> dict[str, int]:
    """Into the log of a data folder; the last position of each installation."""
    now = 0
    last: dict[str, int] = {}
    async with LocalLog.open(data / "log", lambda: now) as local:
        at = 0
        while at < len(log):
            now = log[at][1]
            same = [(id_, what) for id_, stamp, what in log[at : at + 500] if stamp == now]
            for (id_, _), position in zip(same, await local.append(PLANT, same), strict=True):
                last[id_] = position
            at += len(same)
    return last


async def into_kafka(log: list[Recorded], access: KafkaAccess, site: str) -> dict[str, int]:
    """Into a site's new topics; the last position of each installation.

    Kafka stamps what it takes. For as long as this lasts the topic takes the producer's stamps instead; a batch keeps
    those it was written with when the topic is set back.
    """
    await make_topics(access, site, PARTITIONS, 1)
    async with KafkaLog.open(access, site) as kafka:
        await kafka._placing.record(IDS, PLANT)
        partitions = {id_: kafka._placing.partition(id_) for id_ in IDS}
        async with _stamps_of_the_producer(access, site):
            producer = AIOKafkaProducer(**access.settings(), enable_idempotence=True, linger_ms=5)
            await producer.start()
            try:
                sent = [
                    await producer.send(
                        name_of(site, PLANT), what, id_.encode(), partition=partitions[id_], timestamp_ms=stamp
                    )
                    for id_, stamp, what in log
                ]
                return {id_: (await one).offset + 1 for (id_, _, _), one in zip(log, sent, strict=True)}
            finally:
                await producer.stop()


@asynccontextmanager
async def _stamps_of_the_producer(access: KafkaAccess, site: str) -> AsyncIterator[None]:
    admin = AIOKafkaAdminClient(**access.settings())
    await admin.start()
    [topic] = [one for one in wanted(site, PARTITIONS, 1) if one.name == name_of(site, PLANT)]

    async def set_(settings: dict[str, str]) -> None:
        answer = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, settings)])
        assert not any(code for each in answer for code, *_ in each.resources), answer

    try:
        await set_({**topic.settings, "message.timestamp.type": "CreateTime"})
        yield
        await set_(dict(topic.settings))
    finally:
        await admin.close()


def read_site(file: Path) -> Site:
    """As the program reads it."""
    return sound_site(file)[0]
