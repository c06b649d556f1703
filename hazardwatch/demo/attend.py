"""What goes on beside the screen: the service is kept alive, the plant runs, the operator works. No drawing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from hazardwatch.demo.child import Child, cause_of
from hazardwatch.demo.doors import Away, Doors
from hazardwatch.demo.texts import Words
from hazardwatch.demo.watch import Watch
from hazardwatch.demo.words import clock, duration
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import ConfigError
from simulators import scenario
from simulators.desk import Deed, deeds
from simulators.plant import TICK_MS, Plant
from simulators.publisher import Publisher

RESTART_S = 5
"""Long enough to be seen, short enough to stay."""
_ASK_S = 0.2
_OPERATE_S = 0.5
_AGAIN_MS = 30_000


async def serve(child: Child, doors: Doors, watch: Watch, words: Words, up: asyncio.Event) -> None:
    """Start the service, and again whenever it ends, for ever. `up` is set while it works.

    Raises ConfigError with the service's last words when it gives up by itself before it worked.
    """
    killed_ms: int | None = None
    while True:
        await child.start()
        watch.phase("starting" if killed_ms is None else "returning", child.pid)
        if await _works(child, doors, watch):
            watch.phase("running", child.pid)
            up.set()
            if killed_ms is not None:
                watch.tell(words.back.format(away=duration((now_ms() - killed_ms) / 1000)))
                watch.recovered_ms = now_ms()
        code = await child.ended()
        if code >= 0 and not up.is_set():
            raise ConfigError(f"the service does not start ({cause_of(code)}):\n{child.last_words()}")
        up.clear()
        killed_ms = now_ms()
        watch.phase("killed", None)
        watch.tell(words.killed.format(cause=cause_of(code), wait=RESTART_S))
        await doors.close()
        await asyncio.sleep(RESTART_S)


async def _works(child: Child, doors: Doors, watch: Watch) -> bool:
    """Wait until every role works; False when the process ended before."""
    while child.pid is not None:
        waiting = await doors.open()
        if waiting == []:
            return True
        watch.service = replace(watch.service, detail="; ".join(waiting or ()))
        await asyncio.sleep(_ASK_S)
    return False


async def put_away(child: Child, doors: Doors, watch: Watch) -> None:
    """End the service in good order. One that was just killed is started once more: its database still runs."""
    watch.phase("stopping", child.pid)
    if child.pid is None:
        await child.start()
        await _works(child, doors, watch)
    await doors.close()
    await child.stop()


async def run_plant(plant: Plant, publisher: Publisher, watch: Watch) -> None:
    """Publish every tick of the plant as time goes on, whether the service is there or not."""
    while True:
        for tick in plant.due(now_ms()):
            publisher.send(tick.readings, tick.time_ms)
            watch.tally.published(tick.time_ms, publisher.published)
            for told in tick.told:
                watch.tell(told.zh if watch.language == "zh-CN" else told.en, tick.time_ms)
        await asyncio.sleep(TICK_MS / 1000)


async def operate(plant: Plant, doors: Doors, watch: Watch, words: Words) -> None:
    """The simulated operator: looks twice a second, acts when it is time."""
    given: dict[Deed, int] = {}
    while True:
        await asyncio.sleep(_OPERATE_S)
        if watch.service.phase != "running":
            continue
        now = now_ms()
        given = {deed: at_ms for deed, at_ms in given.items() if now - at_ms < _AGAIN_MS}
        for deed in deeds(watch.seen(), now, scenario.reaction(plant.story_s)):
            if deed in given:
                continue  # not seen yet, or refused: a person would not press twice a second either
            given[deed] = now
            try:
                answer = await doors.give(deed)
                told = words.deeds[deed.command].format(alarm=deed.alarm)
                watch.tell(told if answer.outcome == "done" else f"{told} ({answer.message})")
                await watch.alarms(doors)
            except Away:
                del given[deed]


async def greet(doors: Doors, watch: Watch, words: Words) -> None:
    """Tell of the history that earlier runs left."""
    try:
        count, first = await doors.earlier(watch.started_ms)
    except Away:
        return  # killed within its first second; nothing of it depends on this
    if first is not None:
        since = f"{first:%Y-%m-%d} {clock(round(first.timestamp() * 1000), watch.site.timezone)}"
        watch.tell(words.found.format(n=f"{count:,}", since=since))


async def tell_when_whole(watch: Watch, words: Words) -> None:
    """After each return of the service: say so once everything from before is stored."""
    while True:
        await asyncio.sleep(_OPERATE_S)
        if watch.recovered_ms is not None and watch.whole_ms is not None and watch.whole_ms >= watch.recovered_ms:
            watch.recovered_ms = None
            watch.tell(words.complete.format(n=f"{watch.stored:,}"))


async def settle(doors: Doors, watch: Watch, hurry: asyncio.Event, within_s: float) -> bool:
    """After the plant has stopped: wait until every reading is acknowledged and stored; whether it is so."""
    until = monotonic_s() + within_s
    last = watch.tally.last
    while monotonic_s() < until and not hurry.is_set():
        counts = watch.counts
        if counts.published == counts.acknowledged and watch.service.phase != "killed":
            with suppress(Away):  # it is on its way back
                await watch.count(doors, last)
            if watch.counts.whole and watch.counts.stored == counts.published:
                return True
        await asyncio.sleep(_ASK_S)
    return False
