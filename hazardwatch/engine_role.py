"""The engine role: keeps a desk for each installation that is this process's, through every new division of them.

What is done with the desks between two divisions is a tenure's (hazardwatch.tenure). Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from hazardwatch.introducing import introduce
from hazardwatch.loaded import Counted, Loaded
from hazardwatch.tenure import Tenure
from pipeline.clock import monotonic_s
from pipeline.log import PLANT, Log
from pipeline.model import SYSTEM
from pipeline.retry import until_done
from pipeline.site import Site

ROLE = "engine"
_KEEP_S = 60.0
"""A desk that was away for longer is opened anew: its snapshot is nearer to now than what is still in memory."""


class EngineRole:
    """All engines of this process. `caught_up` is set when what was in the log at the first division is judged.

    `snapshot_s`: how often an engine's state is kept; what came since is judged anew at a restart.
    """

    def __init__(self, log: Log, site: Site, *, snapshot_s: float = 30.0) -> None:
        self.caught_up = asyncio.Event()
        self.owned: frozenset[str] = frozenset()
        self.divided: frozenset[str] | None = None
        """What the last whole division gave us, None before the first. `owned` is empty while one is under way."""
        self._snapshot_s = snapshot_s
        self._log = log
        self._site = site
        self._loaded: dict[str, Loaded] = {}
        self._at_start: dict[str, int] = {}
        self._counted = Counted()
        self._tenure: Tenure | None = None

    def installations(self) -> list[str]:
        """Whose log this process keeps ticking: its own.

        The first record of an installation is its configuration, so a new one waits for that. One that the
        configuration has dropped goes on: whoever looks for the end of a log that stands still has to search all
        that others have put behind it.
        """
        named = {one.id for one in self._site.installations if self._at_start.get(one.id, -1) >= 0}
        return sorted(
            id_ for id_ in self.owned if id_ in named or (id_ in self._loaded and self._loaded[id_].desk.engine.site)
        )

    def judges(self, installation: str) -> bool:
        """Whether it is ours, configured, and judged up to now."""
        loaded = self._loaded.get(installation)
        if installation not in self.owned or self._reading() is not None:
            return False
        return loaded is not None and loaded.configured and loaded.failed is None

    def trouble(self) -> str | None:
        """Why not everything that is ours is judged up to now."""
        failed = [loaded.failed for id_, loaded in self._loaded.items() if id_ in self.owned and loaded.failed]
        return self._reading() or "; ".join(failed) or None

    def _reading(self) -> str | None:
        behind = self._tenure.behind() if self._tenure else None
        return None if behind == 0 else f"still reading the log{f' of {behind} installations' if behind else ''}"

    def speaks(self) -> bool:
        """Whether this process says that the log is away: it has SYSTEM. Where nobody can know, rather twice."""
        return not self.divided or SYSTEM in self.divided

    def lag_s(self, now_ms: int) -> float:
        """How old what was judged last is, of the installation that is furthest behind."""
        newest = [self._loaded[id_].newest_ms for id_ in self.installations() if id_ in self._loaded]
        return max([0.0, *((now_ms - ms) / 1000 for ms in newest)])

    def reviews_overdue(self) -> int:
        """Alarms out of service that somebody should have looked at by now."""
        return sum(self._loaded[id_].reviews_overdue for id_ in self.owned if id_ in self._loaded)

    async def run(self) -> None:
        """Until cancelled."""
        # One that the site file dropped is shared too: what stands there is to be cleared, and said to be removed.
        recorded = await until_done("engine: plant log", lambda: self._log.installations(PLANT))
        ids = list(dict.fromkeys([*(one.id for one in self._site.installations), *recorded]))
        self._at_start = await self._ends(ids)
        await introduce(
            self._log, self._site, [one.id for one in self._site.installations if self._at_start[one.id] < 0]
        )
        async with self._log.share(ROLE, ids) as share:
            owned = await share.owned()
            while True:
                self._divide(owned)
                async with self._serving():
                    owned = await share.owned()
                    self.owned &= owned  # ticks of what is not ours any more end at once

    async def _ends(self, ids: Collection[str]) -> dict[str, int]:
        """The newest position of each plant log now: whatever is behind it was put in force before this process was."""
        newest = await until_done("engine: plant log", lambda: self._log.last(PLANT, ids))
        return {id_: newest[id_].position if id_ in newest else -1 for id_ in ids}

    def _divide(self, owned: frozenset[str]) -> None:
        """An empty share may be a division under way: the desks wait in memory, since most of them come back."""
        self.owned = owned
        if self.divided is None or owned:
            self.divided = owned
            fresh = monotonic_s() - _KEEP_S
            self._loaded = {
                id_: loaded for id_, loaded in self._loaded.items() if id_ in owned and loaded.left_s > fresh
            }

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        """Judges what is ours while inside; on leaving nothing of it is being said any more."""
        async with asyncio.TaskGroup() as tasks:
            tenure = Tenure(self._log, self._site, self._loaded, self._at_start, self._counted, tasks, self._snapshot_s)
            self._tenure = tenure
            running = tasks.create_task(tenure.run(self.owned, self.caught_up), name="judging")
            yield
            await tenure.end(running)
