"""Starts the collector role: the MQTT endpoint, the connection to a broker, and what they hand to the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hazardwatch import config_watch
from hazardwatch.health import Probe
from hazardwatch.options import Options
from hazardwatch.system_watch import Lately
from hazardwatch.wiring.configuration import Configuration
from hazardwatch.wiring.process import Process
from ingest import listener
from ingest.broker import Broker
from ingest.collector import Collector
from ingest.gateways import Gateways
from ingest.intake import Intake
from ingest.passwords import Access
from ingest.sessions import FileSessions, Sessions
from ingest.shared_sessions import TABLE, SharedSessions
from pipeline.clock import monotonic_s
from pipeline.site import Site

ROLE = "collector"


async def start(process: Process, broker: Broker | None, changes: Configuration) -> None:
    """It runs until the process ends."""
    options, tasks, log = process.options, process.tasks, process.log
    intake = Intake(log, process.site)
    subscribe: Callable[[Site], Awaitable[None]] = config_watch.nowhere
    doors: list[Probe] = [intake.trouble]
    process.health.ask(ROLE, lambda: next(filter(None, (ask() for ask in doors)), None))
    tasks.create_task(intake.run(), name="intake")
    if options.listen is not None:
        sessions: Sessions
        if options.alone:
            sessions = FileSessions(options.data / "mqtt-sessions", monotonic_s())
        else:
            sessions = SharedSessions(await process.stack.enter_async_context(log.table(TABLE)))
        lost = Gateways(intake, process.site).lost
        tasks.create_task(listener.serve(intake, _entrance(options), sessions, client_lost=lost), name="listener")
    if broker is not None:
        collector = Collector(intake, log, process.site, broker, divided=not options.alone)
        doors.append(collector.trouble)
        process.report.owns[ROLE] = collector.owned
        process.report.broker = collector.counts
        process.report.values["broker-drops"] = Lately(collector.dropped, monotonic_s)
        tasks.create_task(collector.run(), name=ROLE)
        subscribe = collector.use
    tasks.create_task(config_watch.follow(changes.role, changes.file, intake.use, subscribe), name="site in use")


def _entrance(options: Options) -> listener.Entrance:
    assert options.listen is not None
    tls = None
    if options.tls_cert and options.tls_key:
        tls = listener.tls_context(options.tls_cert, options.tls_key, options.client_ca)
    access = Access(options.passwords) if options.passwords else None
    return listener.Entrance(options.listen.host, options.listen.port, access, tls)
