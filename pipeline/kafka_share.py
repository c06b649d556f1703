"""A process's part in one role: membership in the consumer group SITE.role on the plant topic.

The group only divides; nothing is read through it. A division begins when everybody has let go of what was theirs
(or has had time to), so that the next owner of an installation begins when the former one has stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, errors

from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate
from pipeline.kafka_lookup import consumer, started, stopped
from pipeline.kafka_member import Assignor
from pipeline.kafka_partitions import Places
from pipeline.retry import Pace, until_done

SESSION_MS = 6_000
"""A process that is not heard for this long has lost its share; brokers take no less unless they are told to."""
HEARTBEAT_MS = 1_000
DIVISION_MS = 10_000
"""Who does not take part in a division for this long is left out."""
LET_GO_S = 5.0
"""How long a division waits for the role to let go."""
_log = structlog.get_logger(__name__)


class KafkaShare(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """See pipeline.log.Share. Used by one task."""

    def __init__(self, group: str, places: Places) -> None:
        self._group = group
        self._places = places
        self._assigned: frozenset[int] | None = None  # None: a division is under way
        self._told: frozenset[str] | None = None
        self._let_go = asyncio.Event()
        self._news = asyncio.Event()
        self._failed: Exception | None = None
        self.rest: Callable[[Collection[Any]], None]

    async def owned(self) -> frozenset[str]:
        """See pipeline.log.Share. Raises ConfigError when this user may not take part."""
        if self._assigned is None and not self._told:
            self._let_go.set()
        while True:
            self._news.clear()
            if self._failed is not None:
                raise self._failed
            now = self._now()
            if now is not None and now != self._told:
                self._told = now
                return now
            await self._news.wait()

    def _now(self) -> frozenset[str] | None:
        """None: there is nothing to tell before the first division."""
        if self._assigned is None:
            return None if self._told is None else frozenset()
        by_partition = self._places.on(sorted(self._assigned))
        return frozenset(one for installations in by_partition.values() for one in installations)

    def heard(self) -> None:
        """Something may have changed: an installation is recorded, a division begins or ends."""
        self._news.set()

    def fail(self, error: Exception) -> None:
        """`owned` raises this from now on."""
        self._failed = error
        self._news.set()

    async def on_partitions_revoked(self, revoked: Collection[Any]) -> None:  # noqa: ARG002  # all are given up, always
        """A division begins."""
        if self._assigned is None:
            return
        self._assigned = None
        self._let_go.clear()
        self._news.set()
        if not self._told:
            return
        try:
            async with asyncio.timeout(LET_GO_S):
                await self._let_go.wait()
        except TimeoutError:
            _log.warning("a role did not let go of its installations in time", group=self._group, waited_s=LET_GO_S)

    async def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
        """A division is done."""
        self.rest(assigned)
        self._assigned = frozenset(place.partition for place in assigned)
        self._news.set()

    def leave(self) -> None:
        """Nothing is held any more."""
        self._let_go.set()


class Membership:
    """Keeps a share in its group, and joins anew when that fails. Used as `async with`."""

    def __init__(self, access: KafkaAccess, saying: Saying, topic: str, group: str, places: Places) -> None:
        self._access = access
        self._saying = saying
        self._topic = topic
        self._group = group
        self._places = places
        self._share = KafkaShare(group, places)
        self._assignor = Assignor(topic, places.weights)
        self._consumer: Any = None
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> KafkaShare:
        await self._join()
        self._task = asyncio.get_running_loop().create_task(self._stay(), name=f"kafka group {self._group}")
        return self._share

    async def __aexit__(self, *_: object) -> None:
        self._share.leave()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._consumer is not None:
            await stopped(self._consumer)

    async def _join(self) -> None:
        made = consumer(
            self._access,
            group_id=self._group,
            partition_assignment_strategy=(self._assignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=DIVISION_MS,
            request_timeout_ms=2 * DIVISION_MS,  # joining is answered when the division is done
            auto_offset_reset="latest",  # nothing is read, and so nothing missed
            max_partition_fetch_bytes=1,
            fetch_max_bytes=1,
        )
        self._share.rest = lambda places: _rest(made, places)
        made.subscribe([self._topic], listener=self._share)
        self._consumer = await started(made, self._access, self._saying)

    async def _stay(self) -> None:
        """Until cancelled; what goes wrong with the group comes out of `getmany`, which never has records here."""
        try:
            while True:
                await until_done(f"kafka: group {self._group}", self._poll, pace=Pace(first_s=0.2, most_s=3.0))
        except Exception as error:  # noqa: BLE001 - the role that asks for its share is to know
            self._share.fail(error)

    async def _poll(self) -> None:
        try:
            if self._consumer is None:
                await self._join()
            await self._consumer.getmany(timeout_ms=1000)
        except (errors.KafkaError, OSError) as error:
            await self._leave()
            raise fate(error, f"Kafka at {self._access}: group {self._group}") from error

    async def _leave(self) -> None:
        left, self._consumer = self._consumer, None
        await self._share.on_partitions_revoked(())
        if left is not None:
            await stopped(left)


def _rest(made: Any, places: Collection[Any]) -> None:
    """Nothing is fetched from there, nor is asked where to begin.

    aiokafka asks whom it takes for the leader, and where a broker was lost it asks the wrong one ten times a second,
    until its metadata is five minutes old.
    """
    for place in places:
        made.seek(place, 0)
    made.pause(*places)
