"""The Kafka log for tests: each folder is a site of its own at the broker of HAZARDWATCH_TEST_KAFKA."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.kafka_access import KafkaAccess, kafka_of
from pipeline.kafka_admin import KafkaAdmin
from pipeline.kafka_errors import listening
from pipeline.kafka_log import KafkaLog
from pipeline.kafka_preparing import check, create

BROKER = "HAZARDWATCH_TEST_KAFKA"


def access() -> KafkaAccess:
    return kafka_of(os.environ[BROKER], {})


def site_of(folder: Path) -> str:
    """The site of a folder, the same each time."""
    name = folder / "site"
    if not name.exists():
        folder.mkdir(parents=True, exist_ok=True)
        name.write_text(f"test-{secrets.token_hex(6)}")
    return name.read_text()


async def make_topics(at: KafkaAccess, site: str, partitions: int, copies: int | None = None) -> None:
    with listening() as saying:
        async with KafkaAdmin(at, saying) as admin:
            await create(admin, await check(admin, site, partitions, copies))


@asynccontextmanager
async def kafka_log(folder: Path, partitions: int = 3) -> AsyncIterator[KafkaLog]:
    site = site_of(folder)
    await make_topics(access(), site, partitions)
    async with KafkaLog.open(access(), site) as log:
        yield log
