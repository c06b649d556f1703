"""What the life of alarms needs to know of a configuration: which alarms there are, and what each hangs on. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.site import Alarm, Installation, Point

_OF_ITSELF = ("stale", "bad")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One installation. `alarms`: those of enabled points and of the installation, in order, as configured.

    `units` by alarm (a deviation's: its point's). `watched_for`: by alarm, the STALE and BAD alarms of the points it is
    judged from; none for those two themselves. `of_equipment`: alarms of the points of an equipment.
    """

    installation: str
    alarms: dict[str, Alarm]
    units: dict[str, str | None]
    watched_for: dict[str, tuple[str, ...]]
    of_equipment: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, here: Installation) -> Catalogue:
        """Of one installation."""
        points = [point for point in here.points if point.enabled]
        about = {point.id: tuple(a.id for a in point.alarms if a.kind in _OF_ITSELF) for point in points}
        watched = {
            alarm.id: () if alarm.kind in _OF_ITSELF else about[point.id] for point in points for alarm in point.alarms
        }
        watched |= _of_several(here, about, watched)
        return cls(
            installation=here.id,
            alarms=alarms_of(here),
            units=_units(here),
            watched_for=watched,
            of_equipment=_of_equipment(here, points),
        )


def alarms_of(here: Installation) -> dict[str, Alarm]:
    """Alarms of enabled points, then of the installation, by id."""
    of_points = {alarm.id: alarm for point in here.points if point.enabled for alarm in point.alarms}
    return of_points | {alarm.id: alarm for alarm in here.alarms}


def _of_equipment(here: Installation, points: list[Point]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {one.id: [] for one in here.equipment}
    for point in points:
        if point.equipment is not None:
            found[point.equipment] += [alarm.id for alarm in point.alarms]
    return {id_: tuple(alarms) for id_, alarms in found.items()}


def _of_several(
    here: Installation, about: dict[str, tuple[str, ...]], of_points: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """A comparison is judged from its points, a vote from those of its members (which may be votes themselves)."""
    found: dict[str, tuple[str, ...]] = {}
    several = {alarm.id: alarm for alarm in here.alarms}

    def of(id_: str) -> tuple[str, ...]:
        alarm = several.get(id_)
        if alarm is None:
            return of_points.get(id_, ())
        if id_ not in found:
            found[id_] = ()
            if pair := alarm.compared:
                found[id_] = tuple(quality for point in pair for quality in about.get(point, ()))
            elif alarm.vote is not None:
                found[id_] = tuple(dict.fromkeys(quality for member in alarm.vote.of for quality in of(member)))
        return found[id_]

    return {id_: of(id_) for id_ in several}


def _units(here: Installation) -> dict[str, str | None]:
    units: dict[str, str | None] = {alarm.id: None for alarm in here.alarms}
    of_point = {point.id: point.unit or None for point in here.points}
    units |= {alarm.id: of_point.get(alarm.deviation.point) for alarm in here.alarms if alarm.deviation is not None}
    units |= {alarm.id: "m3" for alarm in here.alarms if alarm.balance is not None}
    return units | {alarm.id: of_point[point.id] for point in here.points for alarm in point.alarms}
