"""`hazardwatch demo`: puts plant, service, phone and screen together, and takes them apart again in good order."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from rich.console import Console

from hazardwatch.demo import attend
from hazardwatch.demo.child import Child
from hazardwatch.demo.doors import Doors
from hazardwatch.demo.folder import DEFAULT, HOST, SECRET_ENV, Folder, Ports
from hazardwatch.demo.screen import picture as take_picture
from hazardwatch.demo.screen import show
from hazardwatch.demo.sections import sums
from hazardwatch.demo.state import Service
from hazardwatch.demo.tally import Tally
from hazardwatch.demo.texts import Words
from hazardwatch.demo.texts import words as words_of
from hazardwatch.demo.watch import Watch, keep_asking
from hazardwatch.sites import sound_site
from pipeline.clock import now_ms
from pipeline.errors import ConfigError
from simulators.plant import Plant
from simulators.publisher import Publisher
from simulators.receiver import Receiver

_INSTALLATION = "TF1"
_SEED = 101
_SETTLE_S = 60.0
_LANGUAGES = ("en", "zh-CN")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the user wanted."""

    for_s: float | None
    folder: Folder
    language: str
    picture: Path | None


def run_demo(
    for_s: float | None = None, data: Path | None = None, language: str | None = None, picture: Path | None = None
) -> int:
    """Run until ctrl-C, SIGTERM or for `for_s` seconds. 0: all readings are in the history, each once; 1: they are not.

    `picture`: an SVG file that gets the last screen. Raises ConfigError for what the user can put right.
    """
    if language is not None and language not in _LANGUAGES:
        raise ConfigError(f"--language {language}: expected {' or '.join(_LANGUAGES)}")
    return asyncio.run(_demo(_Asked(for_s, Folder(data or DEFAULT), language or "en", picture), Console()))


async def _demo(asked: _Asked, console: Console) -> int:
    words, folder, started_ms = words_of(asked.language), asked.folder, now_ms()
    ports = folder.prepare(asked.language)
    with (folder.data / "demo.log").open("a", encoding="utf-8") as log:
        # The screen belongs to the view: what our own parts have to say goes into a file.
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
        secret = secrets.token_urlsafe(32)
        publisher = Publisher(HOST, ports.listen, _INSTALLATION)
        watch = Watch(
            site=sound_site(folder.site)[0],
            installation=_INSTALLATION,
            language=asked.language,
            data=folder.data,
            here=Path.cwd(),
            started_ms=started_ms,
            publisher=publisher,
            tally=Tally(started_ms),
            service=Service("starting", started_ms),
        )
        mqtt, http = f"{HOST}:{ports.listen}", f"http://{HOST}:{ports.http}"
        watch.tell(words.where.format(mqtt=mqtt, http=http, data=folder.data))
        async with Receiver(
            host=HOST, port=ports.receiver, secret=secret, language=asked.language, on_message=watch.phone_rang
        ):
            child = Child(_arguments(folder, ports), folder.service_log, {SECRET_ENV: secret})
            whole = await _play(asked, console, words, watch, child)
    console.print(sums(watch.snapshot(), words), soft_wrap=True)
    last = words.ended.format(data=folder.data) if whole else words.missing.format(log=folder.service_log)
    console.print(last, markup=False, highlight=False, soft_wrap=True)
    return 0 if whole else 1


def _arguments(folder: Folder, ports: Ports) -> list[str]:
    return [
        str(folder.site),
        *("--data", str(folder.data)),
        *("--listen", f"{HOST}:{ports.listen}"),
        *("--http", f"{HOST}:{ports.http}"),
    ]


async def _play(asked: _Asked, console: Console, words: Words, watch: Watch, child: Child) -> bool:
    """Everything at once until it is time to end; whether all readings are in the history then."""
    doors, up = Doors(asked.folder.data), asyncio.Event()
    stop, hurry = asyncio.Event(), asyncio.Event()
    _heed_signals(stop, hurry, lambda: watch.tell(words.again))
    try:
        async with asyncio.TaskGroup() as group:
            screen = group.create_task(show(watch.snapshot, words, console))
            service = group.create_task(attend.serve(child, doors, watch, words, up))
            asking = group.create_task(keep_asking(watch, doors))
            ending = group.create_task(_time_is_up(stop, asked.for_s))
            plant = group.create_task(_live(doors, watch, words, up))
            await ending
            plant.cancel()
            whole = await attend.settle(doors, watch, hurry, _SETTLE_S)
            if asked.picture:
                take_picture(watch.snapshot(), words, asked.picture)
            service.cancel()
            asking.cancel()
            await attend.put_away(child, doors, watch)
            screen.cancel()
    finally:
        watch.publisher.stop()
        await doors.close()
        await child.stop()
    return whole


def _heed_signals(stop: asyncio.Event, hurry: asyncio.Event, told: Callable[[], None]) -> None:
    """The first signal ends the demo once everything is stored, the second at once; both leave nothing behind."""

    def heed() -> None:
        if stop.is_set():
            hurry.set()
        stop.set()
        told()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, heed)


async def _live(doors: Doors, watch: Watch, words: Words, up: asyncio.Event) -> None:
    """The story begins when the service lets the plant's gateway in, and never stops for it again."""
    connected, loop = asyncio.Event(), asyncio.get_running_loop()
    watch.publisher.start(lambda: loop.call_soon_threadsafe(connected.set))
    await connected.wait()
    plant = Plant(now_ms(), _SEED)
    async with asyncio.TaskGroup() as group:
        group.create_task(attend.run_plant(plant, watch.publisher, watch))
        group.create_task(attend.operate(plant, doors, watch, words))
        group.create_task(attend.tell_when_whole(watch, words))
        await up.wait()
        await attend.greet(doors, watch, words)


async def _time_is_up(stop: asyncio.Event, for_s: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            await stop.wait()
