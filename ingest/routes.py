"""Topic -> what reads its payload, made from the site once; one dictionary look-up per message. Does not decode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ingest.columns import Columns
from ingest.decode import read_batch, read_single
from ingest.mapped import Mapped
from ingest.reading import Refusal, Refusals, Target
from pipeline.model import SYSTEM
from pipeline.site import Installation, Point, Site

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
        self._mapped = [Mapped(source, self._targets) for source in site.sources]
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


def _target(columns: Columns, index: int, point: Point) -> Target:
    scale = None
    if point.raw is not None and point.low is not None and point.high is not None:
        scale = (point.raw.low, point.raw.high, point.low, point.high)
    states = {name: float(number) for number, name in point.states.items()} if point.quantity == "state" else None
    return Target(columns, index, enabled=point.enabled, scale=scale, states=states)
