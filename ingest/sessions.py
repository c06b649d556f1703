"""Which clients have a session that outlives their connection, also over a restart. Holds no messages: there are none.

A publisher that is told "Session Present" sends again what we have not acknowledged; told otherwise, an MQTT 5
client forgets it. So the names are durable before the CONNACK. Here they are in a file, for a listener that is
alone; `ingest.shared_sessions` has them in the log, for several.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Protocol

from ingest.packets import NEVER_EXPIRES, Connect
from pipeline.clock import monotonic_s
from pipeline.errors import ConfigError, Transient

MOST = 10_000


class Sessions(Protocol):
    """The sessions as a listener sees them."""

    async def enter(self, connect: Connect) -> bool:
        """The client is here from now on; whether it had a session. Durable on return. Raises Transient."""
        ...

    async def left(self, client_id: str, expiry_s: int) -> bool:
        """Its connection here ended, its session expires from now; False: the client is at another listener by now."""
        ...

    async def elsewhere(self, here: Collection[str]) -> Collection[str]:
        """Which of the clients that are connected here have come to another listener since."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class FileSessions:
    """client id -> expiry interval (s), in a file. `now_s` everywhere: a clock that only runs forward."""

    def __init__(self, path: Path, now_s: float, *, most: int = MOST) -> None:
        self._most = most
        self._lock = asyncio.Lock()
        try:
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise ConfigError(f"the session file {path} cannot be used: {error}") from error
        try:
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")
            self._database.execute("create table if not exists session(client_id text primary key, expiry_s integer)")
            rows = self._database.execute("select client_id, expiry_s from session order by rowid").fetchall()
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise ConfigError(f"the session file {path} cannot be used: {error}") from error
        # How long they have been away is not known after a restart: they count as seen now.
        self._seen: dict[str, tuple[int, float]] = {client: (expiry_s, now_s) for client, expiry_s in rows}

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    async def enter(self, connect: Connect) -> bool:
        """See Sessions."""
        now_s = monotonic_s()
        present = not connect.clean_start and self.present(connect.client_id, now_s)
        await self.keep(connect.client_id, connect.expiry_s, now_s)
        return present

    async def left(self, client_id: str, expiry_s: int) -> bool:
        """See Sessions."""
        now_s = monotonic_s()
        await self.keep(client_id, expiry_s, now_s)
        self.seen(client_id, now_s)
        return True

    async def elsewhere(self, here: Collection[str]) -> Collection[str]:  # noqa: ARG002  # the port's
        """See Sessions: there is no other."""
        return ()

    def present(self, client_id: str, now_s: float) -> bool:
        """Whether a session of this client is remembered and not expired."""
        known = self._seen.get(client_id)
        return known is not None and (known[0] == NEVER_EXPIRES or now_s - known[1] <= known[0])

    def seen(self, client_id: str, now_s: float) -> None:
        """The client's connection ended; its session expires from now."""
        known = self._seen.pop(client_id, None)
        if known is not None:
            self._seen[client_id] = known[0], now_s  # behind all others: the order is by last seen

    async def keep(self, client_id: str, expiry_s: int, now_s: float) -> None:
        """The client's session lives for `expiry_s` after its connection (0: not at all). Durable on return.

        Above the most that is remembered those seen longest ago are forgotten. Raises Transient.
        """
        before = self._seen.pop(client_id, None)
        gone = [client_id] if before and not expiry_s else []
        if expiry_s:
            self._seen[client_id] = expiry_s, now_s
        while len(self._seen) > self._most:
            oldest = next(iter(self._seen))
            del self._seen[oldest]
            gone.append(oldest)
        kept = [(client_id, expiry_s)] if expiry_s and (before is None or before[0] != expiry_s) else []
        if kept or gone:
            try:
                async with self._lock:
                    await asyncio.to_thread(self._write, kept, gone)
            except Transient:
                self._seen.pop(client_id, None)  # what is not on disk is not promised
                raise

    def _write(self, kept: Iterable[tuple[str, int]], gone: Iterable[str]) -> None:
        try:
            self._database.execute("begin")
            self._database.executemany("insert or replace into session values (?, ?)", kept)
            self._database.executemany("delete from session where client_id = ?", [(one,) for one in gone])
            self._database.execute("commit")
        except sqlite3.DatabaseError as error:
            if self._database.in_transaction:
                self._database.execute("rollback")
            raise Transient(f"the session file cannot be written: {error}") from error
