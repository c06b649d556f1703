"""Short messages through any provider or modem that takes JSON over HTTP. It writes no text of its own."""

from __future__ import annotations

import httpx
import msgspec

from alerting.channels.http import post
from alerting.channels.message import Message, Receipt
from pipeline.errors import ConfigError, Permanent
from pipeline.model import Json
from pipeline.site import Channel

_PROVIDER_IDS = ("id", "message_id", "sid")


class SmsHttp:
    """POSTs {to, text, event_id, message_id, person} and the channel's options; a secret goes as a bearer token."""

    def __init__(self, channel: Channel, secret: bytes | None, client: httpx.AsyncClient) -> None:
        if secret is not None and not secret.isascii():
            raise ConfigError("the secret of an SMS channel holds characters that no HTTP header can carry")
        self._channel = channel
        self._secret = secret
        self._client = client

    async def send(self, message: Message) -> Receipt:
        """POSTs the short text to the person's phone."""
        if message.person is None or message.person.phone is None:
            raise Permanent("an SMS needs a person with a phone")
        body: Json = dict(self._channel.options) | {
            "to": message.person.phone,
            "text": message.short,
            "event_id": message.event.event_id,
            "message_id": message.id,
            "person": message.person.id,
        }
        headers = {"content-type": "application/json", "idempotency-key": message.id}
        if self._secret is not None:
            headers["authorization"] = f"Bearer {self._secret.decode()}"
        response = await post(self._client, self._channel, msgspec.json.encode(body), headers, self._secret)
        return Receipt(provider_id=_provider_id(response))


def _provider_id(response: httpx.Response) -> str | None:
    """The provider's name for the message; an answer without one is as good (2xx counts)."""
    try:
        answer = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None
    if not isinstance(answer, dict):
        return None
    found = next((answer[key] for key in _PROVIDER_IDS if isinstance(answer.get(key), str | int)), None)
    return None if found is None else str(found)
