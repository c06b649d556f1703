"""Opening one topic of the local log: its files are brought in line and the end of it is checked.

The middle is not read here; damage there shows when it is read.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.local_catalogue import Catalogue
from pipeline.local_files import TopicFiles
from pipeline.local_segment import SegmentReader
from pipeline.local_sqlite import damaged
from pipeline.local_trim import FOR_EVER


def open_topic(folder: Path, topic: str, catalogue: Catalogue, *, read_only: bool) -> TopicFiles:
    """The topic's files. Raises ConfigError, LogDamaged, Transient, OSError."""
    files = TopicFiles(folder, topic, writing=not read_only)
    oldest, newest = catalogue.span(topic)
    if read_only:
        files.check(oldest, newest)
        return files
    settled = files.settle(oldest, newest)
    if settled != newest:
        catalogue.begun(topic, settled)
    _check_end(files, topic, catalogue)
    return files


def _check_end(files: TopicFiles, topic: str, catalogue: Catalogue) -> None:
    """The end of the log, where writing goes on, must be whole, and not before what was read of it."""
    first = files.firsts()[-1]
    reader = SegmentReader(files.path(first), first, complete=False)
    try:
        last = reader.contents().last
        if last is not None:
            reader.entry(last)
    finally:
        reader.close()
    end = first - 1 if last is None else last
    for (claimed, owner, installation), position in catalogue.claims().items():
        if claimed == topic and end < position < FOR_EVER:
            what = f"it ends at position {end}, but {owner} has read {installation} up to {position}"
            raise damaged(files.path(first), what)
