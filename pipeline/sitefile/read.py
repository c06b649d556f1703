"""The edge: reads the site file from disk and hands its text on. The only module here that touches the world."""

from __future__ import annotations

import gc
from pathlib import Path

from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.validate import fault_of_file, validate

MAX_BYTES = 64 * 1024 * 1024


def load(path: Path, judged_kinds: frozenset[str], sent_channels: frozenset[str]) -> Loaded:
    """The site of the file, or all its faults; a file that cannot be read is a fault too.

    `judged_kinds`: alarm kinds this version judges, and the words count, by_mode, suppress, gateway where it
    does those. `sent_channels`: channel types it can send over. Everything else in the file gives a warning.
    """
    name = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return fault_of_file(name, "no such file", f"a site file at {path}")
    except OSError as error:
        return fault_of_file(name, error.strerror or "an unreadable file", f"a readable site file at {path}")
    return load_bytes(data, name, judged_kinds, sent_channels)


def load_bytes(data: bytes, name: str, judged_kinds: frozenset[str], sent_channels: frozenset[str]) -> Loaded:
    """The same for what a site file holds; faults call it `name`."""
    if len(data) > MAX_BYTES:
        return fault_of_file(name, f"{len(data)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return fault_of_file(name, f"in line {line} a byte that is not UTF-8 (0x{data[error.start]:02X})", "UTF-8 text")
    return _without_gc(text, name, judged_kinds, sent_channels)


def _without_gc(text: str, name: str, judged_kinds: frozenset[str], sent_channels: frozenset[str]) -> Loaded:
    """A big file makes a million small objects that all stay: collecting meanwhile would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return validate(text, name, judged_kinds, sent_channels)
    finally:
        if was_on:
            gc.enable()
