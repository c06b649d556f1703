"""Which partition an installation has, and in which topics it has entries: what the records of SITE.partitions say.

Pure. The first record of an installation decides for ever; later ones only add topics. Never hashed: another number
of partitions must not split a history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of SITE.partitions; its key is the installation. `topic`: plant or alarm; None says only where.

    `first`: no entry of the installation in `topic` has a smaller offset. Without it whoever begins with an
    installation that came late would read all that others have put into the partition before.
    """

    partition: int
    topic: str | None = None
    first: int = 0


_decoder = msgspec.json.Decoder(Place)
encode_place = msgspec.json.Encoder().encode


class Places:
    """All that the records heard so far say."""

    def __init__(self) -> None:
        self._partition: dict[str, int] = {}
        self._topics: dict[str, dict[str, int]] = {}

    def take(self, installation: str, data: bytes) -> None:
        """One record, in order. Raises msgspec.MsgspecError for what is none."""
        place = _decoder.decode(data)
        self._partition.setdefault(installation, place.partition)
        if place.topic is not None:
            self._topics.setdefault(place.topic, {}).setdefault(installation, place.first)

    def partition(self, installation: str) -> int | None:
        """None: not recorded yet."""
        return self._partition.get(installation)

    def has_entries(self, topic: str, installation: str) -> bool:
        """Whether it is recorded that there are, or are about to be."""
        return self.first(topic, installation) is not None

    def first(self, topic: str, installation: str) -> int | None:
        """The offset before which an installation has no entries in a topic; None: it has none at all."""
        return self._topics.get(topic, {}).get(installation)

    def installations(self, topic: str) -> list[str]:
        """Those with entries in a topic."""
        return sorted(self._topics.get(topic, {}))

    def on(self, partitions: Sequence[int]) -> dict[int, list[str]]:
        """The installations of these partitions."""
        found: dict[int, list[str]] = {one: [] for one in partitions}
        for installation, partition in self._partition.items():
            if partition in found:
                found[partition].append(installation)
        return found

    def weights(self, partitions: int) -> list[int]:
        """How many installations each partition has."""
        counts = Counter(self._partition.values())
        return [counts[one] for one in range(partitions)]
