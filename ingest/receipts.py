"""What a user may not publish, and the acknowledgements of what it sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.intake import Publish
from ingest.packets import V311
from ingest.passwords import Permit
from ingest.properties import Code

PUBACK, PUBREC = 0x40, 0x50


def receipt(head: int, identifier: bytes, version: int, *, allowed: bool) -> bytes:
    """PUBACK or PUBREC. MQTT 3.1.1 has no way to say no."""
    if allowed or version == V311:
        return bytes([head, 2]) + identifier
    return bytes([head, 3]) + identifier + bytes([Code.NOT_AUTHORIZED])


def sorted_out(
    permit: Permit, messages: Sequence[Publish], identifiers: Sequence[bytes], version: int
) -> tuple[list[Publish], list[Publish], bytes]:
    """(messages on topics the user may use, the others, the PUBACKs of all in order); no identifiers: QoS 0."""
    allowed = [permit.allows(topic) for topic, _ in messages]
    good = [message for message, may in zip(messages, allowed, strict=True) if may]
    bad = [message for message, may in zip(messages, allowed, strict=True) if not may]
    pairs = zip(identifiers, allowed, strict=True) if identifiers else ()
    return good, bad, b"".join(receipt(PUBACK, one, version, allowed=may) for one, may in pairs)
