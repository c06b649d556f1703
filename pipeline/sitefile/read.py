"""The edge: a site from the files of this machine (pipeline.site_files), from a text, or from files in one text."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.site_files import Disk, Unreadable
from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import Fault
from pipeline.sitefile.files import Files, Packed, packed, text_of, unpacked
from pipeline.sitefile.gather import gather
from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.validate import fault_of_file, validate


def load(path: Path, judged_kinds: frozenset[str], sent_channels: frozenset[str]) -> Loaded:
    """The site of the file and of all it names, or all their faults; a file that cannot be read is a fault too.

    `judged_kinds`: alarm kinds this version judges, and the words count, by_mode, suppress, gateway where it
    does those. `sent_channels`: channel types it can send over. Everything else in the file gives a warning.
    """
    disk, name = Disk(), str(path)
    try:
        data = disk.read(name)
    except Unreadable as error:
        return fault_of_file(name, error.found, f"a site file at {path}", disk.asked)
    loaded = load_bytes(data, name, judged_kinds, sent_channels, disk)
    return loaded.having_asked(disk.asked)


def load_bytes(
    data: bytes, name: str, judged_kinds: frozenset[str], sent_channels: frozenset[str], files: Files | None = None
) -> Loaded:
    """The same for what a site file holds, or for files in one text (`pack`); faults call it `name`."""
    try:
        together = unpacked(data)
        if together is not None:
            name, text = next(iter(together.items()))
            files = Packed(together)
        else:
            text = text_of(data)
    except Unreadable as error:
        return fault_of_file(name, error.found, error.expected)
    with collecting_later():
        return validate(text, name, judged_kinds, sent_channels, files)


def pack(path: Path) -> tuple[bytes, list[Fault]]:
    """The site file as one text that loads again without the disk: itself, where it names no other file.

    With the faults of what could not be read.
    """
    disk, name, context = Disk(), str(path), Context(frozenset(), frozenset())
    try:
        data = disk.read(name)
        text = text_of(data)
    except Unreadable as error:
        return b"", fault_of_file(name, error.found, error.expected).faults
    trees = gather(text, name, disk, context).trees
    if len(disk.held) == 1:
        return data, []
    found = context.faults.finish(Paths(trees))
    return (b"", found) if found else (packed({file: text_of(held) for file, held in disk.held.items()}), [])


@contextmanager
def collecting_later() -> Iterator[None]:
    """A big site makes a million small objects that all stay: collecting meanwhile would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
