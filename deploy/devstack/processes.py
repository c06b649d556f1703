"""Servers as processes: started, waited for, found again, ended. Knows nothing of which server it is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Program:
    """One server: what to run, where its words go, how to know that it is up, how to ask it to end."""

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[int, str], bool]  # (pid, what it has said since this start) -> it serves
    stop_signal: signal.Signals = signal.SIGTERM
    environment: dict[str, str] = field(default_factory=dict)


class DidNotStart(Exception):
    """A server could not be prepared, ended, or did not serve in time; says the end of its log."""


def start(*programs: Program, seconds: float = 90) -> list[subprocess.Popen[bytes]]:
    """The servers, started together and all serving; none is left behind when one of them does not come up."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        sizes = [_launch(program, children) for program in programs]
        deadline = time.monotonic() + seconds
        for program, child, size in zip(programs, children, sizes, strict=True):
            _wait(program, child, size, deadline)
    except BaseException:
        for child in children:
            child.kill()
            child.wait()
        raise
    return children


def _launch(program: Program, children: list[subprocess.Popen[bytes]]) -> int:
    """Start it, in a session of its own, so that ctrl-C in the terminal does not reach it; how long its log was."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        size = log.tell()
        child = subprocess.Popen(
            program.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={**os.environ, **program.environment}, start_new_session=True,
        )  # fmt: skip
    children.append(child)
    return size


def _wait(program: Program, child: subprocess.Popen[bytes], size: int, deadline: float) -> None:
    while True:
        with program.log.open("rb") as log:
            log.seek(size)
            said = log.read().decode(errors="replace")
        if child.poll() is not None:
            raise DidNotStart(f"{program.name} ended at once (exit {child.returncode}): {said[-2000:]}")
        if program.ready(child.pid, said):
            return
        if time.monotonic() > deadline:
            raise DidNotStart(f"{program.name} does not serve: {said[-2000:]}")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Somebody listens at that port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody has it, else any port nobody has at the moment."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port on loopback")


def born(pid: int) -> str | None:
    """What no other process of this machine ever has: boot and tick of its start. None for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else f"{BOOT.read_text().strip()} {fields[19]}"


def remember(mark: Path, pid: int, stop_signal: signal.Signals) -> None:
    """Note a process, so that a later run finds this very one, not one that got its number later."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"pid": pid, "born": born(pid), "signal": int(stop_signal)}) + "\n")


def running(mark: Path) -> int | None:
    """The pid of the noted process while it lives."""
    try:
        noted = json.loads(mark.read_text())
    except FileNotFoundError:
        return None
    return noted["pid"] if noted["born"] is not None and born(noted["pid"]) == noted["born"] else None


def end(marks: Sequence[Path], seconds: float = 15) -> dict[str, str]:
    """Ask the noted processes to end, all at once, by force those that do not; by name, what happened.

    All at once, because the last Kafka broker of several cannot hand over to anybody and waits for the others.
    """
    told = {mark: "ended" if running(mark) else "was not running" for mark in marks}
    for mark in marks:
        _signal(mark, None)
    deadline = time.monotonic() + seconds
    while (alive := [mark for mark in marks if running(mark)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for mark in alive:
        _signal(mark, signal.SIGKILL)
        told[mark] = f"killed: it had not ended after {seconds:.0f} s"
    while any(running(mark) for mark in alive):
        time.sleep(0.01)
    for mark in marks:
        mark.unlink()
    return {mark.stem: what for mark, what in told.items()}


def _signal(mark: Path, other: signal.Signals | None) -> None:
    """Its own stop signal, or another one, to a noted process that still lives."""
    pid = running(mark)
    if pid is not None:
        os.kill(pid, other or json.loads(mark.read_text())["signal"])
