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
from pipeline.log import PLANT
from pipeline.records import encode_site
from pipeline.retry import until_done
from pipeline.site import of_installation

ROLE = "collector"


async def introduce(process: Process) -> None:
    """Puts the file's configuration in force for each installation that the log does not know at all.

    Engines do so too; a collector must not wait for one, whether or not there is one now.
    """
    log = process.log
    for one in process.site.installations:
        if await until_done("plant log", lambda one=one: log.last(PLANT, one.id)) is None:  # type: ignore[misc]  # mypy does not infer a lambda's default
            record = encode_site(of_installation(process.site, one.id))
            await until_done("plant log", lambda item=(one.id, record): log.append(PLANT, [item]))  # type: ignore[misc]  # as above


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
