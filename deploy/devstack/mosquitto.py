"""Mosquitto of the machine: its configuration for development, its command. Starts none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.devstack.processes import Program, answers

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def installed() -> str | None:
    """Where the program is; Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto", path=PATH)


def prepare(folder: Path, port: int) -> None:
    """Anybody on this machine may do anything; nothing is dropped; what waits survives a restart."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "max_inflight_messages 0",
        "max_queued_messages 0",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 30",
        # As root it would become the user mosquitto, who may not reach a folder in somebody's home.
        *(["user root"] if os.geteuid() == 0 else []),
    ]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")


def program(folder: Path, port: int) -> Program:
    """The broker as a process; prepared."""
    return Program(
        name="mosquitto",
        command=[installed() or "mosquitto", "-c", str(folder / "mosquitto.conf")],
        log=folder / "broker.log",
        ready=lambda _pid, _said: answers(port),
    )
