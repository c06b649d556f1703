"""Events as `replay` writes them, JSON lines -> Event. It judges nothing."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.model import Event
from pipeline.outside import ms_of


def read_events(files: list[Path]) -> list[Event]:
    """All events of all files. Raises ConfigError at the first line that is none."""
    found = []
    for file in files:
        packed = file.suffix.lower() == ".gz"
        with gzip.open(file) if packed else file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    found.append(_event(line, f"{file}:{number}"))
    return found


def _event(line: bytes, where: str) -> Event:
    try:
        row: dict[str, Any] = msgspec.json.decode(line)
        for name in ("time", "decided"):
            row[name] = ms_of(row[name])
        row.pop("late_s", None)
        return msgspec.convert(row, Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{where}: no alarm event as `hazardwatch replay` writes them: {error}") from None
