"""The file of users: a line made here opens the door, and every fault of a file is told at once."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from ingest import passwords
from ingest.passwords import Access, Permit, make_line
from pipeline.errors import ConfigError


def file(folder: Path, *lines: str) -> Path:
    path = folder / "passwords"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def check(path: Path, user: str | None, password: bytes | None) -> Permit | None:
    return asyncio.run(Access(path).check(user, password))


def test_the_right_password_gives_the_topics_and_a_wrong_one_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, "# gateways", "", make_line("gw-a", "пароль 密码", ["hazardwatch/v1/TF1/+", "legacy/#"]))
    permit = check(path, "gw-a", "пароль 密码".encode())
    assert permit is not None
    assert permit.patterns == ("hazardwatch/v1/TF1/+", "legacy/#")
    for user, password in (("gw-a", b"x"), ("gw-a", None), ("gw-b", b"x"), (None, None), ("", b"")):
        assert check(path, user, password) is None


def test_a_password_once_proven_is_not_hashed_again_but_a_wrong_one_is_still_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(file(tmp_path, make_line("gw", "secret", ["#"])))

    async def twice() -> list[bool]:
        first = await access.check("gw", b"secret")
        monkeypatch.setattr(passwords, "_hash", lambda *_: b"no match")
        return [one is not None for one in (first, await access.check("gw", b"secret"), await access.check("gw", b"x"))]

    assert asyncio.run(twice()) == [True, True, False]


@pytest.mark.parametrize(
    ("pattern", "topic", "allowed"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a/", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "ab", False),
        ("+/b", "a/b", True),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("a.b", "axb", False),
    ],
)
def test_patterns_are_mqtt_topic_filters(pattern: str, topic: str, allowed: bool) -> None:
    permit = Permit("gw", (pattern,))
    assert [permit.allows(topic.encode()) for _ in range(2)] == [allowed, allowed]


def test_every_fault_of_a_file_is_told_with_its_line_and_no_hash(tmp_path: Path) -> None:
    good = make_line("gw", "secret", ["#"])
    path = file(tmp_path, good, good, "gw-b:secret", "gw-c:scrypt$3$8$1$AAAA$AAAA:#", good.replace("gw:", "d:") + " a#")
    with pytest.raises(ConfigError) as caught:
        Access(path)
    told = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in told] == ["2", "3", "4", "5"]
    assert "scrypt$16384" not in str(caught.value)


def test_a_missing_file_is_a_plain_word(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Access(tmp_path / "absent")


@pytest.mark.parametrize(
    ("user", "pattern"), [("", "a"), ("a:b", "a"), ("#a", "a"), ("a", "a/#/b"), ("a", "a b"), ("a", "")]
)
def test_a_line_that_the_file_cannot_hold_is_not_made(user: str, pattern: str) -> None:
    with pytest.raises(ConfigError):
        make_line(user, "secret", [pattern])


def test_the_command_prints_a_line_for_the_password_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    assert passwords.main(["gw", "a/#"]) == 0
    said = capsys.readouterr().out
    assert "secret" not in said
    assert check(file(tmp_path, said.strip()), "gw", b"secret") is not None
    assert passwords.main(["gw"]) == 2
