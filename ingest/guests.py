"""Which client is which connection: who may come in, who is replaced, who is lost. Opens no door and reads no payload.

A client is lost when its connection ended without a goodbye and it is not back, here or at another listener. MQTT
would have the will of a replaced connection said where it has no delay; here it is not: its client lives, and a will
that makes a reading bad would trip alarms for nothing. Whoever stays away is found by STALE in any case.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace

import prometheus_client

from ingest.connection import Connection
from ingest.entrance import Entrance
from ingest.house import Stage
from ingest.packets import Connect, connack
from ingest.passwords import Permit
from ingest.properties import Code
from ingest.sessions import Sessions
from ingest.wills import Wills
from pipeline.clock import monotonic_s
from pipeline.errors import Transient

LOST = prometheus_client.Counter("hazardwatch_listener_clients_lost", "Clients that went without a DISCONNECT")

ClientLost = Callable[[str, str | None], None]
"""(client id, topic of its will or None)."""


class Guests:
    """The clients of one listener. `count` hears a fixed word for what went wrong."""

    def __init__(
        self, entrance: Entrance, sessions: Sessions, wills: Wills, lost: ClientLost, count: Callable[[str], None]
    ) -> None:
        self._entrance = entrance
        self._sessions = sessions
        self._wills = wills
        self._client_lost = lost
        self._count = count
        self._by_id: dict[str, Connection] = {}

    def close(self) -> None:
        """Let go of the sessions."""
        self._sessions.close()

    async def admit(self, connection: Connection, connect: Connect) -> None:
        """Answer a sound CONNECT. Checking takes time (hashing, the disk); nothing is read meanwhile."""
        permit: Permit | None = None
        if self._entrance.access is not None:
            permit = await self._entrance.access.check(connect.user, connect.password, connection.certified)
            if permit is None:
                connection.end("bad_credentials", Code.BAD_CREDENTIALS)
                return
        assigned = not connect.client_id
        if assigned:
            connect = replace(connect, client_id=f"auto-{secrets.token_hex(8)}")
        if connection.stage is not Stage.KNOCKING:
            return
        present = await self._enter(connection, connect)
        if connection.stage is not Stage.KNOCKING:
            if self._by_id.get(connect.client_id) is connection:
                del self._by_id[connect.client_id]
                connection.graceful = True  # it never was in, so it cannot be lost
                await self.leave(connection, connect)
            return
        answer = connack(
            connect,
            present=present,
            assigned=assigned,
            receive_maximum=self._entrance.limits.receive_maximum,
            maximum_packet=self._entrance.limits.packet_bytes,
        )
        connection.accept(connect, permit, answer)

    def gone(self, connection: Connection) -> Connect | None:
        """Its socket is closed: whom `leave` is to look after, unless another connection is that client now."""
        connect = connection.connect
        if connect is None or self._by_id.get(connect.client_id) is not connection:
            return None
        del self._by_id[connect.client_id]
        return connect

    async def leave(self, connection: Connection, connect: Connect) -> None:
        """The session expires from now; without a goodbye and not back, the client is lost."""
        try:
            away = await self._sessions.left(connect.client_id, connect.expiry_s)
        except Transient:
            away = True
            self._count("no_sessions")  # remembered too long or not at all; said at the next CONNECT
        if away and not connection.graceful and connect.client_id not in self._by_id:
            LOST.inc()
            self._client_lost(connect.client_id, connect.will.topic if connect.will else None)
            self._wills.of_lost(connect, connection.permit, monotonic_s())

    async def part(self) -> None:
        """Those who are at another listener now are not here any more."""
        here = [one for one, its in self._by_id.items() if its.stage is Stage.OPEN]
        try:
            moved = await self._sessions.elsewhere([*here, *self._wills.waiting()])
        except Transient:
            return  # the log is away: nobody can have come in elsewhere
        for client_id in moved:
            self._take_over(client_id)

    async def _enter(self, connection: Connection, connect: Connect) -> bool:
        """Whether the client has a session; that it cannot be remembered ends the connection."""
        self._take_over(connect.client_id)
        # Nobody else may come in under this name while the disk is asked.
        self._by_id[connect.client_id] = connection
        try:
            async with asyncio.timeout(self._entrance.limits.connect_s):
                return await self._sessions.enter(connect)
        except (Transient, TimeoutError):
            connection.end("no_sessions", Code.UNAVAILABLE)
            return False

    def _take_over(self, client_id: str) -> None:
        """The newest connection of a client id is the client, which is not lost: no will of it counts any more."""
        self._wills.forget(client_id)
        old = self._by_id.pop(client_id, None)
        if old is not None:
            old.end("taken_over", Code.TAKEN_OVER)
