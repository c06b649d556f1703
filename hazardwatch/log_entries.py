"""A service's plant log, read from its beginning to now, for `replay --data`. It opens the log read-only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from hazardwatch.options import LOG
from pipeline.errors import ConfigError
from pipeline.local_log import LocalLog
from pipeline.log import PLANT, Entry


def plant_entries(data: Path, until: int) -> Iterator[Entry]:
    """Every entry stamped not later than `until` (ms), in the log's order. Raises ConfigError without a log."""
    folder = data / LOG
    if not folder.is_dir():
        raise ConfigError(f"{data} holds no log of a service: there is no folder {folder}")
    with asyncio.Runner() as runner:
        log = LocalLog.open(folder, read_only=True)
        runner.run(log.__aenter__())
        try:
            reader = log.reader(PLANT, {})
            while entries := runner.run(reader.fetch(0)):
                yield from (entry for entry in entries if entry.stamp <= until)
                if entries[-1].stamp > until:
                    return
        finally:
            runner.run(log.__aexit__(None, None, None))
