"""The edge of the alarm list: its file and the site file are read, and the site file is written in one step."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hazardwatch.alarm_list.applying import Outcome, outcome_of
from hazardwatch.alarm_list.csv_files import csv_of, sheet_of_csv
from hazardwatch.alarm_list.read_list import Sheet
from hazardwatch.alarm_list.rows import Row
from hazardwatch.sites import load_text, sound_site
from pipeline.errors import ConfigError

SUFFIXES = (".xlsx", ".csv")
_BOM = b"\xef\xbb\xbf"


class Edited(NamedTuple):
    """What a list does to a site file; nothing is written yet."""

    site: Path
    outcome: Outcome
    data: bytes
    """The site file as it would be."""


def write_list(file: Path, rows: Sequence[Row], site: str) -> None:
    """Write the list, by the suffix of its name. Raises ConfigError for a suffix that is neither."""
    if _suffix(file) == ".csv":
        data = csv_of(rows)
    else:
        from hazardwatch.alarm_list.xlsx_files import xlsx_of  # noqa: PLC0415  # half a second that CSV need not wait

        data = xlsx_of(rows, site)
    replaced(file, data)


def read_sheet(file: Path) -> Sheet:
    """The list in a file. Raises ConfigError when there is none."""
    if not file.is_file():
        raise ConfigError(f"there is no list {file}")
    if _suffix(file) == ".csv":
        return sheet_of_csv(file.read_bytes(), str(file))
    from hazardwatch.alarm_list.xlsx_files import sheet_of_xlsx  # noqa: PLC0415  # as above

    return sheet_of_xlsx(file.read_bytes(), str(file))


def _suffix(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigError(f"{file}: a list is a file *.xlsx or *.csv")
    return suffix


def edited(site: Path, list_: Path, reason: str) -> Edited:
    """What the list does to the site file. Raises ConfigError with every fault of a site file that has some."""
    sound_site(site)
    before = site.read_bytes()
    mark = _BOM if before.startswith(_BOM) else b""
    text = before.removeprefix(_BOM).decode()
    outcome = outcome_of(read_sheet(list_), text, lambda new: load_text(new.encode(), str(site)), reason)
    return Edited(site, outcome, mark + outcome.text.encode())


def replaced(file: Path, data: bytes) -> None:
    """Put `data` in the place of the file in one step, on disk when this returns; its mode, and a link to it, stay."""
    target = file.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    try:
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
