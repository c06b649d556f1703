"""A process that takes part in a role until it is killed; prints what it owns, one line per division."""

from __future__ import annotations

import asyncio
import sys

from pipeline.kafka_log import KafkaLog
from tests.kafka_parts import access


async def main(site: str, role: str) -> None:
    async with KafkaLog.open(access(), site) as log, log.share(role, []) as share:
        while True:
            print(" ".join(sorted(await share.owned())), flush=True)  # noqa: T201  # it is how a child tells


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
