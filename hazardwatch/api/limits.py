"""Keeps request bodies small before anybody is asked for a token: memory here is memory of the alarms. Pure ASGI."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024


class SmallBodies:
    """Answers 413 as soon as a body grows beyond `MOST_BYTES`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise HTTPException(413, f"a request body of more than {MOST_BYTES} bytes is not read")
            return message

        await self._app(scope, counted, send)
