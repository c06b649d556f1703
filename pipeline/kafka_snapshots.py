"""Snapshots of readers' states in Kafka: chunks in a compacted topic, then a manifest in a table.

Two generations of each owner and installation, each in a slot of its own; a new one takes the older one's place,
so that the newest stays whole whatever happens meanwhile. It does not know what is in them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from pipeline.kafka_lookup import Lookup
from pipeline.kafka_tables import KafkaTable
from pipeline.kafka_writer import KafkaWriter
from pipeline.log import Snapshot

MANIFESTS = ".snapshots"
"""The table of manifests; no role has one of that name."""
CHUNK_BYTES = 900_000
_SLOTS = ("0", "1")
_log = structlog.get_logger(__name__)


class Manifest(msgspec.Struct, frozen=True):
    """Where a snapshot is: the offsets of its first and last chunk in `partition`. `digest` as `_digest` says."""

    position: int
    partition: int
    first: int
    last: int
    chunks: int
    size: int
    digest: str


_decoder = msgspec.json.Decoder(Manifest)
_encoder = msgspec.json.Encoder()


class KafkaSnapshots:
    """`place` gives an installation's partition."""

    def __init__(
        self,
        topic: str,
        writer: KafkaWriter,
        lookup: Lookup,
        manifests: KafkaTable,
        place: Callable[[str], Awaitable[int]],
    ) -> None:
        self._topic = topic
        self._writer = writer
        self._lookup = lookup
        self._manifests = manifests
        self._place = place

    async def save(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        """Durable when it returns. Raises Transient, Permanent, ConfigError; then the one before it stays."""
        slots = self._slots(owner, installation)
        slot = min(_SLOTS, key=lambda one: slots[one].position if one in slots else -1)
        partition = await self._place(installation)
        keys = _keys(owner, installation, slot)
        chunks = [snapshot.data[at : at + CHUNK_BYTES] for at in range(0, len(snapshot.data), CHUNK_BYTES)] or [b""]
        offsets = []
        for number, chunk in enumerate(chunks):  # one after the other: nobody's room is taken by 200 MB
            [(offset, _)] = await self._writer.append([(partition, (keys(number), chunk))])
            offsets.append(offset)
        manifest = Manifest(
            snapshot.position,
            partition,
            offsets[0],
            offsets[-1],
            len(chunks),
            len(snapshot.data),
            await asyncio.to_thread(_digest, snapshot),
        )
        await self._manifests.put(_manifest_key(owner, installation, slot), _encoder.encode(manifest))
        if slot in slots and slots[slot].chunks > len(chunks):
            left = range(len(chunks), slots[slot].chunks)
            await self._writer.append([(partition, (keys(number), None)) for number in left])

    async def load(self, owner: str, installation: str) -> Snapshot | None:
        """The newest whole one; a damaged one is reported and passed over. Raises Transient."""
        slots = self._slots(owner, installation)
        for slot, manifest in sorted(slots.items(), key=lambda one: one[1].position, reverse=True):
            snapshot = await self._read(_keys(owner, installation, slot), manifest)
            if snapshot is not None:
                return snapshot
            _log.error(
                "a snapshot is damaged and is passed over",
                owner=owner,
                installation=installation,
                position=manifest.position,
            )
        return None

    def _slots(self, owner: str, installation: str) -> dict[str, Manifest]:
        items = self._manifests.items()
        found = {}
        for slot in _SLOTS:
            data = items.get(_manifest_key(owner, installation, slot))
            try:
                if data is not None:
                    found[slot] = _decoder.decode(data)
            except msgspec.MsgspecError as error:
                _log.error("the manifest of a snapshot cannot be read", installation=installation, error=str(error))
        return found

    async def _read(self, keys: Callable[[int], bytes], manifest: Manifest) -> Snapshot | None:
        """None when it is damaged."""
        begin, end = (await self._lookup.ends(self._topic, [manifest.partition]))[manifest.partition]
        if not begin <= manifest.first <= manifest.last < end:
            return None
        records = await self._lookup.stretch(self._topic, manifest.partition, manifest.first, manifest.last + 1)
        chunks: dict[bytes, bytes] = {one.key: one.value for one in records if one.value is not None}
        parts: Sequence[bytes] = [chunks.get(keys(number), b"") for number in range(manifest.chunks)]
        snapshot = Snapshot(manifest.position, b"".join(parts))
        return snapshot if await asyncio.to_thread(_digest, snapshot) == manifest.digest else None


def _manifest_key(owner: str, installation: str, slot: str) -> str:
    return msgspec.json.encode([owner, installation, slot]).decode()


def _keys(owner: str, installation: str, slot: str) -> Callable[[int], bytes]:
    return lambda number: msgspec.json.encode([owner, installation, slot, number])


def _digest(snapshot: Snapshot) -> str:
    digest = hashlib.sha256(b"%d:" % snapshot.position)
    digest.update(snapshot.data)
    return digest.hexdigest()
