"""One installation: what a record of readings and a whole second do, in the contract's order.

How things are judged stands in the modules beside it; here is only who is asked, and when.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import msgspec

from pipeline.site import Site
from tests.oracle import suppressing
from tests.oracle.admission import Sample
from tests.oracle.build import sensors
from tests.oracle.installation import Across
from tests.oracle.lifecycle import Step
from tests.oracle.modes import Mode, in_mode
from tests.oracle.records import Cause, Change, Reading, Readings
from tests.oracle.rules import Rules, Turned
from tests.oracle.sensor import Sensor, Turn, Watched
from tests.oracle.tell import Book


class Plant:
    """The state of one installation; `book` has the events told so far."""

    def __init__(self, site: Site, installation: str, start: int, *, whole: bool) -> None:
        found = site.installation(installation)
        assert found is not None
        self.book = Book()
        self.sensors = sensors(found, start, whole=whole)
        self.by_index = {sensor.index: sensor for sensor in self.sensors}
        self.by_point = {sensor.point.id: sensor for sensor in self.sensors}
        self.across = Across(found.alarms if whole else (), self.by_point)
        self.alarms = {one.now.id: one for sensor in self.sensors for one in sensor.watched}
        self.alarms |= {one.now.id: one for one in self.across.watched}
        self.configured = {name: one.now for name, one in self.alarms.items()}
        self.of_alarm = {one.now.id: sensor for sensor in self.sensors for one in sensor.watched}
        self.conditions = dict.fromkeys(self.alarms, False)
        self.modes = {one.id: Mode(one, one.modes[0]) for one in found.equipment if one.modes}
        self.bypassed: dict[str, int] = {}  # point id: until
        self.rules = Rules(found.suppress if whole else (), self._mode_of, self._causes, self._about)
        if whole:
            for sensor in self.sensors:
                self._apply_mode(sensor)
            self.settle(
                [], start, start, moments=dict.fromkeys(self.modes, start)
            )  # rules of the modes that hold at the start

    def shift(self, by: int) -> None:
        """Held received times move; times of commands and accepted (device) times do not."""
        for sensor in self.sensors:
            sensor.shift(by)
        self.across.shift(by)
        for one in self.alarms.values():
            if one.life.waiting is not None:
                one.life.waiting += by

    # ---- a record of readings

    def readings(self, record: Readings) -> None:
        """Admission, then late excursions, then the accepted samples by time, point and arrival."""
        admitted = self._admit(record)
        for sample in sorted((one for one in admitted if one.backfill), key=lambda one: one.arrival):
            self._late_excursions(sample)
        accepted = [(one.time, one.point, one.arrival, one) for one in admitted if not one.backfill]
        accepted.sort(key=lambda one: (one[0] or 0, one[1], one[2]))
        for time, group in groupby(accepted, key=lambda one: one[0]):
            assert time is not None
            samples = [one[3] for one in group]
            changes = [change for sample in samples for change in self.by_index[sample.point].sample(sample)]
            points = {self.by_index[sample.point].point.id for sample in samples}
            changes += self.across.at(points, time, record.received, self.bypassed)
            self.settle(changes, time, record.received)

    def _admit(self, record: Readings) -> list[Sample]:
        per_point: dict[str, list[tuple[int, Reading]]] = {}
        for arrival, reading in enumerate(record.readings):
            if reading.point in self.by_point:  # unknown and disabled points are refused before the log
                per_point.setdefault(reading.point, []).append((arrival, reading))
        return [
            sample
            for point, readings in per_point.items()
            for sample in self.by_point[point].admission.admit(self.by_point[point].index, readings, record.received)
        ]

    def _late_excursions(self, sample: Sample) -> None:
        for one, value in self.by_index[sample.point].late_excursions(sample):
            assert sample.time is not None
            state = one.life.state()
            step = Step("late_excursion", state, state, one.life.occurrence)
            self.book.tell(one.now, [step], Cause(sample.time, sample.received, value, "limit"))

    # ---- a whole second

    def second(self, second: int) -> None:
        """STALE (with what it trips), delays, waits, suppressions, ends of bypasses, shelves and modes, re-alarms."""
        changes = [change for sensor in self.sensors for change in sensor.stale(second)]
        changes += self.across.stale(second)
        changes += [change for sensor in self.sensors for change in sensor.delays(second)]
        changes += self.across.second(second)
        self.settle(changes, second, second, waits=self._waits)
        self._ends(second)
        for one in self.alarms.values():
            again = one.life.realarm(one.now, second)
            if again is not None:
                self.tell(one, again[1], again[0], second, "realarm")

    def _waits(self, second: int) -> None:
        for one in self.alarms.values():
            self.tell(one, suppressing.waited(one.life, one.now, second), second, second, "limit")

    def _ends(self, second: int) -> None:
        moments: dict[str, int] = {}
        self.bypassed = {point: until for point, until in self.bypassed.items() if until > second}
        for one in self.alarms.values():
            until = one.life.out_until
            if until is not None and until <= second:
                self.tell(one, suppressing.put_back(one.life, one.now), until, second, "expired")
                self.across.turn(one.now.id, Turn(until, "back"))
                moments[one.now.id] = until
        for one in self.alarms.values():
            shelf = one.life.shelf
            if shelf is not None and shelf.until <= second:
                self.tell(one, suppressing.unshelve(one.life, one.now), shelf.until, second, "expired")
                moments[one.now.id] = shelf.until
        for name, mode in self.modes.items():
            end = mode.second(second)
            if end is not None:
                self.apply_modes(name)
                moments[name] = end
        if moments:
            self.settle([], second, second, moments=moments)

    # ---- what follows from changes

    def settle(
        self,
        changes: list[Change],
        now: int,
        decided: int,
        *,
        moments: dict[str, int] | None = None,
        waits: Callable[[int], None] | None = None,
    ) -> None:
        """What one accepted time, one second or one command changed, and what that suppresses.

        Conditions first; suppressions that begin take effect before the events, those that end after them.
        `moments`: times of what else changed (equipment, alarms put back), for rules that follow from it.
        """
        changes = changes + self.across.votes(changes, decided)
        if not changes and not moments:  # nothing that a rule follows from
            if waits is not None:
                waits(now)
            return
        for change in changes:
            self.conditions[change.alarm] = change.on
        moments = (moments or {}) | {change.alarm: change.time for change in changes}
        begin, end = self.rules.turn(moments, now)
        for turned in begin:
            self._suppress(turned, decided)
        for change in changes:
            self._change(change)
        if waits is not None:
            waits(now)
        for turned in end:
            for name in turned.rule.alarms:
                one = self.alarms[name]
                steps = suppressing.unsuppress(one.life, one.now, turned.rule.id, decided)
                self.tell(one, steps, turned.time, decided, None, note=turned.rule.id)

    def _suppress(self, turned: Turned, decided: int) -> None:
        for name in turned.rule.alarms:
            one = self.alarms[name]
            steps = suppressing.suppress(one.life, turned.rule.id)
            self.tell(one, steps, turned.time, decided, None, note=turned.rule.id)

    def _change(self, change: Change) -> None:
        one = self.alarms[change.alarm]
        one.history.append((change.time, change.on))
        steps = one.life.goes_on(one.now) if change.on else one.life.goes_off(one.now)
        self.book.tell(
            one.now, steps, Cause(change.time, change.decided, change.value, change.reason, left_s=change.left_s)
        )
        if not change.on and one.life.shelf is not None and one.life.shelf.one_shot:
            self.tell(one, suppressing.unshelve(one.life, one.now), change.time, change.decided, "one_shot")

    def tell(
        self, one: Watched, steps: list[Step], time: int, decided: int, reason: str | None, **who: str | None
    ) -> None:
        self.book.tell(one.now, steps, Cause(time, decided, self.value(one), reason, who.get("actor"), who.get("note")))

    def value(self, one: Watched) -> float | None:
        """The latest value as this alarm shows it."""
        sensor = self.of_alarm.get(one.now.id)
        return sensor.value(one.now) if sensor is not None else self.across.value(one.now)

    def _mode_of(self, equipment: str) -> str | None:
        mode = self.modes.get(equipment)
        return mode.now if mode is not None else None

    def _causes(self, alarm: str) -> bool:
        life, kind = self.alarms[alarm].life, self.alarms[alarm].now.kind
        if not self.conditions[alarm] or life.shelf is not None or life.out_until is not None:
            return False
        of = self._judged_from(alarm)
        return kind in ("stale", "bad") or not any(one.instruments.stale or one.instruments.bad for one in of)

    def _judged_from(self, alarm: str) -> list[Sensor]:
        sensor = self.of_alarm.get(alarm)
        return [sensor] if sensor is not None else self.across.judged_from(alarm)

    def _about(self, alarm: str) -> list[str]:
        """The alarm and the STALE and BAD of the points it is judged from (which count for no STALE or BAD)."""
        if self.alarms[alarm].now.kind in ("stale", "bad"):
            return [alarm]
        of = [one.now for sensor in self._judged_from(alarm) for one in sensor.watched]
        return [alarm, *(one.id for one in of if one.kind in ("stale", "bad"))]

    def apply_modes(self, equipment: str) -> None:
        """The mode of this equipment changed: so may attributes of its points' alarms."""
        for sensor in self.sensors:
            if sensor.point.equipment == equipment:
                self._apply_mode(sensor)

    def _apply_mode(self, sensor: Sensor) -> None:
        """The mode's attributes hold from now; pending delays of alarms whose attributes change are emptied."""
        mode = self._mode_of(sensor.point.equipment or "")
        setpoints = {one.now.id: in_mode(self.configured[one.now.id], mode or "").setpoint for one in sensor.watched}
        for one in sensor.watched:
            after = in_mode(self.configured[one.now.id], mode or "")
            to = after.time_to_limit
            if to is not None and to.limit_alarm in setpoints:  # the limit is that alarm's, as it is now
                to = msgspec.structs.replace(to, limit=setpoints[to.limit_alarm])
                after = msgspec.structs.replace(after, time_to_limit=to)
            if after != one.now:
                one.now = after
                one.condition.forget_pending()
