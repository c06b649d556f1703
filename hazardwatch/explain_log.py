"""Reads what `explain` needs from a service's log, beside the service: events, samples, and the engine at a time.

The engine is taken from its snapshot where that is older than the time asked for, else judged anew from the beginning.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from hazardwatch.engine_view import look
from hazardwatch.explain import Found, Sample, about, story
from hazardwatch.options import LOG
from pipeline import records
from pipeline.config_records import ConfigDecision
from pipeline.errors import ConfigError
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT, Entry
from pipeline.model import NO_STAMP, QUALITY_MASK, SYSTEM, Event
from pipeline.records import Kind

_OWNER = "engine"
_LATEST = 10
_BEFORE, _AFTER = 5, 3
_TICKS_MS = 5_000
_BACK = 20_000
"""Positions looked back from the deciding record: minutes of a large plant."""


def found_in(data: Path, alarm: str, at: int) -> Found:
    """All that the log of `data` says of an alarm at `at` (ms). Raises ConfigError without a log or installation."""
    folder = data / LOG
    if not folder.is_dir():
        raise ConfigError(f"{data} holds no log of a service: there is no folder {folder}")
    with asyncio.Runner() as runner:
        log = LocalLog.open(folder, read_only=True)
        runner.run(log.__aenter__())
        try:
            return _Reading(runner, log, alarm, at).found()
        finally:
            runner.run(log.__aexit__(None, None, None))


class _Reading:
    """One question to one log."""

    def __init__(self, runner: asyncio.Runner, log: LocalLog, alarm: str, at: int) -> None:
        self._run = runner.run
        self._log = log
        self._alarm = alarm
        self._at = at
        self._home = alarm.partition("/")[0]
        self._known = self._run(log.installations(PLANT))
        if self._home not in self._known:
            raise ConfigError(f"the log has no installation {self._home!r}; it has {', '.join(self._known)}")

    def found(self) -> Found:
        events, decisions = self._said()
        engine, kept = self._engine()
        view = None if engine.site is None else look(engine, self._alarm)
        found = Found(self._alarm, self._at, view, events, decisions, [], [])
        if view is None:
            return found
        points = frozenset(view.alarm.judged_from)
        latest = deque(self._samples(kept, points), _LATEST)
        raised = next((one for one in reversed(story(found)) if one.event in ("raised", "reraised")), None)
        deciding = [] if raised is None else self._deciding(raised, points)
        return found._replace(deciding=deciding, latest=list(latest))

    def _entries(self, topic: str, after: Mapping[str, int]) -> Iterator[Entry]:
        """Of the installations in `after` alone, up to the time asked for."""
        reader = self._log.reader(topic, after, after.keys())
        while entries := self._run(reader.fetch(0)):
            for entry in entries:
                if entry.stamp > self._at:
                    return
                yield entry

    def _said(self) -> tuple[list[Event], list[ConfigDecision]]:
        """The alarm's events, and the changes of the configuration that were about it."""
        events: list[Event] = []
        decisions: list[ConfigDecision] = []
        name = self._alarm.encode()
        for entry in self._entries(ALARM, {self._home: -1, SYSTEM: -1}):
            kind = entry.data[0] if entry.data else 0
            if kind not in (Kind.EVENT, Kind.CONFIG_DECISION):
                continue
            if kind == Kind.EVENT and name not in entry.data:
                continue
            record = records.decode(entry.data)
            if isinstance(record, Event) and record.alarm == self._alarm and record.decided <= self._at:
                events.append(record)
            elif isinstance(record, ConfigDecision):
                decisions.append(record)
        once = {(one.position, one.ordinal): one for one in events}
        return list(once.values()), about(decisions, self._alarm)

    def _engine(self) -> tuple[Engine, list[Entry]]:
        """The engine at that time, and the newest records before it."""
        snapshot = self._run(self._log.load_snapshot(_OWNER, self._home))
        engine = Engine(self._home)
        if snapshot is not None:
            try:
                old = EngineDesk.restore(self._home, snapshot.data).engine
            except (msgspec.MsgspecError, LookupError, ValueError):  # of another version: judged anew
                old = engine
            if old.judged_second < self._at and old is not engine and self._before(old.position):
                engine = old
        last: deque[Entry] = deque(maxlen=2_000)
        for entry in self._entries(PLANT, {self._home: max(engine.position - 2_000, -1)}):
            last.append(entry)
            if entry.position > engine.position:
                try:
                    engine.take(entry)
                except records.BadRecord:
                    engine.take(entry._replace(data=records.TICK_RECORD))
        if last and self._at - last[-1].stamp <= _TICKS_MS:  # else the service was away, and judged nothing
            engine.pass_time(self._at)
        return engine, list(last)

    def _before(self, position: int) -> bool:
        """Whether the record at `position` was there at the time asked for."""
        return next((True for one in self._entries(PLANT, {self._home: position - 1})), False)

    def _samples(self, entries: list[Entry], points: frozenset[str]) -> Iterator[Sample]:
        for entry in entries:
            if entry.data[:1] == bytes([Kind.READINGS]):
                yield from _read(entry, points)

    def _deciding(self, raised: Event, points: frozenset[str]) -> list[Sample]:
        """The last samples up to the record that raised it, and the first ones behind it."""
        before: deque[Sample] = deque(maxlen=_BEFORE)
        after: list[Sample] = []
        for entry in self._entries(PLANT, {self._home: max(raised.position - _BACK, -1)}):
            if entry.data[:1] != bytes([Kind.READINGS]):
                continue
            if entry.position <= raised.position:
                before.extend(_read(entry, points))
            else:
                after += _read(entry, points)
                if len(after) >= _AFTER:
                    break
        return [*before, *after[:_AFTER]]


def _read(entry: Entry, points: frozenset[str]) -> Iterator[Sample]:
    try:
        block = records.decode_block(entry.data)
    except records.BadRecord:
        return
    wanted = {row for row, point in enumerate(block.points) if point in points}
    if not wanted:
        return
    for row, point in enumerate(block.index.tolist()):
        if point in wanted:
            value, flags = float(block.value[row]), int(block.flags[row])
            yield Sample(
                block.points[point],
                entry.stamp,
                None if flags & NO_STAMP else int(block.stamp[row]),
                value if math.isfinite(value) else None,
                flags & QUALITY_MASK,
            )
