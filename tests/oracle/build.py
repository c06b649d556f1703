"""From the site's dataclasses to what the oracle watches, whole or as far as the first release judges.

The first release judges no alarm over several points, no trend kinds, and an alarm with `count` or `by_mode`
without it; whole is everything the contract says.
"""

from __future__ import annotations

from pipeline.site import Alarm, Installation, Point
from tests.oracle.counted import Counted
from tests.oracle.instruments import Instruments
from tests.oracle.kinds import Digital, Kind, Level, RateKind
from tests.oracle.sensor import Sensor, Watched
from tests.oracle.statistics import EwmaKind, NoiseKind
from tests.oracle.trends import CusumKind, FlatlineKind, TimeToLimitKind

FIRST: dict[str, type[Kind]] = {"high": Level, "low": Level, "digital": Digital, "rate": RateKind}
TRENDS: dict[str, type[Kind]] = {
    "flatline": FlatlineKind,
    "noise": NoiseKind,
    "cusum": CusumKind,
    "ewma": EwmaKind,
}


def sensors(installation: Installation, start: int, *, whole: bool) -> list[Sensor]:
    """The enabled points, in order."""
    return [
        Sensor(index, point, Instruments(heard=start), [_watched(point, alarm, whole=whole) for alarm in point.alarms])
        for index, point in enumerate(installation.points)
        if point.enabled
    ]


def _watched(point: Point, alarm: Alarm, *, whole: bool) -> Watched:
    return Watched(alarm, _kind(point, alarm, whole=whole), Counted(alarm.count if whole else None))


def _kind(point: Point, alarm: Alarm, *, whole: bool) -> Kind | None:
    if alarm.kind in FIRST:
        return FIRST[alarm.kind]()
    if whole and alarm.kind in TRENDS:
        return TRENDS[alarm.kind]()
    if whole and alarm.time_to_limit is not None:
        limits = {one.id: 1 if one.kind == "high" else -1 for one in point.alarms if one.kind in ("high", "low")}
        return TimeToLimitKind(limit_side=limits.get(alarm.time_to_limit.limit_alarm or "", 0))
    return None
