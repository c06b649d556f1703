"""A site file's text -> the whole site of this service, beside the running alarms: a large one in a process apart.

It puts nothing in force.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from hazardwatch.gateway_points import with_gateways
from hazardwatch.system_site import with_system
from pipeline.errors import Transient
from pipeline.site import Site
from pipeline.site_record import site_json, site_of

_LARGE_BYTES = 64 * 1024
_ONE = asyncio.Lock()
"""Reading a large file takes a core for seconds: one at a time."""


class Proposed(NamedTuple):
    """The site with its SYSTEM installation, or every fault; `warnings` are what this version does not do.

    `files`: every file and folder it was read from.
    """

    site: Site | None
    faults: list[str]
    warnings: list[str]
    files: tuple[str, ...] = ()


async def read_file(path: Path, size: int) -> Proposed:
    """The site of a file as it is on disk now, with all it names: about `size` bytes. Raises Transient as below."""
    return await _read(None, str(path), size)


async def read_text(text: bytes, name: str) -> Proposed:
    """The site of `text`; faults call it `name`. Raises Transient when the process that reads it was killed."""
    return await _read(text, name, len(text))


async def _read(text: bytes | None, name: str, size: int) -> Proposed:
    async with _ONE:
        return await asyncio.to_thread(_proposed if size < _LARGE_BYTES else _apart, text, name)


def _apart(text: bytes | None, name: str) -> Proposed:
    """In a process apart, because the interpreter's lock would hold up alarms; spawned, because threads run here."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as reading:
        try:
            packed, faults, warnings, files = reading.submit(_packed, text, name).result()
        except BrokenProcessPool as error:
            raise Transient(f"the process that read {name} was killed") from error
    return Proposed(site_of(packed) if packed is not None else None, faults, warnings, files)


def _packed(text: bytes | None, name: str) -> tuple[bytes | None, list[str], list[str], tuple[str, ...]]:
    read = _proposed(text, name)
    return site_json(read.site) if read.site is not None else None, read.faults, read.warnings, read.files


def _proposed(text: bytes | None, name: str) -> Proposed:
    # YAML and its models: only who changes the configuration waits for them.
    from hazardwatch.sites import load_file, load_text  # noqa: PLC0415
    from pipeline.sitefile import render_fault  # noqa: PLC0415  # as above

    loaded = load_file(Path(name)) if text is None else load_text(text, name)
    faults = [render_fault(fault) for fault in loaded.faults]
    warnings = [render_fault(warning) for warning in loaded.warnings]
    site = None if loaded.site is None else with_system(with_gateways(loaded.site))
    return Proposed(site, faults, warnings, tuple(loaded.asked))
