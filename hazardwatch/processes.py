"""Says to all processes of the site how this one is, every two seconds, and listens to what they say.

What it means is hazardwatch.process_state's.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import structlog

from hazardwatch.api.hops import hops
from hazardwatch.health import Health
from hazardwatch.process_state import FORGOTTEN_S, Heard, ProcessState
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import Transient
from pipeline.log import Table

TABLE = "processes"
_LEAVE_S = 3.0
_log = structlog.get_logger(__name__)


@cache  # it reads files
def version_of_program() -> str:
    """As installed."""
    try:
        return version("hazardwatch")
    except PackageNotFoundError:
        return "not installed, run from its sources"


@dataclass(slots=True)
class Report:
    """What this process says of itself: every role adds how to ask it."""

    health: Health
    data: Path
    url: str | None = None
    started: int = field(default_factory=now_ms)
    owns: dict[str, Callable[[], Collection[str]]] = field(default_factory=dict)
    lags_s: dict[str, Callable[[], float]] = field(default_factory=dict)
    values: dict[str, Callable[[], float]] = field(default_factory=dict)
    broker: Callable[[], dict[str, int | None]] = dict

    @property
    def id(self) -> str:
        """Host and data folder: at one time one process has them."""
        return f"{platform.node()}:{self.data.resolve()}"

    def state(self) -> ProcessState:
        """As of now."""
        return ProcessState(
            id=self.id,
            host=platform.node(),
            pid=os.getpid(),
            version=version_of_program(),
            started=self.started,
            said=now_ms(),
            roles=self.health.report(),
            owns={role: sorted(ask()) for role, ask in self.owns.items()},
            hops=hops(),
            lags_s={role: ask() for role, ask in self.lags_s.items()},
            values={point: _asked(point, ask) for point, ask in self.values.items()},
            url=self.url,
            broker=self.broker(),
        )


def _asked(point: str, probe: Callable[[], float]) -> float | None:
    """None, a bad sample, where the machine does not say (a disk that went away): SYSTEM's BAD alarms tell of it."""
    try:
        return probe()
    except OSError as error:
        _log.warning("a value of SYSTEM cannot be had", point=point, error=str(error))
        return None


class Processes:
    """All processes of the site, as heard in `table`. `look` is to be called every second or two."""

    def __init__(self, table: Table, report: Report, clock: Callable[[], float] = monotonic_s) -> None:
        self._table = table
        self._report = report
        self._clock = clock
        self._said: dict[str, tuple[bytes, float]] = {}
        self._unread: set[bytes] = set()
        self._console: tuple[str | None] | None = None  # of others, as of the last look

    async def say(self) -> None:
        """Tells all how this process is. Raises Transient."""
        await self._table.put(self._report.id, msgspec.json.encode(self._report.state()))
        self.look()

    async def leave(self) -> None:
        """The process ends as it should: nobody is to miss it. Where the log is away it goes without a word."""
        with suppress(TimeoutError, Transient):
            async with asyncio.timeout(_LEAVE_S):
                await self._table.put(self._report.id, None)

    def look(self) -> None:
        """Notes who has said something new."""
        self._console = None
        now_s, items = self._clock(), self._table.items()
        for id_, said in items.items():
            if id_ not in self._said or self._said[id_][0] != said:
                self._said[id_] = (said, now_s)
        for id_ in self._said.keys() - items.keys():
            del self._said[id_]

    def heard(self) -> list[Heard]:
        """All of them by id; this process as it is now."""
        found = []
        for id_, (said, at_s) in sorted(self._said.items()):
            if id_ == self._report.id:
                found.append(Heard(self._report.state(), 0.0))
                continue
            try:
                found.append(Heard(msgspec.json.decode(said, type=ProcessState), self._clock() - at_s))
            except msgspec.MsgspecError as error:
                if said not in self._unread:
                    self._unread = {said}
                    _log.warning("what a process says of itself cannot be read", error=str(error))
        return found

    async def forget(self) -> None:
        """Those that have been silent for a day. Raises Transient."""
        for one in self.heard():
            if one.quiet_s > FORGOTTEN_S:
                await self._table.put(one.state.id, None)

    def console(self) -> str | None:
        """The address of a process with an API, this one's before others'. Asked for each message that is sent."""
        if self._report.url is not None:
            return self._report.url
        if self._console is None:
            urls = (one.state.url for one in self.heard() if one.state.url and not one.silent)
            self._console = (next(urls, None),)
        return self._console[0]
