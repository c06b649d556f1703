"""One idempotent producer of aiokafka's: a batch goes in, its first offset and stamp come out once it is durable.

It tries again for ever what Kafka itself may get over (brokers away, leaders changing), always under the same
sequence number, so that nothing is written twice. It does not queue or order (kafka_writer.py does).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer, errors

from pipeline.errors import Transient
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate

BATCH_BYTES = 1 << 20
"""Several records go into one batch up to this; a larger record has one of its own."""
REQUEST_TIMEOUT_MS = 10_000
_START_S = 15.0
_END_S = 5.0

Record = tuple[bytes, bytes | None]
"""Key and value; None forgets the key in a compacted topic."""


class Producer:
    """Made by `started`."""

    def __init__(self, access: KafkaAccess, saying: Saying) -> None:
        self._access = access
        self._saying = saying
        self._client: Any = AIOKafkaProducer(
            **access.settings(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        # Without this a batch whose partition has no leader for a while is given up, its sequence number used up,
        # and all later ones of the partition are refused.
        self._client._message_accumulator._batch_ttl = math.inf  # noqa: SLF001  # there is no setting for it alone

    @classmethod
    async def started(cls, access: KafkaAccess, saying: Saying) -> Producer:
        """Raises Transient, ConfigError."""
        made = cls(access, saying)
        saying.never = None
        try:
            async with asyncio.timeout(_START_S):
                await made._client.start()
        except (errors.KafkaError, OSError, TimeoutError) as error:
            await made.close()
            raise fate(saying.never or error, f"Kafka at {access}") from error
        except BaseException:
            await made.close()
            raise
        return made

    async def send(self, topic: str, partition: int, records: Sequence[Record]) -> tuple[int, int]:
        """(offset of the first, stamp) once all are durable; they lie one behind the other.

        Raises Transient, Permanent, ConfigError; then this producer is not to be used again for that partition.
        """
        batch = self._client.create_batch()
        for key, value in records:
            if batch.append(timestamp=None, key=key, value=value) is None:
                raise ValueError("more records than fit into one batch")
        try:
            written = await (await self._client.send_batch(batch, topic, partition=partition))
        except (errors.KafkaError, OSError, TimeoutError) as error:
            raise fate(
                self._saying.never or error, f"Kafka at {self._access} did not take records of {topic}"
            ) from error
        if written.offset < 0:  # acknowledged a second time, when the broker had forgotten where it put them
            raise Transient(f"Kafka has taken records of {topic}, but does not say where")
        return written.offset, written.timestamp

    async def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._client.stop()
                return
        await self._client._sender.close()  # noqa: SLF001  # `stop` waits for brokers that may never come back
        await self._client.client.close()
