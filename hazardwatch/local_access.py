"""How the command line finds the running service of a data folder: one file there, readable by its owner only.

It grants what owning the data folder grants anyway; people and machines elsewhere use tokens (api.tokens).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError

FILE = "cli.token"


class LocalAccess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`certificate` is trusted as it is (the service's own); `dsn` reads the history."""

    url: str
    token: str
    certificate: str | None = None
    dsn: str | None = None

    def with_dsn(self, dsn: str) -> LocalAccess:
        """The same, and how to read the history."""
        return msgspec.structs.replace(self, dsn=dsn)


def new_secret() -> str:
    """256 bits nobody can guess, safe in URLs and headers."""
    return "hw_" + secrets.token_urlsafe(32)


def write_private(file: Path, data: bytes) -> None:
    """Replace `file` in one step, mode 0600; its folder is made (0700) if need be."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def announce(data: Path, access: LocalAccess) -> None:
    """Tell the command line where the service is; called once its door is open."""
    write_private(data / FILE, msgspec.json.encode(access) + b"\n")


def withdraw(data: Path) -> None:
    """The service ends; a crash leaves the file, and the command line then says that nobody answers."""
    (data / FILE).unlink(missing_ok=True)


def find(data: Path) -> LocalAccess:
    """The service of a data folder. Raises ConfigError saying what to do when there is none."""
    file = data / FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=LocalAccess)
    except FileNotFoundError:
        raise ConfigError(
            f"no service runs with the data folder {data}, or none with the role api: start one with "
            f"`hazardwatch run SITE --data {data}`, or name another with --data DIR or --url URL"
        ) from None
    except PermissionError:
        raise ConfigError(
            f"{file} belongs to another user: run this as the user of the service, or use --url and a token"
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is damaged ({error}): restart the service, it writes the file anew") from None
