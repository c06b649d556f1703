"""The notifier role: reads the alarm log, asks alerting.escalation what is due, and has alerting.outbox send it.

It decides nothing itself, and never sends while it is still reading what happened before it started.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec
import structlog

from alerting.escalation import Annunciator
from alerting.lane import Health, Lanes
from alerting.outbox import Outbox
from alerting.routing import Routes
from pipeline import records
from pipeline.clock import monotonic_s, now_ms
from pipeline.log import ALARM, Entry, Log, Snapshot
from pipeline.model import SYSTEM
from pipeline.passed_over import PassedOver
from pipeline.retry import until_done
from pipeline.site import Site, of_installation
from pipeline.site_record import site_of

ROLE = OWNER = "notifier"
SITE_OWNER = "notifier-site"
"""The configuration is kept apart from the state: it is large and changes rarely."""
_FETCH_WAIT_S = 5.0
_SNAPSHOT_EVERY_S = 30.0
_LET_GO_S = 4.0
"""So long sends under way may take when installations are given up: Kafka waits 5 s."""
_BREATH = 200
"""Entries folded before others of this event loop get their turn."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Desk:
    """One installation. `live_from` is the last position that was there when we began: until then only reading."""

    annunciator: Annunciator
    live_from: int = -1
    live: bool = False
    site: bytes | None = None
    saved_at_s: float = 0.0
    saving: asyncio.Task[None] | None = None


class Notifier:
    """Tells people of the installations that are this process's.

    `site` names the installations, and serves until the log tells a configuration. `acknowledge_url` gives what goes
    into webhooks, `{alarm}` and `{occurrence}` replaced. `transport` stands in for the network.
    """

    def __init__(
        self,
        log: Log,
        site: Site,
        health: Health,
        *,
        acknowledge_url: Callable[[], str | None] = lambda: None,
        clock: Callable[[], int] = now_ms,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.owned: frozenset[str] = frozenset()
        self.lag_s = 0.0
        """How old the newest entry of the alarm log was when it was taken in."""
        self._log = log
        self._site = site
        self._health = health
        self._acknowledge_url = acknowledge_url
        self._clock = clock
        self._transport = transport
        self._desks: dict[str, _Desk] = {}
        self._passed_over = PassedOver("notifier")

    async def run(self) -> None:
        """Until cancelled."""
        ids = dict.fromkeys([*(one.id for one in self._site.installations), SYSTEM])
        async with (
            aclosing(Lanes(self._health, self._transport)) as lanes,
            self._log.share(ROLE, list(ids)) as share,
        ):
            self.owned = await share.owned()
            while True:
                async with self._telling(lanes):
                    owned = await share.owned()
                # Empty may be a division under way: what is in memory waits, since most of it comes back.
                self.owned = owned
                if owned:
                    self._desks = {id_: desk for id_, desk in self._desks.items() if id_ in owned}

    @asynccontextmanager
    async def _telling(self, lanes: Lanes) -> AsyncIterator[None]:
        """Tells while inside; on leaving nothing is being sent any more, and what was sent is on record."""
        async with asyncio.TaskGroup() as tasks:
            outbox = Outbox(self._log, tasks, lanes, self._clock, self._acknowledge_url)
            following = tasks.create_task(self._follow(outbox, tasks), name="notifier")
            yield
            following.cancel()
            await asyncio.wait({following})
            await outbox.let_go(_LET_GO_S)
            for desk in self._desks.values():
                if desk.saving is not None:
                    desk.saving.cancel()

    async def _follow(self, outbox: Outbox, tasks: asyncio.TaskGroup) -> None:
        if not self.owned:
            return
        newest = await until_done("alarm log", lambda: self._log.last(ALARM, self.owned))
        for installation in self.owned:
            desk = await self._open(installation, newest.get(installation), outbox)
            self._go_live(desk, outbox)
        positions = {id_: self._desks[id_].annunciator.position for id_ in self.owned}
        after = {id_: position for id_, position in positions.items() if position >= 0}
        reader = self._log.reader(ALARM, after, self.owned)
        while True:
            entries = await until_done("reading the alarm log", lambda: reader.fetch(_FETCH_WAIT_S))
            self.lag_s = max(0, self._clock() - entries[-1].stamp) / 1000 if entries else 0.0
            for number, entry in enumerate(entries, 1):
                self._take(entry, outbox)
                if number % _BREATH == 0:
                    await asyncio.sleep(0)
            self._save({entry.installation for entry in entries}, tasks)

    def _take(self, entry: Entry, outbox: Outbox) -> None:
        desk = self._desks[entry.installation]
        routes = desk.annunciator.routes
        try:
            folded = desk.annunciator.fold(entry)
        except records.BadRecord as error:
            self._passed_over.note(entry, str(error))
            return
        if desk.annunciator.routes is not routes:
            desk.site = records.config_json(entry.data)
            outbox.prepare(desk.annunciator.routes)
        if not desk.live:
            self._go_live(desk, outbox)
            return
        for send in folded.due:
            outbox.start(entry.installation, desk.annunciator.routes, send)
        for key, why in folded.stopped:
            outbox.stop(entry.installation, key, why)

    def _go_live(self, desk: _Desk, outbox: Outbox) -> None:
        """Once all that was there at the start is read, what has no result yet is sent (again, perhaps)."""
        annunciator = desk.annunciator
        if annunciator.position < desk.live_from:
            return
        desk.live = True
        for send in annunciator.pending():
            outbox.start(annunciator.installation, annunciator.routes, send)

    async def _open(self, installation: str, last: Entry | None, outbox: Outbox) -> _Desk:
        """The desk in memory, or as it was kept; quiet until it has read what others have done since: up to `last`."""
        desk = self._desks.get(installation)
        if desk is None:
            desk = self._desks[installation] = _Desk(await self._restored(installation), saved_at_s=monotonic_s())
            await self._claim(installation, desk.annunciator.position)
        desk.live, desk.live_from = False, last.position if last else -1
        outbox.prepare(desk.annunciator.routes)
        return desk

    async def _restored(self, installation: str) -> Annunciator:
        kept_site = await self._load(SITE_OWNER, installation)
        kept = await self._load(OWNER, installation)
        site = _decoded(kept_site) or of_installation(self._site, installation)
        routes = Routes(site, installation)
        if kept is not None:
            try:
                return Annunciator.restore(installation, routes, kept.position, kept.data)
            except msgspec.MsgspecError as error:
                _log.error("the notifier's snapshot cannot be read, reading from the beginning", error=str(error))
        return Annunciator(installation, routes)

    async def _load(self, owner: str, installation: str) -> Snapshot | None:
        return await until_done("alarm log", lambda: self._log.load_snapshot(owner, installation))

    async def _claim(self, installation: str, position: int) -> None:
        await until_done("alarm log", lambda: self._log.claim(ALARM, OWNER, installation, max(position, 0)))

    def _save(self, installations: Iterable[str], tasks: asyncio.TaskGroup) -> None:
        """Now and then, and beside the reading: a slow disk must not hold up a message."""
        for installation in installations:
            desk = self._desks[installation]
            busy = desk.saving is not None and not desk.saving.done()
            if busy or monotonic_s() - desk.saved_at_s < _SNAPSHOT_EVERY_S:
                continue
            desk.saved_at_s = monotonic_s()
            state = Snapshot(desk.annunciator.position, desk.annunciator.snapshot())
            desk.saving = tasks.create_task(self._write(installation, desk, state))

    async def _write(self, installation: str, desk: _Desk, state: Snapshot) -> None:
        site = desk.site
        if site is not None:
            await self._keep(SITE_OWNER, installation, Snapshot(state.position, site))
            desk.site = None if desk.site is site else desk.site
        await self._keep(OWNER, installation, state)
        await self._claim(installation, state.position)

    async def _keep(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        await until_done("alarm log", lambda: self._log.save_snapshot(owner, installation, snapshot))


def _decoded(snapshot: Snapshot | None) -> Site | None:
    if snapshot is None:
        return None
    try:
        return site_of(snapshot.data)
    except msgspec.MsgspecError as error:
        _log.error("the notifier's kept configuration cannot be read, using the file's", error=str(error))
        return None
