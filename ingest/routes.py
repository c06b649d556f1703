"""Topic -> what reads its payload, made from the site once; one dictionary look-up per message. Does not decode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ingest.columns import Columns
from ingest.decode import read_batch, read_single
from ingest.mapped import Mapped
from ingest.reading import Refusal, Refusals, Target
from pipeline.model import SYSTEM
from pipeline.site import Installation, Point, Site, Source
from pipeline.units import way

NATIVE = "hazardwatch/v1/"
_MOST_REMEMBERED = 65_536
"""Topics of mapped sources that keep their reader; devices are many but finite, an attacker's topics are not."""

Read = Callable[[bytes, int, Refusals], int]
"""(payload, flags of the message, refusals to add to) -> readings added."""


class Routes:
    """The tables of one site."""

    def __init__(self, site: Site) -> None:
        self.columns: dict[str, Columns] = {}
        self.table: dict[bytes, Read] = {}
        self._targets: dict[str, dict[str, Target]] = {}
        for installation in site.installations:
            if installation.id != SYSTEM:  # hazardwatch's own: nobody outside may speak for it
                self._add(installation)
        self._mapped = [self._of_source(source, site) for source in site.sources]
        self._remembered = 0

    def find(self, topic: bytes) -> Read:
        """The reader of a topic that is not in `table`: a mapped source, or one that refuses. `topic` is UTF-8."""
        name = topic.decode()
        read = self._mapped_reader(name)
        if read is None:
            return partial(_refuse, self._refusal(name))
        if self._remembered < _MOST_REMEMBERED:
            self._remembered += 1
            self.table[topic] = read
        return read

    def knows(self, topic: bytes) -> bool:
        """Whether readings may come on this topic."""
        return topic in self.table or self._mapped_reader(topic.decode()) is not None

    def _add(self, installation: Installation) -> None:
        columns = Columns(installation.id, [point.id for point in installation.points])
        self.columns[installation.id] = columns
        of_point = {point.id: _target(columns, at, point) for at, point in enumerate(installation.points)}
        # An alias never hides an id.
        targets = {point.alias: of_point[point.id] for point in installation.points if point.alias} | of_point
        self._targets[installation.id] = targets
        root = NATIVE + installation.id
        self.table[root.encode()] = partial(read_batch, targets)
        for name, target in targets.items():
            disabled = Refusal("disabled_point", f"{name} is disabled")
            read = partial(read_single, target) if target.enabled else partial(_refuse, disabled)
            self.table[f"{root}/{name}".encode()] = read

    def _of_source(self, source: Source, site: Site) -> Mapped:
        """A source whose values have a unit of their own has targets of its own."""
        unit = source.readings.unit
        if unit is None:
            return Mapped(source, self._targets)
        targets: dict[str, dict[str, Target]] = {}
        foreign: set[tuple[str, str]] = set()
        for here in site.installations:
            if here.id not in self.columns:
                continue
            mine = targets.setdefault(here.id, {})
            for at, point in enumerate(here.points):
                names = [point.id, point.alias] if point.alias else [point.id]
                there = way(point.quantity, unit, point.unit, point.gas)
                if there is None:
                    foreign |= {(here.id, name) for name in names}
                else:
                    mine |= dict.fromkeys(names, _target(self.columns[here.id], at, point, there.scale))
        return Mapped(source, targets, frozenset(foreign))

    def _mapped_reader(self, topic: str) -> Read | None:
        for mapped in self._mapped:
            levels = mapped.match(topic)
            if levels is not None:
                return partial(mapped.read, levels)
        return None

    def _refusal(self, topic: str) -> Refusal:
        """Why a topic is nobody's."""
        if not topic.startswith(NATIVE):
            return Refusal("unknown_topic", "neither a native topic nor one of a mapped source")
        installation, _, point = topic.removeprefix(NATIVE).partition("/")
        if installation not in self._targets:
            return Refusal("unknown_installation", f"{installation[:80]!r} is no installation here")
        return Refusal("unknown_point", f"{point[:80]!r} is no point of {installation}")


def _refuse(refusal: Refusal, _payload: bytes, _base: int, refusals: Refusals) -> int:
    refusals.append(refusal)
    return 0


def _target(
    columns: Columns, index: int, point: Point, scale: tuple[float, float, float, float] | None = None
) -> Target:
    """Where readings of the point go; `scale` is that of a source with a unit of its own."""
    if scale is None and point.raw is not None and point.low is not None and point.high is not None:
        scale = (point.raw.low, point.raw.high, point.low, point.high)
    elif scale is None and point.payload_unit is not None:
        there = way(point.quantity, point.payload_unit, point.unit, point.gas)
        assert there is not None, f"{point.id}: the site file was checked"
        scale = there.scale
    states = {name: float(number) for number, name in point.states.items()} if point.quantity == "state" else None
    return Target(columns, index, enabled=point.enabled, scale=scale, states=states)
