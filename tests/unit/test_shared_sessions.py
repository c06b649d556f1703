"""Sessions that several listeners share: present at each, whoever hears late, and the last to come has the client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingest import shared_sessions
from ingest.packets import NEVER_EXPIRES, V5, Connect
from ingest.shared_sessions import SharedSessions


@dataclass
class LateTable:
    """One process's view of a journal: it hears what the others said only when it says something itself."""

    journal: list[tuple[str, bytes | None]]
    heard: dict[str, bytes] = field(default_factory=dict)

    def items(self) -> Mapping[str, bytes]:
        return dict(self.heard)

    async def put(self, key: str, value: bytes | None) -> None:
        self.journal.append((key, value))
        self.heard = {}
        for name, one in self.journal:
            self.heard = {k: v for k, v in self.heard.items() if k != name} | ({} if one is None else {name: one})


def two(most: int = 100) -> tuple[SharedSessions, SharedSessions]:
    journal: list[tuple[str, bytes | None]] = []
    return SharedSessions(LateTable(journal), most=most), SharedSessions(LateTable(journal), most=most)


def coming(client_id: str, expiry_s: int = 60, *, clean: bool = False) -> Connect:
    return Connect(V5, client_id, clean, expiry_s, 0, None, None, None)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_session_is_present_at_every_listener_also_of_a_client_whose_listener_was_killed() -> None:
    async def main() -> None:
        a, b = two()
        assert not await a.enter(coming("gw"))
        assert await b.enter(coming("gw"))
        assert await a.enter(coming("gw"))
        assert not await b.enter(coming("other"))

    run(main())


def test_a_session_expires_after_its_client_left_and_not_while_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        a, b = two()
        now = 1_000_000
        monkeypatch.setattr(shared_sessions, "now_ms", lambda: now)
        await a.enter(coming("left"))
        await a.enter(coming("silent"))
        await a.enter(coming("for-ever", NEVER_EXPIRES))
        assert await a.left("left", 60)
        assert await a.left("for-ever", NEVER_EXPIRES)
        now += 60_001
        assert [await b.enter(coming(one)) for one in ("left", "silent", "for-ever")] == [False, True, True]

    run(main())


def test_a_clean_start_ends_the_session_and_without_expiry_there_is_none() -> None:
    async def main() -> None:
        a, b = two()
        await a.enter(coming("gw"))
        assert not await b.enter(coming("gw", clean=True))
        assert await a.enter(coming("gw"))
        await b.enter(coming("gw", 0))
        assert not await a.enter(coming("gw"))
        await a.enter(coming("brief", 0))
        await a.left("brief", 0)
        assert not await b.enter(coming("brief"))

    run(main())


def test_a_client_that_came_to_another_listener_is_elsewhere_and_its_old_connection_is_no_loss() -> None:
    async def main() -> None:
        a, b = two()
        await a.enter(coming("gw"))
        await a.enter(coming("stays"))
        await b.enter(coming("gw"))
        await a.enter(coming("third"))
        assert await a.elsewhere(["gw", "stays", "third"]) == ["gw"]
        assert await b.elsewhere(["gw"]) == []
        assert not await a.left("gw", 60)
        assert await a.left("stays", 60)

    run(main())


def test_who_is_said_to_have_left_after_it_came_here_is_still_here() -> None:
    async def main() -> None:
        a, b = two()
        await a.enter(coming("gw", 60))
        late = asyncio.create_task(a.left("gw", 60))
        await late
        await b.enter(coming("gw", 60))
        await a._say("gw", shared_sessions._Visit(a._name, 60, 1))  # a word that was under way
        await b.enter(coming("other"))
        assert await b.elsewhere(["gw"]) == []
        assert await a.enter(coming("gw"))  # not expired since 1970
        assert await a.elsewhere(["gw"]) == []

    run(main())


def test_above_the_most_the_one_that_left_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        a, b = two(most=3)
        for at, name in enumerate(("x", "y", "z")):
            await a.enter(coming(name))
            monkeypatch.setattr(shared_sessions, "now_ms", lambda at=at: at + 1)
            await a.left(name, NEVER_EXPIRES)
        await b.enter(coming("new"))
        await b.enter(coming("newer"))
        assert [await a.enter(coming(one)) for one in ("z", "new", "newer")] == [True, True, True]
        assert not await a.enter(coming("x"))

    run(main())
