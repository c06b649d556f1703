"""`make faults`: all faults to one park, one after another, and docs/guarantees.md from what came of them."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults import page
from tests.faults.disks import DISKS
from tests.faults.fault import Fault
from tests.faults.judge import Outcome
from tests.faults.kills import KILLS
from tests.faults.odd import CLOCKS, OWNERS, RUBBISH
from tests.faults.park import described
from tests.faults.run import play
from tests.faults.servers import NETWORK, SERVERS

ALL = [*KILLS, *RUBBISH, *OWNERS, *DISKS, *SERVERS, *NETWORK, *CLOCKS]


def chosen(words: Sequence[str], *, quick: bool) -> list[Fault]:
    """Those whose name or description has one of the words; all without words."""
    some = [one for one in ALL if one.quick or not quick]
    return [one for one in some if not words or any(word in f"{one.name}: {one.what}" for word in words)]


def main() -> int:
    """0 when nothing was lost, missed or doubled."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a small park and nine of them, four of which `make test` does"
    )
    parser.add_argument("--page", type=Path, default=page.PAGE, help="where the table goes")
    parser.add_argument("words", nargs="*", help="only faults with one of these words")
    given = parser.parse_args()
    machine = f"Measured on {time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores, {platform.machine()}, "
    rows: list[Outcome] = []
    loads: list[float] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended in order: nothing that it started is left behind

    def done(row: Outcome, grace_ms: int) -> None:
        rows.append(row)
        loads.append(os.getloadavg()[0])
        load = f"Load average {min(loads):.0f} to {max(loads):.0f}, other work on the machine included."
        behind = f"What was older than {grace_ms / 1000:.1f} s counted as missing (2 s where the machine has time)."
        how = f"{machine}Python {platform.python_version()}. {load} {behind}"
        page.write(rows, described(small=given.quick), how, given.page)

    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        play(Path(folder), chosen(given.words, quick=given.quick), done, small=given.quick)
    return 1 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
