"""Starts the notifier role."""

from __future__ import annotations

from alerting.lane import Health as Delivery
from alerting.notifier import ROLE, Notifier
from hazardwatch.wiring.process import Process
from pipeline.clock import now_ms


def start(process: Process, delivery: Delivery) -> None:
    """It runs until the process ends. `delivery`: where channels that fail are shown."""

    def acknowledge() -> str | None:
        url = process.processes.console()
        return url and url + "/api/v1/acknowledge?alarm={alarm}&occurrence={occurrence}"

    notifier = Notifier(process.log, process.site, delivery, acknowledge_url=acknowledge)
    process.health.ask(ROLE, lambda: "; ".join(f"{k}: {v}" for k, v in delivery.failing(now_ms()).items()) or None)
    process.report.owns[ROLE] = lambda: notifier.owned
    process.report.lags_s[ROLE] = lambda: notifier.lag_s
    process.report.values["delivery"] = lambda: 0.0 if delivery.failing(now_ms()) else 1.0
    process.tasks.create_task(notifier.run(), name=ROLE)
