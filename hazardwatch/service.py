"""Wires one process: the only place that knows which parts there are and how they hang together.

One straight function on purpose: a reader sees the whole pipeline in the order in which it is opened, and
everything is closed in reverse.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress

import structlog

from alerting import notifier
from alerting.lane import Health as Delivery
from hazardwatch import config_watch, direct_path, system_watch
from hazardwatch.api import server
from hazardwatch.api.app import create_app
from hazardwatch.api.board import Board
from hazardwatch.api.config_desk import ConfigDesk
from hazardwatch.api.desk import Desk
from hazardwatch.api.tokens import Tokens
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from hazardwatch.ending import Ending
from hazardwatch.engine_role import EngineRole
from hazardwatch.health import Health, Probe
from hazardwatch.kept_site import kept_site
from hazardwatch.local_access import LocalAccess, announce, new_secret
from hazardwatch.memory import settle_memory
from hazardwatch.options import Options
from hazardwatch.system_site import with_system
from historian.database import check_dsn, for_reading
from historian.private_server import PrivateServer, connection_string
from historian.writer import Historian
from ingest import listener, shared_sessions
from ingest.broker import broker_of
from ingest.collector import Collector
from ingest.intake import Intake
from ingest.passwords import Access
from ingest.sessions import FileSessions, Sessions
from ingest.shared_sessions import SharedSessions
from pipeline.clock import monotonic_s, now_ms
from pipeline.errors import ConfigError, Permanent, Transient
from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.local_log import LocalLog
from pipeline.model import SYSTEM
from pipeline.site import Site

_ALARMS_FIRST_S = 5.0
_log = structlog.get_logger(__name__)


async def serve(options: Options, ending: Ending) -> None:  # noqa: C901, PLR0912, PLR0915  # straight on purpose, see above
    """Run the roles asked for until SIGINT, SIGTERM or cancellation. Raises ConfigError."""
    settle_memory()
    # `_parts` is held here, so that all who read the log hold these very objects.
    site, warnings, _parts = kept_site(options.site, options.data)
    for warning in warnings:
        _log.warning("site file", warning=warning)
    site = with_system(site)
    broker = broker_of(options.mqtt, os.environ, options.mqtt_files) if options.mqtt else None
    if options.dsn:
        check_dsn(options.dsn)
    if options.tls_cert and options.tls_key:
        listener.tls_context(
            options.tls_cert, options.tls_key, options.client_ca
        )  # HTTP's too; what is wrong is said before all else
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    task = asyncio.current_task()
    assert task is not None
    ending.ends(task)

    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(_log_of(options, site.id))
        door = server.bind(options.http)
        access = LocalAccess(
            url=server.url_of(door, options.http, tls=options.tls_cert is not None),
            token=new_secret(),
            certificate=str(options.tls_cert.resolve()) if options.tls_cert else None,
            dsn=for_reading(options.dsn) if options.dsn else None,
        )
        if "api" in options.roles:  # before the historian, which adds how to read the history
            await stack.enter_async_context(server.announced(options.data, access))
        private = PrivateServer(options.data) if "historian" in options.roles and not options.dsn else None
        if private is not None:
            stack.push_async_callback(asyncio.to_thread, private.stop)

        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        health = Health(tuple(sorted(options.roles)))
        state: dict[str, system_watch.Probe] = {
            "disk-free": lambda: system_watch.disk_free(options.data, log.health().ballast_missing_bytes),
            "log-holes": lambda: float(log.health().holes),
        }
        tasks.create_task(log.tend(), name="log")
        delivery = Delivery()
        changes = ConfigRole(log, lambda: "engine" in options.roles and SYSTEM in engine.installations())
        file = ConfigFile(options.site, site)
        tasks.create_task(changes.run(), name="configuration")
        tasks.create_task(file.watch(), name="site file")

        if "engine" in options.roles:
            engine = EngineRole(log, site)
            health.ask("engine", lambda: None if engine.caught_up.is_set() else "still reading the log")
            state["reviews-overdue"] = lambda: float(engine.reviews_overdue())
            tasks.create_task(engine.run(), name="engine")
            pulse = direct_path.Pulse(lambda: log.health().refused)
            tasks.create_task(system_watch.tick(log, engine.installations, now_ms, pulse.taken), name="ticks")
            tasks.create_task(system_watch.watch(log, engine.caught_up, state), name="watch")
            tasks.create_task(config_watch.watch(changes, file, state), name="configuration watch")
            tasks.create_task(direct_path.run(log, site, pulse, delivery), name="direct path")

        if "notifier" in options.roles:
            health.ask(
                "notifier", lambda: "; ".join(f"{k}: {v}" for k, v in delivery.failing(now_ms()).items()) or None
            )
            state["delivery"] = lambda: 0.0 if delivery.failing(now_ms()) else 1.0
            acknowledge = access.url + "/api/v1/acknowledge?alarm={alarm}&occurrence={occurrence}"
            tasks.create_task(notifier.run(log, site, delivery, acknowledge_url=acknowledge), name="notifier")

        if "historian" in options.roles:
            historian = Historian(log, site, _history(options, private, access))
            health.ask("historian", lambda: _trouble(historian))
            state["history"] = lambda: 0.0 if _trouble(historian) else 1.0
            stop = asyncio.Event()
            judging = engine.caught_up if "engine" in options.roles else None
            writing = tasks.create_task(_keep_history(historian, stop, judging), name="historian")
            stack.push_async_callback(_finish, historian, stop, writing)
            if private is not None:
                stack.callback(private.give_up)  # first of all: the historian may be waiting for its start

        if "api" in options.roles:
            board = Board(site)
            health.ask("api", lambda: board.trouble(now_ms()))
            tokens, config_desk = Tokens(options.data, access.token), ConfigDesk(log, changes, file)
            app = create_app(board, Desk(log, board), health, tokens, config_desk)
            tasks.create_task(board.follow(log), name="board")
            tasks.create_task(server.run(app, door, options.tls_cert, options.tls_key), name="api")

        if "collector" in options.roles:
            if "engine" in options.roles:
                await engine.caught_up.wait()  # a reading must not come before the configuration that explains it
            intake = Intake(log, site)
            subscribe: Callable[[Site], Awaitable[None]] = config_watch.nowhere
            doors: list[Probe] = [lambda: "the log takes no readings now" if intake.full else None]
            health.ask("collector", lambda: next(filter(None, (ask() for ask in doors)), None))
            tasks.create_task(intake.run(), name="intake")
            if options.listen is not None:
                entrance = _entrance(options)
                sessions: Sessions
                if options.kafka is None:
                    sessions = FileSessions(options.data / "mqtt-sessions", monotonic_s())
                else:
                    sessions = SharedSessions(await stack.enter_async_context(log.table(shared_sessions.TABLE)))
                tasks.create_task(listener.serve(intake, entrance, sessions), name="listener")
            if broker is not None:
                collector = Collector(intake, log, site, broker, divided=options.kafka is not None)
                doors.append(collector.trouble)
                subscribe = collector.use
                tasks.create_task(collector.run(), name="collector")
            tasks.create_task(config_watch.follow(changes, file, intake.use, subscribe), name="site in use")

        doors_open: dict[str, object] = {"http": access.url if "api" in options.roles else None}
        if "collector" in options.roles:
            doors_open |= {"listen": options.listen, "broker": broker}
        told = {name: str(door) for name, door in doors_open.items() if door is not None}
        _log.info("hazardwatch runs; ctrl-C ends it", site=site.id, data=str(options.data), **told)
        gc.freeze()  # what is built at the start lives as long as the process
        await asyncio.Event().wait()


def _log_of(options: Options, site: str) -> AbstractAsyncContextManager[LocalLog | KafkaLog]:
    """The log, to be entered: in the data folder, or in Kafka."""
    if options.kafka is None:
        return LocalLog.open(options.log_folder)
    return KafkaLog.open(kafka_of(options.kafka, os.environ, options.kafka_files), site)


async def _keep_history(historian: Historian, stop: asyncio.Event, judging: asyncio.Event | None) -> None:
    """What the historian cannot get over ends the historian, never the alarms; SYSTEM/history/AWAY says so.

    It begins once alarms are judged, or a little later: after a kill it reads up to ten million readings again.
    """
    if judging is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ALARMS_FIRST_S):
                await judging.wait()
    try:
        await historian.run(stop)
    except (ConfigError, Permanent) as error:
        _log.error("the history is not written any more; alarms go on", error=str(error))
    except Exception:  # noqa: BLE001 - a fault of ours in the history must not silence the alarms
        _log.exception("the history is not written any more; alarms go on")


def _trouble(historian: Historian) -> str | None:
    """Why readings or alarms do not get into the database; None while both do."""
    return next((one.error for one in historian.health().values() if one.error is not None), None)


async def _finish(historian: Historian, stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Let the historian finish what it is writing and keep where it is; a crash would only cost it time."""
    stop.set()
    await asyncio.wait({task}, timeout=10)
    historian.cut_off()


def _history(options: Options, private: PrivateServer | None, access: LocalAccess) -> Callable[[], str]:
    """What the historian asks for its database; once a private server is up, the command line hears how to read it."""
    if private is None:
        return lambda: options.dsn or ""

    def ready() -> str:
        owner = private.ready()
        try:
            announce(options.data, access.with_dsn(connection_string(options.data)))
        except OSError as error:
            raise Transient(f"the command line cannot be told how to read the history: {error}") from error
        return owner

    return ready


def _entrance(options: Options) -> listener.Entrance:
    assert options.listen is not None
    tls = None
    if options.tls_cert and options.tls_key:
        tls = listener.tls_context(options.tls_cert, options.tls_key, options.client_ca)
    access = Access(options.passwords) if options.passwords else None
    return listener.Entrance(options.listen.host, options.listen.port, access, tls)
