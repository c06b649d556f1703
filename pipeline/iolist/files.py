"""The edge: an XLSX or CSV file -> its sheets as texts. Alone here it opens files, and understands nothing."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
import zlib
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import ConfigError
from pipeline.iolist.sheet import Sheet, Span, clean
from pipeline.iolist.xlsx_cells import cell_text

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 256
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, EOFError, OSError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)
"""What openpyxl and zipfile raise at a file that is no workbook, or is locked: each names what it stumbled over."""
_SEPARATORS = (",", ";", "\t")


def read_sheets(path: Path) -> list[Sheet]:
    """The sheets of the file, hidden ones left out. Raises ConfigError where it cannot be read, or is too large."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} has {len(data)} bytes; {MAX_BYTES} at most")
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ConfigError(f"{path} is an old .xls or a locked workbook: save it as .xlsx without a password")
    if data[:4] == b"PK\x03\x04":
        return _workbook(path, data)
    return [_csv(path, data)]


def _workbook(path: Path, data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
            if unpacked > MAX_UNPACKED:
                raise ConfigError(f"{path} unpacks to {unpacked} bytes; {MAX_UNPACKED} at most")
            has_formulas = any(_has_formula(packed, name) for name in packed.namelist())
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of what openpyxl leaves out: no cells
            values = load_workbook(io.BytesIO(data), data_only=True)
            formulas = load_workbook(io.BytesIO(data)) if has_formulas else values
    except _BROKEN as error:
        raise ConfigError(f"{path} cannot be read as a workbook: {error}") from error
    shown = [one for one in values.worksheets if one.sheet_state == "visible"]
    return [_sheet(path, one, formulas[one.title]) for one in shown]


def _has_formula(packed: zipfile.ZipFile, name: str) -> bool:
    return name.startswith("xl/worksheets/") and b"<f" in packed.read(name)


def _sheet(path: Path, values: Worksheet, formulas: Worksheet) -> Sheet:
    if values.max_column > MAX_COLUMNS:
        raise ConfigError(f"{path}: sheet {values.title} has {values.max_column} columns; {MAX_COLUMNS} at most")
    rows: list[list[str]] = []
    for shown, written in zip(values.iter_rows(), formulas.iter_rows(), strict=True):
        rows.append([clean(cell_text(*pair)) for pair in zip(shown, written, strict=True)])
        if len(rows) > MAX_ROWS and any(rows[-1]):
            raise ConfigError(f"{path}: sheet {values.title} has more than {MAX_ROWS} rows")
    merged = tuple(
        Span(one.min_row - 1, one.min_col - 1, one.max_row - 1, one.max_col - 1) for one in values.merged_cells.ranges
    )
    return Sheet(clean(values.title), _without_end(rows), merged)


def _csv(path: Path, data: bytes) -> Sheet:
    text = decoded(path, data)
    tries = [rows for separator in _SEPARATORS if (rows := _rows(text, separator)) is not None]
    if not tries:
        raise ConfigError(f"{path} cannot be read as a table: a cell of more than {csv.field_size_limit()} characters")
    rows = max(tries, key=lambda rows: sum(len(row) for row in rows[:200] if len(row) > 1))
    if len(rows) > MAX_ROWS:
        raise ConfigError(f"{path} has {len(rows)} rows; {MAX_ROWS} at most")
    return Sheet("", _without_end(rows))


def _rows(text: str, separator: str) -> list[list[str]] | None:
    """None where this separator leaves a cell larger than any: another one may not."""
    try:
        return [
            [clean(cell) for cell in row[:MAX_COLUMNS]]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error:
        return None


def decoded(path: Path, data: bytes) -> str:
    """UTF-8, else what Excel writes in China, or as "Unicode text"."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(f"{path} is no XLSX, and no text in UTF-8, UTF-16 or GB18030")


def _without_end(rows: list[list[str]]) -> list[list[str]]:
    """Without the blank rows behind the last one."""
    last = max((index for index, row in enumerate(rows) if any(row)), default=-1)
    return rows[: last + 1]
