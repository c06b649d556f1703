"""A process that appends until it is killed; prints the last acknowledged positions, one line per append."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog

from tests.integration.test_log_contract import FACTORIES


async def main(factory: str, folder: Path, writers: int) -> None:
    async with FACTORIES[factory](folder) as log:

        async def write(installation: str) -> None:
            number = 0
            while True:
                numbers = range(number, number + 7)
                data = [(installation, b"%d:" % n + bytes(300)) for n in numbers]
                positions = await log.append("plant", data)
                number += 7
                sys.stdout.write(f"{installation} {number} {positions[-1]}\n")
                sys.stdout.flush()

        await asyncio.gather(*(write(f"I{i}") for i in range(writers)))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is read line by line
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
