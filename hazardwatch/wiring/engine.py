"""Starts the engine role: judging, the ticks of what it owns, and telling people past a log that takes nothing."""

from __future__ import annotations

from alerting.lane import Health as Delivery
from hazardwatch import direct_path, system_watch
from hazardwatch.engine_role import ROLE, EngineRole
from hazardwatch.wiring.process import Process
from pipeline.clock import now_ms


def start(process: Process, delivery: Delivery) -> EngineRole:
    """Its tasks run until the process ends. `delivery`: where channels that fail are shown."""
    log, site, tasks = process.log, process.site, process.tasks
    engine = EngineRole(log, site)
    process.health.ask(ROLE, lambda: engine.trouble() or log.health().refused)
    process.report.owns[ROLE] = lambda: engine.owned
    process.report.lags_s[ROLE] = lambda: engine.lag_s(now_ms())
    process.report.values["reviews-overdue"] = lambda: float(engine.reviews_overdue())
    tasks.create_task(engine.run(), name=ROLE)
    pulse = direct_path.Pulse(lambda: log.health().refused, engine.installations)
    tasks.create_task(system_watch.tick(log, engine.installations, now_ms, pulse.taken), name="ticks")
    tasks.create_task(direct_path.run(log, site, pulse, delivery, engine.speaks), name="direct path")
    return engine
