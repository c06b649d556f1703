"""The alarm log folded into what stands now and what happened lately, per installation. It judges nothing.

Known again after a restart from its own snapshot, so the log need not be read from the beginning.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import msgspec
import structlog

from alerting.relations import Relations
from alerting.routing import Routes
from alerting.situation import Marks, Situation
from hazardwatch.api.warning_panel import WarningPanel
from pipeline import records
from pipeline.errors import Transient
from pipeline.log import ALARM, Entry, Log, Snapshot
from pipeline.model import Event, Held, Judged, Standing, State, WarningEvent
from pipeline.outside import iso
from pipeline.passed_over import PassedOver
from pipeline.records import Kind
from pipeline.retry import until_done
from pipeline.site import Site

RECENT = 1000
"""Events remembered per installation; all of them are in the history."""
_OWNER = "board"
_NO_CHANGE = ("refused", "late_excursion")
_FETCH_S = 1.0
_OLD_MS = 10_000
"""Each second is judged just after it; what is not judged for so long must not pass for the state of the plant."""
_log = structlog.get_logger(__name__)


class Kept(msgspec.Struct, kw_only=True):
    """What a snapshot of one installation holds."""

    seen: tuple[int, int]
    judged: Judged | None
    standing: dict[str, Event]
    began: dict[str, Event]
    recent: list[Event]
    configured: int = -1
    held: Held = Held()
    situation: Situation = msgspec.field(default_factory=Situation)
    warning: WarningPanel = msgspec.field(default_factory=WarningPanel)


@dataclass(slots=True)
class Panel:
    """One installation. `seen` is the plant position and ordinal of the newest event; older ones are repeats."""

    routes: Routes
    seen: tuple[int, int] = (-1, -1)
    judged: Judged | None = None
    standing: dict[str, Event] = field(default_factory=dict)
    began: dict[str, Event] = field(default_factory=dict)
    recent: deque[Event] = field(default_factory=lambda: deque(maxlen=RECENT))
    configured: int = -1
    held: Held = field(default_factory=Held)
    situation: Situation = field(default_factory=Situation)
    warning: WarningPanel = field(default_factory=WarningPanel)
    relations: Relations = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.routes)

    def use(self, routes: Routes) -> None:
        """From now on this configuration holds."""
        self.routes, self.relations = routes, Relations(routes.installation)

    def marks(self, alarm: str) -> Marks:
        """What is known beside the alarm."""
        return self.situation.marks(alarm, self.relations)

    def event(self, event: Event) -> None:
        """One more event of the log."""
        if (event.position, event.ordinal) <= self.seen:
            return
        self.seen = (event.position, event.ordinal)
        self.recent.append(event)
        self.situation.event(event, self.relations)
        if event.event == "raised":
            self.began[event.alarm] = event
        if event.state == State.NORMAL:
            self.standing.pop(event.alarm, None)
            self.began.pop(event.alarm, None)
        elif event.state is not None and (event.event not in _NO_CHANGE or event.alarm not in self.standing):
            self.standing[event.alarm] = event

    def passed(self, judged: Judged) -> None:
        """A second was judged; one of an engine further back is a repeat."""
        if self.judged is None or judged.position >= self.judged.position:
            self.judged = judged
            self.situation.passed(judged.second)
            if judged.held is not None:
                alarms = {id_: holds for id_, holds in (self.held.alarms | judged.held.alarms).items() if holds}
                self.held = Held(alarms=alarms, modes=judged.held.modes)

    def all_standing(self, standing: Standing) -> None:
        """The engine's own word on what stands; one older than the events seen is a repeat."""
        if standing.position >= self.seen[0]:
            self.standing = dict(standing.alarms)
            self.situation.standing(standing.alarms, self.relations)
            self.began = {alarm: event for alarm, event in self.began.items() if alarm in self.standing}
            self.held = standing.held

    def since(self, event: Event) -> int | None:
        """When the occurrence of a standing alarm began, ms; None when that was before what is remembered."""
        began = self.began.get(event.alarm)
        return began.time if began and began.occurrence == event.occurrence else None

    def kept(self) -> bytes:
        """The bytes of a snapshot."""
        return msgspec.json.encode(
            Kept(
                seen=self.seen,
                judged=self.judged,
                standing=self.standing,
                began=self.began,
                recent=list(self.recent),
                configured=self.configured,
                held=self.held,
                situation=self.situation,
                warning=self.warning,
            )
        )

    def restore(self, data: bytes) -> bool:
        """Go on from a snapshot; False, with nothing changed, for one of another version."""
        try:
            kept = msgspec.json.decode(data, type=Kept)
        except msgspec.MsgspecError as error:
            _log.error("the board's snapshot cannot be read; reading the alarm log instead", error=str(error))
            return False
        self.seen, self.judged, self.standing, self.began = kept.seen, kept.judged, kept.standing, kept.began
        self.recent.extend(kept.recent)
        self.configured = kept.configured
        self.held = kept.held
        self.situation, self.warning = kept.situation, kept.warning
        return True


class Board:
    """All installations. One task follows the log; others of the same event loop read."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.panels = {one.id: Panel(Routes(site, one.id)) for one in site.installations}
        self._moved = asyncio.Event()
        self._passed_over = PassedOver("board")
        self._behind: dict[str, int] | None = None

    @property
    def ready(self) -> bool:
        """Whether it has read all that was in the log when it began."""
        return self._behind is not None and not self._behind

    def trouble(self, now_ms: int) -> str | None:
        """Why it does not show the plant as it is now; None while it does."""
        if not self.ready:
            return "still reading the alarm log"
        judged = {one.id: self.panels[one.id].judged for one in self.site.installations}
        never = [id_ for id_, one in judged.items() if one is None]
        if never:
            return f"nothing was judged yet of {', '.join(never)}: no alarm can be seen there"
        old = [
            f"{id_} (until {iso(one.second)})" for id_, one in judged.items() if one and now_ms - one.second > _OLD_MS
        ]
        return f"what it shows is old, judging is behind: {', '.join(old)}" if old else None

    def take(self, entry: Entry) -> None:
        """Fold one entry of the alarm log in; one that cannot be read is passed over."""
        try:
            self._fold(entry)
        except records.BadRecord as error:
            self._passed_over.note(entry, str(error))
        if self._behind and entry.position >= self._behind.get(entry.installation, entry.position + 1):
            del self._behind[entry.installation]

    def _fold(self, entry: Entry) -> None:
        panel = self.panels.get(entry.installation)
        kind = entry.data[0] if entry.data else None
        if kind == Kind.CONFIG:
            self._configure(records.decode_site(entry.data), records.config_place(entry.data))
        elif panel is not None and kind in (Kind.EVENT, Kind.JUDGED, Kind.STANDING, Kind.WARNING):
            record = records.decode(entry.data)
            if isinstance(record, Event):
                panel.event(record)
            elif isinstance(record, Judged):
                panel.passed(record)
            elif isinstance(record, Standing):
                panel.all_standing(record)
            elif isinstance(record, WarningEvent):
                panel.warning.take(record)

    def _configure(self, site: Site, place: int | None) -> None:
        """An engine that was held up may say an older one again; `place` is where it stands in the plant log."""
        for one in site.installations:
            routes = Routes(site, one.id)
            panel = self.panels.setdefault(one.id, Panel(routes))
            if place is None or place > panel.configured:
                panel.use(routes)
                panel.configured = panel.configured if place is None else place

    async def follow(self, log: Log) -> None:
        """Read the alarm log for ever; a snapshot at each full state the engine writes (about each minute)."""
        after = await self._begin(log)
        reader = log.reader(ALARM, after)
        while True:
            for entry in await until_done("board: alarm log", lambda: reader.fetch(_FETCH_S)):
                self.take(entry)
                if entry.installation in self.panels and entry.data[:1] == bytes([Kind.STANDING]):
                    await self._keep(log, entry)
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    async def _keep(self, log: Log, entry: Entry) -> None:
        """A full disk costs reading more at the next start, never what is shown now."""
        snapshot = Snapshot(entry.position, self.panels[entry.installation].kept())
        try:
            await log.save_snapshot(_OWNER, entry.installation, snapshot)
        except Transient as error:
            _log.warning("the board's snapshot was not written", installation=entry.installation, error=str(error))

    async def _begin(self, log: Log) -> dict[str, int]:
        after: dict[str, int] = {}
        for id_, panel in self.panels.items():
            snapshot = await until_done("board: snapshot", lambda id_=id_: log.load_snapshot(_OWNER, id_))  # type: ignore[misc]  # mypy does not infer a lambda's default
            if snapshot is not None and panel.restore(snapshot.data):
                after[id_] = snapshot.position
        newest = await until_done("board: alarm log", lambda: log.last(ALARM, self.panels))
        self._behind = {id_: one.position for id_, one in newest.items() if one.position > after.get(id_, -1)}
        return after

    async def caught_up(self) -> None:
        """Wait until `ready`."""
        while not self.ready:
            await self._moved.wait()

    async def judged(self, installation: str, position: int) -> None:
        """Wait until the engine has judged that plant record."""
        panel = self.panels[installation]
        while panel.judged is None or panel.judged.position < position:
            await self._moved.wait()

    async def answer(self, installation: str, position: int) -> list[Event]:
        """The events of one plant record, once the engine has judged it. Waits; the caller says how long."""
        await self.judged(installation, position)
        panel = self.panels[installation]
        return [event for event in panel.recent if event.position == position]
