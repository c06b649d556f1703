"""CPU seconds and memory of processes, read from /proc. Starts and stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system time so far, s; 0 for a process that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def children(pid: int) -> list[int]:
    """The processes that `pid` started itself, those that live."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident now and at its highest, MB (10^6 bytes)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return tuple(int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]  # two names


def _machine_s() -> float:
    """CPU seconds of everything on the machine so far, idle time left out."""
    words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    busy = [int(word) for at, word in enumerate(words[1:9]) if at not in {3, 4}]  # not idle, not waiting for a disk
    return sum(busy) / _TICK


class Shares:
    """CPU seconds of named groups of processes since a moment; `others` is everything else on the machine."""

    def __init__(self) -> None:
        self._machine = _machine_s()
        self._pids: dict[str, list[int]] = {}
        self._before: dict[int, float] = {}

    def watch(self, name: str, *pids: int) -> None:
        """Count these processes as `name`, from now on."""
        self._pids.setdefault(name, []).extend(pids)
        self._before.update({pid: cpu_s(pid) for pid in pids})

    def seconds(self, **known: float) -> dict[str, float]:
        """CPU seconds since each was first watched; `known`: of processes that told it themselves."""
        ours = {name: sum(cpu_s(pid) - self._before[pid] for pid in pids) for name, pids in self._pids.items()} | known
        return {**ours, "others": max(0.0, _machine_s() - self._machine - sum(ours.values()))}
