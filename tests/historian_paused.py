"""A process to be paused: a historian's store waits in the midst of a batch, once it has moved the position.

    python -m tests.historian_paused DSN
It says when it is there, goes on at a line from its input, and says what came of the batch.
"""

import sys
from collections.abc import Sequence

from historian import store as storing
from historian.plant_batch import PlantBatches
from historian.store import Store
from historian.summaries import Touched
from pipeline.errors import Transient
from pipeline.log import PLANT, Entry
from tests.historian_parts import T0, block, config, site


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def work(dsn: str) -> None:
    """One batch, with a pause before its readings."""
    store = Store.open(dsn, site(), PLANT, Touched())
    batches = PlantBatches()
    batches.begin(store.stored(["TF1"]), {}, ())
    insert = storing._insert

    def paused(cursor: object, name: str, rows: Sequence[object]) -> None:
        if name == "new_dead_letter":
            say("in the midst")
            sys.stdin.readline()
        insert(cursor, name, rows)  # type: ignore[arg-type]

    storing._insert = paused
    batch = batches.take([Entry("TF1", 5, T0, config(site())), Entry("TF1", 9, T0, block(("LT-1", T0, 99.0)))])
    try:
        store.write_plant(batch)
    except Transient as error:
        say(f"Transient: {error}")
    else:
        say("written")


if __name__ == "__main__":
    work(sys.argv[1])
