"""One installation: what a record of readings, a command and a whole second do, in the contract's order.

How things are judged stands in the modules beside it; here is only who is asked, and when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from pipeline.site import Alarm, Point, Site
from tests.oracle.admission import PointAdmission, Sample
from tests.oracle.commands import refusal
from tests.oracle.condition import Condition, Delays, Says
from tests.oracle.instruments import Instruments
from tests.oracle.kinds import LEVELS, Digital, Kind, Level, RateKind, own_side, starts_level
from tests.oracle.lifecycle import Life, Step
from tests.oracle.records import Cause, Change, Commanded, Reading, Readings, Told
from tests.oracle.valuing import Worth, shown, worth

INSTRUMENT_KINDS = ("stale", "bad", "late", "clock")
KINDS: dict[str, type[Kind]] = {"high": Level, "low": Level, "digital": Digital, "rate": RateKind}
EXCURSION_APART_MS = 600_000


@dataclass(slots=True)
class Watched:
    """One alarm of a point: how it is judged and what came of it."""

    alarm: Alarm
    kind: Kind | None  # None: STALE, BAD, LATE, CLOCK
    condition: Condition = field(default_factory=Condition)
    history: list[tuple[int, bool]] = field(default_factory=list)  # the condition's changes, as told
    excursions: list[int] = field(default_factory=list)  # device times told
    life: Life = field(default_factory=Life)

    def was_on(self, time: int) -> bool:
        """Whether the condition was on at a device time: the last told change that is not later says."""
        return next((on for changed, on in reversed(self.history) if changed <= time), False)


@dataclass(slots=True)
class Sensor:
    """One enabled point."""

    index: int
    point: Point
    instruments: Instruments
    watched: list[Watched]
    admission: PointAdmission = field(default_factory=PointAdmission)
    latest: tuple[float, Worth] | None = None  # of the latest accepted sample: its own value, and how it counts

    def delays(self, alarm: Alarm) -> Delays:
        """Lengths in force for one of its alarms."""
        return Delays(alarm.on_delay_ms, alarm.off_delay_ms, self.point.stale_after_ms)

    def value(self, alarm: Alarm) -> float | None:
        """The latest value as this alarm shows it: a process alarm as judged, an instrument's own as it came."""
        if self.latest is None:
            return None
        own, judged = self.latest
        if alarm.kind in INSTRUMENT_KINDS or judged.judged is None:
            return shown(own)
        return judged.judged


class Plant:
    """The state of one installation and the events told so far."""

    def __init__(self, site: Site, installation: str, start: int) -> None:
        found = site.installation(installation)
        assert found is not None
        self.installation = found
        self.people = {person.id for person in site.people}
        self.told: list[Told] = []
        self.sensors = [
            Sensor(index, point, Instruments(heard=start), [_watched(alarm) for alarm in point.alarms])
            for index, point in enumerate(found.points)
            if point.enabled
        ]
        self.by_point = {sensor.point.id: sensor for sensor in self.sensors}
        self.by_alarm = {one.alarm.id: (sensor, one) for sensor in self.sensors for one in sensor.watched}

    def shift(self, by: int) -> None:
        """Held received times move; times of commands and accepted (device) times do not."""
        for sensor in self.sensors:
            sensor.instruments.heard += by
            sensor.admission.shift(by)
            for one in sensor.watched:
                one.condition.shift(by)

    # ---- a record of readings

    def readings(self, record: Readings) -> None:
        """Admission, then late excursions, then the accepted samples by time, point and arrival."""
        admitted = self._admit(record)
        for sample in sorted((one for one in admitted if one.backfill), key=lambda one: one.arrival):
            self._late_excursions(sample)
        accepted = [(one.time, one.point, one.arrival, one) for one in admitted if not one.backfill]
        accepted.sort(key=lambda one: (one[0] or 0, one[1], one[2]))
        for _, group in groupby(accepted, key=lambda one: one[0]):
            changes = [change for *_, sample in group for change in self._judge(sample)]
            self._tell_changes(changes)

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

    def _sensor(self, sample: Sample) -> Sensor:
        return self.by_point[self.installation.points[sample.point].id]

    def _late_excursions(self, sample: Sample) -> None:
        """A backfill sample beyond a level setpoint at a time when that condition was not on; once in 10 minutes."""
        sensor = self._sensor(sample)
        value = worth(sensor.point, sample).judged
        if value is None or sample.time is None:
            return
        for one in sensor.watched:
            if one.alarm.kind not in LEVELS or not starts_level(one.alarm, value) or one.was_on(sample.time):
                continue
            if any(abs(sample.time - told) <= EXCURSION_APART_MS for told in one.excursions):
                continue
            one.excursions.append(sample.time)
            state = one.life.state()
            step = Step("late_excursion", state, state, one.life.occurrence)
            self._tell(one, step, Cause(sample.time, sample.received, value, "limit"))

    def _judge(self, sample: Sample) -> list[Change]:
        """One accepted sample, over the point's alarms in their order."""
        sensor = self._sensor(sample)
        counts = worth(sensor.point, sample)
        lost = counts.judged is None and not sensor.instruments.lost
        sensor.instruments.lost = counts.judged is None
        sensor.latest = (sample.value, counts)
        instruments = sensor.instruments.sample(sensor.point, sample, counts)
        changes: list[Change] = []
        about = {one.alarm.kind: one.alarm for one in sensor.watched if one.kind is None}
        for kind in ("stale", "clock", "late", "bad"):  # silent on the order: what the reading is, then what it trips
            if kind in instruments:
                on, time, reason = instruments[kind]
                changes.append(Change(about[kind].id, on, time, sample.received, sensor.value(about[kind]), reason))
        for one in sensor.watched:
            if one.kind is not None:
                changes += self._judge_process(sensor, one, sample, counts, lost)
        return changes

    def _judge_process(self, sensor: Sensor, one: Watched, sample: Sample, counts: Worth, lost: bool) -> list[Change]:
        assert sample.time is not None
        says = _says(one, counts, sample.time)
        value = sensor.value(one.alarm)
        found = one.condition.sample(says, sample.time, sample.received, sensor.delays(one.alarm))
        changes = [Change(one.alarm.id, on, time, sample.received, value, "limit") for on, time in found]
        if lost and one.alarm.on_bad == "trip":
            # BAD (not judged) begins: the condition goes on at that moment, whatever was pending.
            tripped = one.condition.trip(sample.time)
            changes += [Change(one.alarm.id, on, time, sample.received, value, "lost") for on, time in tripped]
        return changes

    # ---- a whole second

    def second(self, second: int) -> None:
        """STALE with what it trips, then delays, then re-alarms, each in the site file's order."""
        changes = [change for sensor in self.sensors for change in self._stale(sensor, second)]
        for sensor in self.sensors:
            for one in sensor.watched:
                found = one.condition.second(second, sensor.delays(one.alarm))
                value = sensor.value(one.alarm)
                changes += [Change(one.alarm.id, on, time, second, value, "limit") for on, time in found]
        self._tell_changes(changes)
        for sensor in self.sensors:
            for one in sensor.watched:
                again = one.life.realarm(one.alarm, second)
                if again is not None:
                    time, steps = again
                    for step in steps:
                        self._tell(one, step, Cause(time, second, sensor.value(one.alarm), "realarm"))

    def _stale(self, sensor: Sensor, second: int) -> list[Change]:
        time = sensor.instruments.second(second, sensor.point)
        if time is None:
            return []
        ids = [one.alarm for one in sensor.watched if one.alarm.kind == "stale"]
        changes = [Change(alarm.id, True, time, second, sensor.value(alarm), "stale") for alarm in ids]
        for one in sensor.watched:
            if one.kind is not None and one.alarm.on_bad == "trip":
                value = sensor.value(one.alarm)
                changes += [Change(one.alarm.id, on, at, second, value, "lost") for on, at in one.condition.trip(time)]
        return changes

    # ---- a command

    def command(self, record: Commanded) -> None:
        """Done, refused with its reason, or nothing where nothing is needed."""
        asked = record.command
        found = self.by_alarm.get(asked.alarm) if asked.alarm is not None else None
        life = found[1].life if found is not None else None
        points = {f"{self.installation.id}/{point}" for point in self.by_point}
        equipment = {f"{self.installation.id}/{one.id}" for one in self.installation.equipment}
        reason = refusal(asked, life, self.people, points | equipment)
        if reason is not None:
            self._refuse(record, found[1] if found else None, reason)
            return
        assert found is not None
        sensor, one = found
        steps = one.life.acknowledge(record.received) if asked.command == "acknowledge" else one.life.reset()
        now = record.received
        for step in steps:
            self._tell(one, step, Cause(now, now, sensor.value(one.alarm), None, asked.by, asked.note))

    def _refuse(self, record: Commanded, one: Watched | None, reason: str) -> None:
        asked, now = record.command, record.received
        if one is None:  # an unknown alarm or target has no states
            cause = Cause(now, now, None, reason, asked.by, asked.note)
            self._append(Step("refused", None, None, None), cause, asked.alarm or asked.target, None, None)
            return
        state = one.life.state()
        value = self.by_alarm[one.alarm.id][0].value(one.alarm)
        cause = Cause(now, now, value, reason, asked.by, asked.note)
        self._tell(one, Step("refused", state, state, one.life.occurrence), cause)

    # ---- telling

    def _tell_changes(self, changes: list[Change]) -> None:
        for change in changes:
            _, one = self.by_alarm[change.alarm]
            one.history.append((change.time, change.on))
            steps = one.life.goes_on(one.alarm) if change.on else one.life.goes_off(one.alarm)
            for step in steps:
                self._tell(one, step, Cause(change.time, change.decided, change.value, change.reason))

    def _tell(self, one: Watched, step: Step, cause: Cause) -> None:
        setpoint = None if one.kind is None else one.alarm.setpoint
        self._append(step, cause, one.alarm.id, setpoint, one.alarm.priority)

    def _append(
        self, step: Step, cause: Cause, alarm: str | None, setpoint: float | None, priority: str | None
    ) -> None:
        self.told.append(
            {
                "event": step.event,
                "alarm": alarm,
                "time": cause.time,
                "decided": cause.decided,
                "from": step.before and step.before.value,
                "state": step.after and step.after.value,
                "value": cause.value,
                "setpoint": setpoint,
                "reason": cause.reason,
                "priority": priority,
                "actor": cause.actor,
                "note": cause.note,
                "occurrence": step.occurrence,
                "seq": len(self.told) + 1,
            }
        )


def _watched(alarm: Alarm) -> Watched:
    return Watched(alarm, None if alarm.kind in INSTRUMENT_KINDS else KINDS[alarm.kind]())


def _says(one: Watched, counts: Worth, time: int) -> Says:
    if counts.judged is None:
        side = own_side(one.alarm)
        return Says.BAD_OWN_SIDE if side and counts.side == side else Says.BAD
    assert one.kind is not None
    return one.kind.says(one.alarm, counts.judged, time)
