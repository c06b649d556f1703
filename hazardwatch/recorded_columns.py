"""Rows of recorded files -> checked, packed columns, one element per reading, in the order of the files.

It does not order them by time and makes no blocks (readings_files does).
"""

from __future__ import annotations

import difflib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hazardwatch.recorded_faults import SHOWN, Faults, FileFault, shown
from hazardwatch.recorded_fields import TIME_EXPECTED, quality_of, time_ms, value_of
from hazardwatch.recorded_plain import Packed
from hazardwatch.recorded_rows import Row
from pipeline.model import NO_STAMP
from pipeline.site import Point, Site

_MEMO = 100_000  # distinct texts of times remembered; rows of one second share theirs
_EARLY_MS = 100_000_000_000  # 1973; when every time is before it, somebody wrote seconds


class _Known(NamedTuple):
    code: int
    point: Point


class Columns:
    """`code` is the place of a reading's point in `names`; `home[code]` that of its installation in `homes`.

    Units: `received` and `stamp` epoch ms (stamp 0 where the file has no time, flag NO_STAMP), `value` the point's.
    """

    def __init__(self, site: Site, faults: Faults) -> None:
        self.received, self.stamp, self.value = array("q"), array("q"), array("d")
        self.flags, self.code = array("B"), array("i")
        self.names: list[str] = []
        self.home: list[int] = []
        self.homes = [one.id for one in site.installations]
        self.left_out: Counter[tuple[object, object]] = Counter()
        self._faults = faults
        self._times: dict[str, int] = {}
        self._known: dict[tuple[object, object], _Known] = {}
        for home, installation in enumerate(site.installations):
            for point in installation.points:
                self._known[installation.id, point.id] = _Known(len(self.names), point)
                self.names.append(point.id)
                self.home.append(home)

    def add(self, file: Path, row: Row) -> None:
        """Take a row, or tell all that is wrong with it.

        Rows of unknown and disabled points are counted and left out, as a live door refuses such readings.
        """
        try:
            code, point = self._known[row.installation, row.point]
        except (KeyError, TypeError):  # TypeError: a list or object where a name should be
            self._no_point(file, row)
            return
        if not point.enabled:
            self.left_out[row.installation, row.point] += 1
            return
        try:
            stamp, received = self._both_times(row)
            value, flags = value_of(row.value, point), int(quality_of(row.quality))
            _unit(row.unit, point)
        except ValueError:
            self._tell(file, row, point)
            return
        self.code.append(code)
        self.received.append(received)
        self.stamp.append(0 if stamp is None else stamp)
        self.value.append(value)
        self.flags.append(flags if stamp is not None else flags | NO_STAMP)

    def code_of(self, installation: object, point: object, unit: object) -> int:
        """Of a row's point; -1 where its rows are left out. Raises ValueError where the unit is not the point's."""
        known = self._known.get((installation, point))
        if known is None or not known.point.enabled:
            return -1
        _unit(unit, known.point)
        return known.code

    def add_packed(self, file: Packed) -> None:
        """Take all rows of a file."""
        for own, parts in (
            (self.code, file.code), (self.received, file.received), (self.stamp, file.stamp),
            (self.value, file.value), (self.flags, file.flags),
        ):  # fmt: skip
            for part in parts:
                own.frombytes(part.tobytes())
        self.left_out += file.left_out

    def _both_times(self, row: Row) -> tuple[int | None, int]:
        stamp = None if row.time is None else self._time(row.time)
        received = stamp if row.received is None else self._time(row.received)
        if received is None:
            raise ValueError("a time, or a received time beside it")
        return stamp, received

    def _time(self, found: object) -> int:
        if not isinstance(found, str):
            return time_ms(found)
        known = self._times.get(found)
        if known is None:
            if len(self._times) >= _MEMO:
                self._times.clear()
            known = self._times[found] = time_ms(found)
        return known

    def _no_point(self, file: Path, row: Row) -> None:
        names = {"installation": row.installation, "point": row.point}
        wrong = {field: found for field, found in names.items() if not isinstance(found, str) or not found}
        for field, found in wrong.items():
            self._faults.add(FileFault(file, row.line, field, shown(found), f"the id of a {field}"))
        if not wrong:
            self.left_out[row.installation, row.point] += 1

    def _tell(self, file: Path, row: Row, point: Point) -> None:
        checks: list[tuple[str, object, Callable[[Any], object]]] = [
            ("value", row.value, lambda found: value_of(found, point)),
            ("quality", row.quality, quality_of),
            ("unit", row.unit, lambda found: _unit(found, point)),
        ]
        if row.time is None and row.received is None:
            checks.insert(0, ("time", None, lambda _: self._both_times(row)))
        for field in ("received", "time"):
            if (found := getattr(row, field)) is not None:
                checks.insert(0, (field, found, time_ms))
        for field, found, check in checks:
            try:
                check(found)
            except ValueError as error:
                self._faults.add(FileFault(file, row.line, field, shown(found), str(error)))

    def warnings(self) -> Iterator[str]:
        """What the user should know about rows that were left out or look odd."""
        for (installation, point), count in self.left_out.most_common(SHOWN):
            why = self._why_left_out(str(installation), str(point))
            yield f"{count} rows of {installation}/{point} are left out: {why}"
        if len(self.left_out) > SHOWN:
            rest = sum(count for _, count in self.left_out.most_common()[SHOWN:])
            yield f"{rest} rows of {len(self.left_out) - SHOWN} more such points are left out"
        if len(self.received) and max(self.received) < _EARLY_MS:
            yield f"every time is before 1973; expected {TIME_EXPECTED}, not seconds"

    def times_of_two_kinds(self) -> bool:
        """Whether some times are years before the others: somebody mixed seconds with milliseconds."""
        return len(self.received) > 0 and min(self.received) < _EARLY_MS <= max(self.received)

    def _why_left_out(self, installation: str, point: str) -> str:
        if (installation, point) in self._known:
            return "the point is not enabled in the site file"
        if installation not in self.homes:
            return "the site has no such installation" + _near(installation, self.homes)
        ids = [known[1] for known in self._known if known[0] == installation]
        return "the installation has no such point" + _near(point, [str(id_) for id_ in ids])


def _near(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _unit(found: object, point: Point) -> None:
    if found is not None and found not in ("", point.unit):
        raise ValueError(f"{point.unit or 'no unit'}, the unit of {point.id} in the site file")
