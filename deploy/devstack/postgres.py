"""PostgreSQL 17 with TimescaleDB out of a Debian folder of its own: cluster files, command. Starts none.

The server runs in a mount namespace of its own, with /proc, /dev and its data bound into the Debian folder. The
mounts are the server's alone and end with it, so nothing is left to unmount, whatever it dies of; several servers
share one Debian folder.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.devstack.processes import DidNotStart, Program

BIN = "/usr/lib/postgresql/17/bin"
USER = "hazardwatch"

_INSIDE = """set -e
mount --rbind /proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/srv"
root=$1
shift 2
exec chroot --userspec=postgres:postgres "$root" "$@"
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the Debian folder is, where this server's data are, its port on loopback, its superuser's password."""

    root: Path
    folder: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)
    access: Sequence[str] = ("host all all 127.0.0.1/32 scram-sha-256",)

    @property
    def dsn(self) -> str:
        """A URI whose user may do anything, databases and roles included."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"


def _inside(server: Server, *command: str) -> list[str]:
    return [
        "unshare", "--mount", "--propagation", "private", "sh", "-c", _INSIDE, "sh",
        str(server.root), str(server.folder), *command,
    ]  # fmt: skip


def prepare(server: Server) -> None:
    """Make the cluster where there is none yet, and write its settings anew."""
    data = server.folder / "data"
    if not (data / "PG_VERSION").exists():
        _initdb(server)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": "",
        "shared_preload_libraries": "timescaledb",
        "timescaledb.telemetry_level": "off",
        "max_worker_processes": "40",  # one for each database with the extension, beside its jobs
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        **server.settings,
    }
    written = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
    (data / "postgresql.auto.conf").write_text(written)
    (data / "pg_hba.conf").write_text("".join(f"{line}\n" for line in server.access))


def _initdb(server: Server) -> None:
    server.folder.mkdir(parents=True, exist_ok=True)
    secret = server.folder / "password"
    secret.touch(0o600)
    secret.write_text(server.password + "\n")
    uid, gid = owner(server.root)
    for path in (server.folder, secret):
        shutil.chown(path, uid, gid)
    command = [
        f"{BIN}/initdb", "-D", "/srv/data", "-U", USER, "--pwfile", "/srv/password", "--auth", "scram-sha-256",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
    ]  # fmt: skip
    done = subprocess.run(_inside(server, *command), capture_output=True, text=True, check=False)
    secret.unlink()
    if done.returncode:
        raise DidNotStart(f"initdb failed: {(done.stdout + done.stderr)[-2000:]}")


def owner(root: Path) -> tuple[int, int]:
    """(uid, gid) of the user postgres in the Debian folder; the machine's own may be another."""
    for line in (root / "etc" / "passwd").read_text().splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == "postgres":
            return int(uid), int(gid)
    raise DidNotStart(f"{root} has no user postgres")


def program(server: Server) -> Program:
    """The server as a process; prepared. SIGINT is PostgreSQL's fast shutdown: clients are cut, nothing is lost."""
    return Program(
        name="postgresql",
        command=_inside(server, f"{BIN}/postgres", "-D", "/srv/data"),
        log=server.folder / "server.log",
        ready=lambda pid, _said: _serves(server.folder / "data" / "postmaster.pid", pid),
        stop_signal=signal.SIGINT,
    )


def _serves(file: Path, pid: int) -> bool:
    try:
        lines = file.read_text().split()
    except FileNotFoundError:
        return False
    return lines[:1] == [str(pid)] and lines[-1] == "ready"
