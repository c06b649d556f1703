"""Entries of the alarm log -> one batch of rows for the database. Pure.

A restarted engine may say events again; each names the plant-log record it came from, and what is not
greater than the last one is left out. It does not write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from historian.progress import NOTHING, Gap, Move, Place, Progress
from historian.rows import Row, event_row, judged_row, notification_row, warning_row
from pipeline import records
from pipeline.log import ALARM, Entry
from pipeline.model import Delivery, Event, Judged, Standing, State, WarningEvent
from pipeline.records import BadRecord, Kind

_NO_CHANGE = ("refused", "late_excursion")
"""They tell of no change, so a standing alarm is shown by the event before them."""


@dataclass(slots=True)
class AlarmBatch:
    """Everything one transaction stores of the alarm log. Lists hold rows in the order of their insert.

    `standing`: (installation, alarm) -> its row, None when it is NORMAL again; `restated`: installations whose
    standing alarms are all taken away before that. `received` counts events, notifications and damaged records;
    `repeats`, `damaged` those of them that were left out.
    """

    moves: list[Move] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    standing: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    restated: set[str] = field(default_factory=set)
    judged: dict[str, Row] = field(default_factory=dict)
    notifications: list[Row] = field(default_factory=list)
    warnings: list[Row] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    received: int = 0
    repeats: int = 0
    damaged: int = 0

    @property
    def stored(self) -> int:
        """Events, notifications and changes of warnings in it."""
        return len(self.events) + len(self.notifications) + len(self.warnings)


class AlarmBatches:
    """Makes batches. `last_events`: installation -> (position, ordinal) of its newest event in the database."""

    def __init__(self, progress: Progress, last_events: Mapping[str, tuple[int, int]]) -> None:
        self._progress = progress
        self._last = dict(last_events)

    def take(self, entries: Iterable[Entry]) -> AlarmBatch:
        """The rows of these entries that the database does not have."""
        batch = AlarmBatch()
        for entry in entries:
            if self._progress.see(entry) is not Place.NEW:
                continue
            try:
                self._take_one(entry, batch)
            except BadRecord as error:
                batch.received += 1
                batch.damaged += 1
                batch.gaps.append(
                    Gap(ALARM, entry.installation, None, entry.position, None, entry.stamp, f"damaged record: {error}")
                )
        batch.moves, gaps = self._progress.take_moves()
        batch.gaps += gaps
        return batch

    def _take_one(self, entry: Entry, batch: AlarmBatch) -> None:
        if entry.data[:1] == bytes([Kind.CONFIG]) or (entry.data and entry.data[0] in records.CHANGE_KINDS):
            return  # copies for the notifier and the console; points and settings come from the plant log
        record = records.decode(entry.data)
        match record:
            case Event():
                batch.received += 1
                self._event(entry.installation, record, batch)
            case Delivery():
                batch.received += 1
                batch.notifications.append(notification_row(record))
            case WarningEvent():
                batch.received += 1
                batch.warnings.append(warning_row(entry.installation, record))
            case Judged():
                row = judged_row(entry.installation, record)
                # An engine that was held up may say an older one again.
                batch.judged[entry.installation] = max(row, batch.judged.get(entry.installation, row))
            case Standing():
                self._restate(entry.installation, record, batch)
            case _:
                raise BadRecord(f"a {type(record).__name__} has no place in the alarm log")

    def _event(self, installation: str, event: Event, batch: AlarmBatch) -> None:
        if (event.position, event.ordinal) <= self._last.get(installation, (NOTHING, 0)):
            batch.repeats += 1
            return
        self._last[installation] = (event.position, event.ordinal)
        row = event_row(installation, event)
        batch.events.append(row)
        if event.state is not None and event.event not in _NO_CHANGE:
            batch.standing[installation, event.alarm] = None if event.state == State.NORMAL else row

    def _restate(self, installation: str, standing: Standing, batch: AlarmBatch) -> None:
        """The engine's own list heals what a gap may have left out; one from before our last event is old."""
        if standing.position < self._last.get(installation, (NOTHING, 0))[0]:
            return
        batch.standing = {key: row for key, row in batch.standing.items() if key[0] != installation}
        batch.restated.add(installation)
        for alarm, event in standing.alarms.items():
            batch.standing[installation, alarm] = event_row(installation, event)
