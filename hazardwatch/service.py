"""Wires one process: the only place that knows which parts there are and how they hang together.

One straight function on purpose: a reader sees the whole pipeline in the order in which it is opened, and
everything is closed in reverse. How each role is put together is in hazardwatch/wiring.
"""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import AsyncExitStack

import structlog

from alerting.lane import Health as Delivery
from hazardwatch import system_watch
from hazardwatch.api import server
from hazardwatch.ending import Ending
from hazardwatch.gateway_points import with_gateways
from hazardwatch.health import Health
from hazardwatch.introducing import introduce
from hazardwatch.kept_site import kept_site
from hazardwatch.local_access import LocalAccess, new_secret
from hazardwatch.memory import settle_memory
from hazardwatch.options import Options
from hazardwatch.processes import TABLE, Processes, Report
from hazardwatch.system_site import with_system
from hazardwatch.wiring import api, collector, configuration, engine, historian, notifier
from hazardwatch.wiring.process import Process, open_log
from historian.database import check_dsn, for_reading
from historian.private_server import PrivateServer
from ingest import listener
from ingest.broker import broker_of
from pipeline.clock import monotonic_s, now_ms
from pipeline.model import SYSTEM

_log = structlog.get_logger(__name__)


async def serve(options: Options, ending: Ending) -> None:  # noqa: C901, PLR0915  # straight on purpose, see above
    """Run the roles asked for until SIGINT, SIGTERM or cancellation. Raises ConfigError."""
    settle_memory()
    # `_parts` is held here, so that all who read the log hold these very objects.
    site, warnings, _parts, files = kept_site(options.site, options.data)
    for warning in warnings:
        _log.warning("site file", warning=warning)
    site = with_system(with_gateways(site))
    broker = broker_of(options.mqtt, os.environ, options.mqtt_files) if options.mqtt else None
    if options.dsn:
        check_dsn(options.dsn)
    if options.tls_cert and options.tls_key:
        # HTTP's too; what is wrong is said before all else.
        listener.tls_context(options.tls_cert, options.tls_key, options.client_ca)
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    task = asyncio.current_task()
    assert task is not None
    ending.ends(task)

    async with AsyncExitStack() as stack:
        log = await open_log(options, site, stack)
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
        health = Health(tuple(sorted(options.roles)))
        report = Report(health, options.data, access.url if "api" in options.roles else None)
        processes = Processes(await stack.enter_async_context(log.table(TABLE)), report)
        stack.push_async_callback(processes.leave)

        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        process = Process(options, site, files, log, stack, tasks, health, report, processes, access, door)
        tasks.create_task(log.tend(), name="log")
        report.values |= {
            "disk-free": lambda: system_watch.disk_free(options.data, log.health().ballast_missing_bytes),
            "log-holes": lambda: float(log.health().holes),
            "clock-jump": system_watch.ClockJump(lambda: now_ms() / 1000, monotonic_s),
        }
        delivery = Delivery()
        judging = engine.start(process, delivery) if "engine" in options.roles else None
        tasks.create_task(
            system_watch.watch(
                log, processes, lambda: judging is not None and judging.judges(SYSTEM), process.expected
            ),
            name="watch",
        )
        if "notifier" in options.roles:
            notifier.start(process, delivery)
        if "historian" in options.roles:
            historian.start(process, private, judging.caught_up if judging else None)
        changes = configuration.start(process, judging)
        api.start(process, changes)
        if "collector" in options.roles:
            # A reading must not come before the configuration that explains it.
            if options.alone and judging is not None:
                await judging.caught_up.wait()
            elif not options.alone:
                await introduce(log, site, (one.id for one in site.installations))
            await collector.start(process, broker, changes)

        doors = {"http": access.url} | (
            {"listen": options.listen, "broker": broker} if "collector" in options.roles else {}
        )
        told = {name: str(one) for name, one in doors.items() if one is not None}
        _log.info("hazardwatch runs; ctrl-C ends it", site=site.id, data=str(options.data), **told)
        gc.freeze()  # what is built at the start lives as long as the process
        await asyncio.Event().wait()
