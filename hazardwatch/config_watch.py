"""Tells the parts of a process what came in force, and SYSTEM how the configuration stands. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from hazardwatch.system_watch import Probe
from pipeline.site import Site


async def watch(role: ConfigRole, file: ConfigFile, state: dict[str, Probe]) -> None:
    """Once it is known what is in force, SYSTEM's points about it have values. They are 1 while all is well."""
    await role.ready.wait()
    book = role.book
    state["config-file"] = lambda: float(file.same(book))
    state["config-approval"] = lambda: float(book.override is not None or book.approved == book.in_force)
    state["config-override"] = lambda: float(book.override is None)


async def follow(role: ConfigRole, start: dict[str, str], uses: Sequence[Callable[[Site], None]]) -> None:
    """Call all of `uses` with the whole site each time another one comes in force than that of `start` (digests)."""
    seen = start
    await role.ready.wait()
    while True:
        while role.book.in_force != seen:
            seen = dict(role.book.in_force)
            site = await asyncio.to_thread(role.book.site, seen)
            for use in uses:
                use(site)
        await role.next_change()
