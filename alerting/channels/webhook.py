"""Events to other systems: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks say.

It sends each event as it is; it neither chooses events nor repeats them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import httpx
import msgspec

from alerting.channels.http import post
from alerting.channels.message import Message, Receipt
from alerting.telling import Kind
from pipeline.errors import ConfigError
from pipeline.model import Json
from pipeline.outside import event_object, iso
from pipeline.site import Channel, Text

_BASE64_SECRET = "whsec_"  # noqa: S105 - the standard's public prefix, not a secret


class Webhook:
    """One receiver of events. Without a secret its requests carry no signature."""

    def __init__(self, channel: Channel, secret: bytes | None, client: httpx.AsyncClient) -> None:
        self._channel = channel
        self._secret = secret
        self._key = signing_key(secret) if secret else None
        self._client = client

    async def send(self, message: Message) -> Receipt:
        """POSTs the event."""
        body = msgspec.json.encode(cloud_event(message))
        headers = {"content-type": "application/cloudevents+json; charset=utf-8", "webhook-id": message.id}
        timestamp = str(message.attempt_ms // 1000)
        headers["webhook-timestamp"] = timestamp
        if self._key is not None:
            headers["webhook-signature"] = sign(self._key, message.id, timestamp, body)
        await post(self._client, self._channel, body, headers, self._secret)
        return Receipt()


def cloud_event(message: Message) -> Json:
    """The body: the event in its outside form, with texts, guidance and where to acknowledge, as `data`."""
    event = message.event
    cause, consequence, action = (_both(text) for text in message.guidance)
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": f"/{message.site}/{message.installation}",
        "type": f"hazardwatch.{'warning' if message.kind == Kind.WARNING else 'alarm'}.{event.event}",
        "subject": event.alarm,
        "time": iso(event.time),
        "datacontenttype": "application/json",
        "data": event_object(event)
        | {
            "text": _both(message.lines),
            "guidance": {"cause": cause, "consequence": consequence, "action": action},
            "links": {"acknowledge": message.acknowledge},
        },
    }


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over id.timestamp.body (Standard Webhooks, symmetric signature)."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signing_key(secret: bytes) -> bytes:
    """The key's bytes: base64 behind `whsec_`, any other secret as it stands. Raises ConfigError."""
    text = secret.decode(errors="replace")
    if not text.startswith(_BASE64_SECRET):
        return secret
    try:
        return base64.b64decode(text.removeprefix(_BASE64_SECRET), validate=True)
    except ValueError:  # binascii.Error, and what is not even ASCII
        raise ConfigError("the webhook secret begins with whsec_ but is not base64 behind it") from None


def _both(text: Text | None) -> Json | None:
    return {"en": text.en, "zh-CN": text.zh} if text else None
