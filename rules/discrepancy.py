"""`type: discrepancy`: a valve, pump or breaker that is not where it was told to be within its time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pipeline.site import Alarm
from rules.condition import Signal
from rules.rings import Floats, Lanes


class Discrepancy:
    """Starts when the state of `feedback` does not fit the state of `command`, ends when it does.

    `within` is the alarm's on-delay, and a new command begins it anew: t >= max(command changed, they parted) + within.
    States have no unit. (ANSI/ISA-18.2 and IEC 62682 call it a discrepancy or mismatch alarm.)
    """

    def __init__(self, alarms: Sequence[tuple[Alarm, int]]) -> None:
        of = [alarm.discrepancy for alarm, _ in alarms if alarm.discrepancy is not None]
        fits = [[(order, state) for order, states in each.agree.items() for state in states] for each in of]
        self._fits = np.full((len(of), max(len(each) for each in fits), 2), np.nan)
        for lane, each in enumerate(fits):
            self._fits[lane, : len(each)] = each
        self._command = np.full(len(of), np.nan)
        self._agrees = np.ones(len(of), np.bool_)
        self._afresh = np.zeros(len(of), np.bool_)

    def push(self, lanes: Lanes, time: NDArray[np.int64], values: Floats, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Quiet: off and they agree, or on and they do not."""
        agrees: NDArray[np.bool_] = (self._fits[lanes] == values[:, None, :2]).all(2).any(1)
        self._afresh[lanes] = values[:, 0] != self._command[lanes]
        self._command[lanes], self._agrees[lanes] = values[:, 0], agrees
        quiet: NDArray[np.bool_] = agrees != on
        return quiet

    def signal(self, lane: int) -> Signal:
        """See the class."""
        agrees = bool(self._agrees[lane])
        return Signal(starts=not agrees, ends=agrees)

    def afresh(self, lane: int) -> bool:
        """A new command."""
        return bool(self._afresh[lane])

    def value(self, lane: int, values: Sequence[float]) -> float:
        """The feedback."""
        return values[1]

    def snapshot(self) -> Mapping[int, object]:
        """The latest command."""
        return {lane: float(self._command[lane]) for lane in np.flatnonzero(~np.isnan(self._command)).tolist()}

    def restore(self, lane: int, state: object) -> None:
        """Continue from a snapshot."""
        self._command[lane] = cast("float", state)
