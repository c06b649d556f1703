"""Recorded readings for `replay`: files of rows -> reading blocks in the order in which they would have been received.

It judges nothing: repeats, disorder and wrong clocks are the engine's to find, exactly as live.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hazardwatch.recorded_columns import Columns
from hazardwatch.recorded_faults import Faults, FileFault
from hazardwatch.recorded_fields import TIME_EXPECTED
from hazardwatch.recorded_plain import WORTH_IT, OddError, packed
from hazardwatch.recorded_rows import Source
from pipeline.errors import ConfigError
from pipeline.model import Block
from pipeline.site import Site


class Readings:
    """The readings of all files, in order of received time (stable). `warnings` are for the user."""

    def __init__(self, columns: Columns, warnings: tuple[str, ...] = ()) -> None:
        codes = np.frombuffer(columns.code, np.int32)
        received = np.frombuffer(columns.received, np.int64)
        home = np.array(columns.home, np.int32)[codes]
        order = np.lexsort((home, received))
        self.warnings = warnings
        self._names = tuple(columns.names)
        self._homes = tuple(columns.homes)
        self._places = tuple(zip(columns.names, columns.home, strict=True))
        self._home = home[order]
        self._code = codes[order]
        self._received = received[order]
        self._stamp = np.frombuffer(columns.stamp, np.int64)[order]
        self._value = np.frombuffer(columns.value, np.float64)[order]
        self._flags = np.frombuffer(columns.flags, np.uint8)[order]

    def __len__(self) -> int:
        return len(self._code)

    def samples(self, installation: str, point: str, begin: int, end: int) -> tuple[list[int], list[float]]:
        """Received times (ms) and values of one point in [begin, end), for a picture."""
        first, last = np.searchsorted(self._received, [begin, end]).tolist()
        at = np.flatnonzero([(name, self._homes[home]) == (point, installation) for name, home in self._places])
        rows = first + np.flatnonzero(np.isin(self._code[first:last], at))
        return self._received[rows].tolist(), self._value[rows].tolist()

    def blocks(self) -> Iterator[tuple[int, str, Block]]:
        """(received ms, installation, block): all rows of one installation with one received time are one block."""
        if not len(self):
            return
        new = (np.diff(self._received) != 0) | (np.diff(self._home) != 0)
        starts = [0, *(np.flatnonzero(new) + 1).tolist(), len(self)]
        # Most plants say the same points in the same order each second: these share one tuple of names.
        pattern = lru_cache(4096)(self._pattern)
        for start, end in pairwise(starts):
            part = slice(start, end)
            points, index = pattern(self._code[part].tobytes())
            block = Block(points, index, self._stamp[part], self._value[part], self._flags[part])
            yield int(self._received[start]), self._homes[self._home[start]], block

    def _pattern(self, codes: bytes) -> tuple[tuple[str, ...], NDArray[np.uint16]]:
        place: dict[int, int] = {}
        index = [place.setdefault(code, len(place)) for code in np.frombuffer(codes, np.int32).tolist()]
        if len(place) > 65_535:
            raise ConfigError(f"{len(place)} points have one received time; a record holds 65,535 at most")
        return tuple(self._names[code] for code in place), np.array(index, np.uint16)


def read_readings(files: Sequence[Path], site: Site, faults: Faults) -> Readings:
    """All rows of all files. What is wrong with them is added to `faults`. Raises ConfigError for an unknown suffix."""
    columns = Columns(site, faults)
    warnings = []
    for file in files:
        source = Source(file, faults)
        if not _taken_plain(source, columns):
            for row in source.rows():
                columns.add(file, row)
        if source.left_aside:
            warnings.append(f"{file}: not read: the columns {', '.join(sorted(source.left_aside))}")
    warnings.extend(columns.warnings())
    if columns.times_of_two_kinds():
        faults.add(
            FileFault(files[0], 0, "time", "times before 1973 beside later ones", TIME_EXPECTED + ", not seconds")
        )
    if not columns.code and columns.left_out and not faults.count:
        for text in warnings:
            faults.add(FileFault(files[0], 0, "", text, "readings of points of this site"))
    return Readings(columns, tuple(warnings))


def _taken_plain(source: Source, columns: Columns) -> bool:
    """Whether the file was big and plain enough to be read without looking at each row, and is."""
    try:
        if source.kind() != "csv" or source.file.stat().st_size < WORTH_IT:
            return False
        with source.open() as stream:
            columns.add_packed(packed(stream, columns))
    except (OddError, OSError, EOFError, zlib.error):  # whatever it is, going row by row tells it
        return False
    return True
