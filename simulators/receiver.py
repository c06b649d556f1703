"""A provider to try against: a loopback HTTP server that keeps SMS and webhooks as a person would see them.

It can be told to fail, be slow or refuse. It checks signatures by its own reading of Standard Webhooks.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self

import structlog

from pipeline.clock import now_ms
from pipeline.model import Json

_LONGEST = 1 << 20
_TOLERANCE_S = 300
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived and was answered with 2xx. `to` is a phone number, None for a webhook; `raw` the body."""

    received_at: int
    kind: Literal["sms", "webhook"]
    to: str | None
    text: str
    event_id: str
    raw: Json
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How to answer: a status, after so many seconds. 200 keeps the message, anything else drops it."""

    status: int = 200
    after_s: float = 0.0


@dataclass(slots=True)
class _Request:
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Refused(Exception):
    """The request is not one a provider would take; the text says why."""


class Receiver:
    """`async with Receiver() as receiver:` listens at `receiver.url("/sms")` and `receiver.url("/hook")`.

    `messages` are all that came; `on_message` is called with each. `answers` maps a path to how it is answered
    (absent: at once with 200); `asked` counts requests per path, answered well or not. With `secret` (the text a
    webhook channel is given) an unsigned or wrongly signed webhook gets 401.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        secret: str | None = None,
        language: str = "en",
        on_message: Callable[[Message], None] | None = None,
    ) -> None:
        self.messages: list[Message] = []
        self.answers: dict[str, Answer] = {}
        self.asked: dict[str, int] = {}
        self.port = port
        self._host = host
        self._secret = secret
        self._language = language
        self._on_message = on_message
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self.port, limit=_LONGEST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str) -> str:
        """The address of `/sms` or `/hook`."""
        return f"http://{self._host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._answer(await _read(reader), writer)
        except (Refused, asyncio.LimitOverrunError) as refused:
            _log.warning("not a request", error=str(refused))
        except asyncio.CancelledError:
            pass  # the receiver is going away; its caller does not wait for more
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, request: _Request, writer: asyncio.StreamWriter) -> None:
        self.asked[request.path] = self.asked.get(request.path, 0) + 1
        answer = self.answers.get(request.path, Answer())
        await asyncio.sleep(answer.after_s)
        status, said = answer.status, {}
        if status == 200:
            try:
                message = self._message(request)
            except Refused as refused:
                status, said = 401 if "signature" in str(refused) else 400, {"error": str(refused)}
            else:
                self.messages.append(message)
                said = {"id": f"r-{len(self.messages)}"}
                if self._on_message is not None:
                    self._on_message(message)
        body = json.dumps(said).encode()
        head = f"HTTP/1.1 {status} {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    def _message(self, request: _Request) -> Message:
        if request.path == "/sms":
            raw = _object(request.body)
            return Message(
                received_at=now_ms(),
                kind="sms",
                to=_text(raw, "to"),
                text=_text(raw, "text"),
                event_id=_text(raw, "event_id"),
                raw=raw,
                message_id=str(raw.get("message_id")),
            )
        if request.path != "/hook":
            raise Refused(f"there is nothing at {request.path}")
        if self._secret is not None:
            _verify(request, self._secret)
        raw = _object(request.body)
        texts = _part(_part(raw, "data"), "text")
        return Message(
            received_at=now_ms(),
            kind="webhook",
            to=None,
            text=_text(texts, self._language),
            event_id=_text(raw, "id"),
            raw=raw,
            message_id=request.headers.get("webhook-id"),
        )


def shown(message: Message) -> str:
    """The message as its reader sees it, in two or more lines."""
    return f"{message.to or 'control room'}  <{message.kind}>\n  {message.text}"


async def _read(reader: asyncio.StreamReader) -> _Request:
    """One HTTP/1.1 request with a Content-Length; our senders use nothing else."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    parts = head[0].split(" ")
    if len(parts) != 3 or parts[0] != "POST":
        raise Refused(f"only POST is understood here, not {head[0][:80]!r}")
    request = _Request(parts[1].partition("?")[0])
    for line in head[1:]:
        name, _, value = line.partition(":")
        request.headers[name.strip().lower()] = value.strip()
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LONGEST:
        raise Refused(f"content-length {length[:20]!r}")
    request.body = await reader.readexactly(int(length))
    return request


def _verify(request: _Request, secret: str) -> None:
    """Standard Webhooks: HMAC-SHA256 over id.timestamp.body, one of the space-separated v1 signatures, 5 minutes."""
    message_id, sent = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    key = base64.b64decode(secret[len("whsec_") :]) if secret.startswith("whsec_") else secret.encode()
    wanted = base64.b64encode(
        hmac.new(key, f"{message_id}.{sent}.".encode() + request.body, hashlib.sha256).digest()
    ).decode()
    given = request.headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(one, f"v1,{wanted}") for one in given):
        raise Refused("the signature does not fit")
    if not sent.isdecimal() or abs(now_ms() // 1000 - int(sent)) > _TOLERANCE_S:
        raise Refused("the signature's time is too far away")


def _object(body: bytes) -> Json:
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise Refused(f"the body is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Refused("the body is not a JSON object")
    return raw


def _part(raw: Json, key: str) -> Json:
    value = raw.get(key)
    if not isinstance(value, dict):
        raise Refused(f"{key} is missing or no object")
    return value


def _text(raw: Json, key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str):
        raise Refused(f"{key} is missing or no text")
    return value
