"""What an engine role keeps of each installation through its tenures, and what it counts. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from pipeline.clock import monotonic_s, now_ms
from pipeline.log import Entry, Snapshot
from pipeline.metrics import Hop


@dataclass(slots=True)
class Loaded:
    """A desk in memory. `saved`: position of its newest snapshot; `newest_ms`: stamp of what it has judged last.

    `snapshot_s`, `standing_s`: when its snapshot and its full state were last written; `left_s`: when it was last
    given up (all monotonic). `writing`: the snapshot under way. `reviews_overdue`: as of a few seconds ago, since an
    engine that judges in its thread is not to be asked from another. `failed`: why it stands still.
    """

    desk: EngineDesk
    newest_ms: int
    saved: int = -1
    snapshot_s: float = field(default_factory=monotonic_s)
    standing_s: float = float("-inf")
    left_s: float = float("inf")
    writing: asyncio.Task[None] | None = None
    reviews_overdue: int = 0
    reviewed_s: float = float("-inf")
    failed: str | None = None

    @property
    def configured(self) -> bool:
        """Whether a configuration is in force that has the installation."""
        site = self.desk.engine.site
        return site is not None and site.installation(self.desk.engine.installation) is not None

    @property
    def moved(self) -> bool:
        """Whether there is a state that is worth keeping."""
        return self.desk.engine.site is not None and self.desk.engine.position > self.saved

    def save(self, state_of_now: Snapshot) -> int:
        """Notes that this state is being kept; the position of the one before it."""
        before, self.saved, self.snapshot_s = self.saved, state_of_now.position, monotonic_s()
        return before


class Counted:
    """The counters of the hop, through all tenures. Engines count for themselves, from nothing when opened anew."""

    def __init__(self) -> None:
        self._hop = Hop("engine")
        self._seen: dict[str, tuple[Engine, int, int, int]] = {}

    def count(self, engines: Iterable[Engine], newest: Entry) -> None:
        """What these have taken since the last time; `newest` is the last entry judged."""
        readings = repeats = unknown = 0
        for one in engines:
            seen = self._seen.get(one.installation)
            before = seen[1:] if seen is not None and seen[0] is one else (0, 0, 0)
            readings += one.readings - before[0]
            repeats += one.repeats - before[1]
            unknown += one.unknown - before[2]
            self._seen[one.installation] = (one, one.readings, one.repeats, one.unknown)
        self._hop.received(readings)
        self._hop.passed(readings - repeats - unknown)
        self._hop.refused(repeats, "repeat")
        self._hop.refused(unknown, "unknown_point")
        self._hop.lag((now_ms() - newest.stamp) / 1000)
