"""Tokens: made once, kept hashed, counted at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hazardwatch.api.tokens import FILE, ROLES, Role, Tokens
from pipeline.errors import ConfigError


def test_a_token_opens_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    secret = Tokens(data).create("console", "viewer", created=5, person="li.wei")
    found = Tokens(data).find(secret)
    assert found is not None
    assert (found.name, found.role, found.person, found.created) == ("console", "viewer", "li.wei", 5)
    assert secret not in (data / FILE).read_text()
    assert Tokens(data).find(secret + "x") is None
    assert Tokens(data).find("") is None


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    Tokens(tmp_path / "data").create("a", "viewer", 0)
    assert stat.S_IMODE((tmp_path / "data" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert [file.name for file in (tmp_path / "data").iterdir()] == [FILE]


def test_what_is_made_or_revoked_beside_a_running_service_counts_at_once(tmp_path: Path) -> None:
    running, beside = Tokens(tmp_path), Tokens(tmp_path)
    first = beside.create("a", "viewer", 0)
    assert running.find(first) is not None
    second = beside.create("b", "viewer", 0)
    assert running.find(second) is not None
    beside.revoke("a")
    assert running.find(first) is None
    assert running.find(second) is not None
    (tmp_path / FILE).unlink()
    assert running.find(second) is None


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "a\n"])
def test_a_name_is_letters_digits_and_little_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no name for a token"):
        Tokens(tmp_path).create(name, "viewer", 0)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    Tokens(tmp_path).create("a", "viewer", 0)
    for taken in ("a", "cli"):
        with pytest.raises(ConfigError, match="already"):
            Tokens(tmp_path).create(taken, "admin", 0)


def test_revoking_what_is_not_there_names_what_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is: none"):
        Tokens(tmp_path).revoke("a")
    Tokens(tmp_path).create("b", "viewer", 0)
    with pytest.raises(ConfigError, match="there is: b"):
        Tokens(tmp_path).revoke("a")


def test_a_damaged_file_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[{")
    with pytest.raises(ConfigError, match="damaged"):
        Tokens(tmp_path).find("x")


def test_the_command_lines_own_token_is_never_in_the_file(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, local="secret")
    found = tokens.find("secret")
    assert found is not None
    assert found.may("admin")
    assert tokens.all() == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_those_before_it_may(tmp_path: Path, role: Role) -> None:
    tokens = Tokens(tmp_path)
    found = tokens.find(tokens.create("a", role, 0))
    assert found is not None
    assert [other for other in ROLES if found.may(other)] == list(ROLES[: ROLES.index(role) + 1])
