"""Keeps request bodies small before anybody is asked for a token: memory here is memory of the alarms. Pure ASGI."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hazardwatch.api.tokens import Tokens

MOST_BYTES = 64 * 1024
MOST_SITE_BYTES = 32 * 1024 * 1024
SITES = "/api/v1/config/"
"""Where whole site files come in, from people who may change them."""


class SmallBodies:
    """Answers 413 as soon as a body grows beyond `MOST_BYTES`; an engineer's site file may be larger."""

    def __init__(self, app: ASGIApp, tokens: Tokens | None) -> None:
        self._app = app
        self._tokens = tokens

    def _most(self, scope: Scope) -> int:
        if self._tokens is None or scope["type"] != "http" or not scope["path"].startswith(SITES):
            return MOST_BYTES
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").split()
        token = self._tokens.find(given[1]) if len(given) == 2 and given[0].lower() == "bearer" else None
        return MOST_SITE_BYTES if token is not None and token.may("engineer") else MOST_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        seen = 0
        most = self._most(scope)

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, f"a request body of more than {most} bytes is not read")
            return message

        await self._app(scope, counted, send)
