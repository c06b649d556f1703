"""All single-point alarms of one installation: record by record, second by second. Pure.

The fast path proves, for all points of a record at once, that nothing can change: every sample good, in time and
inside the point's quiet band, every windowed kind surely quiet, the point calm. All other points go sample by
sample through `rules.point`, which alone decides. Joint rules over several points are not here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.admission import Admitted
from pipeline.groups import Groups
from pipeline.model import NO_STAMP, Finding
from pipeline.site import Alarm, Installation
from rules.condition import QUIET, Signal
from rules.gateway import Gateways
from rules.joint import Joint, Verdict
from rules.kind import Kind
from rules.point import FOREVER, PointRules, Sample, Seen
from rules.quality import Zones, live_zone
from rules.table import KINDS, QUALITY_KINDS
from rules.together import Latest, Sent, Together
from rules.watched import Watched

_Key = tuple[Kind, int, int]  # kind, lane, row of the record
_Asked = dict[str, tuple[int, Verdict] | None]
_Place = tuple[int, int, int]  # accepted time, point, arrival: the order in which a record is judged


class Judge:
    """State of all points of one installation, columns for the fast path, `PointRules` for the rest.

    `since`: received time (ms) from which a point never heard counts.
    """

    def __init__(self, installation: Installation, since: int) -> None:
        self.points, self.kinds = _watch(installation)
        configured = installation.points
        self.joint = Joint(installation, self.points)
        self.gateways = Gateways(installation)
        self._looked_at = np.array([point.id in self.joint.looked_at for point in configured], np.bool_)
        self._closely = np.zeros(len(configured), np.bool_)
        self._awaited = False
        self._past: _Past | None = None
        self._row = {point.id: row for row, point in enumerate(configured)}
        self._together = Together(self.joint, self._row)
        size = len(configured)
        self.zones = Zones.of(configured, [point.zone for point in self.points])
        self.enabled = np.array([point.enabled for point in configured], np.bool_)
        self.stale_after = np.array([p.stale_after for p in self.points], np.int64)
        self.late_after = np.array([point.late_after_ms for point in configured], np.int64)
        self.heard = np.full(size, since, np.int64)
        self.judged_time = np.full(size, -FOREVER, np.int64)
        self.value = np.full(size, np.nan)
        self.stale = np.zeros(size, np.bool_)
        self.calm = np.ones(size, np.bool_)
        self.low = np.zeros(size)
        self.high = np.zeros(size)
        self.pending: set[int] = set()
        self.lanes = {kind: _lane_table(kind, self.points) for kind in self.kinds if kind.windowed}
        self.on = {kind: np.zeros(kind_size, np.bool_) for kind, kind_size in self.kinds.items()}
        for row, rules in enumerate(self.points):  # all else of a fresh point is as the columns begin
            self.low[row], self.high[row] = rules.band()

    def bring_up(self) -> None:
        """What comparisons know of every point, for a snapshot."""
        self._bring_up(self.joint.gauged)

    def settle(self, row: int) -> None:
        """Bring the columns of a point up to date with its exact state."""
        point = self.points[row]
        self.calm[row] = point.calm
        self.low[row], self.high[row] = point.band()
        self.stale[row] = point.stale
        self.judged_time[row] = point.judged_time
        self.value[row] = point.last_value
        for watched in point.watched:
            self.on[watched.kind][watched.lane] = watched.condition.on
        if any(watched.waits for watched in point.watched):
            self.pending.add(row)
        else:
            self.pending.discard(row)

    def unsettle(self, row: int) -> PointRules:
        """The exact state of a point, brought up to date with its columns."""
        point = self.points[row]
        if self.calm[row]:
            point.judged_time = int(self.judged_time[row])
            point.last_value = point.last_judged_as = float(self.value[row])
        return point

    def record(self, admitted: Admitted, received: int) -> list[Finding]:
        """Judge one record. Late excursions first, then by accepted time, point, arrival."""
        findings: list[Finding] = []
        rows = np.arange(len(admitted.point))
        if admitted.backfill.any():
            findings += self._excursions(admitted, np.flatnonzero(admitted.backfill), received)
            rows = np.flatnonzero(~admitted.backfill)
        if not len(rows):
            return findings
        columns = _Columns.of(admitted, rows, self.zones)
        busy = ~self._quiet(columns, received) | self._closely[columns.groups.of_group]
        signals = self._push(columns, busy, received)
        asked = self._compare(columns, busy)
        groups = columns.groups
        self._past = self._before(columns, busy) if busy.any() or any(asked.values()) else None
        calm = ~busy
        points, last = groups.of_group[calm], groups.last[calm]
        self.heard[groups.of_group] = received
        self.judged_time[points] = columns.time[last]
        self.value[points] = columns.value[last]
        findings += self._exactly(columns, np.flatnonzero(busy), received, signals, asked)
        return findings + self.gateways.after_record(received, self.heard, self.value)

    def _compare(self, c: _Columns, busy: NDArray[np.bool_]) -> _Asked:
        """Alarms over several points that this record surely leaves alone, or has a verdict for; marks groups busy."""
        sent = Sent(c.groups, c.time, c.value, busy)
        asked, exact = self._together.take(sent, Latest(self.judged_time, self.value, self.calm))
        for id_ in exact:
            self._bring_up(self.joint.compared[id_].alarm.compared)
        return asked

    def _bring_up(self, points: Iterable[str], at: int | None = None) -> None:
        """What comparisons know of calm points, whose samples they were not told of one by one.

        `at`: as they were at that accepted time of the record judged last (until they are brought up again).
        """
        for id_ in points:
            row, gauge = self._row[id_], self.joint.gauges[id_]
            if not self.calm[row] or self.judged_time[row] == -FOREVER:
                continue
            gauge.judged, gauge.failing = (int(self.judged_time[row]), float(self.value[row])), False
            if at is not None and self._past is not None and self.judged_time[row] > at:
                before = self._past.latest(row, at, self.points[row])
                gauge.judged = None if before is None or math.isnan(before[0]) else (at, before[0])

    def _quiet(self, c: _Columns, received: int) -> NDArray[np.bool_]:
        """Per group: whether bands, quality, lateness and calm prove that nothing changes."""
        point = c.groups.point
        good = (
            (c.value >= self.low[point])
            & (c.value <= self.high[point])
            & (c.quality == 0)
            & (c.clock == 0)
            & (received - c.time <= self.late_after[point])
        )
        return np.logical_and.reduceat(good, c.groups.first) & self.calm[c.groups.of_group]

    def _push(self, c: _Columns, busy: NDArray[np.bool_], received: int) -> dict[_Key, Signal]:
        """Feed windowed kinds, k-th sample of every point at a time; marks groups busy; verdicts of busy ones.

        A sample without a verdict is one the kind found quiet before anything happened to its point.
        """
        signals: dict[_Key, Signal] = {}
        for kind, table in self.lanes.items():
            has = (table[c.groups.point, 0] >= 0) & ~np.isnan(c.judged_as)
            if not has.any():
                continue
            for k in range(int(c.groups.within[has].max()) + 1):
                rows = np.flatnonzero(has & (c.groups.within == k))
                for slot in range(table.shape[1]):
                    lanes = table[c.groups.point[rows], slot]
                    used = rows[lanes >= 0]
                    lanes = lanes[lanes >= 0]
                    quiet = kind.push(lanes, c.time[used], c.judged_as[used], self.on[kind][lanes], received)
                    group = c.groups.group[used]
                    busy[group[~quiet]] = True
                    for i in np.flatnonzero(busy[group]).tolist():
                        row, lane = int(used[i]), int(lanes[i])
                        signals[kind, lane, row] = kind.signal(lane, float(c.judged_as[row]))
        return signals

    def _before(self, c: _Columns, busy: NDArray[np.bool_]) -> _Past:
        """The record about to be judged, and the latest values before it."""
        shown = {row: self.unsettle(row).shown for row in c.groups.of_group[busy].tolist()}
        return _Past(c, self.value[c.groups.of_group], shown)

    def _exactly(
        self,
        c: _Columns,
        groups: NDArray[np.int64],
        received: int,
        signals: dict[_Key, Signal],
        asked: _Asked,
    ) -> list[Finding]:
        found: list[tuple[_Place, Finding]] = []
        seen: list[tuple[_Place, Seen]] = []
        for group in groups.tolist():
            number = int(c.groups.of_group[group])
            point = self.unsettle(number)
            for row in range(int(c.groups.first[group]), int(c.groups.last[group]) + 1):
                sample = c.sample(row, received, point)

                def signal(watched: Watched, value: float, row: int = row) -> Signal:
                    if watched.kind.windowed:
                        return signals.get((watched.kind, watched.lane, row), QUIET)
                    return watched.kind.signal(watched.lane, value)

                place = (sample.time, number, int(c.arrival[row]))
                was_lost = point.lost
                found += [(place, finding) for finding in point.sample(sample, signal)]
                if self._looked_at[number]:
                    judged = not math.isnan(sample.judged_as)
                    lost = not judged and not was_lost
                    seen.append((place, Seen(point.point.id, sample.time, judged, lost, sample.judged_as)))
            self.settle(number)
        found.sort(key=_place)
        for id_ in (id_ for id_, told in asked.items() if told is not None):
            self._bring_up(self.joint.compared[id_].alarm.compared)
        if not seen and not self.joint.votes and not any(asked.values()):
            return [finding for _, finding in found]
        return self._jointly(found, sorted(seen, key=_place), received, asked)

    def _jointly(
        self, found: list[tuple[_Place, Finding]], seen: list[tuple[_Place, Seen]], received: int, asked: _Asked
    ) -> list[Finding]:
        """Accepted time by accepted time: the points' own findings, then those of alarms over several points."""
        findings: list[Finding] = []
        told = {one[0] for one in asked.values() if one is not None}
        for at in sorted({place[0] for place, _ in found} | {place[0] for place, _ in seen} | told):
            judged = {id_: one[1] if one is not None and one[0] == at else None for id_, one in asked.items()}
            own = [finding for place, finding in found if place[0] == at]
            here = [one for place, one in seen if place[0] == at]
            findings += own + self.joint.after_samples(at, received, here, own, judged)
        if self._awaited:
            self.look_closely()
        return findings

    def end_record(self) -> None:
        """Nobody asks for values of its accepted times any more."""
        self._past = None
        self.joint.end_record()

    def turned(self, turns: list[tuple[str, int, bool]], decided: int) -> list[Finding]:
        """Alarms were taken out of service (True) or put back at a time: what votes make of it."""
        found = self.joint.turned(turns, decided)
        self.look_closely()
        return found

    def look_closely(self) -> None:
        """Samples that decide how a vote's member counts may not pass as quiet."""
        rows = [self._row[point] for point in self.joint.awaited()]
        self._awaited = bool(rows)
        self._closely = np.zeros(len(self.points), np.bool_)
        self._closely[rows] = True

    def _excursions(self, a: Admitted, rows: NDArray[np.int64], received: int) -> list[Finding]:
        rows = rows[(a.flags[rows] & NO_STAMP) == 0]
        judged_as = self.zones.judged_value(a.point[rows], a.value[rows], a.quality[rows])
        found: list[Finding] = []
        for row, value in zip(rows.tolist(), judged_as.tolist(), strict=True):
            if not math.isnan(value):
                found += self.points[int(a.point[row])].late_excursions(int(a.time[row]), received, value)
        return found

    def second(self, second: int) -> list[Finding]:
        """Judge one whole second (ms): gateways, STALE with what it trips, delays, each in the site file's order."""
        findings = self.gateways.second(second, self.heard)
        seen: list[Seen] = []
        stale = self.enabled & ~self.stale & (second - self.heard > self.stale_after)
        silent = np.flatnonzero(stale).tolist()
        gone = [self.points[row].point.id for row in silent if self._looked_at[row]]
        for id_ in self.joint.comparisons(gone):
            self._bring_up(self.joint.compared[id_].alarm.compared)
        for row in silent:
            point, heard = self.unsettle(row), int(self.heard[row])
            findings += point.went_stale(heard, second)
            self.settle(row)
            if self._looked_at[row]:
                seen.append(Seen(point.point.id, heard + point.stale_after, judged=False, lost=True, value=math.nan))
        findings += self.joint.stale(second, seen)
        for row in sorted(self.pending):
            findings += self.points[row].second(second)
            self.settle(row)
        return findings + self.joint.after_second(second, seen, findings)

    def latest(self, alarm: Alarm, at: int | None = None) -> float | None:
        """The latest accepted value as this alarm values it; None where there is none.

        `at`: not later than that accepted time (ms) of the record judged last.
        """
        if alarm.point is None:
            self._bring_up(alarm.compared, None if self.joint.told_of(alarm.id) else at)
            return self.joint.latest(alarm, at)
        row = self._row[alarm.point]
        point = self.unsettle(row)
        own, shown = point.last_value, point.shown
        if at is not None and self._past is not None:
            own, shown = self._past.latest(row, at, point) or (own, shown)
        value = own if alarm.kind in QUALITY_KINDS else shown
        return value if math.isfinite(value) else None

    def changed(self, alarms: Iterable[Alarm]) -> None:
        """Attributes of these alarms of points (their equipment's mode) are others from the next sample on."""
        for alarm in alarms:
            row = self._row[alarm.point or ""]
            for watched in self.unsettle(row).watched:
                if watched.alarm.id == alarm.id:
                    watched.change(alarm)
            self.settle(row)

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move by the gap (contract, "Log time")."""
        self.heard += by_ms
        self.joint.move_received(by_ms)
        self.gateways.move_received(by_ms)
        for row in self.pending:
            for watched in self.points[row].watched:
                watched.move_received(by_ms)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The accepted samples of a record, grouped by point; `arrival` is their row in the record."""

    groups: Groups
    arrival: NDArray[np.int64]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    clock: NDArray[np.uint8]
    judged_as: NDArray[np.float64]

    @classmethod
    def of(cls, a: Admitted, rows: NDArray[np.int64], zones: Zones) -> _Columns:
        order = rows[np.argsort(a.point[rows], kind="stable")]
        point, value, quality = a.point[order], a.value[order], a.quality[order]
        judged_as = zones.judged_value(point, value, quality)
        return cls(Groups.of(point), order, a.time[order], value, quality, a.clock[order], judged_as)

    def sample(self, row: int, received: int, point: PointRules) -> Sample:
        value, judged_as = float(self.value[row]), float(self.judged_as[row])
        if point.point.states and value not in point.point.states:
            judged_as = math.nan
        return Sample(int(self.time[row]), received, value, int(self.quality[row]), int(self.clock[row]), judged_as)


@dataclass(frozen=True, slots=True)
class _Past:
    """The record judged last, so that what belongs to one of its accepted times can show the values of that time.

    `before`: by group, the point's latest value before the record; `shown`: the same as process alarms show it, by
    row of the point, where that may be another.
    """

    columns: _Columns
    before: NDArray[np.float64]
    shown: dict[int, float]

    def latest(self, row: int, at: int, point: PointRules) -> tuple[float, float] | None:
        """The latest value not later than `at` (ms), and as process alarms show it; None: the record has none of it."""
        c = self.columns
        group = int(np.searchsorted(c.groups.of_group, row))
        if group == len(c.groups.of_group) or c.groups.of_group[group] != row:
            return None
        first, last = int(c.groups.first[group]), int(c.groups.last[group])
        until = first + int(np.searchsorted(c.time[first : last + 1], at, side="right"))
        if until == first:
            own = float(self.before[group])
            return own, self.shown.get(row, own)
        sample = c.sample(until - 1, 0, point)
        return sample.value, sample.value if math.isnan(sample.judged_as) else sample.judged_as


def _place(each: tuple[_Place, object]) -> _Place:
    return each[0]


def _watch(installation: Installation) -> tuple[list[PointRules], dict[Kind, int]]:
    """The exact state of every point, and every kind's instance with its number of lanes."""
    by_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, point in enumerate(installation.points):
        for position, alarm in enumerate(point.alarms):
            if alarm.kind in KINDS:
                by_kind[alarm.kind].append((row, position))
    lane_of: dict[tuple[int, int], tuple[Kind, int]] = {}
    kinds: dict[Kind, int] = {}
    for word, places in by_kind.items():
        pairs = [(installation.points[row], installation.points[row].alarms[position]) for row, position in places]
        kind = KINDS[word](pairs)
        kinds[kind] = len(pairs)
        lane_of.update({place: (kind, lane) for lane, place in enumerate(places)})
    points = []
    for row, point in enumerate(installation.points):
        watched = [
            Watched(alarm, *lane_of[row, position])
            for position, alarm in enumerate(point.alarms)
            if (row, position) in lane_of
        ]
        points.append(
            PointRules(point, live_zone(point), watched, {a.kind: a for a in point.alarms if a.kind in QUALITY_KINDS})
        )
    return points, kinds


def _lane_table(kind: Kind, points: list[PointRules]) -> NDArray[np.int64]:
    """Lanes of a kind by point: shape (points, most lanes of one point), -1 where there is none."""
    rows = [[w.lane for w in point.watched if w.kind is kind] for point in points]
    width = max(len(row) for row in rows)
    return np.array([row + [-1] * (width - len(row)) for row in rows], np.int64)
