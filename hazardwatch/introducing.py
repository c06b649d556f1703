"""Puts the file's configuration in force for installations of which the log knows nothing at all.

Where the log has anything of an installation, what is in force is an engine's matter (hazardwatch.tenure).
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.log import PLANT, Log
from pipeline.records import encode_site
from pipeline.retry import until_done
from pipeline.site import Site, of_installation


async def introduce(log: Log, site: Site, installations: Iterable[str]) -> None:
    """Whoever knows a new installation does so: who owns it may have been started with a file that lacks it."""
    ids = list(installations)
    known = await until_done("plant log", lambda: log.last(PLANT, ids))
    for id_ in (one for one in ids if one not in known):
        # asked again, since processes that start together would all introduce all of them
        if not await until_done("plant log", lambda id_=id_: log.last(PLANT, [id_])):  # type: ignore[misc]  # mypy does not infer a lambda's default
            record = encode_site(of_installation(site, id_))
            await until_done("plant log", lambda item=(id_, record): log.append(PLANT, [item]))  # type: ignore[misc]  # as above
