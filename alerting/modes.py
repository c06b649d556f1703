"""Modes of equipment: which one holds, when a timed one ends, and an alarm's attributes in it. Pure.

Suppresses nothing and tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pipeline.site import Alarm, Equipment, Installation, Point


class Mode(msgspec.Struct, omit_defaults=True):
    """`lasting`: the last one set without an end; `timed`: one that holds until `until` (ms), else None.

    `by`, `note`, `since` (ms): who set the one that holds, why, when.
    """

    lasting: str
    timed: str | None = None
    until: int = 0
    by: str = ""
    note: str | None = None
    since: int = 0

    @property
    def now(self) -> str:
        """The mode that holds."""
        return self.lasting if self.timed is None else self.timed


class Modes:
    """The modes of all equipment that has any. `changes` counts how often one was set or ended."""

    def __init__(self, equipment: tuple[Equipment, ...]) -> None:
        self._equipment = {one.id: one for one in equipment if one.modes}
        self.by_id = {one.id: Mode(one.modes[0]) for one in equipment if one.modes}
        self.changes = 0

    def now(self, equipment: str | None) -> str | None:
        """The mode that holds; None where there are none."""
        mode = self.by_id.get(equipment or "")
        return None if mode is None else mode.now

    def set(self, equipment: str, mode: Mode) -> None:
        """A mode with an end holds until then; one without also replaces what a timed one would have returned to."""
        if mode.timed is not None:
            mode.lasting = self.by_id[equipment].lasting
        self.by_id[equipment] = mode
        self.changes += 1

    def next_end(self) -> int | None:
        """When the first timed mode ends, ms."""
        return min((mode.until for mode in self.by_id.values() if mode.timed is not None), default=None)

    def ended(self, second: int) -> dict[str, int]:
        """Equipment whose timed mode ends by this second, in order, with the end; the lasting one holds again."""
        ends = {id_: mode.until for id_, mode in self.by_id.items() if mode.timed is not None and mode.until <= second}
        self.changes += len(ends)
        for id_, end in ends.items():
            self.by_id[id_] = Mode(self.by_id[id_].lasting, since=end)
        return ends

    def keep(self, kept: dict[str, Mode]) -> None:
        """Go on from these, as far as this configuration knows equipment and modes."""
        for id_, mode in kept.items():
            known = self._equipment[id_].modes if id_ in self._equipment else ()
            if mode.lasting in known and mode.now in known:
                self.by_id[id_] = mode

    def in_force(self, installation: Installation) -> Installation:
        """The installation with every alarm as it is in its equipment's mode."""
        points = tuple(self._point(point) for point in installation.points)
        same = all(now is before for now, before in zip(points, installation.points, strict=True))
        return installation if same else msgspec.structs.replace(installation, points=points)

    def _point(self, point: Point) -> Point:
        mode = self.now(point.equipment)
        if not any(mode in alarm.by_mode for alarm in point.alarms):
            return point
        return msgspec.structs.replace(point, alarms=in_mode(point.alarms, mode))


def in_mode(alarms: Iterable[Alarm], mode: str | None) -> tuple[Alarm, ...]:
    """The alarms with what `by_mode` gives them in this mode; what that leaves open stays their own.

    A `time_to_limit` whose limit is one of these alarms is about the setpoint which that has now.
    """
    now = [_in_mode(alarm, mode) for alarm in alarms]
    setpoints = {alarm.id: alarm.setpoint for alarm in now}
    return tuple(_toward(alarm, setpoints) for alarm in now)


def _in_mode(alarm: Alarm, mode: str | None) -> Alarm:
    settings = alarm.by_mode.get(mode or "")
    if settings is None:
        return alarm
    given = {name: value for name, value in msgspec.structs.asdict(settings).items() if value is not None}
    return msgspec.structs.replace(alarm, **given)


def _toward(alarm: Alarm, setpoints: dict[str, float | None]) -> Alarm:
    of = alarm.time_to_limit
    limit = None if of is None else setpoints.get(of.limit_alarm or "")
    if of is None or limit is None or limit == of.limit:
        return alarm
    return msgspec.structs.replace(alarm, time_to_limit=msgspec.structs.replace(of, limit=limit))
