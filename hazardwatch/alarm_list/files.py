"""The edge of the alarm list: its file and the site file are read, and the site file is written in one step."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hazardwatch.alarm_list.applying import Outcome, Texts, outcome_of
from hazardwatch.alarm_list.csv_files import csv_of, sheet_of_csv
from hazardwatch.alarm_list.read_list import Sheet
from hazardwatch.alarm_list.rows import Row
from hazardwatch.sites import load_text, site_to_send
from pipeline.errors import ConfigError
from pipeline.local_files import sync_folder
from pipeline.site import Site
from pipeline.sitefile import Loaded, render_fault
from pipeline.sitefile.fault import listing, nearest
from pipeline.sitefile.files import packed, unpacked

SUFFIXES = (".xlsx", ".csv")
_BOM = b"\xef\xbb\xbf"


class Edited(NamedTuple):
    """What a list does to a site; nothing is written yet."""

    site: Path
    outcome: Outcome

    def write(self) -> list[str]:
        """Put the new texts in the place of the old ones; their names."""
        files = {Path(name): text.encode() for name, text in self.outcome.texts.items()}
        replace({file: (_BOM if file.read_bytes().startswith(_BOM) else b"") + data for file, data in files.items()})
        return list(self.outcome.texts)


def write_list(file: Path, rows: Sequence[Row], site: str) -> None:
    """Write the list, by the suffix of its name. Raises ConfigError for a suffix that is neither."""
    if _suffix(file) == ".csv":
        data = csv_of(rows)
    else:
        from hazardwatch.alarm_list.xlsx_files import xlsx_of  # noqa: PLC0415  # half a second that CSV need not wait

        data = xlsx_of(rows, site)
    replace({file: data})


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


def edited(site: Path, list_: Path, reason: str, by: str | None = None) -> Edited:
    """What the list does to the site. Raises ConfigError with all its faults, and where `by` is none of its people."""
    sheet = read_sheet(list_)
    text = site_to_send(site)
    texts = unpacked(text.encode()) or {str(site): text}
    loaded = _load(texts)
    if loaded.site is None:
        raise ConfigError("\n".join(map(render_fault, loaded.faults)))
    if by is not None:
        _check_known(loaded.site, by)
    return Edited(site, outcome_of(sheet, texts, loaded, _load, reason))


def _load(texts: Texts) -> Loaded:
    return load_text(packed(texts), next(iter(texts)))


def _check_known(site: Site, by: str) -> None:
    people = [one.id for one in site.people]
    if people and by not in people:
        near = nearest(by, people)
        meant = f" (did you mean {near}?)" if near else ""
        raise ConfigError(f"the site has no person {by}: one of {listing(people)}{meant}")


def replace(texts: Mapping[Path, bytes]) -> None:
    """Put each in the place of its file, on disk when this returns; modes, and links to the files, stay.

    All are written beside their files before the first one takes its place, so that a full disk changes nothing.
    """
    drafts: dict[Path, Path] = {}
    try:
        for file, data in texts.items():
            target = file.resolve()
            drafts[target] = target.with_name(f".{target.name}.{os.getpid()}.new")
            _write(drafts[target], data, stat.S_IMODE(target.stat().st_mode) if target.exists() else None)
        for target, draft in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    for folder in {target.parent for target in drafts}:
        sync_folder(folder)


def _write(draft: Path, data: bytes, mode: int | None) -> None:
    with draft.open("xb") as stream:
        stream.write(data)
        stream.flush()
        if mode is not None:
            os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
