"""The door to a broker: takes part in dividing the site's units, and has a session for each that is its own.

It speaks no MQTT; `ingest.broker_session` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from ingest.broker import Broker
from ingest.broker_facts import BrokerFacts
from ingest.broker_session import BrokerSession
from ingest.intake import Intake
from ingest.units import Unit, units_of
from pipeline.errors import Transient
from pipeline.log import Log, Table
from pipeline.metrics import Hop
from pipeline.retry import until_done
from pipeline.site import Site

ROLE = "collector"
FACTS = "broker"
"""The table with what the broker told of itself."""
_SETTLE_S = 3.0
"""A division waits for us, but not for ever."""
_KEEP_FACTS_S = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionState:
    """How one session stands. `in_flight`: messages taken in that the log does not have yet."""

    client_id: str
    filters: tuple[str, ...]
    in_flight: int
    trouble: str | None


class Collector:
    """What of the site this process takes from the broker. `divided`: others of our role share it with us.

    Undivided there is one session for everything. Divided, each installation has one, and each mapped source (with
    those whose topics overlap its own): finer than the log's partitions, so that the broker's limits, queues and
    counters are per installation, and no change of partitions ever leaves a queue behind under an old name.
    """

    def __init__(self, intake: Intake, log: Log, site: Site, broker: Broker, *, divided: bool = False) -> None:
        self.hop = Hop("collector")
        self._intake = intake
        self._log = log
        self._broker = broker
        self._divided = divided
        self._units = units_of(site, divided=divided)
        self._sessions: dict[str, tuple[BrokerSession, asyncio.Task[None]]] = {}
        self._facts: BrokerFacts | None = None
        self._table: Table | None = None
        self._part: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._asked = False

    async def run(self) -> None:
        """Take in what is ours, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._part = tasks.create_task(until_done("share of the broker", lambda: self._take_part(tasks)))
                await asyncio.wait({self._part})  # ends by an error, which ends us, or for another site

    async def use(self, site: Site) -> None:
        """From now on the units are this site's."""
        async with self._turn:
            self._units = units_of(site, divided=self._divided)
            if self._divided:
                await self._let_go(list(self._sessions))
            if self._part is not None:
                self._part.cancel()

    def trouble(self) -> str | None:
        """Why readings that are ours do not come from the broker now; None while they do."""
        if not self._asked:
            return "it is not known yet which part of the broker's topics is ours"
        found = [session.trouble() for session, _ in self._sessions.values()]
        return next((one for one in found if one is not None), None)

    def sessions(self) -> list[SessionState]:
        """How each session of ours stands."""
        found = [session for session, _ in self._sessions.values()]
        return [SessionState(one.unit.client_id, one.unit.filters, one.in_flight, one.trouble()) for one in found]

    def counts(self) -> dict[str, int | None]:
        """How many sessions, messages taken in that the log does not have yet, kept and lost by the broker."""
        sessions = self.sessions()
        return {
            "sessions": len(sessions),
            "in_flight": sum(one.in_flight for one in sessions),
            "stored": self.stored(),
            "dropped": self.dropped(),
        }

    def owned(self) -> list[str]:
        """The installations whose topics, or at whose side mapped sources, are taken in here."""
        return sorted({session.unit.home for session, _ in self._sessions.values()})

    def dropped(self) -> int | None:
        """Messages the broker lost since hazardwatch first watched it; only rises. None: it does not tell."""
        facts = self._facts or (BrokerFacts(self._table.items()) if self._table is not None else None)
        return facts.dropped if facts is not None else None

    def stored(self) -> int | None:
        """Messages in all queues of the broker now; None: it does not tell us."""
        return self._facts.stored if self._facts is not None else None

    # inside

    async def _take_part(self, tasks: asyncio.TaskGroup) -> None:
        homes = sorted({unit.home for unit in self._units})
        async with self._log.table(FACTS) as self._table, self._log.share(ROLE, homes) as share:
            keeping = tasks.create_task(self._keep_facts(self._table))
            try:
                while True:
                    await self._divide(await share.owned(), tasks)
            except Transient:
                await self._divide(frozenset(), tasks)  # who cannot ask for its share has none
                raise
            finally:
                keeping.cancel()

    async def _divide(self, owned: frozenset[str], tasks: asyncio.TaskGroup) -> None:
        """Have a session for each unit that is ours; on return nothing of the others is read or waited for."""
        async with self._turn:
            wanted = {unit.client_id: unit for unit in self._units if unit.home in owned}
            await self._let_go([one for one in self._sessions if one not in wanted])
            for client_id, unit in wanted.items():
                if client_id in self._sessions:
                    self._sessions[client_id][0].use(unit)
                else:
                    self._begin(unit, tasks)
            self._asked = True

    def _begin(self, unit: Unit, tasks: asyncio.TaskGroup) -> None:
        facts = None
        if unit == self._units[0]:  # so exactly one of all collectors watches the broker
            assert self._table is not None
            facts = self._facts = BrokerFacts(self._table.items())
        session = BrokerSession(self._intake, self._broker, unit, self.hop, facts)
        self._sessions[unit.client_id] = session, tasks.create_task(session.run())

    async def _let_go(self, client_ids: Sequence[str]) -> None:
        """Read nothing more, acknowledge what was read, go. What is not acknowledged the next owner gets again."""
        gone = [self._sessions[one] for one in client_ids]
        if not gone:
            return
        for session, _ in gone:
            session.stop_reading()
        try:
            async with asyncio.timeout(_SETTLE_S):
                await self._intake.settled()
        except TimeoutError:
            _log.warning("the log is slow; the next owner gets again what it does not have", units=list(client_ids))
        for session, task in gone:
            task.cancel()
            del self._sessions[session.unit.client_id]
            if session.unit == self._units[0]:
                self._facts = None
        await asyncio.wait({task for _, task in gone})

    async def _keep_facts(self, table: Table) -> None:
        """Tell the others, and the next one who watches."""
        while True:
            await asyncio.sleep(_KEEP_FACTS_S)
            known = table.items()
            news = self._facts.kept() if self._facts is not None else {}
            for topic, value in news.items():
                if known.get(topic) != value:
                    try:
                        await table.put(topic, value)
                    except Transient as error:
                        _log.warning("what the broker told is not kept", error=str(error))
