"""Where the private server keeps what: data, settings, passwords; and the connection strings that follow.

Passwords are in files of libpq's format (passfile), so that none is in a connection string or a process list.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from historian.run_as import RunAs
from pipeline.errors import ConfigError

OWNER = "hazardwatch"
READER = "hazardwatch_read"
_SOCKET_PATH_MAX = 107 - len("/.s.PGSQL.5432")  # sockaddr_un's room on Linux, without the final zero
_HBA = "local all all scram-sha-256\n"


class PrivateFiles:
    """The files under DIR/postgres. `data` belongs to the account PostgreSQL runs as, the rest to us."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir.resolve() / "postgres"
        self.data = self.folder / "data"

    def password(self, role: str) -> Path:
        """The role's password file."""
        return self.folder / f"{role}.pgpass"

    def write_password(self, role: str, password: str) -> None:
        """Whole or not at all, readable by us only."""
        new = self.password(role).with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(f"*:*:*:{role}:{password}\n", encoding="ascii")
        new.rename(self.password(role))

    def write_settings(self, account: RunAs) -> None:
        """postgresql.conf and pg_hba.conf of this version."""
        settings = (files("historian") / "postgresql.conf").read_text(encoding="utf-8")
        for name, content in (("postgresql.conf", settings), ("pg_hba.conf", _HBA)):
            new = self.data / f"{name}.new"
            new.write_text(content, encoding="utf-8")
            new.chmod(0o600)
            account.give(new)
            new.rename(self.data / name)

    def last_words(self) -> str:
        """Why the server gave up, from the end of its own log; without time and process number, so that it repeats."""
        logs = [*self.data.glob("server-log/*.log"), *self.data.glob("start.log")]
        newest = max(logs, key=lambda log: log.stat().st_mtime, default=None)
        lines = [] if newest is None else newest.read_text(errors="replace").splitlines()[-20:]
        fatal = [line.split("] ", 1)[-1] for line in lines if "FATAL:" in line or "PANIC:" in line]
        return fatal[-1] if fatal else ""

    def socket_folder(self) -> Path:
        """The folder to name as host; a link with a short name where the real one is too long for a socket."""
        if len(os.fsencode(self.data)) <= _SOCKET_PATH_MAX:
            return self.data
        short = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        link = Path(tempfile.gettempdir()) / f"hazardwatch-{short}"
        try:
            link.symlink_to(self.data)
        except FileExistsError:
            if link.lstat().st_uid != os.geteuid() or not link.is_symlink() or link.readlink() != self.data:
                raise ConfigError(f"{link} is in the way of the database's socket; who put it there?") from None
        return link


def dsn_of(held: PrivateFiles, role: str, database: str = "hazardwatch") -> str:
    """A libpq connection string for the role; the password stays in its file."""
    host, passfile = quote(str(held.socket_folder()), safe="/"), quote(str(held.password(role)), safe="/")
    return f"postgresql://{role}@/{database}?host={host}&passfile={passfile}"
