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
    """The site with its SYSTEM installation, or every fault; `warnings` are what this version does not do."""

    site: Site | None
    faults: list[str]
    warnings: list[str]


async def read_file(path: Path) -> Proposed:
    """The site of a file as it is on disk now."""
    return await read_text(await asyncio.to_thread(path.read_bytes), str(path))


async def read_text(text: bytes, name: str) -> Proposed:
    """The site of `text`; faults call it `name`. Raises Transient when the process that reads it was killed."""
    async with _ONE:
        if len(text) < _LARGE_BYTES:
            return await asyncio.to_thread(_proposed, text, name)
        return await asyncio.to_thread(_apart, text, name)


def _apart(text: bytes, name: str) -> Proposed:
    """In a process apart, because the interpreter's lock would hold up alarms; spawned, because threads run here."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as reading:
        try:
            packed, faults, warnings = reading.submit(_packed, text, name).result()
        except BrokenProcessPool as error:
            raise Transient(f"the process that read {name} was killed") from error
    return Proposed(site_of(packed) if packed is not None else None, faults, warnings)


def _packed(text: bytes, name: str) -> tuple[bytes | None, list[str], list[str]]:
    read = _proposed(text, name)
    return site_json(read.site) if read.site is not None else None, read.faults, read.warnings


def _proposed(text: bytes, name: str) -> Proposed:
    # YAML and its models: only who changes the configuration waits for them.
    from hazardwatch.sites import load_text  # noqa: PLC0415
    from pipeline.sitefile import render_fault  # noqa: PLC0415  # as above

    loaded = load_text(text, name)
    faults = [render_fault(fault) for fault in loaded.faults]
    warnings = [render_fault(warning) for warning in loaded.warnings]
    return Proposed(with_system(with_gateways(loaded.site)) if loaded.site is not None else None, faults, warnings)
