"""Messages from either door -> blocks -> the plant log, then the acknowledgement. Knows no MQTT.

One append is in flight at a time, so that order holds; what comes meanwhile is the next one (group
commit). What is held is bounded: doors stop reading while `full`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Sequence
from typing import Protocol

from ingest.columns import Columns
from ingest.dead_letters import DeadLetters
from ingest.reading import Refusal, Refusals
from ingest.routes import Routes
from pipeline.clock import monotonic_s
from pipeline.errors import Transient
from pipeline.log import PLANT, Log
from pipeline.metrics import Hop
from pipeline.model import SYSTEM
from pipeline.records import encode_block
from pipeline.retry import Pace, until_done
from pipeline.site import Site

_PACE = Pace(first_s=0.1, most_s=5.0)
_LONG_S = 5.0
"""An append that takes longer is a trouble: Kafka away says nothing, it keeps us waiting."""
MOST_LETTERS = 4 * 1024 * 1024
"""Bytes of refused payloads held, at which the doors are to stop reading."""
Publish = tuple[bytes, bytes]
"""Topic (valid UTF-8) and payload of one message."""


class Door(Protocol):
    """Where messages come from and acknowledgements go to."""

    hop: Hop

    def committed(self, receipts: list[bytes]) -> None:
        """The log has everything of these receipts, in the order they were handed over."""
        ...


class _Batch:
    """What the next append holds beside the columns: who is to be told, and the counts per hop."""

    def __init__(self) -> None:
        self.receipts: dict[Door, list[bytes]] = {}
        self.readings: Counter[Hop] = Counter()
        self.newest_s = 0.0
        self.awaited: list[asyncio.Future[None]] = []
        self.older: list[tuple[str, bytes]] = []
        """Records of a site that has been replaced meanwhile."""


class Intake:
    """Gathers, appends, acknowledges. `take` is called by the doors, `run` is the task that appends.

    `gather_s`: how long readings wait for company when fewer than `plenty` are there.
    `most`: readings held (beside those being appended) at which the doors are to stop reading.
    """

    def __init__(
        self, log: Log, site: Site, *, gather_s: float = 0.005, plenty: int = 4_000, most: int = 50_000
    ) -> None:
        self._log = log
        self._routes = Routes(site)
        self._letters = DeadLetters()
        self._batch = _Batch()
        self._gather_s = gather_s
        self._plenty = plenty
        self._most = most
        self._held = 0
        self._stalled = False
        self._append_began_s = 0.0
        """0: nothing is being appended."""
        self._waiting: Counter[Hop] = Counter()
        self._wake = asyncio.Event()
        self._rush = asyncio.Event()
        self._room: list[Callable[[], None]] = []

    @property
    def full(self) -> bool:
        """Whether the doors are to stop reading until `when_room` calls."""
        return self._stalled or self._held >= self._most or self._letters.size >= MOST_LETTERS

    def trouble(self) -> str | None:
        """Why readings do not get into the log now; None while they do."""
        for_s = monotonic_s() - self._append_began_s if self._append_began_s else 0.0
        if for_s > _LONG_S:
            return f"the log has not taken a batch of readings for {for_s:.0f} s"
        return "the log takes no readings now" if self.full else None

    def when_room(self, call: Callable[[], None]) -> None:
        """`call` once, when the doors may read again."""
        self._room.append(call)

    def use(self, site: Site) -> None:
        """From the next message on, the site is this one; what was read by the old one keeps its meaning."""
        self._batch.older += self._records()
        self._routes = Routes(site)

    @property
    def known(self) -> Container[bytes]:
        """Topics that are known to be sound."""
        return self._routes.table

    def knows(self, topic: bytes) -> bool:
        """Whether the site has readings on this topic (valid UTF-8)."""
        return self._routes.knows(topic)

    def take(self, publishes: Sequence[Publish], door: Door, receipt: bytes = b"", flags: int = 0) -> None:
        """Read these messages, in order. `door.committed` hears `receipt` (unless empty) once the log has them."""
        routes = self._routes
        table = routes.table
        refusals: Refusals = []
        added = refused = 0
        for topic, payload in publishes:
            read = table.get(topic)
            if read is None:
                read = routes.find(topic)
            added += read(payload, flags, refusals)
            if refusals:
                refused += len(refusals)
                self._refuse(topic, payload, refusals, door.hop)
                refusals.clear()
        if receipt:
            self._batch.receipts.setdefault(door, []).append(receipt)
        self._note(door.hop, len(publishes), added, refused)

    def refuse(self, publish: Publish, door: Door, refusal: Refusal) -> None:
        """A message that its door may not hand over (not authorised): kept as a dead letter."""
        self._refuse(publish[0], publish[1], [refusal], door.hop)
        self._note(door.hop, 1, 0, 1)

    def _note(self, hop: Hop, messages: int, added: int, refused: int) -> None:
        hop.received(added + refused)
        self._batch.readings[hop] += added
        self._batch.newest_s = monotonic_s()
        self._waiting[hop] += added
        hop.waiting(self._waiting[hop])
        # A message may hold no reading at all, and still its receipt takes room.
        self._held += max(messages, added + refused)
        self._wake.set()
        if self._held >= self._plenty:
            self._rush.set()

    def _refuse(self, topic: bytes, payload: bytes, refusals: Sequence[Refusal], hop: Hop) -> None:
        now_s = monotonic_s()
        name = topic.decode()
        for one in refusals:
            self._letters.add(name, one.reason, one.detail, payload if one.part is None else one.part, now_s)
        for reason, count in Counter(one.reason for one in refusals).items():
            hop.refused(count, reason)

    async def settled(self) -> None:
        """Return when everything taken so far is in the log and its doors are told: what is let go of is complete."""
        told = asyncio.get_running_loop().create_future()
        self._batch.awaited.append(told)
        self._wake.set()
        self._rush.set()
        await told

    async def run(self) -> None:
        """Append what gathers, for ever. On cancellation what is not in the log stays unacknowledged."""
        while True:
            await self._gathered()
            await self._commit()

    async def _commit(self) -> None:
        batch, self._batch = self._batch, _Batch()
        self._held = 0
        items = batch.older + self._records()
        items += [(SYSTEM, letter) for letter in self._letters.take(monotonic_s())]
        if items:
            self._append_began_s = monotonic_s()
            await until_done("intake", lambda: self._append(items), pace=_PACE)
            self._append_began_s = 0.0
        self._done(batch)

    async def _gathered(self) -> None:
        """Wait until something is there, and a little longer when it is only a little."""
        if not self._wake.is_set():
            await self._first()
        if not self._rush.is_set():
            try:
                async with asyncio.timeout(self._gather_s):
                    await self._rush.wait()
            except TimeoutError:
                pass
        self._wake.clear()
        self._rush.clear()

    async def _first(self) -> None:
        """Wait for the first message, but let counted dead letters out when their second is over."""
        try:
            async with asyncio.timeout(1.0 if self._letters.counting else None):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _records(self) -> list[tuple[str, bytes]]:
        gathered: list[Columns] = [one for one in self._routes.columns.values() if len(one)]
        return [(one.installation, encode_block(block)) for one in gathered for block in one.take_blocks()]

    async def _append(self, items: list[tuple[str, bytes]]) -> None:
        try:
            await self._log.append(PLANT, items)
        except Transient:
            self._stalled = True
            raise
        self._stalled = False

    def _done(self, batch: _Batch) -> None:
        for hop, count in batch.readings.items():
            hop.passed(count)
            hop.lag(monotonic_s() - batch.newest_s)
            self._waiting[hop] -= count
            hop.waiting(self._waiting[hop])
        for door, receipts in batch.receipts.items():
            door.committed(receipts)
        for told in batch.awaited:
            if not told.done():  # who waited may have given up
                told.set_result(None)
        if not self.full:
            room, self._room = self._room, []
            for call in room:
                call()
