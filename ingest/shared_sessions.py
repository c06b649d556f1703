"""The sessions of all listeners of a site, in a table of the log: a device may come back to any of them.

A record says at which listener a client was last, whether it has left, and how long its session lives. What is
asked of the table is asked behind a record of our own, so that all that was durable before is heard. Nobody says
that a client of a killed listener has left: its session does not expire, which costs nothing but a few bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

import msgspec

from ingest.packets import NEVER_EXPIRES, Connect
from ingest.sessions import MOST
from pipeline.clock import now_ms
from pipeline.log import Table
from pipeline.retry import Pace, until_done

TABLE = "sessions"
_CLIENT = "client:"
_BARRIER = "barrier"
_PACE = Pace(first_s=0.1, most_s=5.0)


class _Visit(msgspec.Struct, frozen=True):
    """`left_ms`: wall clock of the end of the connection; None: not that anybody knows."""

    listener: str
    expiry_s: int
    left_ms: int | None = None

    def lives(self, now: int) -> bool:
        """Whether the session is there at `now` (epoch ms)."""
        if self.expiry_s in (0, NEVER_EXPIRES) or self.left_ms is None:
            return self.expiry_s > 0
        return now - self.left_ms <= self.expiry_s * 1000


class SharedSessions:
    """See ingest.sessions.Sessions; one per listener."""

    def __init__(self, table: Table, *, most: int = MOST) -> None:
        self._table = table
        self._most = most
        self._name = secrets.token_hex(8)
        self._expiry_s: dict[str, int] = {}
        """Of those that are here."""

    def close(self) -> None:
        """See Sessions. Those who are here have not left: they come to another listener."""

    async def enter(self, connect: Connect) -> bool:
        """See Sessions."""
        await self._hear_all()
        visits = self._table.items()
        before = self._visit(visits, connect.client_id)
        await self._say(connect.client_id, _Visit(self._name, connect.expiry_s))
        self._expiry_s[connect.client_id] = connect.expiry_s
        if before is None:
            await self._make_room(visits)
        return before is not None and not connect.clean_start and before.lives(now_ms())

    async def left(self, client_id: str, expiry_s: int) -> bool:
        """See Sessions. Waits while the log is away: the client cannot have come to another listener either."""
        self._expiry_s.pop(client_id, None)
        return await until_done("session of a client", lambda: self._leave(client_id, expiry_s), pace=_PACE)

    async def elsewhere(self, here: Collection[str]) -> Collection[str]:
        """See Sessions. May raise Transient."""
        visits = self._table.items()
        moved = []
        for client_id in here:
            visit = self._visit(visits, client_id)
            if visit is not None and visit.listener != self._name and visit.left_ms is None:
                moved.append(client_id)
                self._expiry_s.pop(client_id, None)
            elif (visit is None or visit.listener != self._name) and client_id in self._expiry_s:
                # Where it was before said only now that it had left.
                await self._say(client_id, _Visit(self._name, self._expiry_s[client_id]))
        return moved

    async def _leave(self, client_id: str, expiry_s: int) -> bool:
        await self._hear_all()
        visit = self._visit(self._table.items(), client_id)
        if visit is not None and visit.listener != self._name:
            return False
        if client_id in self._expiry_s:  # it is here again, while we tried
            return True
        await self._say(client_id, _Visit(self._name, expiry_s, now_ms()) if expiry_s else None)
        return True

    async def _hear_all(self) -> None:
        await self._table.put(_BARRIER, secrets.token_bytes(4))

    async def _say(self, client_id: str, visit: _Visit | None) -> None:
        await self._table.put(_CLIENT + client_id, None if visit is None else msgspec.json.encode(visit))

    def _visit(self, visits: Mapping[str, bytes], client_id: str) -> _Visit | None:
        found = visits.get(_CLIENT + client_id)
        return None if found is None else msgspec.json.decode(found, type=_Visit)

    async def _make_room(self, visits: Mapping[str, bytes]) -> None:
        """Where the most is remembered, the one that left longest ago is forgotten, or one of whom nobody knows."""
        known = [name for name in visits if name.startswith(_CLIENT)]
        away = [name for name in known if name.removeprefix(_CLIENT) not in self._expiry_s]
        if len(known) >= self._most and away:
            await self._table.put(min(away, key=lambda name: self._away_since(visits[name])), None)

    def _away_since(self, visit: bytes) -> tuple[bool, int]:
        left_ms = msgspec.json.decode(visit, type=_Visit).left_ms
        return left_ms is None, left_ms or 0
