"""The engine role: plant log in, alarm log out, snapshots beside it. Decides nothing (hazardwatch.engine does)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
import structlog

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from pipeline import records
from pipeline.clock import monotonic_s, now_ms
from pipeline.log import ALARM, PLANT, Entry, Log, Snapshot
from pipeline.metrics import Hop
from pipeline.records import TICK_RECORD, BadRecord
from pipeline.retry import until_done
from pipeline.site import Site, of_installation

OWNER = "engine"
_FETCH_S = 1.0
_STANDING_S = 60.0
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kept:
    """When an installation's snapshot and full state were last written (monotonic s), and the writing under way."""

    snapshot_s: float = 0.0
    standing_s: float = 0.0
    position: int = -1
    writing: asyncio.Task[None] | None = None


class EngineRole:
    """All engines of this process. `caught_up` is set when the log that was there at the start is judged.

    `snapshot_s`: how often an engine's state is kept; what came since is judged anew at a restart.
    """

    def __init__(self, log: Log, site: Site, *, snapshot_s: float = 30.0) -> None:
        self._snapshot_s = snapshot_s
        self._plant = log
        self._site = site
        self._desks: dict[str, EngineDesk] = {}
        self._kept: dict[str, _Kept] = {}
        self._behind: dict[str, int] = {}
        self._hop = Hop("engine")
        self._counted = (0, 0, 0)
        self.caught_up = asyncio.Event()

    def installations(self) -> list[str]:
        """Whose log this process keeps ticking."""
        return [one.id for one in self._site.installations]

    def reviews_overdue(self) -> int:
        """Alarms out of service that somebody should have looked at by now."""
        return sum(desk.engine.reviews_overdue() for desk in list(self._desks.values()))

    async def run(self) -> None:
        """Until cancelled."""
        # One that the site file dropped is opened too: what stands there is to be cleared, and said to be removed.
        recorded = await until_done("engine: plant log", lambda: self._plant.installations(PLANT))
        for id_ in dict.fromkeys([*self.installations(), *recorded]):
            await self._open(id_)
        await self._hear()
        async with asyncio.TaskGroup() as tasks:
            reader = self._plant.reader(PLANT, {id_: desk.engine.position for id_, desk in self._desks.items()})
            await self._after(tasks)
            while True:
                entries = await until_done("engine: plant log", lambda: reader.fetch(_FETCH_S))
                if entries:
                    items = await asyncio.to_thread(self._judge, entries)
                    await self._say(items)
                    self._count(entries[-1])
                await self._after(tasks)

    async def _open(self, installation: str) -> None:
        """An engine where its snapshot left it."""
        kept = await until_done("engine: snapshot", lambda: self._plant.load_snapshot(OWNER, installation))
        desk = EngineDesk(Engine(installation))
        if kept is not None:
            try:
                desk = await asyncio.to_thread(EngineDesk.restore, installation, kept.data)
            except (msgspec.MsgspecError, LookupError, ValueError) as error:  # of another version; damage shows earlier
                _log.error("the engine's snapshot cannot be read; judging anew from the log", error=str(error))
        newest = await until_done("engine: plant log", lambda: self._plant.last(PLANT, installation))
        if newest is not None and newest.position > desk.engine.position:
            self._behind[installation] = newest.position
        self._desks[installation], self._kept[installation] = desk, _Kept(monotonic_s(), position=desk.engine.position)
        if kept is None:
            await self._claim(installation, 0)

    async def _hear(self) -> None:
        """What the engines have said since; one reader for all, because each begins all others at the beginning."""
        until = {}
        for id_, desk in self._desks.items():
            last = await until_done("engine: alarm log", lambda id_=id_: self._plant.last(ALARM, id_))  # type: ignore[misc]  # mypy does not infer a lambda's default
            if last is not None and last.position > desk.alarm_position:
                until[id_] = last.position
        reader = self._plant.reader(ALARM, {id_: desk.alarm_position for id_, desk in self._desks.items()})
        while until:
            for entry in await until_done("engine: alarm log", lambda: reader.fetch(_FETCH_S)):
                if entry.installation in self._desks:
                    self._heard(self._desks[entry.installation], entry)
                if entry.position >= until.get(entry.installation, entry.position + 1):
                    del until[entry.installation]

    def _heard(self, desk: EngineDesk, entry: Entry) -> None:
        try:
            desk.heard(entry)
        except BadRecord as error:
            _log.error("a record of the alarm log is passed over", position=entry.position, error=str(error))

    def _judge(self, entries: list[Entry]) -> list[tuple[str, bytes]]:
        items = []
        for entry in entries:
            desk = self._desks.get(entry.installation)
            if desk is None:  # an installation of an older configuration: nothing of it is judged any more
                continue
            items += [(entry.installation, data) for data in self._take(desk, entry)]
            if self._behind.get(entry.installation) == entry.position:
                del self._behind[entry.installation]
        return items

    def _take(self, desk: EngineDesk, entry: Entry) -> list[bytes]:
        try:
            return desk.take(entry)
        except BadRecord as error:
            _log.error("a record of the plant log is passed over", position=entry.position, error=str(error))
            return desk.take(entry._replace(data=TICK_RECORD))  # the time it brings passes all the same

    async def _say(self, items: list[tuple[str, bytes]]) -> None:
        if not items:
            return
        positions = await until_done("engine: alarm log", lambda: self._plant.append(ALARM, items))
        for (installation, _), position in zip(items, positions, strict=True):
            self._desks[installation].alarm_position = position

    async def _after(self, tasks: asyncio.TaskGroup) -> None:
        """Once caught up: put the file's configuration in force if it differs; then snapshots and full states."""
        if self._behind:
            return
        if not self.caught_up.is_set():
            await self._configure()
            self.caught_up.set()
        now_s = monotonic_s()
        for installation, desk in self._desks.items():
            kept = self._kept[installation]
            if desk.engine.site is None:
                continue
            if now_s - kept.standing_s >= _STANDING_S:
                kept.standing_s = now_s
                await self._say([(installation, desk.standing_record())])
            busy = kept.writing is not None and not kept.writing.done()
            if not busy and now_s - kept.snapshot_s >= self._snapshot_s and desk.engine.position > kept.position:
                before, kept.position, kept.snapshot_s = kept.position, desk.engine.position, now_s
                state = Snapshot(desk.engine.position, await asyncio.to_thread(desk.snapshot))
                kept.writing = tasks.create_task(self._write(installation, state, before))

    async def _configure(self) -> None:
        for installation, desk in self._desks.items():
            wanted = of_installation(self._site, installation)
            if desk.engine.site != wanted:
                record = records.encode_site(wanted)
                await until_done("engine: plant log", lambda: self._plant.append(PLANT, [(installation, record)]))  # noqa: B023  # awaited here

    async def _write(self, installation: str, state: Snapshot, before: int) -> None:
        """Keep the state. What the one before it needs stays claimed: a damaged newest one is passed over."""
        await until_done("engine: snapshot", lambda: self._plant.save_snapshot(OWNER, installation, state))
        await self._claim(installation, max(before, 0))

    async def _claim(self, installation: str, position: int) -> None:
        await until_done("engine: claim", lambda: self._plant.claim(PLANT, OWNER, installation, position))

    def _count(self, newest: Entry) -> None:
        engines = [desk.engine for desk in self._desks.values()]
        now = (
            sum(engine.readings for engine in engines),
            sum(engine.repeats for engine in engines),
            sum(engine.unknown for engine in engines),
        )
        readings, repeats, unknown = (a - b for a, b in zip(now, self._counted, strict=True))
        self._counted = now
        self._hop.received(readings)
        self._hop.passed(readings - repeats - unknown)
        self._hop.refused(repeats, "repeat")
        self._hop.refused(unknown, "unknown_point")
        self._hop.lag((now_ms() - newest.stamp) / 1000)
