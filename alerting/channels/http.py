"""One HTTP POST to a provider, and what its answer means for the message. Repeats nothing."""

from __future__ import annotations

import asyncio

import httpx

from pipeline.errors import Permanent, Transient
from pipeline.site import Channel

PLACES = 8
"""So many requests of one channel at a time; each has a connection that stays open."""
_EXCERPT = 160


def client_for(channel: Channel, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client that keeps its connections open, with the channel's timeout for each part of a request."""
    return httpx.AsyncClient(
        timeout=channel.timeout_ms / 1000,
        limits=httpx.Limits(max_connections=PLACES, max_keepalive_connections=PLACES, keepalive_expiry=300),
        transport=transport,
        trust_env=False,
    )


async def post(
    client: httpx.AsyncClient, channel: Channel, body: bytes, headers: dict[str, str], secret: bytes | None
) -> httpx.Response:
    """The answer, if it is 2xx. 429, 5xx and no answer are Transient; all else is Permanent.

    The client's timeout holds for each part; the whole has three times as long, so that a provider that answers
    byte by byte does not keep a place for ever. Errors never hold the URL (it may carry a token) nor the secret.
    """
    address = _address(channel)
    try:
        async with asyncio.timeout(3 * channel.timeout_ms / 1000):
            response = await client.post(address, content=body, headers=headers)
    except TimeoutError:
        raise Transient("no whole answer in time") from None
    except httpx.TransportError as error:
        raise Transient(f"no answer: {type(error).__name__}") from None
    if response.is_success:
        return response
    said = f"HTTP {response.status_code}{_excerpt(response, secret)}"
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise Transient(said)
    raise Permanent(said)


def _address(channel: Channel) -> httpx.URL:
    try:
        url = httpx.URL(channel.url or "")
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise Permanent("the channel's url is no http or https address")
    return url


def _excerpt(response: httpx.Response, secret: bytes | None) -> str:
    """The provider's own words, on one line, without our secret should they repeat it."""
    text = " ".join(response.text.split())
    if secret:
        text = text.replace(secret.decode(errors="replace"), "***")
    return f": {text[:_EXCERPT]}" if text else ""
