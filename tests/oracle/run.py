"""Log time: records and whole seconds in order, over one installation.

What a sample or a second means is in `plant`; what a command does is in `orders`.
"""

from __future__ import annotations

from pipeline.site import Site
from tests.oracle.orders import Orders
from tests.oracle.plant import Plant
from tests.oracle.records import Commanded, Record, Told

AWAY_MS = 5_000
SECOND_MS = 1_000


def run(
    site: Site,
    installation: str,
    records: list[Record],
    until_ms: int | None = None,
    replay: bool = True,
    *,
    since_ms: int | None = None,
    whole: bool = False,
) -> list[Told]:
    """All alarm events of the installation, in order.

    `records` in log order. `until_ms`: records stamped later are not read and every second up to it is judged;
    None: up to the last whole second not later than the last record. `replay`: seconds tick through, so there is
    no gap; otherwise stamps more than 5 s apart, or going back, move the held received times. `since_ms`: from
    when points never heard are waited for; None: the first record. `whole`: everything the contract says; else as
    far as the first release judges (no alarms over several points, no trends, no `count`, no `by_mode`, commands
    but acknowledge and reset refused).
    """
    taken = [record for record in records if until_ms is None or record.received <= until_ms]
    start = since_ms if since_ms is not None else (taken[0].received if taken else until_ms)
    if start is None:
        return []
    plant = Plant(site, installation, start, whole=whole)
    orders = Orders(site, installation, plant, whole=whole)
    next_second = -(-start // SECOND_MS) * SECOND_MS
    previous = start
    for record in taken:
        gap = record.received - previous
        if not replay and (gap > AWAY_MS or gap < 0):
            plant.shift(gap)  # we were away, not the plant
        if record.received < previous:
            # Silent: seconds already judged would leave the setback unwatched, so they run again from here.
            next_second = -(-record.received // SECOND_MS) * SECOND_MS
        # Every whole second T once, just before the first record stamped later than T.
        while next_second < record.received:
            plant.second(next_second)
            next_second += SECOND_MS
        previous = record.received
        if isinstance(record, Commanded):
            orders.command(record)
        else:
            plant.readings(record)
    end = until_ms if until_ms is not None else previous
    while next_second <= end:
        plant.second(next_second)
        next_second += SECOND_MS
    return plant.book.told
