"""`gateway`: what brings the readings of many points is silent, or says that it was cut off. Pure.

Judged from when its points were heard, not from what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.model import Change, Finding
from pipeline.site import Alarm, Gateway, Installation
from rules.rings import Floats

CUT_OFF = 0.0
"""The gateway's own point says so: its will, or the listener that lost its connection."""
DEFAULT_GRACE_MS = 30_000

Heard = NDArray[np.int64]


class GatewayState(msgspec.Struct):
    """`lost`: received time (ms) after which points count as heard again, None: not lost; `back`: the first then."""

    lost: int | None = None
    back: int | None = None


@dataclass(slots=True)
class GatewayRule:
    """On when its own point says so, or when none of its points was heard for longer than `heartbeat`.

    Off when each of them was heard again, at the latest one heartbeat after the first: else the STALE of those that
    come a moment later would be told one by one. `fed`: rows of its points, `own`: of its own, `rows`: of all these.
    """

    alarm: Alarm
    gateway: Gateway
    fed: NDArray[np.int64]
    own: int
    rows: NDArray[np.int64]
    state: GatewayState

    def after_record(self, received: int, heard: Heard, value: Floats) -> Finding | None:
        """A record was judged; `heard` and `value` by row."""
        state = self.state
        if heard[self.own] == received and value[self.own] == CUT_OFF:
            was, state.lost, state.back = state.lost, received, None
            return self._told(Change.ON, received, received, "cut_off") if was is None else None
        if state.lost is None:
            return None
        if (heard[self.fed] > state.lost).all():
            return self._over(received, received)
        if state.back is None and (heard[self.rows] > state.lost).any():
            state.back = received
        return None

    def second(self, second: int, heard: Heard) -> Finding | None:
        """Log time passed `second`."""
        state, beat = self.state, self.gateway.heartbeat_ms
        latest = int(heard[self.rows].max())
        silent = beat is not None and second - latest > beat
        if state.lost is None and silent and beat is not None:
            state.lost = latest
            return self._told(Change.ON, latest + beat, second, "silent")
        if state.back is not None and silent:
            state.lost, state.back = latest, None
        grace = DEFAULT_GRACE_MS if beat is None else beat
        if state.back is not None and second >= state.back + grace:
            return self._over(state.back + grace, second)
        return None

    def _over(self, time: int, decided: int) -> Finding:
        self.state.lost = self.state.back = None
        return self._told(Change.OFF, time, decided, "heard")

    def _told(self, change: Change, time: int, decided: int, reason: str) -> Finding:
        return Finding(self.alarm.id, change, time, decided, decided, None, None, reason)


class Gateways:
    """Those of one installation that have an alarm."""

    def __init__(self, installation: Installation) -> None:
        points = installation.points
        row = {point.id: number for number, point in enumerate(points)}
        self._rules: list[GatewayRule] = []
        for alarm in (alarm for point in points for alarm in point.alarms):
            if alarm.gateway is not None and alarm.point is not None:
                own = row[alarm.point]
                brought = [n for n, point in enumerate(points) if point.enabled and point.gateway == alarm.gateway.id]
                fed = [n for n in brought if n != own]
                self._rules.append(
                    GatewayRule(alarm, alarm.gateway, np.array(fed), own, np.array([*fed, own]), GatewayState())
                )

    def after_record(self, received: int, heard: Heard, value: Floats) -> list[Finding]:
        """What a record changed."""
        found = (rule.after_record(received, heard, value) for rule in self._rules)
        return [one for one in found if one is not None]

    def second(self, second: int, heard: Heard) -> list[Finding]:
        """What a whole second (ms) changed."""
        return [one for one in (rule.second(second, heard) for rule in self._rules) if one is not None]

    def move_received(self, by_ms: int) -> None:
        """We were away: held received times move."""
        for state in self._states().values():
            state.lost = None if state.lost is None else state.lost + by_ms
            state.back = None if state.back is None else state.back + by_ms

    def _states(self) -> dict[str, GatewayState]:
        return {rule.alarm.id: rule.state for rule in self._rules}

    def snapshot(self) -> dict[str, GatewayState]:
        """By alarm id."""
        return self._states()

    def restore(self, states: dict[str, GatewayState]) -> None:
        """Continue from a snapshot; what this configuration does not know is left out."""
        for rule in self._rules:
            rule.state = states.get(rule.alarm.id, rule.state)
