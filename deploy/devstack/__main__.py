"""`make devstack` and `make devstack-down`."""

from __future__ import annotations

import os
import subprocess
import sys

from deploy.devstack import base, docker, stack
from deploy.devstack.processes import DidNotStart


def main() -> int:
    """Exit code: 0 done, 1 not to be had here, 2 used wrongly."""
    brokers = os.environ.get("BROKERS") or "1"
    try:
        match sys.argv[1:]:
            case ["base"]:
                return _missing(base.install())
            case ["up"] if brokers in {"1", "3"}:
                return _up(int(brokers))
            case ["down"]:
                stack.down()
                return 0
    except (stack.OtherBrokers, DidNotStart, base.DidNotInstall, subprocess.CalledProcessError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print("python3 -m deploy.devstack base|up|down, with BROKERS=1 or BROKERS=3 in the environment", file=sys.stderr)
    return 2


def _missing(installed: base.Base) -> int:
    for line in installed.missing.values():
        print(line, file=sys.stderr)
    return 1 if installed.missing else 0


def _up(brokers: int) -> int:
    if docker.available():
        stack.in_containers(brokers)
        return 0
    installed = base.install()
    if _missing(installed):
        return 1
    stack.up(installed, brokers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
