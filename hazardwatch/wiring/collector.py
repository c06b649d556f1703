"""Starts the collector role: the MQTT endpoint, the connection to a broker, and what they hand to the log."""

from __future__ import annotations

from hazardwatch.health import Probe
from hazardwatch.options import Options
from hazardwatch.wiring.process import Process
from ingest import listener
from ingest.broker import Broker
from ingest.collector import Collector
from ingest.intake import Intake
from ingest.passwords import Access

ROLE = "collector"


def start(process: Process, broker: Broker | None) -> None:
    """It runs until the process ends."""
    options, tasks = process.options, process.tasks
    intake = Intake(process.log, process.site)
    doors: list[Probe] = [lambda: "the log takes no readings now" if intake.full else None]
    process.health.ask(ROLE, lambda: next(filter(None, (ask() for ask in doors)), None))
    tasks.create_task(intake.run(), name="intake")
    if options.listen is not None:
        entrance = _entrance(options)
        tasks.create_task(listener.serve(intake, entrance, options.data / "mqtt-sessions"), name="listener")
    if broker is not None:
        collector = Collector(intake, process.site, broker, client_id=f"hazardwatch-{process.site.id}")
        doors.append(collector.trouble)
        tasks.create_task(collector.run(), name=ROLE)


def _entrance(options: Options) -> listener.Entrance:
    assert options.listen is not None
    tls = listener.tls_context(options.tls_cert, options.tls_key) if options.tls_cert and options.tls_key else None
    access = Access(options.passwords) if options.passwords else None
    return listener.Entrance(options.listen.host, options.listen.port, access, tls)
