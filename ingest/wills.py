"""What lost clients wanted said: a will that is a reading becomes one. Does not decide who is lost."""

from __future__ import annotations

from collections.abc import Collection

from ingest.intake import Intake
from ingest.packets import V5, Connect, Will
from ingest.passwords import Permit
from pipeline.metrics import Hop


class Wills:
    """The wills of one listener; at most `most` wait for their delay."""

    def __init__(self, intake: Intake, hop: Hop, most: int) -> None:
        self.hop = hop
        self._intake = intake
        self._most = most
        self._waiting: dict[str, tuple[float, Will, Permit | None]] = {}

    def of_lost(self, connect: Connect, permit: Permit | None, now_s: float) -> None:
        """Say the client's will, after its delay or at the end of the session, whichever is first (MQTT 5)."""
        will = connect.will
        if will is None:
            return
        delay_s = min(will.delay_s, connect.expiry_s) if connect.version == V5 else 0
        if delay_s and len(self._waiting) < self._most:
            self._waiting[connect.client_id] = now_s + delay_s, will, permit
        else:
            self._say(will, permit)

    def forget(self, client_id: str) -> None:
        """The client came back in time."""
        self._waiting.pop(client_id, None)

    def waiting(self) -> Collection[str]:
        """The clients whose will waits for its delay."""
        return self._waiting.keys()

    def say_due(self, now_s: float) -> None:
        """Say those whose delay is over."""
        for client_id, (due_s, will, permit) in list(self._waiting.items()):
            if due_s <= now_s:
                del self._waiting[client_id]
                self._say(will, permit)

    def _say(self, will: Will, permit: Permit | None) -> None:
        """A will on any other topic was only the sign that its client is lost."""
        topic = will.topic.encode()
        if self._intake.knows(topic) and (permit is None or permit.allows(topic)):
            self._intake.take([(topic, will.payload)], self)

    def committed(self, receipts: list[bytes]) -> None:
        """Nobody is there to be told."""
