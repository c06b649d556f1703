"""Tells people past the log when the log takes no records: such an alarm cannot be in the log.

When and in which words is decided in hazardwatch.outage; sending is alerting's channels'. It mends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
import structlog

from alerting.channels.message import Message, Receipt
from alerting.lane import Health, Lanes
from alerting.routing import Routes
from alerting.telling import Kind
from hazardwatch.outage import ACTION, ALARM_ID, CAUSE, CONSEQUENCE, Outage, Tell, event_of, words
from pipeline import records
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import Permanent, Transient
from pipeline.log import ALARM, Log
from pipeline.model import SYSTEM, Delivery, Event
from pipeline.retry import Pace, until_done
from pipeline.site import Channel, Person, Site, Text

_LOOK_S = 1.0
_LATE_S = 5.0
_ATTEMPTS = 5
_PACE = Pace(first_s=0.5, most_s=5.0)
_LIKE = f"{SYSTEM}/disk-free/LL"
_log = structlog.get_logger(__name__)

OpenedLog = TypeVar("OpenedLog", bound=Log)

Address = tuple[Person | None, Channel]
"""Somebody over a channel; None: whoever listens to an `always` channel."""


class Pulse:
    """What the log has to show for itself: the ticks it takes each second, and its writers' errors.

    `ticked`: whose ticks are ours; where that is nobody, none are to be missed.
    """

    def __init__(
        self,
        refused: Callable[[], str | None],
        ticked: Callable[[], Collection[str]],
        clock: Callable[[], float] = monotonic_s,
    ) -> None:
        self._refused = refused
        self._ticked = ticked
        self._clock = clock
        self._taken_s = clock()

    def taken(self) -> None:
        """The log took the ticks of this second."""
        self._taken_s = self._clock()

    def trouble(self) -> str | None:
        """Why the log takes no records; None while it does."""
        if not self._ticked():
            self.taken()
        late_s = self._clock() - self._taken_s
        return self._refused() or (f"no tick was taken for {late_s:.0f} s" if late_s > _LATE_S else None)


def addresses(routes: Routes) -> list[Address]:
    """The `always` channels, and SYSTEM's owner over the channels by which a critical alarm about the disk goes first.

    Channels that the site no longer has are left out: `check` refuses them.
    """
    always = [(None, routes.channel(id_)) for id_ in routes.always]
    escalation = routes.escalation(msgspec.structs.replace(event_of(Tell.BEGAN, 0, 0, ""), alarm=_LIKE))
    by = escalation.steps[0].by if escalation is not None and escalation.steps else ()
    people = [routes.person(id_) for id_ in routes.recipients("owner").people]
    climbed = [(person, routes.channel(id_)) for person in people if person is not None for id_ in by]
    return [(person, channel) for person, channel in [*always, *climbed] if channel is not None]


async def run(log: Log, site: Site, pulse: Pulse, health: Health, speaks: Callable[[], bool]) -> None:
    """For ever. What was sent is put on record in the alarm log, as deliveries of SYSTEM, once that takes records.

    Of several processes that all see it only those that then `speaks` tell; who began goes on until it is over.
    """
    routes, outage = Routes(site, SYSTEM), Outage()
    unrecorded: list[Delivery] = []
    began_ms = 0
    while True:
        await asyncio.sleep(_LOOK_S)
        trouble = pulse.trouble() if outage.since_s is not None or speaks() else None
        what = outage.look(monotonic_s(), trouble)
        if what is Tell.BEGAN and outage.since_s is not None:
            began_ms = now_ms() - round((monotonic_s() - outage.since_s) * 1000)
        if what is not None:
            _log.critical("telling past the log", what=what.value, trouble=trouble)
            unrecorded += await tell(routes, health, what, began_ms, trouble or "")
        elif unrecorded and outage.since_s is None and await _recorded(log, unrecorded):
            unrecorded = []


async def opened(opening: Coroutine[Any, Any, OpenedLog], site: Site, health: Health, why: str) -> OpenedLog:
    """The log once it is open, telling people meanwhile as in `run`, since nobody watches the plant: `why` it is not.

    Whoever tells does not know of the others: rather twice than never.
    """
    routes, outage, made, began_ms = Routes(site, SYSTEM), Outage(), list[Delivery](), now_ms()
    waiting = asyncio.ensure_future(opening)
    try:
        while not (await asyncio.wait({waiting}, timeout=_LOOK_S))[0]:
            what = outage.look(monotonic_s(), why)
            if what is not None:
                _log.critical("telling past the log", what=what.value, trouble=why)
                made += await tell(routes, health, what, began_ms, why)
    finally:
        if not waiting.done():
            waiting.cancel()
            await asyncio.wait({waiting})
    log = waiting.result()
    if made:
        made += await tell(routes, health, Tell.OVER, began_ms, why)
        await until_done("deliveries past the log", lambda: _record(log, made))
    return log


async def tell(routes: Routes, health: Health, what: Tell, began_ms: int, why: str) -> list[Delivery]:
    """Tells everybody at once; returns what came of it, each attempt at a channel for itself. `why` is for systems."""
    now = now_ms()
    event = event_of(what, began_ms, now, why)
    text = words(what, began_ms, now, routes.site.name, routes.site.timezone)
    found = addresses(routes)
    if not found:
        _log.error("nobody is told that the log takes no records: the site file has no channel for it")
    async with aclosing(Lanes(health)) as lanes:
        sent = await asyncio.gather(
            *(_send(lanes, routes, channel, _message(routes, event, text, person)) for person, channel in found)
        )
    return [delivery for each in sent for delivery in each]


def _message(routes: Routes, event: Event, text: Text, person: Person | None) -> Message:
    language = person.language if person else routes.site.language
    return Message(
        id=event.event_id if person is None else f"{event.event_id}-{person.id.replace('.', '_')}",
        kind=Kind.EVENT if person is None else Kind.ALARM,
        event=event,
        site=routes.site.id,
        installation=SYSTEM,
        person=person,
        lines=text,
        short=text.zh if language == "zh-CN" else text.en,
        guidance=(CAUSE, CONSEQUENCE, ACTION),
        acknowledge=None,
        attempt_ms=now_ms(),
    )


async def _send(lanes: Lanes, routes: Routes, channel: Channel, message: Message) -> list[Delivery]:
    """Over this channel, and where that fails over its fallback; nobody is asked to a channel twice."""
    made: list[Delivery] = []
    tried: set[str] = set()
    while channel.id not in tried:
        tried.add(channel.id)
        outcome, receipt = await _outcome(lanes, channel, message)
        made.append(_delivery(channel, message, outcome, receipt))
        _log.info("told past the log", channel=channel.id, outcome=outcome, detail=receipt.detail)
        fallback = routes.channel(channel.fallback) if channel.fallback and outcome != "sent" else None
        if fallback is None:
            break
        channel = fallback
    return made


async def _outcome(lanes: Lanes, channel: Channel, message: Message) -> tuple[str, Receipt]:
    lane = lanes.of(channel)
    if lane.unbuilt is not None:
        return "skipped", Receipt(detail=lane.unbuilt)
    try:
        receipt = await until_done(f"channel {channel.id}", lambda: lane.send(message), attempts=_ATTEMPTS, pace=_PACE)
    except (Transient, Permanent) as error:
        lane.failed(str(error), now_ms(), for_good=True)
        return "failed", Receipt(detail=str(error))
    except Exception as error:  # noqa: BLE001 - a fault of ours over one channel must not keep the others from telling
        _log.exception("a message past the log could not be sent", channel=channel.id)
        lane.failed(repr(error), now_ms(), for_good=True)
        return "failed", Receipt(detail=f"internal error: {type(error).__name__}")
    return "sent", receipt


def _delivery(channel: Channel, message: Message, outcome: str, receipt: Receipt) -> Delivery:
    return Delivery(
        event_id=message.event.event_id,
        alarm=ALARM_ID,
        occurrence=message.event.occurrence,
        person=message.person.id if message.person else None,
        channel=channel.id,
        step=-1,
        round=0,
        attempt=1,
        outcome=outcome,
        sent_at=now_ms(),
        provider_id=receipt.provider_id,
        detail=f"past the log, {message.event.event}" + (f": {receipt.detail}" if receipt.detail else ""),
    )


async def _record(log: Log, deliveries: list[Delivery]) -> None:
    await log.append(ALARM, [(SYSTEM, records.encode(one)) for one in deliveries])


async def _recorded(log: Log, deliveries: list[Delivery]) -> bool:
    try:
        await _record(log, deliveries)
    except Transient:
        return False  # the outage has come back; it is told, and they are recorded after it
    return True
