"""`type: balance`: what flowed into a tank and out of it, against the change of its level: a gauge that lies. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm
from rules.condition import UNDECIDED, Signal
from rules.rings import Floats, Lanes, Rings

_TOLERANCE = 1e-9  # relative, in favour of starting, as for every computed quantity
_ENDS = 0.9
_HOUR_MS = 3_600_000
_REBASE_EVERY = 64  # values; keeps the running sum's error near 1e-14 of its largest part
_ERROR = 2e-13  # relative rounding error of so many additions, rounded up
_DECIMALS = 3  # litres


class Balance:
    """Starts at |area x (level - level before) - net inflow| >= uncertainty, ends below 0.9 of it; all in m3.

    `before` is the newest moment at least a window ago; net inflow is the sum over the moments since then of
    (inflows - outflows as they were at the moment before) x the time between, m3/h x h. Undecided until there is such
    a moment; moments further apart than the longest `stale_after` begin the window anew. A gauge that is stuck, or a
    flow that is not measured (a leak, a valve that passes), shows as an imbalance.
    The uncertainty is the alarm's setpoint (pipeline.sitefile.balance works it out from the instruments' ranges).
    """

    def __init__(self, alarms: Sequence[tuple[Alarm, int]]) -> None:
        of = [alarm.balance for alarm, _ in alarms if alarm.balance is not None]
        width = 1 + max(len(each.flows) for each in of)
        self._weight = np.zeros((len(of), width - 1))  # m3/h for one unit of each flow
        for lane, each in enumerate(of):
            self._weight[lane, : len(each.flows)] = list(each.flows.values())
        self._area = np.array([each.area * each.level_factor for each in of])
        self._window = np.array([each.window_ms for each in of], np.int64)
        self._gap = np.array([stale_after for _, stale_after in alarms], np.int64)
        self._limit = np.array([alarm.setpoint for alarm, _ in alarms if alarm.setpoint is not None])
        # A ring holds the moment before the window and those in it: each with the imbalance (m3) it added.
        self._rings = Rings(len(of))
        self._level = np.zeros(len(of))
        self._net = np.zeros(len(of))
        self._sum = np.zeros(len(of))  # a filter only; what decides is summed from the ring
        self._peak = np.zeros(len(of))
        self._pushed = np.arange(len(of)) % _REBASE_EVERY  # staggered, so that rebases spread

    def push(self, lanes: Lanes, time: NDArray[np.int64], values: Floats, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Quiet: undecided, or surely inside the uncertainty, or on and surely not below the end."""
        rings, level = self._rings, values[:, 0]
        weight = self._weight[lanes]
        net = np.where(weight != 0, weight * values[:, 1 : 1 + weight.shape[1]], 0.0).sum(1)
        newest = rings.time[rings.slot(lanes, rings.head[lanes] - 1)]
        held = (rings.head[lanes] > rings.tail[lanes]) & (time - newest <= self._gap[lanes])
        flowed = self._net[lanes] * ((time - newest) / _HOUR_MS)
        added = np.where(held, self._area[lanes] * (level - self._level[lanes]) - flowed, 0.0)
        anew = lanes[~held]
        rings.tail[anew], self._sum[anew], self._peak[anew] = rings.head[anew], 0.0, 0.0
        rings.add(lanes, time, added)
        self._sum[lanes] += added
        self._peak[lanes] = np.maximum(self._peak[lanes], np.abs(added))
        self._level[lanes], self._net[lanes] = level, net
        self._evict(lanes, time - self._window[lanes])
        self._pushed[lanes] += 1
        self._rebase(lanes[self._pushed[lanes] >= _REBASE_EVERY])
        count = rings.head[lanes] - rings.tail[lanes]
        blur = _ERROR * count * self._peak[lanes] + 2 * _TOLERANCE * self._limit[lanes]
        off = np.abs(self._sum[lanes])
        return ~self._decided(lanes) | np.where(
            on, off - blur > _ENDS * self._limit[lanes], off + blur < self._limit[lanes]
        )

    def _evict(self, lanes: Lanes, until: NDArray[np.int64]) -> None:
        """Drop what came before the newest moment at least a window ago; what that one added is before the window."""
        rings = self._rings
        while len(lanes):
            second = rings.slot(lanes, rings.tail[lanes] + 1)
            old = (rings.tail[lanes] + 1 < rings.head[lanes]) & (rings.time[second] <= until)
            lanes, until, second = lanes[old], until[old], second[old]
            self._sum[lanes] -= rings.value[second]
            rings.value[second] = 0.0
            rings.tail[lanes] += 1

    def _rebase(self, lanes: Lanes) -> None:
        for lane in lanes.tolist():
            added = self._rings.samples(lane)[1]
            self._sum[lane], self._peak[lane] = added.sum(), np.abs(added).max()
            self._pushed[lane] = 0

    def _decided(self, lanes: Lanes) -> NDArray[np.bool_]:
        rings = self._rings
        oldest, newest = rings.slot(lanes, rings.tail[lanes]), rings.slot(lanes, rings.head[lanes] - 1)
        decided: NDArray[np.bool_] = rings.time[newest] - rings.time[oldest] >= self._window[lanes]
        return decided & (rings.head[lanes] > rings.tail[lanes])

    def _imbalance(self, lane: int) -> float | None:
        if not self._decided(np.array([lane]))[0]:
            return None
        return math.fsum(self._rings.samples(lane)[1].tolist())

    def signal(self, lane: int) -> Signal:
        """From the ring itself."""
        off, limit = self._imbalance(lane), float(self._limit[lane]) * (1 - _TOLERANCE)
        return UNDECIDED if off is None else Signal(starts=abs(off) >= limit, ends=abs(off) < _ENDS * limit)

    def afresh(self, lane: int) -> bool:
        """Never."""
        return False

    def value(self, lane: int, values: Sequence[float]) -> float | None:
        """The imbalance in m3, above 0 where the level rose by more than flowed in; None while undecided."""
        off = self._imbalance(lane)
        return None if off is None else round(off, _DECIMALS)

    def snapshot(self) -> Mapping[int, object]:
        """The windows, and the latest level and net inflow."""
        taken = self._rings.taken()
        return {lane: [*each, float(self._level[lane]), float(self._net[lane])] for lane, each in taken.items()}

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot; the running sum is made from the ring at the next push."""
        times, added, self._level[lane], self._net[lane] = cast("tuple[bytes, bytes, float, float]", state)
        self._rings.put_back(lane, [times, added])
        self._rebase(np.array([lane]))
