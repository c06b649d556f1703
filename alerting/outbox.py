"""Every due send on its way: one task each, bounded per channel, repeated by pipeline.retry, its results on the log.

What is due, and what is no longer wanted, it is told by alerting.notifier.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from alerting import texts
from alerting.channels.message import Message, Receipt
from alerting.lane import Lane, Lanes
from alerting.routing import Routes
from alerting.telling import Key, Kind, Send
from pipeline import records
from pipeline.errors import Permanent, Transient
from pipeline.log import ALARM, Log
from pipeline.metrics import Hop
from pipeline.model import Delivery
from pipeline.retry import Pace, until_done
from pipeline.site import PRIORITIES, Text

ATTEMPTS = {Kind.EVENT: 1000, Kind.ALARM: 100, Kind.BUNDLE: 100, Kind.WARNING: 100, Kind.TAKEN: 20}
"""Tries in all. With PACE about 8 hours, 45 minutes (thrice), 5 minutes of a channel that is away."""
EVENTS_AT_ONCE = 100
"""So many events of the `always` route are on their way to one channel; the others wait in order, as plain values:
a receiver that is away all night must cost neither the memory nor the time that alarms need."""
PACE = Pace(first_s=0.5, most_s=60.0)
_log = structlog.get_logger(__name__)


class _Stopped(Exception):
    """The message is no longer wanted."""


class _LetGo(Exception):
    """The message is another process's from now on."""


@dataclass(slots=True, eq=False)
class _Job:
    """One send under way since `began` (ms). `wake` ends its wait; `stopped` says why it is no longer wanted.

    `let_go`: no further attempt is made, and nothing said of it. `task` is None while it stands in line.
    """

    installation: str
    send: Send
    attempts: int
    began: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: str | None = None
    let_go: bool = False
    task: asyncio.Task[None] | None = None


class Outbox:
    """`tasks` run the sends. `acknowledge_url` gives an address with `{alarm}` and `{occurrence}` in it, or None."""

    def __init__(
        self,
        log: Log,
        tasks: asyncio.TaskGroup,
        lanes: Lanes,
        clock: Callable[[], int],
        acknowledge_url: Callable[[], str | None],
    ) -> None:
        self._log = log
        self._tasks = tasks
        self._lanes = lanes
        self._clock = clock
        self._acknowledge_url = acknowledge_url
        self._jobs: dict[tuple[str, Key], _Job] = {}
        self._events: Counter[str] = Counter()
        self._in_line: dict[str, deque[tuple[_Job, Routes]]] = {}
        self._hop = Hop("notifier")

    def prepare(self, routes: Routes) -> None:
        """Opens the site's channels, so that what is wrong with one is said before it is needed."""
        for channel in routes.site.channels:
            self._lanes.of(channel)

    def start(self, installation: str, routes: Routes, send: Send) -> None:
        """Sends, in a task of its own, until it is through, refused, given up or stopped."""
        if (installation, send.key) in self._jobs:
            return
        job = _Job(installation, send, send.attempts, self._clock())
        self._jobs[installation, send.key] = job
        self._hop.received(1)
        self._hop.waiting(len(self._jobs))
        if self._events[send.key.channel] >= EVENTS_AT_ONCE and _may_stand_in_line(send, routes):
            self._in_line.setdefault(send.key.channel, deque()).append((job, routes))
        else:
            self._begin(job, routes)

    def _begin(self, job: _Job, routes: Routes) -> None:
        if job.send.kind == Kind.EVENT:
            self._events[job.send.key.channel] += 1
        job.task = self._tasks.create_task(self._run(job, routes))

    def stop(self, installation: str, key: Key, why: str) -> None:
        """Makes no further attempt. One under way is finished, and counts if it gets through."""
        job = self._jobs.get((installation, key))
        if job is not None:
            job.stopped = why
            job.wake.set()

    async def let_go(self, within_s: float) -> None:
        """Leaves all sends to whoever is to go on with them, and finds in the log how far they are.

        Attempts under way are finished and recorded; one that takes longer is broken off, and may be made twice.
        """
        jobs = list(self._jobs.values())
        self._in_line.clear()
        for job in jobs:
            job.let_go = True
            job.wake.set()
        running = {job.task for job in jobs if job.task is not None}
        if running:
            _, late = await asyncio.wait(running, timeout=within_s)
            for task in late:
                task.cancel()
            if late:
                _log.warning("messages were being sent when they were given up; some may come twice", count=len(late))
                await asyncio.wait(late)
        if self._jobs:
            self._hop.refused(len(self._jobs), "let_go")
        self._hop.waiting(0)
        self._jobs.clear()
        self._events.clear()

    async def _run(self, job: _Job, routes: Routes) -> None:
        try:
            outcome, receipt = await self._outcome(job, routes)
        except _LetGo:
            return
        await self._record(job, outcome, receipt)
        del self._jobs[job.installation, job.send.key]
        self._hop.waiting(len(self._jobs))
        if outcome == "sent":
            self._hop.passed(1)
            key = job.send.key
            since = job.send.event.decided if key.step <= 0 and key.round == 0 else job.began
            self._hop.lag((self._clock() - since) / 1000)
        else:
            self._hop.refused(1, outcome)
        self._next_in_line(job)

    def _next_in_line(self, done: _Job) -> None:
        channel = done.send.key.channel
        if done.send.kind == Kind.EVENT:
            self._events[channel] -= 1
        waiting = self._in_line.get(channel)
        if waiting and self._events[channel] < EVENTS_AT_ONCE:
            self._begin(*waiting.popleft())

    async def _outcome(self, job: _Job, routes: Routes) -> tuple[str, Receipt]:
        key = job.send.key
        channel = routes.channel(key.channel)
        if job.send.problem is not None:
            self._lanes.health.failed(f"routing {job.installation}", job.send.problem, self._clock())
            return "failed", Receipt(detail=job.send.problem)
        if channel is None:
            return "failed", Receipt(detail=f"channel {key.channel!r} is not configured any more")
        lane = self._lanes.of(channel)
        if lane.unbuilt is not None:
            return "skipped", Receipt(detail=lane.unbuilt)
        try:
            message = self._message(job, routes)
            receipt = await until_done(
                f"channel {key.channel}",
                lambda: self._attempt(job, lane, message),
                attempts=max(1, ATTEMPTS[job.send.kind] - job.attempts),
                pace=PACE,
                sleep=lambda seconds: lane.pause(seconds, job.wake),
            )
        except _LetGo:
            raise
        except _Stopped as stopped:
            return "skipped", Receipt(detail=str(stopped))
        except Transient as error:
            lane.failed(str(error), self._clock(), for_good=True)
            return "failed", Receipt(detail=f"given up after {job.attempts} attempts: {error}")
        except Permanent as error:
            lane.failed(str(error), self._clock(), for_good=True)
            return "failed", Receipt(detail=str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one message must not silence all others
            _log.exception("a message could not be made or sent", channel=key.channel, event_id=key.event_id)
            lane.failed(repr(error), self._clock(), for_good=True)
            return "failed", Receipt(detail=f"internal error: {type(error).__name__}")
        return "sent", receipt

    async def _attempt(self, job: _Job, lane: Lane, message: Message) -> Receipt:
        async with lane.gate.place(_rank(job.send)):
            if job.let_go:
                raise _LetGo
            if job.stopped is not None:
                raise _Stopped(job.stopped)
            job.attempts += 1
            try:
                receipt = await lane.send(replace(message, attempt_ms=self._clock()))
            except Transient as error:
                failure = error
            else:
                lane.worked()
                return receipt
        lane.failed(str(failure), self._clock(), for_good=False)
        if job.attempts.bit_count() == 1:  # 1, 2, 4, 8 ...: an hour's outage must not flood the log
            await self._record(job, "retry", Receipt(detail=str(failure)))
        if job.stopped is not None:
            raise _Stopped(job.stopped)
        raise failure

    async def _record(self, job: _Job, outcome: str, receipt: Receipt) -> None:
        event, key = job.send.event, job.send.key
        delivery = Delivery(
            event_id=key.event_id,
            alarm=event.alarm,
            occurrence=event.occurrence,
            person=key.person,
            channel=key.channel,
            step=key.step,
            round=key.round,
            attempt=job.attempts,
            outcome=outcome,
            sent_at=self._clock(),
            provider_id=receipt.provider_id,
            detail=receipt.detail,
        )
        data = records.encode(delivery)
        await until_done("delivery record", lambda: self._log.append(ALARM, [(job.installation, data)]))

    def _message(self, job: _Job, routes: Routes) -> Message:
        send, event = job.send, job.send.event
        person = routes.person(send.key.person) if send.key.person is not None else None
        named = routes.alarm(event.alarm)
        alarm = named.alarm if named else None
        link = None
        url = self._acknowledge_url()
        if url is not None and event.occurrence is not None and send.kind != Kind.WARNING:
            link = url.format(alarm=event.alarm, occurrence=event.occurrence)
        return Message(
            id=_message_id(send),
            kind=send.kind,
            event=event,
            site=routes.site.id,
            installation=job.installation,
            person=person,
            lines=Text(en=texts.of(routes, send, "en"), zh=texts.of(routes, send, "zh-CN")),
            short=texts.short(routes, send, person.language if person else routes.site.language),
            guidance=(alarm.cause, alarm.consequence, alarm.action) if alarm else (None, None, None),
            acknowledge=link,
            attempt_ms=0,
        )


def _may_stand_in_line(send: Send, routes: Routes) -> bool:
    """Only what nobody acknowledges, and what no failed attempt would send another way."""
    channel = routes.channel(send.key.channel)
    return send.kind == Kind.EVENT and (channel is None or channel.fallback is None)


def _message_id(send: Send) -> str:
    """The event's id for an `always` channel; with person, step and repeat behind it for one of several messages.

    No full stop in it: it separates the parts that a webhook's signature covers.
    """
    key = send.key
    if send.kind == Kind.EVENT:
        return key.event_id
    return f"{key.event_id}-{key.step}-{key.round}-{(key.person or '').replace('.', '_')}"


def _rank(send: Send) -> int:
    """Who goes first where places are few: systems in order, then alarms by priority, then who took it."""
    if send.kind == Kind.EVENT:
        return 0
    if send.kind == Kind.TAKEN:
        return len(PRIORITIES) + 2
    if send.kind == Kind.WARNING:
        return 1
    priority = send.event.priority
    return 1 + (PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES))
