"""Has it on record where an installation is before anything of it is appended. Appends no entries itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from pipeline.kafka_followed import Followed
from pipeline.kafka_partitions import Place, Places, encode_place
from pipeline.kafka_writer import KafkaWriter


class Placing:
    """`places` is what has been heard of the topic `name`, which `writer` writes and `followed` follows.

    `ends` tells where each partition of a topic of the log ends now.
    """

    def __init__(
        self,
        places: Places,
        partitions: int,
        name: str,
        writer: KafkaWriter,
        followed: Followed,
        ends: Callable[[str], Awaitable[Mapping[int, int]]],
    ) -> None:
        self._places = places
        self._partitions = partitions
        self._name = name
        self._writer = writer
        self._followed = followed
        self._ends = ends
        self._lock = asyncio.Lock()
        self._keys: dict[str, bytes] = {}

    def key(self, installation: str) -> bytes:
        """Of its records."""
        key = self._keys.get(installation)
        if key is None:
            key = self._keys[installation] = installation.encode()
        return key

    def partition(self, installation: str) -> int:
        """Of an installation that is recorded."""
        found = self._places.partition(installation)
        assert found is not None, "it is recorded before it is used"
        return found

    async def place(self, installation: str) -> int:
        """Its partition, recorded if need be. Raises Transient, ConfigError."""
        await self.record([installation])
        return self.partition(installation)

    async def record(self, installations: Collection[str], topic: str | None = None) -> None:
        """Have it on record where these are, and that they have entries in `topic`. Raises Transient, ConfigError."""
        if self._recorded(installations, topic):
            return
        async with self._lock:
            await self._followed.catch_up(self._name)
            # Whoever has appended something of these already has recorded it before us, and that counts.
            ends = {} if topic is None else await self._ends(topic)
            loads = self._places.weights(self._partitions)
            records = []
            for one in sorted(installations):
                if self._recorded([one], topic):
                    continue
                partition = self._places.partition(one)
                if partition is None:
                    partition = loads.index(min(loads))
                    loads[partition] += 1
                records.append((0, (self.key(one), encode_place(Place(partition, topic, ends.get(partition, 0))))))
            if records:
                written = await self._writer.append(records)
                await self._followed.until(self._name, written[-1][0])

    def _recorded(self, installations: Collection[str], topic: str | None) -> bool:
        if topic is None:
            return all(self._places.partition(one) is not None for one in installations)
        return all(self._places.has_entries(topic, one) for one in installations)
