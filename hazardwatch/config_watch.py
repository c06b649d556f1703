"""Tells the parts of a process what came in force, and SYSTEM how the configuration stands. Decides nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import msgspec

from hazardwatch.config_book import Book
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from pipeline.site import Site, Source


async def watch(role: ConfigRole, file: ConfigFile, state: dict[str, Callable[[], float]]) -> None:
    """Once it is known what is in force, SYSTEM's points about it have values: 1 while all is well, NaN if unknown."""
    await role.ready.wait()
    await file.ready.wait()
    book = role.book
    sound: dict[str, Callable[[], bool]] = {
        "config-file": lambda: file.same(book),
        "config-approval": lambda: book.override is not None or book.approved == book.in_force,
        "config-override": lambda: book.override is None,
    }
    for point, so in sound.items():
        state[point] = lambda so=so: math.nan if role.failed else float(so())  # type: ignore[misc]  # a lambda's default


async def follow(
    role: ConfigRole, start: ConfigFile, use: Callable[[Site], None], subscribe: Callable[[Site], Awaitable[None]]
) -> None:
    """`use` each whole site in force from `start`'s on; `subscribe` to it where its topics are others."""
    await start.ready.wait()
    seen, own = start.digests, start.read.site
    topics = _topics(own) if own is not None else None
    await role.ready.wait()
    while True:
        while role.book.in_force and role.book.in_force != seen:
            seen = dict(role.book.in_force)
            site = await asyncio.to_thread(_whole, role.book, seen, own)
            use(site)
            if _topics(site) != topics:
                topics = _topics(site)
                await subscribe(site)
        await role.next_change()


def _whole(book: Book, in_force: dict[str, str], own: Site | None) -> Site:
    """What is in force; an installation of our own file that no engine has told of yet, as the file has it.

    Else a door that starts together with the first engines would refuse readings until each of them has spoken.
    """
    site = book.site(in_force)
    untold = () if own is None else tuple(one for one in own.installations if one.id not in in_force)
    return msgspec.structs.replace(site, installations=(*site.installations, *untold))


def _topics(site: Site) -> tuple[list[str], tuple[Source, ...]]:
    """What the topics at a broker follow from."""
    return sorted(one.id for one in site.installations), site.sources


async def nowhere(_: Site) -> None:
    """Without a broker there is nothing to subscribe to."""
