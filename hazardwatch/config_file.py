"""Whether the service's own site file still says what is in force. Looks at the file; puts nothing in force."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import structlog

from hazardwatch.config_book import Book, part_of
from hazardwatch.proposed_site import Proposed, read_file
from pipeline.errors import Transient
from pipeline.site import Site

EVERY_S = 2.0
_Stamp = tuple[int, int, int]
_Stamps = dict[str, _Stamp | None]
_log = structlog.get_logger(__name__)


class ConfigFile:
    """The file `path`, from which the service was started with `site` (SYSTEM included), and the `files` it names.

    `digests` by installation of what it says, empty while it has faults, known once `ready`; `read`: what reading gave.
    """

    def __init__(self, path: Path, site: Site, files: tuple[str, ...] = ()) -> None:
        self.path = path
        self._seen = _stamps(files or (str(path),))
        self.digests: dict[str, str] = {}
        self.ready = asyncio.Event()
        self.read = Proposed(site, [], [])

    def same(self, book: Book) -> bool:
        """Whether the file is sound and what it says is in force; an installation it lacks is to be empty."""
        if self.read.site is None:
            return False
        missing = {id_: part_of(self.read.site, id_)[0] for id_ in book.in_force if id_ not in self.digests}
        return self.digests | missing == book.in_force

    async def watch(self) -> None:
        """Read it anew whenever it was written; until cancelled. Begins late: at a start, alarms come first."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Read it anew if it was written since."""
        if not self.ready.is_set() and self.read.site is not None:
            self.digests = await asyncio.to_thread(_digests, self.read.site)
            self.ready.set()
        stamps = await asyncio.to_thread(_stamps, self._seen)
        if stamps != self._seen:
            await self._read(stamps)
            # as it was before it was read; what is named for the first time is looked at once more
            self._seen = {name: stamps.get(name) for name in self.read.files or stamps}

    async def _read(self, stamps: _Stamps) -> None:
        size = sum(stamp[1] for stamp in stamps.values() if stamp is not None)
        try:
            self.read = await read_file(self.path, size)
        except Transient as error:
            self.read = Proposed(None, [str(error)], [])
        site = self.read.site
        self.digests = {} if site is None else await asyncio.to_thread(_digests, site)
        for fault in self.read.faults:
            _log.warning("the site file has a fault", fault=fault)


def _digests(site: Site) -> dict[str, str]:
    return {one.id: part_of(site, one.id)[0] for one in site.installations}


def _stamps(names: Iterable[str]) -> _Stamps:
    return {name: _stamp(Path(name)) for name in names}


def _stamp(path: Path) -> _Stamp | None:
    """None: there is no such file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
