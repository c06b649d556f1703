"""The real engine behind the oracle's face: the same records in, the same plain events out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from hazardwatch.engine import Engine
from pipeline import records
from pipeline.log import Entry
from pipeline.model import NO_STAMP, RETAINED, Block, Event
from pipeline.site import Site
from tests.oracle.records import Commanded, Reading, Readings, Record

FIELDS = (
    "seq", "event", "alarm", "time", "decided", "value", "setpoint", "reason", "priority", "actor", "note", "state",
)  # fmt: skip


def block_of(readings: Iterable[Reading]) -> Block:
    """The readings as one block, in order."""
    listed = list(readings)
    points = tuple(dict.fromkeys(reading.point for reading in listed))
    flags = [r.quality | (NO_STAMP if r.stamp is None else 0) | (RETAINED if r.retained else 0) for r in listed]
    return Block(
        points,
        np.array([points.index(reading.point) for reading in listed], np.uint16),
        np.array([reading.stamp or 0 for reading in listed], np.int64),
        np.array([reading.value for reading in listed], np.float64),
        np.array(flags, np.uint8),
    )


class Player:
    """Feeds records to an engine one by one and tells its events in the oracle's words."""

    def __init__(self, site: Site, installation: str, *, replay: bool) -> None:
        self.site, self.installation = site, installation
        self.engine = Engine(installation, gaps=not replay)
        self.events: list[Event] = []
        self.position = 0

    def take(self, record: Record) -> None:
        """One record."""
        if self.engine.site is None:
            self.events += self.engine.configure(self.site, record.received)
        self.events += self.engine.pass_time(record.received)  # so that what a command names has been told
        data = self._data(record)
        self.events += self.engine.take(Entry(self.installation, self.position, record.received, data))
        self.position += 1

    def raw(self, received: int, data: bytes) -> list[Event]:
        """A record that is neither readings nor a command."""
        self.position += 1
        return self.engine.take(Entry(self.installation, self.position - 1, received, data))

    def _data(self, record: Record) -> bytes:
        if isinstance(record, Readings):
            return records.encode_block(block_of(record.readings)) if record.readings else records.TICK_RECORD
        command = record.command
        if command.occurrence is not None:
            seen = self._occurrences().get((command.alarm, command.occurrence), "no such occurrence")
            command = msgspec.structs.replace(command, occurrence=seen)
        return records.encode(command)

    def _occurrences(self) -> dict[tuple[str | None, str], str]:
        """By alarm and running number, in the order in which they begin."""
        numbers: dict[str, itertools.count[int]] = {}
        began = dict.fromkeys((event.alarm, event.occurrence) for event in self.events if event.occurrence is not None)
        return {
            (alarm, str(next(numbers.setdefault(alarm, itertools.count(1))))): occurrence for alarm, occurrence in began
        }

    def told(self) -> list[dict[str, Any]]:
        """All events so far."""
        number = {id_: int(n) for (_, n), id_ in self._occurrences().items()}
        return [
            {name: getattr(event, name) for name in FIELDS}
            | {"time_left_s": None if event.time_left_s is msgspec.UNSET else event.time_left_s}
            | {"from": event.from_state, "occurrence": number.get(event.occurrence or "")}
            for event in self.events
        ]


def play(
    site: Site, installation: str, stream: list[Record], until_ms: int | None = None, replay: bool = True
) -> list[dict[str, Any]]:
    """All events of the stream, as `tests.oracle.run.run` gives them."""
    player = Player(site, installation, replay=replay)
    for record in stream:
        if until_ms is None or record.received <= until_ms:
            player.take(record)
    if stream:
        end = until_ms if until_ms is not None else stream[-1].received
        player.events += player.engine.pass_time(end + 1)
    return player.told()


__all__ = ["Commanded", "Player", "block_of", "play"]
