"""The disks under the log and under the database fill up, and are given room again after a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from tests.faults.fault import Fault
from tests.faults.park import Park
from tests.faults.servers import each
from tests.servers import Server
from tests.small_disk import fill_up

HOLD_S = 15.0
_DIES_S = 3.0
"""A server that could not write ends itself within this time, or not at all."""

Chosen = Callable[[Park], Mapping[str, Server]]
"""Servers by the name of their disk."""


def _filled(chosen: Chosen) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        servers = chosen(park)
        fillers = [park.disks[name] / "filler" for name in servers]
        ended: list[str] = []
        try:
            for filler in fillers:
                fill_up(filler)
            time.sleep(HOLD_S)
            ended = [one.program.name for one in servers.values() if one.child.poll() is not None]
            yield [f"ended by it and started again: {', '.join(ended) or 'none'}"]
        finally:
            for filler in fillers:
                filler.unlink(missing_ok=True)
            time.sleep(_DIES_S)
            each(Server.start, [one for one in servers.values() if one.child.poll() is not None])

    return during


DISKS = [
    Fault("disk full", f"under one broker of three for {HOLD_S:.0f} s", _filled(lambda park: _brokers(park, 1))),
    Fault("disk full", f"under all three brokers for {HOLD_S:.0f} s", _filled(lambda park: _brokers(park, 3))),
    Fault("disk full", f"under the database for {HOLD_S:.0f} s", _filled(lambda park: {"timescale": park.database})),
]


def _brokers(park: Park, count: int) -> dict[str, Server]:
    return {f"kafka-{number}": park.brokers[number] for number in sorted(park.brokers)[-count:]}
