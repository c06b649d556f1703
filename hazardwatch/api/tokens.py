"""Bearer tokens: who may do what over HTTP. Kept hashed in one file of the data folder; a token is shown once.

It does not know requests (api.access does). Tokens are 256 random bits, so a plain SHA-256 keeps them safe.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Literal, get_args

import msgspec

from hazardwatch.local_access import new_secret, write_private
from pipeline.errors import ConfigError

FILE = "tokens.json"
Role = Literal["viewer", "operator", "engineer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`person`: commands under this token are that person's; None: the command names one. `created` in epoch ms."""

    name: str
    role: Role
    digest: str
    created: int
    person: str | None = None

    def may(self, role: Role) -> bool:
        """Whether this token's role includes `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def digest_of(secret: str) -> str:
    """What is stored instead of the token."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Tokens:
    """The tokens of one data folder; a token made or revoked beside a running service counts at once.

    `local` is the command line's own token (local_access); it is an admin's and never in the file.
    """

    def __init__(self, data: Path, local: str | None = None) -> None:
        self._file = data / FILE
        self._local = Token(name="cli", role="admin", digest=digest_of(local), created=0) if local else None
        self._seen: tuple[int, int] | None = None
        self._by_digest: dict[str, Token] = {}

    def find(self, secret: str) -> Token | None:
        """The token a request carries, or None."""
        digest = digest_of(secret)
        if self._local and digest == self._local.digest:
            return self._local
        self._refresh()
        return self._by_digest.get(digest)

    def all(self) -> list[Token]:
        """By name."""
        self._refresh()
        return sorted(self._by_digest.values(), key=lambda token: token.name)

    def create(self, name: str, role: Role, created: int, person: str | None = None) -> str:
        """The new token, which nobody can show again. Raises ConfigError for a name taken or unfit."""
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name for a token: letters, digits, . _ - (64 at most)")
        tokens = self.all()
        if name == "cli" or any(token.name == name for token in tokens):
            raise ConfigError(f"there is a token {name} already: revoke it first, or choose another name")
        secret = new_secret()
        self._write([*tokens, Token(name=name, role=role, digest=digest_of(secret), created=created, person=person)])
        return secret

    def revoke(self, name: str) -> None:
        """From now on nobody gets in with it. Raises ConfigError when there is none."""
        tokens = self.all()
        rest = [token for token in tokens if token.name != name]
        if len(rest) == len(tokens):
            names = ", ".join(token.name for token in tokens) or "none"
            raise ConfigError(f"there is no token {name}; there is: {names}")
        self._write(rest)

    def _write(self, tokens: list[Token]) -> None:
        write_private(self._file, msgspec.json.format(msgspec.json.encode(tokens)) + b"\n")

    def _refresh(self) -> None:
        try:
            stat = self._file.stat()
            if self._seen == (stat.st_mtime_ns, stat.st_ino):
                return
            tokens = msgspec.json.decode(self._file.read_bytes(), type=list[Token])
        except FileNotFoundError:
            self._seen, self._by_digest = None, {}
            return
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self._file} is damaged ({error}): restore it, or remove it and make new tokens"
            ) from None
        self._seen = (stat.st_mtime_ns, stat.st_ino)
        self._by_digest = {token.digest: token for token in tokens}
