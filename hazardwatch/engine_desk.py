"""What one engine owes the alarm log: which of its events were said before, what stands, how far it is. Pure."""

from __future__ import annotations

import msgspec

from hazardwatch.engine import Engine
from pipeline import records
from pipeline.config_records import ConfigAsk
from pipeline.log import Entry
from pipeline.model import Event, Judged, Standing, State
from pipeline.records import Kind

_NO_CHANGE = frozenset({"refused", "late_excursion"})
_COPIED = frozenset({Kind.CONFIG, *records.CHANGE_KINDS})
"""Records of the plant log that those who read only the alarm log need too."""


class _Saved(msgspec.Struct):
    engine: memoryview
    standing: dict[str, Event]
    alarm_position: int


class EngineDesk:
    """An engine and its place in the alarm log.

    `said`: position and ordinal of the newest event that is in the alarm log already; a restarted engine finds the
    same events again and says only what is greater. `alarm_position`: newest entry of ours there, to read on from.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.standing: dict[str, Event] = {}
        self.said = (-1, -1)
        self.alarm_position = -1
        self._judged = Judged(second=0, position=-1)

    def heard(self, entry: Entry) -> None:
        """An entry of the alarm log from before the restart."""
        self.alarm_position = entry.position
        if entry.data[0] == Kind.EVENT:
            event = records.decode(entry.data)
            assert isinstance(event, Event)
            self.said = max(self.said, (event.position, event.ordinal))
        elif entry.data[0] == Kind.JUDGED:
            judged = records.decode(entry.data)
            assert isinstance(judged, Judged)
            # Everything of records up to here was appended before it.
            self.said = max(self.said, (judged.position, 2**31))

    def take(self, entry: Entry) -> list[bytes]:
        """What is to be appended to the alarm log because of one record of the plant log."""
        copy = _copy(entry)
        events = self.engine.take(entry)
        out = []
        if copy is not None and (entry.position, -1) > self.said:
            out.append(copy)
        for event in events:
            if event.event not in _NO_CHANGE and event.state is not None:
                self.standing.pop(event.alarm, None)
                if event.state != State.NORMAL:
                    self.standing[event.alarm] = event
            if (event.position, event.ordinal) > self.said:
                self.said = (event.position, event.ordinal)
                out.append(records.encode(event))
        asked = entry.data[0] == Kind.COMMAND or copy is not None
        if (asked or self.engine.judged_second > self._judged.second) and (entry.position, 2**31) > self.said:
            self._judged = Judged(second=self.engine.judged_second, position=entry.position)
            self.said = (entry.position, 2**31)
            out.append(records.encode(self._judged))
        return out

    def standing_record(self) -> bytes:
        """The full state, for readers that begin now."""
        return records.encode(Standing(position=self.engine.position, alarms=self.standing))

    def snapshot(self) -> bytes:
        """Everything; taken when all events up to the engine's position are in the alarm log."""
        return msgspec.msgpack.encode(_Saved(memoryview(self.engine.snapshot()), self.standing, self.alarm_position))

    @classmethod
    def restore(cls, installation: str, data: bytes) -> EngineDesk:
        """Continue from a snapshot; then tell it what the alarm log has behind `alarm_position` (`heard`)."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        desk = cls(Engine.restore(installation, saved.engine))
        desk.standing, desk.alarm_position = saved.standing, saved.alarm_position
        return desk


def _copy(entry: Entry) -> bytes | None:
    """What goes into the alarm log too; what a person asked for is given its time. Raises BadRecord."""
    kind = entry.data[0] if entry.data else None
    if kind not in _COPIED or kind != Kind.CONFIG_ASK:
        return entry.data if kind in _COPIED else None
    asked = records.decode(entry.data)
    assert isinstance(asked, ConfigAsk)
    return records.encode(msgspec.structs.replace(asked, time=entry.stamp))
