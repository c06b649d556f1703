"""Recorded files -> rows of seven plain values: CSV, JSON lines, Parquet, each plain or gzip, told by the suffix.

It knows columns and lines; what a value means is decided elsewhere (recorded_fields).
"""

from __future__ import annotations

import csv
import difflib
import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import msgspec

from hazardwatch.recorded_faults import Faults, FileFault, shown
from pipeline.errors import ConfigError

REQUIRED = ("time", "installation", "point", "value")
COLUMNS = (*REQUIRED, "quality", "received", "unit")
IGNORED = ("backfill",)
"""Of the `readings` view, but for the engine to find out by itself."""
_FORMATS = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_KNOWN = {*COLUMNS, *IGNORED}


class Row(NamedTuple):
    """One reading as written. `line` counts from 1; None where the file has nothing."""

    line: int
    time: Any
    installation: Any
    point: Any
    value: Any
    quality: Any
    received: Any
    unit: Any


class Source:
    """One file being read: yields its rows, tells `faults`, gathers the names of columns it left aside."""

    def __init__(self, file: Path, faults: Faults) -> None:
        self.file = file
        self.left_aside: set[str] = set()
        self._faults = faults

    def kind(self) -> str:
        """csv, jsonl or parquet, by the suffix. Raises ConfigError for one that nobody knows."""
        suffixes = [one.lower() for one in self.file.suffixes]
        packed = suffixes[-1:] == [".gz"]
        kind = _FORMATS.get("".join(suffixes[-2:-1] if packed else suffixes[-1:]))
        if kind is None:
            raise ConfigError(
                f"{self.file}: replay reads {', '.join(_FORMATS)}, each also with .gz behind it; "
                "rename the file after what is in it"
            )
        return kind

    def rows(self) -> Iterator[Row]:
        """Raises ConfigError for a suffix nobody knows; everything else about the file is a fault."""
        kind = self.kind()
        read = {"csv": self._csv, "jsonl": self._json_lines, "parquet": self._parquet}[kind]
        try:
            with self.open() as stream:
                yield from read(stream)
        except UnicodeDecodeError as error:
            self._fault(0, "", f"the byte {error.object[error.start]:#04x}", "text in UTF-8")
        except (OSError, EOFError, zlib.error) as error:
            self._fault(0, "", getattr(error, "strerror", None) or str(error), "a whole file that can be read")

    def open(self) -> IO[bytes]:
        """What is in it, unpacked. Raises OSError."""
        if self.file.suffix.lower() == ".gz":
            return cast("IO[bytes]", gzip.open(self.file))  # read here as bytes only, which both kinds give
        return self.file.open("rb")

    def _fault(self, line: int, about: str, found: str, expected: str) -> None:
        self._faults.add(FileFault(self.file, line, about, found, expected))

    def _columns_fit(self, names: Sequence[str], line: int) -> bool:
        """Whether all columns are there. An unknown one close to a missing known one is taken for its misspelling."""
        missing = [name for name in REQUIRED if name not in names]
        for name in missing:
            self._fault(line, name, "no such column in " + ",".join(names)[:80], "the column " + name)
        doubled = sorted({name for name in names if names.count(name) > 1})
        for name in doubled:
            self._fault(line, name, "the column twice", "each column once")
        absent = [name for name in COLUMNS if name not in names]
        misspelt = False
        for name in names:
            near = difflib.get_close_matches(name, absent, 1, 0.8) if name not in _KNOWN else []
            if near:
                misspelt = True
                self._fault(line, "header", shown(name), f"{near[0]} (did you mean that?)")
            elif name not in _KNOWN:
                self.left_aside.add(name)
        return not (missing or doubled or misspelt)

    def _csv(self, stream: IO[bytes]) -> Iterator[Row]:
        text = (line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(stream))
        reader = csv.reader(text, strict=True, skipinitialspace=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            if not self._columns_fit(header, 1):
                return
            places = [header.index(name) if name in header else len(header) for name in COLUMNS]
            for cells in reader:
                if len(cells) != len(header):
                    if cells:
                        self._fault(reader.line_num, "", f"{len(cells)} fields", f"{len(header)}, as the header has")
                    continue
                cells.append("")  # what a column that is not there holds
                yield Row(reader.line_num, *[cells[place] or None for place in places])
        except csv.Error as error:
            self._fault(reader.line_num, "", str(error), "comma-separated values")

    def _json_lines(self, stream: IO[bytes]) -> Iterator[Row]:
        checked: set[str] = set()
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            row = json_object(line)
            if row is None:
                self._fault(number, "", shown(line.decode(errors="replace").strip()), "one JSON object per line")
            elif row.keys() <= checked and row.keys() >= _REQUIRED_KEYS:
                yield Row(number, *[row.get(name) for name in COLUMNS])
            elif self._columns_fit(list(row), number):
                checked |= row.keys()
                yield Row(number, *[row.get(name) for name in COLUMNS])

    def _parquet(self, stream: IO[bytes]) -> Iterator[Row]:
        import pyarrow as pa  # heavy, and only needed here  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415  # as above

        try:
            yield from self._parquet_rows(pq.ParquetFile(stream))
        except pa.ArrowException as error:
            self._fault(0, "", str(error), "a whole Parquet file")

    def _parquet_rows(self, table: Any) -> Iterator[Row]:
        schema = table.schema_arrow
        if not self._columns_fit(schema.names, 0) or not self._times_have_zones(schema):
            return
        there = [name for name in COLUMNS if name in schema.names]
        number = 0
        for batch in table.iter_batches(65_536, columns=there):
            columns = [_plain(batch.column(name)) if name in there else [None] * len(batch) for name in COLUMNS]
            for cells in zip(*columns, strict=True):
                number += 1
                yield Row(number, *cells)

    def _times_have_zones(self, schema: Any) -> bool:
        fit = True
        for name in ("time", "received"):
            kind = schema.field(name).type if name in schema.names else None
            if str(kind).startswith(("date", "time")) and getattr(kind, "tz", None) is None:
                fit = False
                self._fault(0, name, f"the type {kind}", "timestamps with a time zone, text, or epoch milliseconds")
        return fit


_REQUIRED_KEYS = frozenset(REQUIRED)


def json_object(line: bytes) -> dict[str, Any] | None:
    """The object on a line, or None. NaN and Infinity are taken as Python writes them."""
    try:
        row = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
    return row if isinstance(row, dict) else None


def _plain(column: Any) -> list[Any]:
    """An Arrow column as Python values; timestamps as epoch ms, cut."""
    unit = getattr(column.type, "unit", None)
    if unit is None or not hasattr(column.type, "tz"):
        values: list[Any] = column.to_pylist()
        return values
    times: list[int | None] = column.cast("int64").to_pylist()
    per_s = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    return [None if time is None else time * 1000 // per_s for time in times]
