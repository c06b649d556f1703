"""What an engine role does between two divisions: plant log in, alarm log out, snapshots beside it.

Who owns what is hazardwatch.engine_role's; what a record means, the desk's and the engine's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import msgspec
import structlog

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from hazardwatch.loaded import Counted, Loaded
from pipeline import records
from pipeline.clock import monotonic_s, now_ms
from pipeline.log import ALARM, PLANT, Entry, Log, Snapshot
from pipeline.passed_over import PassedOver, foreign
from pipeline.records import TICK_RECORD, BadRecord
from pipeline.retry import until_done
from pipeline.site import Site, of_installation

OWNER = "engine"
_FETCH_S = 1.0
_STANDING_S = 60.0
_REVIEWS_S = 5.0
_OPEN_AT_ONCE = 4
_FINISH_S = 2.0
"""So long what is being said may take when installations are given up, and so long their snapshots: Kafka waits 5 s."""
_FRESH_S = 5.0
"""A snapshot younger than this is good enough for the next owner."""
_log = structlog.get_logger(__name__)


class Tenure:
    """`loaded` is the role's and outlives this; `at_start` the plant log's ends when the process began."""

    def __init__(
        self,
        log: Log,
        site: Site,
        loaded: dict[str, Loaded],
        at_start: Mapping[str, int],
        counted: Counted,
        tasks: asyncio.TaskGroup,
        snapshot_s: float,
    ) -> None:
        self._log, self._site, self._loaded, self._at_start = log, site, loaded, at_start
        self._counted, self._tasks, self._snapshot_s = counted, tasks, snapshot_s
        self._mine: dict[str, Loaded] = {}
        self._behind: dict[str, int] | None = None
        self._busy = False
        self._stop = False
        self._passed_over = PassedOver("engine")

    def behind(self) -> int | None:
        """How many installations still have entries from before this tenure to be judged; None: not known yet."""
        return None if self._behind is None else len(self._behind)

    async def run(self, owned: Collection[str], caught_up: asyncio.Event) -> None:
        """Until `end` or cancellation."""
        await self._open(owned)
        if not owned:
            return
        await self._hear()
        reader = self._log.reader(
            PLANT, {id_: loaded.desk.engine.position for id_, loaded in self._mine.items()}, owned
        )
        configured = False
        while not self._stop:
            self._busy = True
            if not self._behind and not configured:
                await self._configure()
                configured = True
                caught_up.set()
            if configured:
                await self._after()
            self._busy = False
            entries = await until_done("engine: plant log", lambda: reader.fetch(_FETCH_S))
            self._busy = True
            if entries:
                items = await asyncio.to_thread(self._judge, entries)
                await self._say(items)
                self._counted.count((loaded.desk.engine for loaded in self._mine.values()), entries[-1])

    async def end(self, running: asyncio.Task[None]) -> None:
        """Finish what is being said, within a few seconds, and keep the states."""
        self._stop = True
        if not self._busy:
            running.cancel()
        await asyncio.wait({running}, timeout=_FINISH_S)
        await self._keep_all(begin=running.done())
        if not running.done():
            running.cancel()  # what was to be said may be half said: only their snapshots are sound now
            for id_ in self._mine:
                del self._loaded[id_]
        for id_, loaded in self._mine.items():
            loaded.left_s = monotonic_s()
            if loaded.failed is not None:
                self._loaded.pop(id_, None)  # half way through a record: the next one begins from the snapshot

    async def _keep_all(self, *, begin: bool) -> None:
        """So that the next owners need not judge much again. What takes longer is cut short."""
        until_s = monotonic_s() + _FINISH_S if begin else monotonic_s()
        for id_, loaded in self._mine.items():
            if min(_FRESH_S, self._snapshot_s) <= monotonic_s() - loaded.snapshot_s and monotonic_s() < until_s:
                await self._keep(id_, loaded)
        writing = {loaded.writing for loaded in self._mine.values() if loaded.writing is not None}
        if writing:
            _, late = await asyncio.wait(writing, timeout=max(0.0, until_s - monotonic_s()))
            for one in late:
                one.cancel()

    # ---------------------------------------------------------------- beginning

    async def _open(self, owned: Collection[str]) -> None:
        """The desks that are not in memory, where their snapshots left them; a few at a time."""
        places = asyncio.Semaphore(_OPEN_AT_ONCE)

        async def one(id_: str) -> None:
            async with places:
                self._loaded[id_] = await self._opened(id_)

        await asyncio.gather(*(one(id_) for id_ in owned if id_ not in self._loaded))
        self._mine = {id_: self._loaded[id_] for id_ in owned}
        newest = await until_done("engine: plant log", lambda: self._log.last(PLANT, owned))
        self._behind = {
            id_: last.position for id_, last in newest.items() if last.position > self._mine[id_].desk.engine.position
        }

    async def _opened(self, installation: str) -> Loaded:
        kept = await until_done("engine: snapshot", lambda: self._log.load_snapshot(OWNER, installation))
        desk = EngineDesk(Engine(installation))
        if kept is not None:
            try:
                desk = await asyncio.to_thread(EngineDesk.restore, installation, kept.data)
            except (msgspec.MsgspecError, LookupError, ValueError) as error:  # of another version; damage shows earlier
                _log.error("the engine's snapshot cannot be read; judging anew from the log", error=str(error))
        else:
            await self._claim(installation, 0)
        return Loaded(desk, now_ms(), desk.engine.position)

    async def _hear(self) -> None:
        """What engines have said since, here or elsewhere; one reader for all."""
        desks = {id_: loaded.desk for id_, loaded in self._mine.items()}
        newest = await until_done("engine: alarm log", lambda: self._log.last(ALARM, desks))
        until = {id_: one.position for id_, one in newest.items() if one.position > desks[id_].alarm_position}
        if not until:
            return
        reader = self._log.reader(ALARM, {id_: desks[id_].alarm_position for id_ in until}, list(until))
        while until:
            for entry in await until_done("engine: alarm log", lambda: reader.fetch(_FETCH_S)):
                self._heard(desks[entry.installation], entry)
                if entry.position >= until.get(entry.installation, entry.position + 1):
                    del until[entry.installation]

    def _heard(self, desk: EngineDesk, entry: Entry) -> None:
        try:
            desk.heard(entry)
        except BadRecord as error:
            self._passed_over.note(entry, str(error))

    # ---------------------------------------------------------------- judging

    def _judge(self, entries: list[Entry]) -> list[tuple[str, bytes]]:
        items: list[tuple[str, bytes]] = []
        for entry in entries:
            loaded = self._mine[entry.installation]
            if loaded.failed is not None:
                continue
            try:
                items += [(entry.installation, data) for data in self._take(loaded.desk, entry)]
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of ours in one installation must not blind the others
                self._stands_still(loaded, entry, error)
                continue
            loaded.newest_ms = entry.stamp
            if self._behind and self._behind.get(entry.installation, entry.position + 1) <= entry.position:
                del self._behind[entry.installation]
        return items

    def _stands_still(self, loaded: Loaded, entry: Entry, error: Exception) -> None:
        """Nothing of it is judged, said or kept any more until it is opened anew, here or elsewhere.

        `newest_ms` stays, so the lag of judging rises, which is an alarm of SYSTEM; passing the record over instead
        might hide an alarm for ever.
        """
        loaded.failed = f"{entry.installation} stands still at position {entry.position}: {error!r}"
        if self._behind:
            self._behind.pop(entry.installation, None)  # the others need not wait
        _log.error("an installation is not judged any more", reason=loaded.failed, exc_info=error)

    def _take(self, desk: EngineDesk, entry: Entry) -> list[bytes]:
        if foreign(entry.data):
            self._passed_over.note(entry, "a kind of record that another version knows")
        try:
            return desk.take(entry)
        except BadRecord as error:
            self._passed_over.note(entry, str(error))
            return desk.take(entry._replace(data=TICK_RECORD))  # the time it brings passes all the same

    async def _say(self, items: list[tuple[str, bytes]]) -> None:
        if not items:
            return
        positions = await until_done("engine: alarm log", lambda: self._log.append(ALARM, items))
        for (installation, _), position in zip(items, positions, strict=True):
            self._mine[installation].desk.alarm_position = position

    # ---------------------------------------------------------------- keeping

    async def _after(self) -> None:
        """Now and then: full states, and snapshots."""
        now_s = monotonic_s()
        for installation, loaded in self._mine.items():
            if loaded.desk.engine.site is None or loaded.failed is not None:
                continue
            if now_s - loaded.standing_s >= _STANDING_S:
                loaded.standing_s = now_s
                await self._say([(installation, loaded.desk.standing_record())])
            if now_s - loaded.reviewed_s >= _REVIEWS_S:
                loaded.reviewed_s = now_s
                loaded.reviews_overdue = loaded.desk.engine.reviews_overdue()
            if now_s - loaded.snapshot_s >= self._snapshot_s:
                await self._keep(installation, loaded)

    async def _configure(self) -> None:
        """Put this process's file in force where it differs and this process is the newer of the two.

        Newer: the other was in the log when this process began. So the file of the process started last wins, however
        installations move, and what a person put in force meanwhile stays.
        """
        for id_, loaded in self._mine.items():
            desk, wanted = loaded.desk, of_installation(self._site, id_)
            if loaded.failed is not None:
                continue
            if desk.engine.site is None and wanted.installation(id_) is None:
                continue  # newer processes have it in their files, and put it in force
            if desk.engine.site == wanted or desk.configured > self._at_start.get(id_, -1):
                continue
            item = (id_, records.encode_site(wanted))
            await until_done("engine: plant log", lambda item=item: self._log.append(PLANT, [item]))  # type: ignore[misc]  # mypy does not infer a lambda's default

    async def _keep(self, installation: str, loaded: Loaded) -> None:
        """Begins to write the state, beside everything else, unless the one before is still being written."""
        busy = loaded.writing is not None and not loaded.writing.done()
        if (
            busy
            or loaded.failed is not None
            or loaded.desk.engine.site is None
            or loaded.desk.engine.position <= loaded.saved
        ):
            return
        state = Snapshot(loaded.desk.engine.position, await asyncio.to_thread(loaded.desk.snapshot))
        loaded.writing = self._tasks.create_task(self._write(installation, state, loaded.save(state)))

    async def _write(self, installation: str, state: Snapshot, before: int) -> None:
        """What the state before this one needs stays claimed: a damaged newest one is passed over."""
        await until_done("engine: snapshot", lambda: self._log.save_snapshot(OWNER, installation, state))
        await self._claim(installation, max(before, 0))

    async def _claim(self, installation: str, position: int) -> None:
        await until_done("engine: claim", lambda: self._log.claim(PLANT, OWNER, installation, position))
