"""How far the database is in one topic of the log, and whether the log still joins on to it. Pure.

The record the database ended with is read once more (the writer claims it, so it is kept): when it does not
come, what lay between is gone and is told as a gap. It decides nothing about what records say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from pipeline.errors import Permanent
from pipeline.log import Entry

NOTHING = -1
"""Position of an installation of which the database has nothing."""


class Stored(NamedTuple):
    """The last record of an installation that is in the database. `stamp` epoch ms."""

    position: int
    stamp: int


class Move(NamedTuple):
    """`old` must still be the stored position when a batch is written; `new` (stamped `stamp`, ms) is it afterwards."""

    installation: str
    old: int
    new: int
    stamp: int


class Gap(NamedTuple):
    """Records that were never read. `after_*` None: from the beginning. Times epoch ms."""

    topic: str
    installation: str
    after_position: int | None
    until_position: int
    after_time: int | None
    until_time: int
    reason: str


class Place(Enum):
    """Where an entry lies to what the database has."""

    AGAIN = auto()
    """Already seen in this run: nothing to do."""
    BEHIND = auto()
    """Already stored: it only moves on what is carried from record to record."""
    NEW = auto()


@dataclass(slots=True)
class _Line:
    stored: Stored
    seen: int
    joined: bool


class Progress:
    """One topic. `stored` as read from the database; `begun`: what is carried already knows all up to there."""

    def __init__(self, topic: str, stored: Mapping[str, Stored], begun: Mapping[str, int]) -> None:
        self._topic = topic
        self._lines = {
            id_: _Line(one, begun.get(id_, NOTHING), joined=one.position == NOTHING) for id_, one in stored.items()
        }
        self._moves: dict[str, Move] = {}
        self._gaps: list[Gap] = []

    def see(self, entry: Entry) -> Place:
        """Take note of the next entry. Raises Permanent when the log is not the one the database was filled from."""
        line = self._lines.setdefault(entry.installation, _Line(Stored(NOTHING, 0), NOTHING, joined=True))
        if not line.joined and entry.position == line.stored.position:
            if entry.stamp != line.stored.stamp:
                raise Permanent(other_log(entry.installation, line.stored.position))
            line.joined = True
        if entry.position <= line.seen:
            return Place.AGAIN
        line.seen = entry.position
        if entry.position <= line.stored.position:
            return Place.BEHIND
        if not line.joined:
            self._gaps.append(
                Gap(
                    self._topic,
                    entry.installation,
                    line.stored.position,
                    entry.position,
                    line.stored.stamp,
                    entry.stamp,
                    "the log no longer held these records",
                )
            )
            line.joined = True
        self._moves[entry.installation] = Move(entry.installation, line.stored.position, entry.position, entry.stamp)
        return Place.NEW

    def take_moves(self) -> tuple[list[Move], list[Gap]]:
        """The moves and gaps since the last call; from now on they count as stored."""
        moves, gaps = list(self._moves.values()), self._gaps
        for move in moves:
            self._lines[move.installation].stored = Stored(move.new, move.stamp)
        self._moves, self._gaps = {}, []
        return moves, gaps


def other_log(installation: str, position: int) -> str:
    """The words for a log that is not the one the database was filled from."""
    return (
        f"the log is not the one this database was filled from: the database holds {installation} up to position "
        f"{position}, and the log has another record there or ends before it. Nothing was written. Bring the log's "
        f"folder back, or use another database"
    )
