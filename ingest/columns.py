"""Readings of one installation as they gather, and the Blocks they become. Does not decode and does not append."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from pipeline.errors import ConfigError
from pipeline.model import Block

MOST_POINTS = 65_536
"""Points of one installation: a Block's index is 16 bits wide."""
MOST_IN_BLOCK = 8_192
"""Readings of one record; more waiting readings become several records of the same append."""


class Columns:
    """Four growing columns, one entry per reading in order of arrival. `index` says which of `ids` it belongs to.

    Raises ConfigError for more ids than an index can tell apart.
    """

    __slots__ = ("flags", "ids", "index", "installation", "stamp", "value")

    def __init__(self, installation: str, ids: Sequence[str]) -> None:
        if len(ids) > MOST_POINTS:
            raise ConfigError(f"{installation} has {len(ids)} points; an installation holds at most {MOST_POINTS}")
        self.installation = installation
        self.ids = tuple(ids)
        self.index = array("H")
        self.stamp = array("q")
        self.value = array("d")
        self.flags = array("B")

    def __len__(self) -> int:
        return len(self.index)

    def take_blocks(self) -> list[Block]:
        """What has gathered, at most MOST_IN_BLOCK readings each; the columns are empty afterwards."""
        index = np.array(self.index)
        stamp, value, flags = np.array(self.stamp), np.array(self.value), np.array(self.flags)
        # Emptied in place: readers hold bound `append` methods of these very arrays.
        for column in (self.index, self.stamp, self.value, self.flags):
            del column[:]
        blocks = []
        for at in range(0, len(index), MOST_IN_BLOCK):
            part = slice(at, at + MOST_IN_BLOCK)
            points, narrow = self._named(index[part])
            blocks.append(Block(points, narrow, stamp[part], value[part], flags[part]))
        return blocks

    def _named(self, index: np.ndarray[tuple[int], np.dtype[np.uint16]]) -> tuple[tuple[str, ...], np.ndarray]:
        """Only the ids that occur, and the index into them."""
        used = np.flatnonzero(np.bincount(index, minlength=len(self.ids)))
        place = np.zeros(len(self.ids), np.uint16)
        place[used] = np.arange(len(used), dtype=np.uint16)
        return tuple(self.ids[one] for one in used.tolist()), place[index]
