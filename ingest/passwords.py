"""Who may publish what: a file of users, hashed passwords and topic patterns. Does not speak MQTT.

One user a line: `name:scrypt$N$R$P$SALT$HASH:pattern pattern ...` (SALT and HASH base64; # begins a comment
line), or `name:certificate:pattern ...` for one whose client certificate (its common name) is proof enough.
`python -m ingest.passwords NAME PATTERN...` asks for the password and prints the line.
"""

from __future__ import annotations

import asyncio
import base64
import getpass
import hashlib
import hmac
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.mapped import matches
from pipeline.errors import ConfigError

_N, _R, _P = 2**14, 8, 1  # 16 MiB and some 40 ms a try
_MOST_MEMORY = 64 * 1024 * 1024
_MOST_REMEMBERED = 10_000
_CERTIFICATE = "certificate"


@dataclass(slots=True)
class Permit:
    """What one user may publish to."""

    user: str
    patterns: tuple[str, ...]
    _known: dict[bytes, bool] = field(default_factory=dict)

    def allows(self, topic: bytes) -> bool:
        """Whether the user may publish to this topic (valid UTF-8)."""
        allowed = self._known.get(topic)
        if allowed is None:
            allowed = any(matches(pattern).fullmatch(topic.decode()) for pattern in self.patterns)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[topic] = allowed
        return allowed


@dataclass(frozen=True, slots=True)
class _Entry:
    cost: tuple[int, int, int]
    salt: bytes
    hash: bytes
    """Empty: no password is right."""
    patterns: tuple[str, ...]


class Access:
    """The users of one file. Raises ConfigError naming every fault of it, never a password or hash."""

    def __init__(self, path: Path) -> None:
        self._entries = _read(path)
        self._permits = {user: Permit(user, entry.patterns) for user, entry in self._entries.items()}
        self._nobody = _passwordless()
        self._key = secrets.token_bytes(32)
        self._proven: dict[str, bytes] = {}
        self._turns = asyncio.Semaphore(2)

    async def check(self, user: str | None, password: bytes | None, certified: str | None = None) -> Permit | None:
        """The permit of a user who gave the right password. The hashing is done in a thread, two at a time.

        `certified` is the common name of a client certificate that was asked for: the user is that one and nobody
        else, and needs a password only if its line has one.
        """
        if certified is not None:
            if user is not None and user != certified:
                return None
            user = certified
            if user in self._entries and not self._entries[user].hash:
                return self._permits[user]
        entry = self._entries.get(user or "", self._nobody)
        given = hmac.digest(self._key, password or b"", "sha256")
        if user is None or not hmac.compare_digest(self._proven.get(user, b""), given):
            async with self._turns:
                found = await asyncio.to_thread(_hash, password or b"", entry.salt, entry.cost)
            if user is None or not hmac.compare_digest(found, entry.hash):
                return None
            # A whole plant reconnects at once: the same password again needs no second scrypt.
            self._proven[user] = given
        return self._permits[user]


def make_line(user: str, password: str, patterns: Sequence[str]) -> str:
    """The file's line for a user. Raises ConfigError for a name or pattern the file cannot hold."""
    if not user or ":" in user or user.startswith("#") or user != user.strip():
        raise ConfigError(f"{user!r} cannot be a user name here: it is empty, holds a colon or begins with #")
    for pattern in patterns:
        _check_pattern(pattern)
    salt = secrets.token_bytes(16)
    cost = (_N, _R, _P)
    words = ["scrypt", *map(str, cost), _text(salt), _text(_hash(password.encode(), salt, cost))]
    return f"{user}:{'$'.join(words)}:{' '.join(patterns)}"


def _hash(password: bytes, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _check_pattern(pattern: str) -> None:
    levels = pattern.split("/")
    wild = [level for level in levels if "#" in level or "+" in level]
    if not pattern or pattern.split() != [pattern] or "#" in levels[:-1] or any(one not in ("+", "#") for one in wild):
        raise ConfigError(f"{pattern!r} is no topic pattern: + and # stand alone in a level, # in the last")


def _read(path: Path) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    faults = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the password file {path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            user, entry = _entry(line)
            if user in entries:
                raise ConfigError(f"user {user!r} stands there twice")  # noqa: TRY301  # one list of faults
            entries[user] = entry
        except ConfigError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        raise ConfigError("\n".join(faults))
    return entries


def _entry(line: str) -> tuple[str, _Entry]:
    user, _, rest = line.partition(":")
    hashed, colon, patterns = rest.partition(":")
    if hashed == _CERTIFICATE and user and colon:
        return user, replace(_passwordless(), patterns=_patterns(patterns))
    try:
        scheme, n, r, p, salt, digest = hashed.split("$")
        cost = int(n), int(r), int(p)
        entry = _Entry(cost, base64.b64decode(salt), base64.b64decode(digest), ())
        # A cost that cannot be computed is found now, not when somebody knocks.
        sound = scheme == "scrypt" and len(entry.hash) == 32 and len(_hash(b"", entry.salt, cost)) == 32
    except ValueError:
        sound = False
    if not (sound and user and colon):
        raise ConfigError("the line is to be name:scrypt$N$R$P$SALT$HASH:patterns or name:certificate:patterns")
    return user, replace(entry, patterns=_patterns(patterns))


def _patterns(text: str) -> tuple[str, ...]:
    for pattern in text.split():
        _check_pattern(pattern)
    return tuple(text.split())


def _passwordless() -> _Entry:
    return _Entry((_N, _R, _P), b"nobody", b"", ())


def main(arguments: Sequence[str]) -> int:
    """Print the line for NAME PATTERN...; the password is asked for, or read from standard input."""
    if len(arguments) < 2:
        sys.stderr.write("usage: python -m ingest.passwords NAME PATTERN...\n")
        return 2
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        sys.stdout.write(make_line(arguments[0], password, arguments[1:]) + "\n")
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
