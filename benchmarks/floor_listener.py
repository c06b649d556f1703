"""The listener and intake alone, in front of a log that forgets: `python -m benchmarks.floor_listener SITE FOLDER`.

It prints its port and serves until its standard input is closed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from hazardwatch.sites import sound_site
from ingest import listener
from ingest.intake import Intake
from ingest.sessions import FileSessions
from pipeline.clock import monotonic_s
from pipeline.log import Log


class _Nowhere:
    """Of a log what intake uses: says yes at once and keeps nothing."""

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:  # noqa: ARG002 - the port's face
        return [0] * len(items)


def _say(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def _serve(site_file: Path, folder: Path) -> None:
    site, _ = sound_site(site_file)
    intake = Intake(cast("Log", _Nowhere()), site)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(intake.run())
        door = listener.Entrance("127.0.0.1", 0)
        serving = tasks.create_task(
            listener.serve(intake, door, FileSessions(folder / "floor-sessions", monotonic_s()), ready=_say)
        )
        await asyncio.to_thread(sys.stdin.read)
        serving.cancel()
        running.cancel()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), Path(sys.argv[2])))
