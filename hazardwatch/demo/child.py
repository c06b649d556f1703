"""The service of the demo as a process of its own, so that it can really be killed. It does not restart anything."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

_PATIENCE_S = 30.0
_TAIL = 12


class Child:
    """`python -m hazardwatch run ...`, its words in `log`. One process at a time."""

    def __init__(self, arguments: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "hazardwatch", "run", *arguments]
        self._log = log
        # Settings of a real service in the user's shell are not the demo's.
        own = {name: value for name, value in os.environ.items() if not name.startswith("HAZARDWATCH_")}
        self._environment = {**own, **environment}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """In a session of its own: ctrl-C in the terminal reaches the demo only, which then ends its child."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    async def ended(self) -> int:
        """Wait for the end of the process; its exit code, negative for the signal that killed it."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> bool:
        """End it in good order; False when it had to be killed after half a minute."""
        if self._process is None or self._process.returncode is not None:
            return True
        self._process.terminate()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            return False
        return True

    def last_words(self) -> str:
        """The end of what it wrote, for a person who has to find out why it does not run."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_TAIL:])


def cause_of(code: int) -> str:
    """An exit code in words: `signal 9 (SIGKILL)`, `exit code 1`."""
    if code < 0:
        return f"signal {-code} ({signal.Signals(-code).name})"
    return f"exit code {code}"
