"""What one engine owes the alarm log: which of its events were said before, what stands, how far it is. Pure."""

from __future__ import annotations

import msgspec

from alerting.warning import WarningState
from hazardwatch.engine import Engine
from hazardwatch.warning_desk import WarningDesk, act_of
from pipeline import records
from pipeline.config_records import ConfigAsk
from pipeline.log import Entry
from pipeline.model import Event, Held, Judged, Standing, State, WarningEvent
from pipeline.records import Kind

_NO_CHANGE = frozenset({"refused", "late_excursion"})
_ASKED = frozenset({Kind.COMMAND, Kind.CONFIG, Kind.WARNING_ACT, *records.CHANGE_KINDS})
"""Somebody waits for what comes of these."""
_SUPPRESSING = frozenset({"shelved", "unshelved", "suppressed", "unsuppressed", "out_of_service", "in_service"})


class _Saved(msgspec.Struct):
    engine: memoryview
    standing: dict[str, Event]
    alarm_position: int
    configured: int = -1
    warning: WarningState = msgspec.field(default_factory=WarningState)


class EngineDesk:
    """An engine and its place in the alarm log.

    `said`: position and ordinal of the newest event that is in the alarm log already; a restarted engine finds the
    same events again and says only what is greater. `alarm_position`: newest entry of ours there, to read on from.
    `configured`: position of the configuration in force in the plant log; -1 before there is one.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.standing: dict[str, Event] = {}
        self.said = (-1, -1)
        self.alarm_position = -1
        self.configured = -1
        self._warning = WarningDesk(engine.installation)
        self._judged = Judged(second=0, position=-1)
        self._suppressed: set[str] = set()
        self._modes = 0

    def heard(self, entry: Entry) -> None:
        """An entry of the alarm log that this desk has not said itself. Raises BadRecord."""
        self.alarm_position = max(self.alarm_position, entry.position)
        kind = entry.data[0] if entry.data else None
        if kind in (Kind.EVENT, Kind.WARNING):
            told = records.decode(entry.data)
            assert isinstance(told, Event | WarningEvent)
            self.said = max(self.said, (told.position, told.ordinal))
        elif kind == Kind.JUDGED:
            judged = records.decode(entry.data)
            assert isinstance(judged, Judged)
            # Everything of records up to here was appended before it.
            self.said = max(self.said, (judged.position, 2**31))

    def take(self, entry: Entry) -> list[bytes]:
        """What is to be appended to the alarm log because of one record of the plant log."""
        copy, act = _copy(entry), act_of(entry)  # what cannot be read is refused before the engine moves
        events = self.engine.take(entry)
        out = []
        if entry.data[0] == Kind.CONFIG:
            self.configured = entry.position
            if (entry.position, -1) > self.said:
                out.append(records.config_copy(entry.data, entry.position))
        elif copy is not None and (entry.position, -1) > self.said:
            out.append(copy)
        for event in events:
            self._keep(event)
        warnings = self._warning.take(entry, events, act, self.engine.site, self.engine.judged_second)
        changes: list[Event | WarningEvent] = [*events, *warnings]
        for told in changes:
            if (told.position, told.ordinal) > self.said:
                self.said = (told.position, told.ordinal)
                out.append(records.encode(told))
        asked = entry.data[0] in _ASKED
        if (asked or self.engine.judged_second > self._judged.second) and (entry.position, 2**31) > self.said:
            self._judged = Judged(second=self.engine.judged_second, position=entry.position, held=self._held())
            self.said = (entry.position, 2**31)
            out.append(records.encode(self._judged))
        return out

    def _keep(self, event: Event) -> None:
        if event.event in _SUPPRESSING or event.reason == "removed":
            self._suppressed.add(event.alarm)
        if event.event not in _NO_CHANGE and event.state is not None:
            self.standing.pop(event.alarm, None)
            if event.state != State.NORMAL:
                self.standing[event.alarm] = event

    def _held(self) -> Held | None:
        """What suppresses, as far as it changed since this was asked last."""
        if not self._suppressed and self._modes == self.engine.modes_changed:
            return None
        changed, self._suppressed, self._modes = self._suppressed, set(), self.engine.modes_changed
        return self.engine.held(changed)

    def standing_record(self) -> bytes:
        """The full state, for readers that begin now."""
        return records.encode(Standing(position=self.engine.position, alarms=self.standing, held=self.engine.held()))

    def snapshot(self) -> bytes:
        """Everything; taken when all events up to the engine's position are in the alarm log."""
        engine = memoryview(self.engine.snapshot())
        return msgspec.msgpack.encode(
            _Saved(engine, self.standing, self.alarm_position, self.configured, self._warning.state)
        )

    @classmethod
    def restore(cls, installation: str, data: bytes) -> EngineDesk:
        """Continue from a snapshot; then tell it what the alarm log has behind `alarm_position` (`heard`)."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        desk = cls(Engine.restore(installation, saved.engine))
        desk.standing, desk.alarm_position = saved.standing, saved.alarm_position
        desk.configured = saved.configured
        desk._warning = WarningDesk(installation, saved.warning, desk.engine.judged_second)
        return desk


def _copy(entry: Entry) -> bytes | None:
    """A configuration change for the alarm log; what a person asked for is given its time. Raises BadRecord."""
    kind = entry.data[0] if entry.data else None
    if kind not in records.CHANGE_KINDS:
        return None
    if kind != Kind.CONFIG_ASK:
        return entry.data
    asked = records.decode(entry.data)
    assert isinstance(asked, ConfigAsk)
    return records.encode(msgspec.structs.replace(asked, time=entry.stamp))
