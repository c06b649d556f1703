"""Recorded readings through the very same engine, isolated: events out, nothing sent to anybody. Pure.

Reading files and writing lines is somebody else's (hazardwatch.readings_files, the command line).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from hazardwatch.engine import Engine
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Block, Command, Event
from pipeline.site import Site

Recorded = tuple[int, str, Block | Command]
"""Received time (ms), installation, what came. In order of received time; commands after readings of the same time."""


def replay(site: Site, recorded: Iterable[Recorded], until: int | None = None) -> Iterator[Event]:
    """The events of all installations in the order they are decided.

    Every whole second is judged from the first record on, up to the last not later than the last record, or up to
    `until` (ms; later records are not read). Everything counts as configured at the first record.
    """
    engines = {each.id: Engine(each.id, gaps=False) for each in site.installations}
    now: int | None = None
    for position, (received, installation, what) in enumerate(recorded):
        if until is not None and received > until:
            break
        if now is None:
            for engine in engines.values():
                yield from engine.configure(site, received)
                yield from engine.pass_time(received)
        elif received // 1000 != now // 1000:
            yield from _pass_second_by_second(engines, now, received)
        now = received
        data = records.encode_block(what) if isinstance(what, Block) else records.encode(what)
        yield from engines[installation].take(Entry(installation, position, received, data))
    end = until if until is not None else now
    if now is not None and end is not None:
        yield from _pass_second_by_second(engines, now, end + 1)


def replay_log(entries: Iterable[Entry]) -> Iterator[Event]:
    """A service's own plant log from its beginning, exactly as it was: its configurations, gaps and commands.

    A record that cannot be read only moves time on, as it did in the service.
    """
    engines: dict[str, Engine] = {}
    for entry in entries:
        if entry.installation not in engines:
            engines[entry.installation] = Engine(entry.installation)
        engine = engines[entry.installation]
        try:
            events = engine.take(entry)
        except records.BadRecord:
            events = engine.take(entry._replace(data=records.TICK_RECORD))
        yield from events


def _pass_second_by_second(engines: dict[str, Engine], now: int, until: int) -> Iterator[Event]:
    """Seconds of all installations in step, so that the events of a quiet one do not wait for its next record."""
    for stamp in chain(range((now // 1000 + 1) * 1000 + 1, until, 1000), (until,)):
        for engine in engines.values():
            yield from engine.pass_time(stamp)
