"""Kills the servers of a test run that was itself killed: pids on stdin, one a line, until the run is gone."""

from __future__ import annotations

import os
import signal
import sys

from deploy.devstack.processes import born


def main() -> None:
    """A pid on each line; at the end of the input those that are still the same processes are killed."""
    servers = {pid: born(pid) for pid in map(int, sys.stdin)}
    for pid, since in servers.items():
        if since is not None and born(pid) == since:
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
