"""A process to be killed: appends numbered readings to a log as fast as it can while a historian stores them.

    python -m tests.historian_child LOG_FOLDER DSN LAST
It goes on from the last number in the log; with LAST reached it waits until the database has everything.
"""

import asyncio
import sys
from pathlib import Path

from pipeline import records
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from tests.historian_parts import add, block, caught_up, config, running, site

PER_RECORD = 50


async def work(folder: Path, dsn: str, last: int) -> None:
    """Value k of the k-th reading; every tenth record is sent twice, as a broker would."""
    async with LocalLog.open(folder) as log:
        newest = (await log.last(PLANT, ["TF1"])).get("TF1")
        if newest is None:
            await add(log, PLANT, config(site()))
        k = 0 if newest is None or newest.data[0] != 1 else int(records.decode_block(newest.data).value[-1])
        async with running(log, site(), lambda: dsn):
            while k < last:
                record = block(*(("LT-1", 1_700_000_000_000 + i, float(i)) for i in range(k + 1, k + 1 + PER_RECORD)))
                await add(log, PLANT, *[record] * (2 if k // PER_RECORD % 10 == 0 else 1))
                k += PER_RECORD
            await caught_up(log, dsn)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
