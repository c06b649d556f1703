"""Lets records through no faster than they came, times a factor. The clock and the waiting are given to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")


def paced(
    records: Iterable[_T],
    speed: float,
    received: Callable[[_T], int],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Iterator[_T]:
    """Each record `speed` times as fast after the first as it was; `received` gives its ms, `clock` seconds."""
    start_ms: int | None = None
    began = 0.0
    for record in records:
        at = received(record)
        if start_ms is None:
            start_ms, began = at, clock()
        early = began + (at - start_ms) / 1000 / speed - clock()
        if early > 0:
            sleep(early)
        yield record
