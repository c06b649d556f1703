"""A load through a running service, and what was seen meanwhile. Starts the generator only."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks import plant
from benchmarks.generator import Order, Sent
from benchmarks.parts import Generating, Sampler, Service
from benchmarks.processes import Shares
from benchmarks.report import Report, rate

_WARM_S = 2.0
_CATCH_UP_S = 240.0


@dataclass(frozen=True, slots=True)
class Through:
    """What a load came to. Rates in readings/s after two seconds of warming up; `stored_behind_s`: the age of the
    newest reading in the history at the end of the load; `caught_up_s`: how long after that the history had everything.
    """

    sent: Sent
    taken: float
    judged: float
    stored: float
    judged_behind_s: float
    stored_behind_s: float
    caught_up_s: float
    cpu_s: dict[str, float]

    def million(self) -> str:
        """CPU seconds per million readings of each process."""
        each = {name: 1e6 * used / self.sent.readings for name, used in self.cpu_s.items() if name != "others"}
        return ", ".join(f"{name} {used:.2f}" for name, used in each.items())

    def tell(self, name: str, report: Report) -> None:
        """Add the figures."""
        report.add(f"{name}: acknowledged", f"{rate(self.taken)} over {self.sent.seconds:.0f} s")
        report.add(f"{name}: judged / stored meanwhile", f"{rate(self.judged)} / {rate(self.stored)}")
        behind = f"{self.judged_behind_s:.2f} s / {self.stored_behind_s:.1f} s"
        report.add(f"{name}: judging behind at most / history behind at the end", behind)
        report.add(f"{name}: history complete after", f"{self.caught_up_s:.1f} s")
        p50, p99, most = self.sent.puback_ms
        report.add(f"{name}: publish -> PUBACK p50 / p99 / longest", f"{p50:.0f} / {p99:.0f} / {most:.0f} ms")
        report.cores(name, self.cpu_s, self.sent.seconds)
        report.add(f"{name}: CPU s per million readings", self.million())


def publish_through(one: Service, order: Order, hop: str = "listener", **beside: int) -> Through:
    """Run the order against the service, which takes it in by `hop`; `beside`: other processes to be watched."""
    shares = Shares()
    shares.watch("service", one.pid)
    shares.watch("postgres", *one.postgres())
    for name, pid in beside.items():
        shares.watch(name, pid)
    before = one.counters()
    sampler = Sampler(one)
    sent = Generating(order).wait()
    cpu_s = shares.seconds(generator=sent.cpu_s)
    sampler.stop()
    ended = time.monotonic()
    readings = sent.messages * plant.SHAPES[order.shape].readings
    _check(sent)
    caught_up = _stored(one, before.get(("historian", "received"), 0) + readings)
    until = min(order.seconds, sampler.samples[-1][0] - sampler.samples[0][0])
    return Through(
        sent=sent,
        taken=sampler.rate(hop, "passed", _WARM_S, until),
        judged=sampler.rate("engine", "passed", _WARM_S, until),
        stored=sampler.rate("historian", "passed", _WARM_S, until),
        judged_behind_s=sampler.highest("engine", "lag_seconds"),
        stored_behind_s=sampler.samples[-1][1].get(("historian", "lag_seconds"), 0.0),
        caught_up_s=max(0.0, caught_up - ended),
        cpu_s=cpu_s,
    )


def _check(sent: Sent) -> None:
    if sent.unacknowledged:
        raise RuntimeError(f"{sent.unacknowledged} messages were never acknowledged")


def _stored(one: Service, goal: float) -> float:
    """When (monotonic, s) the history had taken so many readings."""
    end = time.monotonic() + _CATCH_UP_S
    while one.counters().get(("historian", "received"), 0) < goal:
        if time.monotonic() > end:
            raise TimeoutError(f"the history did not catch up within {_CATCH_UP_S:.0f} s")
        time.sleep(0.2)
    refused = one.counters().get(("historian", "refused"), 0)
    if refused:
        raise RuntimeError(f"the history left out {refused:.0f} readings of which none was to be left out")
    return time.monotonic()
