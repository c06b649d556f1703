"""Whom the private PostgreSQL runs as: ourselves, or, when we are root, an account without rights.

PostgreSQL refuses to run as root. No folder's permissions are loosened for it: where the account cannot reach
the folder (root's home, say), it gets the one capability to read past closed folders, through setpriv.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError

ACCOUNTS = ("hazardwatch", "nobody")
"""The first of these that exists is used when we are root."""
_CAPABILITIES = (("dac_read_search", 2), ("dac_override", 1))  # name for setpriv, bit in CapEff (capabilities(7))


@dataclass(frozen=True, slots=True)
class RunAs:
    """`prefix` goes before a command; files it must own belong to `uid`, `gid` (None: to us, as they are)."""

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def give(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if self.owner is not None:
            os.chown(path, *self.owner)


def run_as(must_reach: Sequence[Path]) -> RunAs:
    """How to run PostgreSQL here so that it reaches these paths. Raises ConfigError where there is no way."""
    if os.geteuid() != 0:
        return RunAs()
    account = next((one for name in ACCOUNTS if (one := _account(name)) is not None), None)
    setpriv = shutil.which("setpriv")
    if account is None or setpriv is None:
        raise ConfigError(
            "as root, PostgreSQL needs the account 'hazardwatch' or 'nobody' and the program setpriv (util-linux); "
            "start as another user, or give --dsn"
        )
    owner = (account.pw_uid, account.pw_gid)
    prefix = (setpriv, f"--reuid={owner[0]}", f"--regid={owner[1]}", "--clear-groups", "--no-new-privs")
    if all(_reaches(prefix, path) for path in must_reach):
        return RunAs((*prefix, "--"), owner)
    capability = _capability()
    with_capability = (*prefix, f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}")
    if not all(_reaches(with_capability, path) for path in must_reach):
        raise ConfigError(
            f"as root, PostgreSQL runs as '{account.pw_name}', "
            f"which cannot reach {' and '.join(map(str, must_reach))}; "
            "use another folder, start as another user, or give --dsn"
        )
    return RunAs((*with_capability, "--"), owner)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _capability() -> str:
    """The smaller of the two capabilities that we have ourselves."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    held = int(next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1], 16)
    return next((name for name, bit in _CAPABILITIES if held >> bit & 1), _CAPABILITIES[0][0])


def _reaches(prefix: Sequence[str], path: Path) -> bool:
    # Not `test -x`: access(2) leaves capabilities out of account. This one really goes into the folder.
    test = [*prefix, "--", "test", "-d", f"{path}/."]
    return subprocess.run(test, check=False, capture_output=True, cwd="/").returncode == 0  # noqa: S603 (our own words)
