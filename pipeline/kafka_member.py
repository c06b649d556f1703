"""How a member of a consumer group speaks of its partitions: aiokafka's assignor face over `kafka_dividing.divide`.

The group's leader asks it. Each member says what it held before, so that little moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from pipeline.kafka_dividing import divide

_VERSION = 0
_held = msgspec.json.Decoder(list[int])


class Assignor:
    """One per member. `weights` tells, for a number of partitions, how many installations each has."""

    name = "hazardwatch"

    def __init__(self, topic: str, weights: Callable[[int], Sequence[int]]) -> None:
        self._topic = topic
        self._weights = weights
        self._mine: list[int] = []

    def metadata(self, topics: Any) -> Any:
        """What this member tells the leader."""
        return ConsumerProtocolMemberMetadata(_VERSION, sorted(topics), msgspec.json.encode(self._mine))

    def assign(self, cluster: Any, members: Mapping[str, Any]) -> dict[str, Any]:
        """What the leader tells the members."""
        partitions = cluster.partitions_for_topic(self._topic) or ()
        held = {member: _held.decode(told.user_data) for member, told in members.items()}
        given = divide(self._weights(len(partitions)), held)
        return {
            member: ConsumerProtocolMemberAssignment(_VERSION, [(self._topic, ones)], b"")
            for member, ones in given.items()
        }

    def on_assignment(self, assignment: Any) -> None:
        """What this member was told."""
        self._mine = sorted(place.partition for place in assignment.partitions())
