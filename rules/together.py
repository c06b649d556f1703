"""Comparisons of all alarms of a kind at once: which of them a record surely leaves as they are. Pure.

For alarms whose points are all calm, fresh and, in this record, of one accepted time. All other alarms go through
`rules.joint` with every sample of their points. Whatever is not surely quiet is decided there too, from what its kind
has already taken here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.groups import Groups
from rules.compared import Comparison
from rules.joint import Joint, Verdict
from rules.point import FOREVER
from rules.rings import Floats

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Latest:
    """Columns by point: accepted time and value of the latest judged sample, and whether nothing is odd about it."""

    time: Ints
    value: Floats
    calm: Bools


@dataclass(frozen=True, slots=True)
class Sent:
    """The accepted samples of a record; `busy` by group: points that are looked at sample by sample."""

    groups: Groups
    time: Ints
    value: Floats
    busy: Bools


class Together:
    """The comparisons of one installation, in lanes by kind. `row`: of each point, by id."""

    def __init__(self, joint: Joint, row: dict[str, int]) -> None:
        self._joint = joint
        self._of_row = np.full(len(row), -1, np.int64)  # scratch: point -> group of the record
        by_kind: dict[Comparison, list[str]] = {}
        for id_, rule in joint.compared.items():
            by_kind.setdefault(rule.kind, []).append(id_)
        self._kinds = [_Lanes(kind, ids, joint, row) for kind, ids in by_kind.items()]

    def settle(self) -> None:
        """Bring the columns of the comparisons up to date with their exact state."""
        if self._joint.touched:
            for lanes in self._kinds:
                lanes.settle(self._joint)
            self._joint.touched.clear()

    def take(self, sent: Sent, latest: Latest) -> tuple[dict[str, tuple[int, Verdict] | None], list[str]]:
        """What was asked here: alarm -> None, or the accepted time and verdict of one that is not surely quiet.

        Second: the alarms to be asked sample by sample; groups of their points become `busy`.
        """
        asked: dict[str, tuple[int, Verdict] | None] = {}
        exact: list[str] = []
        if not self._kinds:
            return asked, exact
        self.settle()
        of_group = sent.groups.of_group
        self._of_row[of_group] = np.arange(len(of_group))
        busy = sent.busy.copy()
        for lanes in self._kinds:
            lanes.take(self._of_row, sent, latest, busy, asked, exact)
        sent.busy[:] = busy
        self._of_row[of_group] = -1
        return asked, exact


class _Lanes:
    """One kind. `rows`: points of each lane, padded with -1; `calm`: its alarm waits for nothing."""

    def __init__(self, kind: Comparison, ids: list[str], joint: Joint, row: dict[str, int]) -> None:
        self._kind, self._ids = kind, ids
        rules = [joint.compared[id_] for id_ in ids]
        width = max(len(rule.alarm.compared) for rule in rules)
        self._rows = np.full((len(ids), width), -1, np.int64)
        for lane, rule in enumerate(rules):
            self._rows[lane, : len(rule.gauges)] = [row[point] for point in rule.alarm.compared]
        self._used = self._rows >= 0
        self._longest = np.array([rule.longest for rule in rules], np.int64)
        self._lane = {id_: lane for lane, id_ in enumerate(ids)}
        self._on = np.zeros(len(ids), np.bool_)
        self._calm = np.zeros(len(ids), np.bool_)

    def settle(self, joint: Joint) -> None:
        for id_ in joint.touched & self._lane.keys():
            rule, lane = joint.compared[id_], self._lane[id_]
            condition = rule.condition
            bypassed = not joint.bypassed.isdisjoint(rule.alarm.compared)
            self._on[lane] = condition.on
            self._calm[lane] = condition.pending is None and not condition.broken and not bypassed

    def take(
        self,
        of_row: Ints,
        sent: Sent,
        latest: Latest,
        busy: Bools,
        asked: dict[str, tuple[int, Verdict] | None],
        exact: list[str],
    ) -> None:
        group = np.where(self._used, of_row[self._rows], -1)
        lanes = np.flatnonzero((group >= 0).any(1))
        group, rows, used = group[lanes], self._rows[lanes], self._used[lanes]
        here = group >= 0
        first = sent.groups.first[group]
        time = np.where(here, sent.time[first], latest.time[rows])
        at = np.where(here, time, -FOREVER).max(1)
        single = ~here | ((sent.groups.last[group] == first) & ~sent.busy[group] & (time == at[:, None]))
        plain = self._calm[lanes] & (~used | (single & latest.calm[rows] & (time > -FOREVER))).all(1)
        exact.extend([self._ids[lane] for lane in lanes[~plain].tolist()])
        busy[group[~plain][here[~plain]]] = True
        later = np.where(used, time, -FOREVER).max(1)
        near = later - np.where(used, time, FOREVER).min(1) <= self._longest[lanes]
        asked.update(dict.fromkeys([self._ids[lane] for lane in lanes[plain & ~near].tolist()]))
        chosen = plain & near
        lanes, later, at = lanes[chosen], later[chosen], at[chosen]
        value = np.where(here[chosen], sent.value[first[chosen]], latest.value[rows[chosen]])
        value[~used[chosen]] = np.nan
        quiet = self._kind.push(lanes, later, value, self._on[lanes])
        asked.update(dict.fromkeys([self._ids[lane] for lane in lanes.tolist()]))
        for n in np.flatnonzero(~quiet).tolist():
            lane = int(lanes[n])
            asked[self._ids[lane]] = (int(at[n]), Verdict(int(later[n]), self._kind.signal(lane)))
