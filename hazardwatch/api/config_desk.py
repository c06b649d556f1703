"""Where configuration changes go into the plant log, and where their answer is awaited. It decides none of them."""

from __future__ import annotations

import asyncio
import secrets
from typing import NamedTuple

from msgspec import Raw

from hazardwatch.config_book import Book, part_of
from hazardwatch.config_diff import differences
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from pipeline.config_records import Asked, ConfigAsk, ConfigDecision, ConfigPart, Difference
from pipeline.errors import Transient
from pipeline.log import PLANT, Log
from pipeline.model import SYSTEM
from pipeline.records import encode
from pipeline.site import Site

WAIT_S = 10.0


class Who(NamedTuple):
    """Who asks, what they came with, and why."""

    by: str
    token: str
    note: str | None


class ConfigDesk:
    """Takes changes of the configuration. `append` is durable before anything is answered."""

    def __init__(self, log: Log, role: ConfigRole, file: ConfigFile, wait_s: float = WAIT_S) -> None:
        self._log = log
        self._role = role
        self._wait_s = wait_s
        self.file = file

    @property
    def book(self) -> Book:
        """What the log says. Raises Transient while it is still being read, or is followed no more."""
        if self._role.failed:
            raise Transient("changes of the configuration are not followed any more: see the log of the service")
        if not self._role.ready.is_set() or not self._role.book.in_force:
            raise Transient("still reading which configuration is in force")
        return self._role.book

    def additions(self, site: Site) -> list[str]:
        """Installations that are not in force yet: only a start of the service can add one."""
        return [one.id for one in site.installations if one.id not in self.book.in_force]

    async def preview(self, site: Site) -> list[Difference]:
        """What would change."""
        book = self.book
        return await asyncio.to_thread(lambda: differences(book.site(book.in_force), site))

    async def apply(self, site: Site, who: Who, emergency_ms: int | None) -> ConfigDecision | None:
        """Ask for a configuration. Raises Transient when the log cannot take it."""
        base = dict(self.book.in_force)
        wanted = await asyncio.to_thread(lambda: {id_: part_of(site, id_) for id_ in base})
        parts = {id_: (digest, body) for id_, (digest, body) in wanted.items() if digest != base[id_]}
        ask = ConfigAsk(
            id=secrets.token_hex(8),
            ask="apply",
            by=who.by,
            token=who.token,
            note=who.note,
            base=base,
            parts={id_: digest for id_, (digest, _) in parts.items()},
            emergency_ms=emergency_ms,
        )
        items = [encode(ConfigPart(digest=digest, site=Raw(body))) for digest, body in parts.values()]
        return await self._answer(ask, items)

    async def second(self, ask: Asked, change: int, who: Who) -> ConfigDecision | None:
        """Approve or reject. Raises Transient."""
        return await self._answer(
            ConfigAsk(id=secrets.token_hex(8), ask=ask, by=who.by, token=who.token, note=who.note, change=change), []
        )

    async def _answer(self, ask: ConfigAsk, before: list[bytes]) -> ConfigDecision | None:
        """None: it is in the log, but was not decided within the wait."""
        await self._log.append(PLANT, [(SYSTEM, data) for data in [*before, encode(ask)]])
        decision = None
        try:
            async with asyncio.timeout(self._wait_s):
                while (decision := self.book.answer(ask.id)) is None or not self._seen(decision):
                    await self._role.next_change()
        except TimeoutError:
            pass
        return decision

    def _seen(self, decision: ConfigDecision) -> bool:
        """Whether the engines have what it puts in force."""
        return not self.book.outstanding.keys() & decision.after.keys()
