"""The service as anybody sees it: its HTTP interface, and its history over SQL. What comes back is not judged here.

Every question raises Away when the service or its database cannot be reached just now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
import psycopg

from hazardwatch.demo.answers import Health, Hop, Latest, StandingAlarms, Status
from hazardwatch.local_access import LocalAccess, find
from pipeline.errors import ConfigError
from simulators.desk import OPERATOR, Deed

TREND_S = 180
TREND_STEP_S = 2
_LATEST = """
select distinct on (point) point, extract(epoch from time) * 1000, value
from hazardwatch.readings
where installation = %s and time > now() - interval '10 seconds' and not backfill
order by point, time desc
"""
_TRENDS = """
select point, array_agg(mean order by bucket)
from (
    select point, floor(extract(epoch from time) / %s) as bucket, avg(value) as mean
    from hazardwatch.readings
    where installation = %s and time > now() - make_interval(secs => %s) and value is not null
    group by point, bucket
) as buckets
group by point
"""
_COUNTS = """
select count(*) filter (where time <= to_timestamp(%s / 1000.0)), count(*)
from hazardwatch.readings
where installation = %s and time > to_timestamp(%s / 1000.0)
"""
_EARLIER = """
select count(*), min(time) from hazardwatch.readings where time <= to_timestamp(%s / 1000.0)
"""
_T = TypeVar("_T")


class Away(Exception):
    """The service, or its database, does not answer just now."""


class Doors:
    """The doors of one running service. `async with Doors(data) as doors`."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._http: httpx.AsyncClient | None = None
        self._history: psycopg.AsyncConnection | None = None
        self._dsn: str | None = None
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> list[str] | None:
        """What does not work yet, in words; [] when all of it does; None when there is no answer at all."""
        await self.close()
        try:
            access = find(self._data)
        except ConfigError:
            return None  # not written yet: the service is still starting
        async with self._one_at_a_time:
            self._dsn = access.dsn
            self._http = _client(access)
            try:
                answer = await self._http.get("/healthz")
            except httpx.TransportError:
                return None
        roles = msgspec.json.decode(answer.content, type=Health).roles
        return [f"{one.role}: {one.why}" for one in roles if not one.works]

    async def close(self) -> None:
        """Forget the service; called before it is started anew and at the end."""
        async with self._one_at_a_time:
            if self._http is not None:
                await self._http.aclose()
            if self._history is not None:
                await self._history.close()
            self._http = self._history = None

    async def standing(self) -> StandingAlarms:
        """Everything that stands."""
        return await self._get("/api/v1/alarms", StandingAlarms)

    async def hops(self) -> list[Hop]:
        """The counters of every hop."""
        return (await self._get("/api/v1/status", Status)).hops

    async def give(self, deed: Deed) -> str:
        """A command of the simulated operator; what came of it, in the service's words."""
        body = {
            "command": deed.command,
            "alarm": deed.alarm,
            "occurrence": deed.occurrence,
            "by": OPERATOR,
            "note": deed.note,
        }
        answer = await self._ask("POST", "/api/v1/commands", (200, 202, 409), body)
        return str(answer.json()["message"])

    async def latest(self, installation: str) -> dict[str, Latest]:
        """The newest reading of every point, not older than ten seconds."""
        rows = await self._select(_LATEST, (installation,))
        return {point: Latest(round(time_ms), value) for point, time_ms, value in rows}

    async def trends(self, installation: str) -> dict[str, list[float]]:
        """The last three minutes of every point as means over two seconds, oldest first."""
        return dict(await self._select(_TRENDS, (TREND_STEP_S, installation, TREND_S)))

    async def stored(self, installation: str, after_ms: int, cut_ms: int) -> tuple[int, int]:
        """Readings with a device time later than `after_ms`: those up to `cut_ms`, and all."""
        [(before, all_)] = await self._select(_COUNTS, (cut_ms, installation, after_ms))
        return before, all_

    async def earlier(self, before_ms: int) -> tuple[int, datetime | None]:
        """Readings from earlier runs: how many, and the time of the first."""
        [(count, first)] = await self._select(_EARLIER, (before_ms,))
        return count, first

    async def _get(self, path: str, shape: type[_T]) -> _T:
        return msgspec.json.decode((await self._ask("GET", path, (200,))).content, type=shape)

    async def _ask(
        self, method: str, path: str, accept: Sequence[int], body: dict[str, str | None] | None = None
    ) -> httpx.Response:
        async with self._one_at_a_time:
            if self._http is None:
                raise Away
            try:
                answer = await self._http.request(method, path, json=body)
            except httpx.TransportError as error:
                raise Away from error
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise Away
        if answer.status_code not in accept:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def _select(self, query: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]  # rows differ
        async with self._one_at_a_time:
            if self._dsn is None or self._http is None:
                raise Away
            try:
                if self._history is None:
                    self._history = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5)
                cursor = await self._history.execute(query, values)
                return await cursor.fetchall()
            except psycopg.OperationalError as error:
                if self._history is not None:
                    await self._history.close()
                    self._history = None
                raise Away from error


def _client(access: LocalAccess) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=access.url,
        headers={"Authorization": f"Bearer {access.token}"},
        timeout=10.0,
        trust_env=False,  # a proxy has no business on loopback
    )
