"""What a fault is. Holds none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.faults.park import Park


@dataclass(frozen=True, slots=True)
class Fault:
    """`during` does it on entering and undoes it on leaving, and may give a note for the page.

    `instant`: the time to whole counts from its beginning, else from its end. `same_stamps` False: the log's clock
    was moved, so that the rules move accepted times too, and only numbers can be compared. `quick`: part of the
    short run.
    """

    name: str
    what: str
    during: Callable[[Park], AbstractContextManager[list[str]]]
    instant: bool = False
    quick: bool = False
    same_stamps: bool = True
