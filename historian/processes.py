"""Which processes serve a PostgreSQL data folder, told from the kernel's list, not from a file that may be stale.

A number in postmaster.pid may belong to another program by now; a process whose working folder is the data
folder and whose program is called postgres is one of ours.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.clock import monotonic_s

_LEAVE_S = 5.0  # children see their postmaster's death at once; one in the midst of work may take longer


def postmaster_of(data: Path) -> int | None:
    """The process id of the running server of this folder, or None."""
    try:
        written = int((data / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return written if _serves(written, data) else None


def end_leftovers(data: Path) -> None:
    """Wait for children whose postmaster was killed; those that stay are killed too. Call without a postmaster."""
    until = monotonic_s() + _LEAVE_S
    while left := [int(entry.name) for entry in Path("/proc").iterdir() if _is_child(entry, data)]:
        if monotonic_s() > until:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _is_child(entry: Path, data: Path) -> bool:
    return entry.name.isdigit() and _serves(int(entry.name), data)


def _serves(pid: int, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    try:
        return (process / "cwd").readlink() == data and (process / "exe").readlink().name.startswith("postgres")
    except OSError:
        return False  # gone, or not ours to look at: then it does not serve our folder
