"""The historian role: follows its part of both topics of the log and keeps the database in step, for ever.

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
from historian.following import OWNER, in_thread
from historian.plant_line import PlantLine
from historian.store import Store
from historian.summaries import Touched
from historian.upkeep import Upkeep
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import Permanent, Transient
from pipeline.log import ALARM, PLANT, Log
from pipeline.metrics import Hop
from pipeline.model import SYSTEM
from pipeline.retry import Pace, until_done
from pipeline.site import Site

_log = structlog.get_logger(__name__)
_SILENT_S = 60.0  # batches and summaries take seconds
_PACE = Pace(first_s=0.25, most_s=3.0)
_TURN_S = 1.0
_BEHIND_S = 5.0  # while the writing is further behind than this, summing up and deleting wait
_TOPICS = (PLANT, ALARM)
UPKEEP = "upkeep"
"""In `health`, beside the topics: summaries and retention."""


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
        self._health = {each: Health(False, now_ms(), "not connected yet") for each in (*_TOPICS, UPKEEP)}
        self._worked_s = dict.fromkeys(self._health, clock())
        self._behind_s = dict.fromkeys(_TOPICS, 0.0)
        self.owned: frozenset[str] = frozenset()
        self._touched = Touched()
        self._lines: dict[str, PlantLine | AlarmLine] = {}
        self._connections: dict[str, Store | Upkeep] = {}

    def health(self) -> Mapping[str, Health]:
        """By topic; cheap. A database that hangs says nothing, so silence counts as an error too."""
        return {topic: self._silent(topic) or one for topic, one in self._health.items()}

    def _silent(self, topic: str) -> Health | None:
        silent_s = self._clock() - self._worked_s[topic]
        if not self._health[topic].connected or silent_s < _SILENT_S:
            return None
        return Health(False, now_ms() - round(silent_s * 1000), f"the database has not answered for {silent_s:.0f} s")

    def lag_s(self) -> float:
        """How old what was written last was then, of the topic that is further behind."""
        return max(self._behind_s.values())

    def cut_off(self) -> None:
        """Ends what waits for a database that does not answer, as if the connection were lost."""
        for one in list(self._connections.values()):
            one.cut_off()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what is being written is finished.

        Raises ConfigError (another site's database, a private server that may not run here) and Permanent
        (another log, a refused row). Whatever it raises, `health` says so first.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take_part(stop))
                group.create_task(self._keep_up(stop))
        except ExceptionGroup as failed:
            reason = _first(failed)  # one reason says it; the others were only cancelled
            for topic in self._health:
                self._now(topic, str(reason) or repr(reason))
            raise reason from None
        finally:
            for topic in (PLANT, ALARM):
                await self._let_go(topic)

    async def _take_part(self, stop: asyncio.Event) -> None:
        """Write what is ours, for as long as the processes of this role stay as they are; then what is ours then."""
        known = [SYSTEM, *(one.id for one in self._site.installations)]
        async with self._log.share(OWNER, known) as share:
            dividing = asyncio.create_task(share.owned())
            try:
                while await _either(stop, dividing):
                    owned, ended = dividing.result(), asyncio.Event()
                    self.owned = owned
                    dividing = asyncio.create_task(share.owned())  # says that all of before is let go of
                    async with asyncio.TaskGroup() as group:
                        ending = group.create_task(_set_after(ended, stop, dividing))
                        lines = [group.create_task(self._follow_for_ever(topic, owned, ended)) for topic in _TOPICS]
                        await asyncio.wait(lines)
                        ending.cancel()
            finally:
                dividing.cancel()
                await asyncio.gather(dividing, return_exceptions=True)

    async def _follow_for_ever(self, topic: str, owned: frozenset[str], stop: asyncio.Event) -> None:
        if not owned:
            self._now(topic, None)  # others have it all
            await stop.wait()
        while not stop.is_set():
            # Comes back after a failure that followed a success, so that waits begin short again.
            await until_done(
                f"historian of the {topic} log",
                lambda: self._follow(topic, owned, stop),
                pace=_PACE,
                sleep=lambda seconds: _sleep(seconds, stop),
            )

    async def _follow(self, topic: str, owned: frozenset[str], stop: asyncio.Event) -> None:
        if stop.is_set():
            return
        worked = False

        def works(behind_s: float) -> None:
            nonlocal worked
            worked = True
            self._behind_s[topic] = behind_s
            self._worked_s[topic] = self._clock()
            self._now(topic, None)

        try:
            line = self._lines.get(topic) or await self._open(topic)
            await line.follow(owned, stop, works)
        except Transient as error:
            await self._let_go(topic)
            self._now(topic, str(error))
            if not worked:
                raise
            _log.warning("lost the database; beginning again", topic=topic, error=str(error))

    async def _open(self, topic: str) -> PlantLine | AlarmLine:
        dsn = await in_thread(self._ready)
        store = await in_thread(lambda: Store.open(dsn, self._site, topic, self._touched))
        self._connections[topic] = store
        line = PlantLine if topic == PLANT else AlarmLine
        self._lines[topic] = line(self._log, store, self._hops[topic])
        return self._lines[topic]

    async def _let_go(self, topic: str) -> None:
        """What is in memory is dropped with the connection: the next one begins from what the database has."""
        self._lines.pop(topic, None)
        one = self._connections.pop(topic, None)
        if one is not None:
            await in_thread(one.close)

    async def _keep_up(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await until_done(
                "historian's summaries and retention",
                lambda: self._keep_up_once(stop),
                pace=_PACE,
                sleep=lambda seconds: _sleep(seconds, stop),
            )

    async def _keep_up_once(self, stop: asyncio.Event) -> None:
        """Never ends the writing: what cannot be summed up or deleted is said, and tried again."""
        if stop.is_set():
            return
        try:
            dsn = await in_thread(self._ready)
            upkeep = await in_thread(lambda: Upkeep.open(dsn, self._site, self._touched))
            self._connections[UPKEEP] = upkeep
            while not stop.is_set():
                left = await in_thread(upkeep.turn) if self._behind_s[PLANT] < _BEHIND_S else False
                self._worked_s[UPKEEP] = self._clock()
                self._now(UPKEEP, None)
                if not left:
                    await _sleep(_TURN_S, stop)
        except (Transient, Permanent) as error:
            self._now(UPKEEP, str(error))
            raise Transient(str(error)) from error
        finally:
            await self._let_go(UPKEEP)

    def _now(self, topic: str, error: str | None) -> None:
        before = self._health[topic]
        since = before.since if before.connected == (error is None) else now_ms()
        self._health[topic] = Health(error is None, since, error)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def _either(stop: asyncio.Event, task: asyncio.Task[frozenset[str]]) -> bool:
    """Wait for one of them; whether it was the task."""
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((stopped, task), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    return not stop.is_set()


async def _set_after(ended: asyncio.Event, stop: asyncio.Event, task: asyncio.Task[frozenset[str]]) -> None:
    await _either(stop, task)
    ended.set()


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    one = failed.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one
