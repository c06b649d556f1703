"""`python -m benchmarks [NAME ...] [--seconds N] [--list]`: the rows of the table of speeds, measured here and now."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Report, table
from benchmarks.rows import (
    backtest,
    collector,
    engine,
    engines,
    flood,
    historian,
    kafka_batches,
    kafka_collector,
    kafka_latency,
    kafka_single,
    kinds,
    large,
    latency,
    listener_batches,
    listener_single,
    memory,
    peers,
    restart,
)

EMBEDDED = (
    engine,
    kinds,
    backtest,
    large,
    historian,
    listener_single,
    listener_batches,
    collector,
    latency,
    memory,
    restart,
    flood,
)
DISTRIBUTED = (kafka_single, kafka_batches, kafka_collector, kafka_latency, engines, peers)
ROWS = EMBEDDED + DISTRIBUTED


def main() -> int:
    """Exit code 1 when a row was not reached."""
    names = [row.NAME for row in ROWS]
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all unless given")
    parser.add_argument("--seconds", type=float, help="length of each load instead of the row's own")
    parser.add_argument("--list", action="store_true", help="print the names and what is to be reached")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what was started is ended
    if unknown := [name for name in asked.names if name not in names]:
        parser.error(f"{', '.join(unknown)}: none of {', '.join(names)}")
    if asked.list:
        for row in ROWS:
            print(f"{row.NAME:18}{row.REACH}")
        return 0
    reports = []
    for row in ROWS:
        if asked.names and row.NAME not in asked.names:
            continue
        print(f"{row.NAME}: {row.REACH}", flush=True)
        with tempfile.TemporaryDirectory(prefix="hazardwatch-bench-") as folder:
            try:
                reports.append(row.measure(Path(folder), asked.seconds))
            except (RuntimeError, TimeoutError, OSError) as error:  # the other rows are worth measuring all the same
                reports.append(Report(row.NAME, row.REACH, [("failed", str(error))], reached=False))
                print(f"  failed: {error}", flush=True)
    print(f"\n{table(reports)}")
    return 1 if any(one.reached is False for one in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
