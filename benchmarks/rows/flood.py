"""How fast commands are answered while 3,000 alarms come in a minute; the embedded log."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import httpx

from benchmarks import plant
from benchmarks.generator import Order
from benchmarks.parts import Service, service
from benchmarks.report import Report
from benchmarks.through import publish_through
from hazardwatch.local_access import find

NAME = "flood"
REACH = "commands answered in 200 ms (p99) while 3,000 alarms come in a minute"
_WANTED_MS = 200
_POINTS = 2_000
_RATE = 2_000
_CROSSINGS_S = 0.04
"""Each crossing raises H and HH of a point: 50 alarms a second."""
_COMMANDS_S = 0.1


class _Operator(threading.Thread):
    """Acknowledges what stands, ten times a second, each time another alarm."""

    def __init__(self, one: Service) -> None:
        super().__init__(daemon=True)
        access = find(one.data)
        self._http = httpx.Client(
            base_url=access.url, headers={"Authorization": f"Bearer {access.token}"}, timeout=30, trust_env=False
        )
        self.ended = threading.Event()
        self.took_ms: list[float] = []
        self.answers: dict[int, int] = {}
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            with self._http:
                while not self.ended.is_set():
                    self._round()
        except (httpx.HTTPError, KeyError, ValueError) as error:
            self.failed = error

    def _round(self) -> None:
        standing = self._http.get("/api/v1/alarms").json()["alarms"]
        wanted = [one for one in standing if one["event"]["state"] in {"UNACK", "RTN_UNACK"}][:20]
        if not wanted:
            self.ended.wait(0.2)
        for one in wanted:
            if self.ended.is_set():
                return
            body = {"command": "acknowledge", "alarm": one["event"]["alarm"], "by": "li.wei", "note": "flood"}
            began = time.monotonic()
            answer = self._http.post("/api/v1/commands", json=body)
            self.took_ms.append(1e3 * (time.monotonic() - began))
            self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
            self.ended.wait(max(0.0, _COMMANDS_S - (time.monotonic() - began)))


def measure(folder: Path, seconds: float | None) -> Report:
    """The row; `seconds` of flood, 60 unless given."""
    report = Report(NAME, REACH)
    report.add("load of the machine before", f"{os.getloadavg()[0]:.1f}")
    site = plant.write_site(folder, _POINTS)
    with service(site, folder / "data") as one:
        operator = _Operator(one)
        operator.start()
        order = Order(
            port=one.mqtt, points=_POINTS, seconds=seconds or 60, rate=_RATE, chunk=5, crossings_s=_CROSSINGS_S
        )
        through = publish_through(one, order)
        operator.ended.set()
        operator.join(30)
    if operator.failed is not None:
        raise RuntimeError(f"a command was not answered: {operator.failed!r}")
    through.tell("flood", report)
    report.add("alarms raised", f"{2 * through.sent.crossings} in {through.sent.seconds:.0f} s")
    took = sorted(operator.took_ms)
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    told = f"{p50:.0f} / {p99:.0f} / {took[-1]:.0f} ms"
    report.add(f"command -> judged and answered, p50 / p99 / longest of {len(took)}", told)
    report.add("answers, by status", ", ".join(f"{status}: {count}" for status, count in operator.answers.items()))
    report.reached = p99 <= _WANTED_MS and set(operator.answers) == {200}
    return report
