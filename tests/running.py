"""The service as a process of its own, for tests that kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A loopback port nobody listens at now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


class Service:
    """`hazardwatch run` on a site file. `start` returns at once; `wait_ready` when every role works."""

    def __init__(self, site: Path, data: Path, more: Sequence[str] = (), *, listen: bool = True) -> None:
        """`more` goes to the command line; without `listen` no MQTT listener is asked for."""
        self.data = data
        self.program = "hazardwatch"
        """The module that is run, from the next start on."""
        self.mqtt_port, self.http_port = free_port(), free_port()
        self._given = [
            "run", str(site), "--data", str(data),
            *(["--listen", f"127.0.0.1:{self.mqtt_port}"] if listen else []),
            "--http", f"127.0.0.1:{self.http_port}", *more,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._output = data.with_suffix(".output")

    @property
    def output(self) -> str:
        """All it has said."""
        return self._output.read_text(errors="replace")

    def start(self) -> None:
        """Begin a process."""
        with self._output.open("ab") as output:
            command = [sys.executable, "-m", self.program, *self._given]
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=os.environ)

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)

    def interrupt(self, kind: signal.Signals) -> None:
        """One signal, unless it has ended."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(kind)

    def stop(self, within_s: float = 60, kind: signal.Signals = signal.SIGTERM) -> int:
        """A signal; returns the exit code. Raises TimeoutExpired, and leaves no process then either."""
        assert self._process is not None
        self.interrupt(kind)
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def healthy(self) -> bool:
        """Whether every role works."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.http_port}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def http_answers(self) -> bool:
        """Whether the API is there."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.http_port}/livez", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def trouble(self, role: str) -> str:
        """Why a role does not work; "" while it does."""
        answer: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.http_port}/healthz", timeout=5).json()
        return next(str(one["why"] or "") for one in answer["roles"] if one["role"] == role)

    def wait_ready(self, within_s: float = 60) -> None:
        """Returns when every role works; raises with what it said."""
        end = time.monotonic() + within_s
        while not self.healthy():
            if time.monotonic() > end or (self._process is not None and self._process.poll() is not None):
                raise AssertionError(f"the service is not ready:\n{self.output}")
            time.sleep(0.05)

    def status(self) -> dict[str, Any]:
        """As `hazardwatch status --json`."""
        token = msgspec.json.decode((self.data / "cli.token").read_bytes())["token"]
        address = f"http://127.0.0.1:{self.http_port}/api/v1/status"
        answer = httpx.get(address, headers={"authorization": f"Bearer {token}"}, timeout=10)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def dsn(self) -> str:
        """How to read its history."""
        found: str = msgspec.json.decode((self.data / "cli.token").read_bytes())["dsn"]
        return found
