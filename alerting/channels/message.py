"""What every channel gets and what it must do. A channel puts one message into one provider's words, no more.

It decides neither whether nor how often: it raises Transient or Permanent, and alerting.outbox acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import httpx

from alerting.telling import Kind
from pipeline.model import Event
from pipeline.site import Channel, Person, Text


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to go. `id` is the same whenever it is sent again, and differs between messages.

    `lines` is for systems, `short` for phones in the person's language. `attempt_ms` is the time of this attempt.
    """

    id: str
    kind: Kind
    event: Event
    site: str
    installation: str
    person: Person | None
    lines: Text
    short: str
    guidance: tuple[Text | None, Text | None, Text | None]
    acknowledge: str | None
    attempt_ms: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took it. `provider_id` is its own name for the message, where it gives one."""

    provider_id: str | None = None
    detail: str | None = None


class Sender(Protocol):
    """One configured channel. Made with the channel's settings, its secret and a client kept open for it."""

    def __init__(self, channel: Channel, secret: bytes | None, client: httpx.AsyncClient) -> None: ...

    async def send(self, message: Message) -> Receipt:
        """Hands the message over, once. Raises Transient where it may work later, Permanent where it never will."""
        ...
