"""`hazardwatch topics`: the topics of a site in Kafka, checked and made."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.kafka_access import KafkaAccess
    from pipeline.kafka_preparing import Checked

Create = Annotated[
    bool, typer.Option("--create", help="Make those that are missing; one that is there stays as it is.")
]
Partitions = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=1000,
        metavar="N",
        help="How many may share the installations; for new topics; else 12, or 6 with one copy.",
    ),
]
Replication = Annotated[
    int | None,
    typer.Option(min=1, max=9, metavar="N", help="Copies on as many brokers; 3 else, where there are as many."),
]


def topics(
    site: flags.SiteFile,
    kafka: flags.Kafka = None,
    kafka_ca: flags.KafkaCa = None,
    kafka_cert: flags.KafkaCert = None,
    kafka_key: flags.KafkaKey = None,
    create: Create = False,
    partitions: Partitions = None,
    replication: Replication = None,
    json: flags.Json = False,
) -> None:
    """Whether the topics of a site are in Kafka and as they should be, and what to do where not.

    Exit code 1 when one is missing or differs. The number of partitions cannot be changed later.

    Example: hazardwatch topics plant.yaml --kafka kafka-1.plant:9092,kafka-2.plant:9092 --create --partitions 24
    """
    import asyncio
    import os

    from hazardwatch.sites import sound_site
    from pipeline.kafka_access import TlsFiles, kafka_of

    if kafka is None:
        raise ConfigError("say where Kafka is: --kafka HOST:PORT,... or HAZARDWATCH_KAFKA")
    access = kafka_of(kafka, os.environ, TlsFiles(kafka_ca, kafka_cert, kafka_key))
    checked = asyncio.run(_checked(access, sound_site(site)[0].id, partitions, replication, create=create))
    if json:
        there = {name: asdict(topic) for name, topic in checked.found.items()}
        missing = [one.name for one in checked.missing]
        print_json({"topics": there, "missing": missing, "differences": [asdict(one) for one in checked.differences]})
    else:
        _show(checked)
    if checked.missing or checked.differences:
        raise typer.Exit(1)


async def _checked(
    access: KafkaAccess, site: str, partitions: int | None, copies: int | None, *, create: bool
) -> Checked:
    from pipeline import kafka_preparing
    from pipeline.kafka_admin import KafkaAdmin
    from pipeline.kafka_errors import listening

    with listening() as saying:
        async with KafkaAdmin(access, saying) as admin:
            checked = await kafka_preparing.check(admin, site, partitions, copies)
            return await kafka_preparing.create(admin, checked) if create else checked


def _show(checked: Checked) -> None:
    from pipeline.kafka_topics import command

    differences = {
        topic.name: [one for one in checked.differences if one.topic == topic.name] for topic in checked.wanted
    }
    for topic in checked.wanted:
        found = checked.found.get(topic.name)
        if found is None:
            typer.echo(f"{topic.name}: missing; make it with --create, or")
            typer.echo(f"  {command(topic)}")
        elif not differences[topic.name]:
            typer.echo(
                f"{topic.name}: fine, {_many(found.partitions, 'partition', 'partitions')}, "
                f"{_many(found.replication, 'copy', 'copies')}"
            )
        for one in differences[topic.name]:
            typer.echo(f"{topic.name}: {one.what}")
            typer.echo(f"  {one.mend}")


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
