"""Entries of the plant log -> one batch of rows for the database; keeps admission for every installation. Pure.

It does not write and does not wait: the store writes what it returns, and only then is the batch behind us.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from historian.copy_binary import Rows
from historian.progress import NOTHING, Gap, Move, Place, Progress, Stored
from historian.resolution import rounded, steps_of
from historian.rows import Row, alarm_setting_rows, command_row, dead_letter_row, point_rows
from pipeline import records
from pipeline.admission import Admission
from pipeline.log import PLANT, Entry
from pipeline.log_time import LogTime, first_second
from pipeline.model import Command, DeadLetter, WarningAct
from pipeline.records import BadRecord, Kind
from pipeline.site import Installation, Point
from pipeline.site_record import site_of

_DAMAGED_KEPT = 64 * 1024

SeriesKey = tuple[str, str, str]
"""Installation, point, unit."""
Named = tuple[int, str, str, str]
"""A series by our own number, with its key: the database has another number for it, which it gives when asked."""


class Saved(msgspec.Struct, frozen=True):
    """A snapshot of one installation: its configuration, and admission after the record stamped `stamp` (ms).

    `admission` None: only the configuration is of use, admission begins anew.
    """

    config: bytes
    admission: bytes | None
    stamp: int | None


@dataclass(slots=True)
class PlantBatch:
    """Everything one transaction stores of the plant log. Lists hold rows in the order of their insert.

    `received`, `repeats`, `unknown` count readings, commands and dead letters for the hop's balance.
    """

    moves: list[Move] = field(default_factory=list)
    rows: Rows | None = None
    series: list[Named] = field(default_factory=list)
    commands: list[Row] = field(default_factory=list)
    dead_letters: list[Row] = field(default_factory=list)
    points: dict[str, list[Row]] = field(default_factory=dict)
    alarm_settings: dict[str, list[Row]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    received: int = 0
    repeats: int = 0
    unknown: int = 0

    @property
    def stored(self) -> int:
        """Readings, commands and dead letters in it."""
        return (len(self.rows) if self.rows else 0) + len(self.commands) + len(self.dead_letters)


@dataclass(slots=True)
class _Installation:
    """What of one installation has to be carried from record to record.

    `series`, `step` (see `steps_of`) by index of the configured point; `at`: all up to this position was taken.
    """

    id: str
    at: int = NOTHING
    config: bytes = b""
    admission: Admission | None = None
    series: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    step: NDArray[np.float64] | None = None
    time: LogTime = field(default_factory=lambda: LogTime(gaps=True))
    told: bool = False


class PlantBatches:
    """Makes batches; what it carries it may carry through several divisions of the installations (`begin`)."""

    def __init__(self) -> None:
        self._progress = Progress(PLANT, {}, {})
        self._series: dict[SeriesKey, int] = {}
        self._new_series: list[Named] = []
        self._new_configuration: dict[str, Installation] = {}
        self._installations: dict[str, _Installation] = {}

    def carried(self) -> dict[str, int]:
        """Installation -> the position up to which everything was taken."""
        return {id_: state.at for id_, state in self._installations.items() if state.admission is not None}

    def begin(
        self, stored: Mapping[str, Stored], saved: Mapping[str, tuple[int, Saved]], kept: Collection[str]
    ) -> None:
        """From now on these installations are ours, and only these.

        `stored`: how far the database is; `saved`: position and snapshot where admission begins; `kept`: those whose
        state here is that of the database.
        """
        self._installations = {id_: self._installations[id_] for id_ in kept}
        self._new_configuration = {id_: one for id_, one in self._new_configuration.items() if id_ in kept}
        for id_, (position, one) in saved.items():
            state = self._installations[id_] = _Installation(id_, at=position)
            self._configure(state, one.config, one.admission)
            if one.stamp is not None:
                # Stored with the position it stood at; 10,000 points are 90,000 rows to write again.
                self._new_configuration.pop(id_, None)
                state.time = LogTime(gaps=True, newest=one.stamp, next_second=first_second(one.stamp))
        self._progress = Progress(PLANT, stored, {id_: state.at for id_, state in self._installations.items()})

    def save(self, installation: str) -> Saved | None:
        """The state of one installation after everything that was taken; None without a configuration."""
        state = self._installations.get(installation)
        if state is None or state.admission is None:
            return None
        return Saved(state.config, state.admission.snapshot(), state.time.newest)

    def take(self, entries: Iterable[Entry]) -> PlantBatch:
        """The rows of these entries. What the database already has only moves admission on."""
        batch = PlantBatch()
        columns: list[Rows] = []
        for entry in entries:
            place = self._progress.see(entry)
            if place is Place.AGAIN:
                continue
            new = place is Place.NEW
            self._installations.setdefault(entry.installation, _Installation(entry.installation)).at = entry.position
            try:
                self._take_one(entry, batch if new else PlantBatch(), columns if new else [])
            except (BadRecord, msgspec.MsgspecError) as error:
                if new:
                    batch.received += 1
                    batch.dead_letters.append(_damaged(entry, error))
        batch.moves, gaps = self._progress.take_moves()
        batch.gaps += gaps
        if columns:
            batch.rows = _joined(columns)
        if batch.moves:
            self._tell_configuration(batch)
        return batch

    def _tell_configuration(self, batch: PlantBatch) -> None:
        batch.series, self._new_series = self._new_series, []
        for id_, installation in self._new_configuration.items():
            batch.points[id_] = point_rows(installation)
            batch.alarm_settings[id_] = alarm_setting_rows(installation)
        self._new_configuration = {}

    def _take_one(self, entry: Entry, batch: PlantBatch, columns: list[Rows]) -> None:
        state = self._installations[entry.installation]
        away_ms = state.time.advance(entry.stamp).away_ms
        if away_ms and state.admission is not None:
            state.admission.move_received(away_ms)
        kind = entry.data[:1]
        if kind == bytes([Kind.READINGS]):
            self._readings(state, entry, batch, columns)
        elif kind == bytes([Kind.CONFIG]):
            held = state.admission.snapshot() if state.admission else None
            self._configure(state, entry.data[1:], held)
        elif kind != records.TICK_RECORD and not (kind and kind[0] in records.CHANGE_KINDS):
            record = records.decode(entry.data)
            if isinstance(record, Command):
                batch.commands.append(command_row(entry, record))
            elif isinstance(record, DeadLetter):
                batch.dead_letters.append(dead_letter_row(entry, record))
            elif isinstance(record, WarningAct):
                return  # what came of it is in the alarm log
            else:
                raise BadRecord(f"a {type(record).__name__} has no place in the plant log")
            batch.received += 1

    def _readings(self, state: _Installation, entry: Entry, batch: PlantBatch, columns: list[Rows]) -> None:
        block = records.decode_block(entry.data)
        batch.received += len(block)
        if state.admission is None:
            batch.unknown += len(block)
            if not state.told:
                why = "readings without a configuration: the log no longer held it"
                batch.gaps.append(Gap(PLANT, state.id, None, entry.position, None, entry.stamp, why))
            state.told = True
            return
        admitted = state.admission.admit(block, entry.stamp)
        batch.repeats += admitted.repeats
        batch.unknown += admitted.unknown
        columns.append(
            Rows(
                time=admitted.time,
                received=np.full(len(admitted.time), entry.stamp, np.int64),
                value=admitted.value if state.step is None else rounded(admitted.value, state.step[admitted.point]),
                series=state.series[admitted.point],
                quality=admitted.quality,
                backfill=admitted.backfill,
            )
        )

    def _configure(self, state: _Installation, config: bytes, admission: bytes | None) -> None:
        """From here on this configuration holds; what admission knows of points that stay is kept."""
        installation = site_of(config).installation(state.id)
        points = installation.points if installation else ()
        state.config = config
        state.admission = Admission(points) if admission is None else Admission.restore(points, admission)
        state.series = np.array([self._number(state.id, point) for point in points], np.int32)
        state.step = steps_of(points)
        if installation is not None:
            self._new_configuration[state.id] = installation

    def _number(self, installation: str, point: Point) -> int:
        """Our number of the point's series; a new one is told with the next batch."""
        key = (installation, point.id, point.unit)
        if key not in self._series:
            self._series[key] = len(self._series)
            self._new_series.append((self._series[key], *key))
        return self._series[key]


def _joined(columns: list[Rows]) -> Rows:
    if len(columns) == 1:
        return columns[0]
    return Rows(
        time=np.concatenate([one.time for one in columns]),
        received=np.concatenate([one.received for one in columns]),
        value=np.concatenate([one.value for one in columns]),
        series=np.concatenate([one.series for one in columns]),
        quality=np.concatenate([one.quality for one in columns]),
        backfill=np.concatenate([one.backfill for one in columns]),
    )


def _damaged(entry: Entry, error: Exception) -> Row:
    """A record nobody can read is kept as a dead letter: its bytes may still be read by a later version."""
    letter = DeadLetter(
        topic=f"log/{entry.installation}/{entry.position}",
        reason="damaged_record",
        detail=str(error),
        payload=entry.data[:_DAMAGED_KEPT],
    )
    return dead_letter_row(entry, letter)
