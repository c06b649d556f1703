"""What a broker tells of itself under $SYS: messages it lost, messages it holds. Pure; subscribes to nothing.

Mosquitto's topics and EMQX's; a broker that has neither, or does not let us hear them, tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

DROPPED = ("$SYS/broker/publish/messages/dropped", "$SYS/brokers/+/metrics/delivery/dropped/queue_full")
"""Messages dropped since the broker began, of all its clients: Mosquitto, each node of EMQX."""
STORED = ("$SYS/broker/store/messages/count",)
"""Messages held in all queues now: Mosquitto."""
TOPICS = (*DROPPED, *STORED)
_DROPPED = re.compile("|".join(re.escape(one).replace(r"\+", "[^/]+") for one in DROPPED))
_NUMBER = re.compile(rb"[0-9]{1,18}")


class BrokerFacts:
    """The counters of one broker; `known` is what `kept` gave earlier, perhaps in another process."""

    def __init__(self, known: Mapping[str, bytes]) -> None:
        self.stored: int | None = None
        self.before = 0
        """Dropped before anybody of us watched: not in `dropped`."""
        self._dropped: dict[str, tuple[int, int]] = {}
        for topic, value in known.items():
            last, _, total = value.partition(b" ")
            self._dropped[topic] = int(last), int(total)

    @property
    def dropped(self) -> int | None:
        """Messages lost while hazardwatch had an eye on the broker; only rises. None: the broker does not tell."""
        return sum(total for _, total in self._dropped.values()) if self._dropped else None

    def kept(self) -> dict[str, bytes]:
        """What the next watcher is to know."""
        return {topic: b"%d %d" % both for topic, both in self._dropped.items()}

    def hear(self, topic: bytes, payload: bytes) -> bool:
        """Whether the message was the broker's own; what is no number says nothing."""
        if not topic.startswith(b"$SYS/"):
            return False
        name = topic.decode()
        if _NUMBER.fullmatch(payload):
            self._count(name, int(payload))
        return True

    def _count(self, topic: str, value: int) -> None:
        if topic in STORED:
            self.stored = value
        elif _DROPPED.fullmatch(topic):
            if topic not in self._dropped:
                self.before += value
                self._dropped[topic] = value, 0
                return
            last, total = self._dropped[topic]
            # A counter that fell was begun anew by a restart: all it says came since.
            self._dropped[topic] = value, total + (value - last if value >= last else value)
