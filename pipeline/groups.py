"""Rows sorted by point, cut into groups: how columns of a record are worked on point by point. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of equal `point` in rows sorted by it.

    Shapes: `point`, `group` (row -> group), `within` (earlier rows of the same point) per row; `first`, `last` (rows),
    `of_group` (point) per group.
    """

    point: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    group: NDArray[np.int64]
    within: NDArray[np.int64]
    of_group: NDArray[np.int32]

    @classmethod
    def of(cls, point: NDArray[np.int32]) -> Groups:
        """`point` is sorted."""
        size = len(point)
        starts = np.ones(size, np.bool_)
        starts[1:] = point[1:] != point[:-1]
        first = np.flatnonzero(starts)
        group = np.cumsum(starts) - 1
        last = np.append(first[1:], size) - 1 if size else first
        within = np.arange(size) - first[group] if size else first
        return cls(point, first, last, group, within, point[first])
