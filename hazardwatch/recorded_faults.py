"""Faults of recorded files (readings, commands): gathered, bounded, told all at once. It judges nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import ConfigError

SHOWN = 20
"""So many faults are told one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing wrong with a file. `line` counts from 1 (in Parquet: the row); 0 is the file as a whole."""

    file: Path
    line: int
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        about = f"{self.field}: " if self.field else ""
        return f"{place}: {about}found {self.found}, expected {self.expected}"


def shown(value: object) -> str:
    """A value found in a file, quoted if it is text, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


class BadRecording(ConfigError):
    """Files that cannot be replayed. A replay that left rows out silently would prove nothing, so all are refused."""

    def __init__(self, faults: tuple[FileFault, ...], count: int) -> None:
        self.faults = faults
        self.count = count
        lines = [str(fault) for fault in faults]
        if count > len(faults):
            lines.append(f"... and {count - len(faults)} more")
        super().__init__("\n".join(lines))


@dataclass(slots=True)
class Faults:
    """The first faults in full, and how many there are."""

    first: list[FileFault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: FileFault) -> None:
        """Count it, and keep it while there is room."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(fault)

    def raise_if_any(self) -> None:
        """Raises BadRecording."""
        if self.count:
            raise BadRecording(tuple(self.first), self.count)
