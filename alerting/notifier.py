"""The notifier role: reads the alarm log, asks alerting.escalation what is due, and has alerting.outbox send it.

It decides nothing itself, and never sends while it is still reading what happened before it started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
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
from pipeline.retry import until_done
from pipeline.site import Site, of_installation
from pipeline.site_record import site_of

OWNER = "notifier"
SITE_OWNER = "notifier-site"
"""The configuration is kept apart from the state: it is large and changes rarely."""
_FETCH_WAIT_S = 5.0
_SNAPSHOT_EVERY_S = 30.0
_BREATH = 200
"""Entries folded before others of this event loop get their turn."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Desk:
    """One installation. `live_from` is the last position that was there when we started: until then only reading."""

    annunciator: Annunciator
    live_from: int
    live: bool = False
    site: bytes | None = None
    saved_at_s: float = 0.0
    saving: asyncio.Task[None] | None = None


async def run(
    log: Log,
    site: Site,
    health: Health,
    *,
    acknowledge_url: str | None = None,
    clock: Callable[[], int] = now_ms,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Tells people until cancelled. `site` names the installations, and serves until the log tells a configuration.

    `acknowledge_url` goes into webhooks, `{alarm}` and `{occurrence}` replaced. `transport` stands in for the network.
    """
    async with aclosing(Lanes(health, transport)) as lanes, asyncio.TaskGroup() as tasks:
        outbox = Outbox(log, tasks, lanes, clock, acknowledge_url)
        await _Notifier(log, site, outbox, tasks).run()


class _Notifier:
    def __init__(self, log: Log, site: Site, outbox: Outbox, tasks: asyncio.TaskGroup) -> None:
        self._alarm_log = log
        self._site = site
        self._outbox = outbox
        self._tasks = tasks
        self._desks: dict[str, _Desk] = {}

    async def run(self) -> None:
        for installation in dict.fromkeys([*(one.id for one in self._site.installations), SYSTEM]):
            desk = await self._open(installation)
            await self._claim(installation, desk.annunciator.position)
            self._go_live(desk)
        after = {id_: desk.annunciator.position for id_, desk in self._desks.items() if desk.annunciator.position >= 0}
        reader = self._alarm_log.reader(ALARM, after)
        while True:
            entries = await until_done("reading the alarm log", lambda: reader.fetch(_FETCH_WAIT_S))
            for number, entry in enumerate(entries, 1):
                await self._take(entry)
                if number % _BREATH == 0:
                    await asyncio.sleep(0)
            self._save({entry.installation for entry in entries})

    async def _take(self, entry: Entry) -> None:
        desk = self._desks.get(entry.installation) or await self._open(entry.installation)
        try:
            folded = desk.annunciator.fold(entry)
        except records.BadRecord as error:
            _log.error("a record of the alarm log is passed over", position=entry.position, error=str(error))
            return
        if entry.data[:1] == bytes([records.Kind.CONFIG]):
            desk.site = entry.data[1:]
            self._outbox.prepare(desk.annunciator.routes)
        if not desk.live:
            self._go_live(desk)
            return
        for send in folded.due:
            self._outbox.start(entry.installation, desk.annunciator.routes, send)
        for key, why in folded.stopped:
            self._outbox.stop(entry.installation, key, why)

    def _go_live(self, desk: _Desk) -> None:
        """Once all that was there at the start is read, what has no result yet is sent (again, perhaps)."""
        annunciator = desk.annunciator
        if annunciator.position < desk.live_from:
            return
        desk.live = True
        for send in annunciator.pending():
            self._outbox.start(annunciator.installation, annunciator.routes, send)

    async def _open(self, installation: str) -> _Desk:
        last = await until_done("alarm log", lambda: self._alarm_log.last(ALARM, installation))
        kept_site = await self._load(SITE_OWNER, installation)
        kept = await self._load(OWNER, installation)
        site = _decoded(kept_site) or of_installation(self._site, installation)
        routes = Routes(site, installation)
        self._outbox.prepare(routes)
        annunciator = Annunciator(installation, routes)
        if kept is not None:
            try:
                annunciator = Annunciator.restore(installation, routes, kept.position, kept.data)
            except msgspec.MsgspecError as error:
                _log.error("the notifier's snapshot cannot be read, reading from the beginning", error=str(error))
        desk = _Desk(annunciator, last.position if last else -1, saved_at_s=monotonic_s())
        self._desks[installation] = desk
        return desk

    async def _load(self, owner: str, installation: str) -> Snapshot | None:
        return await until_done("alarm log", lambda: self._alarm_log.load_snapshot(owner, installation))

    async def _claim(self, installation: str, position: int) -> None:
        await until_done("alarm log", lambda: self._alarm_log.claim(ALARM, OWNER, installation, max(position, 0)))

    def _save(self, installations: Iterable[str]) -> None:
        """Now and then, and beside the reading: a slow disk must not hold up a message."""
        for installation in installations:
            desk = self._desks[installation]
            busy = desk.saving is not None and not desk.saving.done()
            if busy or monotonic_s() - desk.saved_at_s < _SNAPSHOT_EVERY_S:
                continue
            desk.saved_at_s = monotonic_s()
            state = Snapshot(desk.annunciator.position, desk.annunciator.snapshot())
            site, desk.site = desk.site, None
            desk.saving = self._tasks.create_task(self._write(installation, state, site))

    async def _write(self, installation: str, state: Snapshot, site: bytes | None) -> None:
        if site is not None:
            await self._keep(SITE_OWNER, installation, Snapshot(state.position, site))
        await self._keep(OWNER, installation, state)
        await self._claim(installation, state.position)

    async def _keep(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        await until_done("alarm log", lambda: self._alarm_log.save_snapshot(owner, installation, snapshot))


def _decoded(snapshot: Snapshot | None) -> Site | None:
    if snapshot is None:
        return None
    try:
        return site_of(snapshot.data)
    except msgspec.MsgspecError as error:
        _log.error("the notifier's kept configuration cannot be read, using the file's", error=str(error))
        return None
