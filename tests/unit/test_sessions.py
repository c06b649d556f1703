"""Which sessions are remembered, for how long, and that a promise is on disk before it is made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ingest.packets import NEVER_EXPIRES
from ingest.sessions import FileSessions
from pipeline.errors import ConfigError, Transient


def opened(folder: Path, now_s: float = 0.0, most: int = 10) -> FileSessions:
    return FileSessions(folder / "sessions.db", now_s, most=most)


def keep(sessions: FileSessions, client_id: str, expiry_s: int, now_s: float = 0.0) -> None:
    asyncio.run(sessions.keep(client_id, expiry_s, now_s))


def test_a_session_is_there_until_it_expires_after_the_client_was_last_seen(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    keep(sessions, "gw", 60)
    sessions.seen("gw", 1000)
    assert sessions.present("gw", 1060)
    assert not sessions.present("gw", 1061)
    assert not sessions.present("other", 1000)
    sessions.close()


def test_sessions_outlive_the_process_and_count_as_seen_at_its_start(tmp_path: Path) -> None:
    first = opened(tmp_path)
    keep(first, "brief", 60)
    keep(first, "long", NEVER_EXPIRES)
    keep(first, "given-up", 60)
    keep(first, "given-up", 0)
    first.close()
    again = opened(tmp_path, now_s=5000)
    assert [again.present(one, 5030) for one in ("brief", "long", "given-up")] == [True, True, False]
    assert [again.present(one, 9e9) for one in ("brief", "long")] == [False, True]
    again.close()


def test_those_seen_longest_ago_are_forgotten_first_also_on_disk(tmp_path: Path) -> None:
    sessions = opened(tmp_path, most=2)
    for name in ("a", "b"):
        keep(sessions, name, 60)
    sessions.seen("a", 1)
    keep(sessions, "c", 60)
    assert [sessions.present(one, 2) for one in "abc"] == [True, False, True]
    sessions.close()
    again = opened(tmp_path)
    assert [again.present(one, 2) for one in "abc"] == [True, False, True]
    again.close()


def test_what_cannot_be_written_is_not_promised(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    sessions._database.execute("pragma query_only = on")
    with pytest.raises(Transient):
        keep(sessions, "gw", 60)
    assert not sessions.present("gw", 0)
    sessions._database.execute("pragma query_only = off")
    keep(sessions, "gw", 60)
    sessions.close()
    again = opened(tmp_path)
    assert again.present("gw", 0)
    again.close()


def test_a_file_that_is_no_session_file_is_a_plain_word(tmp_path: Path) -> None:
    (tmp_path / "sessions.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(ConfigError, match="cannot be used"):
        opened(tmp_path)


def test_a_session_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="session file"):
        FileSessions(tmp_path / "nowhere" / "sessions.db", 0.0)


def test_whatever_the_database_objects_to_a_client_is_told_to_come_again(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    refusal = "create trigger no before insert on session begin select raise(abort, 'no'); end"
    sessions._database.execute(refusal)  # what is damaged comes as other errors than a full disk does
    with pytest.raises(Transient):
        keep(sessions, "gw", 60)
    assert not sessions.present("gw", 0)
    sessions.close()
