"""The historian role: follows both topics of the log and keeps the database in step, for ever.

Whatever fails, it drops what it holds and begins again from what the database and the log say, so that a crash,
a lost connection and a start are one path. It decides no alarm; alarms never wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from historian.alarm_line import AlarmLine
from historian.following import in_thread
from historian.plant_line import PlantLine
from historian.store import Store
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import Transient
from pipeline.log import ALARM, PLANT, Log
from pipeline.metrics import Hop
from pipeline.model import SYSTEM
from pipeline.retry import Pace, until_done
from pipeline.site import Site

_log = structlog.get_logger(__name__)
_SILENT_S = 60.0  # batches and summaries take seconds
_PACE = Pace(first_s=0.25, most_s=10.0)


@dataclass(frozen=True, slots=True)
class Health:
    """How one topic's way into the database is. `since` epoch ms; `error` the newest one, None while it works."""

    connected: bool
    since: int
    error: str | None


class Historian:
    """`ready` gives the DSN and is asked before every connection; it may block (it may start a private server).

    `site` says whose database it must be, and which installations to look after from the start.
    """

    def __init__(
        self, log: Log, site: Site, ready: Callable[[], str], clock: Callable[[], float] = monotonic_s
    ) -> None:
        self._log = log
        self._site = site
        self._ready = ready
        self._hops = {PLANT: Hop("historian"), ALARM: Hop("historian-alarms")}
        self._clock = clock
        self._health = {topic: Health(False, now_ms(), "not connected yet") for topic in (PLANT, ALARM)}
        self._worked_s = dict.fromkeys((PLANT, ALARM), clock())
        self._stores: set[Store] = set()

    def health(self) -> Mapping[str, Health]:
        """By topic; cheap. A database that hangs says nothing, so silence counts as an error too."""
        return {topic: self._silent(topic) or one for topic, one in self._health.items()}

    def _silent(self, topic: str) -> Health | None:
        silent_s = self._clock() - self._worked_s[topic]
        if not self._health[topic].connected or silent_s < _SILENT_S:
            return None
        return Health(False, now_ms() - round(silent_s * 1000), f"the database has not answered for {silent_s:.0f} s")

    def cut_off(self) -> None:
        """Ends what waits for a database that does not answer, as if the connection were lost."""
        for store in self._stores:
            store.cut_off()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what is being written is finished.

        Raises ConfigError (another site's database, a private server that may not run here) and Permanent
        (another historian took over, another log, a refused row). Whatever it raises, `health` says so first.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for topic in (PLANT, ALARM):
                    group.create_task(self._follow_for_ever(topic, stop))
        except ExceptionGroup as failed:
            reason = failed.exceptions[0]  # one reason says it; the other topic was only cancelled
            for topic in self._health:
                self._now(topic, str(reason) or repr(reason))
            raise reason from None

    async def _follow_for_ever(self, topic: str, stop: asyncio.Event) -> None:
        async def sleep(seconds: float) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await stop.wait()

        while not stop.is_set():
            # Comes back after a failure that followed a success, so that waits begin short again.
            await until_done(
                f"historian of the {topic} log", lambda: self._follow(topic, stop), pace=_PACE, sleep=sleep
            )

    async def _follow(self, topic: str, stop: asyncio.Event) -> None:
        if stop.is_set():
            return
        worked = False

        def works() -> None:
            nonlocal worked
            worked = True
            self._worked_s[topic] = self._clock()
            self._now(topic, None)

        store = None
        try:
            dsn = await in_thread(self._ready)
            store = await in_thread(lambda: Store.open(dsn, self._site.id, topic))
            self._stores.add(store)
            await self._line(topic, store).follow(stop, works)
        except Transient as error:
            self._now(topic, str(error))
            if not worked:
                raise
            _log.warning("lost the database; beginning again", topic=topic, error=str(error))
        finally:
            if store is not None:
                self._stores.discard(store)
                await in_thread(store.close)

    def _line(self, topic: str, store: Store) -> PlantLine | AlarmLine:
        if topic == ALARM:
            return AlarmLine(self._log, store, self._hops[topic])
        ids = [SYSTEM, *(one.id for one in self._site.installations)]
        return PlantLine(self._log, store, self._hops[topic], ids)

    def _now(self, topic: str, error: str | None) -> None:
        before = self._health[topic]
        since = before.since if before.connected == (error is None) else now_ms()
        self._health[topic] = Health(error is None, since, error)
