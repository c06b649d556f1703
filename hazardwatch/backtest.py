"""Two configurations over the same readings: the events each would have given. Pure; files and pages are others'.

Both go through the very same engine. What is alike is done once: admission looks at a reading once for both, and of the
older configuration only that is judged which the newer one could have changed; the rest of its events are the newer's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from hazardwatch.backtest_scope import affected, narrowed, node_of
from hazardwatch.engine import Engine
from hazardwatch.replay import Recorded
from pipeline.admission import Admission, Admitted
from pipeline.model import Block, Event
from pipeline.site import Installation, Point, Site


class Both(NamedTuple):
    """Events under the older and the newer configuration, in order; `begin`, `end`: received times (ms) looked at."""

    before: list[Event]
    after: list[Event]
    begin: int
    end: int
    readings: int


def backtest(old: Site, new: Site, recorded: Iterable[Recorded]) -> Both:
    """What either would have said. Every whole second is judged from the first record to the last."""
    plants = {one.id: _Plant(old.installation(one.id), one, old, new) for one in united(old, new).installations}
    before: list[Event] = []
    after: list[Event] = []
    begin = now = None
    readings = 0
    for position, (received, installation, what) in enumerate(recorded):
        if now is None:
            begin = received
            for plant in plants.values():
                plant.begin(received, before, after)
        elif received // 1000 != now // 1000:
            _pass_time(plants, now, received, before, after)
        now = received
        readings += len(what) if isinstance(what, Block) else 0
        plants[installation].take(what, received, position, before, after)
    if now is None or begin is None:
        return Both([], [], 0, 0, 0)
    _pass_time(plants, now, now + 1, before, after)
    return Both(before, after, begin, now, readings)


def _pass_time(plants: dict[str, _Plant], now: int, until: int, before: list[Event], after: list[Event]) -> None:
    """Installations in step, so that events stay in order."""
    for stamp in [*range((now // 1000 + 1) * 1000 + 1, until, 1000), until]:
        for plant in plants.values():
            plant.pass_time(stamp, before, after)


def united(old: Site, new: Site) -> Site:
    """A site with the points of both, the newer one's first; enabled where either has them enabled."""
    installations = []
    for id_ in dict.fromkeys([*(one.id for one in new.installations), *(one.id for one in old.installations)]):
        one, other = new.installation(id_), old.installation(id_)
        here = one or other
        assert here is not None
        points = {point.id: point for point in here.points}
        for point in other.points if other else ():
            mine = points.get(point.id)
            if mine is None or (point.enabled and not mine.enabled):
                points[point.id] = point
        installations.append(msgspec.structs.replace(here, points=tuple(points.values())))
    return msgspec.structs.replace(new, installations=tuple(installations))


class _Plant:
    """One installation under both configurations."""

    def __init__(self, older: Installation | None, every: Installation, old: Site, new: Site) -> None:
        newer = new.installation(every.id)
        self._nodes = affected(older, newer) if old.gateways == new.gateways else None
        shared = _Shared(every.points)
        self._new = _Judging(every.id, new, newer, shared)
        less = older if older is None or self._nodes is None else narrowed(older, self._nodes)
        self._old = _Judging(every.id, old, less, shared)

    def begin(self, received: int, before: list[Event], after: list[Event]) -> None:
        old, new = (
            [*side.configure(side.wanted, received), *side.pass_time(received)] for side in (self._old, self._new)
        )
        self._tell(old, new, before, after)

    def take(self, what: object, received: int, position: int, before: list[Event], after: list[Event]) -> None:
        assert isinstance(what, Block)
        self._tell(
            self._old.take_read(what, received, position), self._new.take_read(what, received, position), before, after
        )

    def pass_time(self, stamp: int, before: list[Event], after: list[Event]) -> None:
        self._tell(self._old.pass_time(stamp), self._new.pass_time(stamp), before, after)

    def _tell(self, old: list[Event], new: list[Event], before: list[Event], after: list[Event]) -> None:
        after += new
        before += old
        if new and self._nodes is not None:
            before += [one for one in new if node_of(one.alarm) not in self._nodes]


class _Shared:
    """Admission of all points of both configurations: its verdict on a reading is the same for either."""

    def __init__(self, points: tuple[Point, ...]) -> None:
        self._admission = Admission(points)
        self.points = points
        self._block: Block | None = None
        self._admitted: Admitted | None = None

    def admit(self, block: Block, received: int) -> Admitted:
        """Once per block."""
        if self._block is not block or self._admitted is None:
            self._block, self._admitted = block, self._admission.admit(block, received)
        return self._admitted


class _View:
    """The part of a shared admission that one configuration has; -1 in `rows` where it has not."""

    def __init__(self, shared: _Shared, points: tuple[Point, ...]) -> None:
        self._shared = shared
        mine = {point.id: row for row, point in enumerate(points) if point.enabled}
        self._rows: NDArray[np.int32] = np.array([mine.get(point.id, -1) for point in shared.points], np.int32)
        self._all = bool(np.array_equal(self._rows, np.arange(len(shared.points))))

    def admit(self, block: Block, received: int) -> Admitted:
        """As pipeline.admission.Admission.admit, in rows of this configuration."""
        admitted = self._shared.admit(block, received)
        if self._all:
            return admitted
        point = self._rows[admitted.point]
        kept = np.flatnonzero(point >= 0)
        return replace(
            admitted,
            point=point[kept],
            time=admitted.time[kept],
            value=admitted.value[kept],
            quality=admitted.quality[kept],
            backfill=admitted.backfill[kept],
            clock=admitted.clock[kept],
            flags=admitted.flags[kept],
        )


class _Judging(Engine):
    """The engine, but that admission is shared."""

    def __init__(self, id_: str, site: Site, here: Installation | None, shared: _Shared) -> None:
        super().__init__(id_, gaps=False)
        self.wanted = msgspec.structs.replace(site, installations=() if here is None else (here,))
        self._shared = shared

    def configure(self, site: Site, received: int) -> list[Event]:
        """Also puts the shared admission in place of its own."""
        events = super().configure(site, received)
        points = site.installations[0].points if site.installations else ()
        self._admission = _View(self._shared, points)  # type: ignore[assignment]  # all that is asked of it in a replay
        return events
