"""Plays a newer version of the program, for tests of a rolling upgrade: `python -m tests.newer_version run ...`.

It says a version of its own, appends records of a kind and members that this version does not know to both topics, and
its engine and notifier keep snapshots that this version cannot read, nor it this version's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from alerting.escalation import Annunciator
from hazardwatch import processes
from hazardwatch.cli import main
from hazardwatch.engine_desk import EngineDesk
from pipeline.kafka_log import KafkaLog
from pipeline.log import ALARM
from pipeline.records import TICK_RECORD, Kind

VERSION = "99.0"
UNKNOWN_KIND = 250
UNKNOWN = bytes([UNKNOWN_KIND]) + b'{"invented":"later"}'
_MARK = b"\xc1 a snapshot of version 99"  # 0xc1 begins no MessagePack; "\xc1" begins no JSON either
_EXTENDED = frozenset({Kind.EVENT, Kind.JUDGED, Kind.DELIVERY, Kind.STANDING})


def _newer(topic: str, items: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """What the newer version appends for these: the same with an unknown member, and behind it an unknown record."""
    known = [
        (id_, data[:-1] + b',"invented_later":{"a":[1]}}' if topic == ALARM and data[0] in _EXTENDED else data)
        for id_, data in items
    ]
    speaking = {id_ for id_, data in items if topic == ALARM or data == TICK_RECORD}
    return [*known, *((id_, UNKNOWN) for id_ in sorted(speaking))]


def become_newer() -> None:
    """From now on this process is of the newer version."""
    append, taken = KafkaLog.append, (EngineDesk.snapshot, EngineDesk.restore.__func__)  # type: ignore[attr-defined]  # a class method's function
    told, retold = Annunciator.snapshot, Annunciator.restore.__func__  # type: ignore[attr-defined]  # as above

    async def newer_append(self: KafkaLog, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        return (await append(self, topic, _newer(topic, items)))[: len(items)]

    def unmarked(data: bytes) -> bytes:
        if not data.startswith(_MARK):
            raise msgspec.ValidationError("this snapshot is of an older version")
        return data.removeprefix(_MARK)

    def restore_desk(cls: type[EngineDesk], installation: str, data: bytes) -> EngineDesk:
        found: EngineDesk = taken[1](cls, installation, unmarked(data))
        return found

    def restore_annunciator(cls: type[Annunciator], *given: Any) -> Annunciator:
        found: Annunciator = retold(cls, *given[:-1], unmarked(given[-1]))
        return found

    patches: list[tuple[Any, str, Any]] = [
        (processes, "version_of_program", lambda: VERSION),
        (KafkaLog, "append", newer_append),
        (EngineDesk, "snapshot", lambda self: _MARK + taken[0](self)),
        (EngineDesk, "restore", classmethod(restore_desk)),
        (Annunciator, "snapshot", lambda self: _MARK + told(self)),
        (Annunciator, "restore", classmethod(restore_annunciator)),
    ]
    for place, name, instead in patches:
        setattr(place, name, instead)


if __name__ == "__main__":
    become_newer()
    main()
