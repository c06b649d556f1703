"""How one installation's alarms belong together: milder and graver, cause and consequence, groups. Pure.

It reads the configuration only; alerting.situation follows what happens.
"""

from __future__ import annotations

from pipeline.site import Alarm, Installation, Point


class Relations:
    """One installation's alarms by full id."""

    def __init__(self, installation: Installation | None) -> None:
        points = installation.points if installation else ()
        self._milder = {alarm.id: _milder(alarm, point) for point in points for alarm in point.alarms}
        self._graver: dict[str, tuple[str, ...]] = {}
        for grave, all_milder in self._milder.items():
            for mild in all_milder:
                self._graver[mild] = (*self._graver.get(mild, ()), grave)
        self._groups = {
            alarm.id: point.equipment or point.id for point in points for alarm in point.alarms if _process(alarm)
        }
        self._beneath = {
            lost.id: tuple(
                alarm.id for point in points if point.gateway == here.id and point is not here for alarm in point.alarms
            )
            for here in points
            for lost in here.alarms
            if lost.kind == "gateway"
        }
        self._gateway_lost = {
            alarm: lost for lost, alarms in self._beneath.items() for alarm in alarms if alarm != lost
        }
        self._causes: dict[str, list[str]] = {}
        for rule in installation.suppress if installation else ():
            if rule.cause is not None:
                for alarm in rule.alarms:
                    self._causes.setdefault(alarm, []).append(rule.cause)

    def graver(self, alarm: str) -> tuple[str, ...]:
        """The other way round: HH beside H."""
        return self._graver.get(alarm, ())

    def milder(self, alarm: str) -> tuple[str, ...]:
        """The alarms of the same point and side whose limit is met first: H beside HH. They tell the same story."""
        return self._milder.get(alarm, ())

    def tellers(self, alarm: str, reason: str | None) -> tuple[str, ...]:
        """The alarms that may tell its story: the graver ones, and its gateway's where silence alone put it on."""
        lost = self._gateway_lost.get(alarm) if reason == "lost" else None
        return self.graver(alarm) if lost is None else (*self.graver(alarm), lost)

    def told_by(self, alarm: str) -> tuple[str, ...]:
        """The alarms whose story it may tell; of those of a gateway only what `tellers` says."""
        return self.milder(alarm) + self._beneath.get(alarm, ())

    def group(self, alarm: str) -> str | None:
        """What first-out is asked of: the equipment, or a point that has none. Instrument alarms have no group."""
        return self._groups.get(alarm)

    def causes(self, alarm: str) -> list[str]:
        """The alarms that suppress it by design: it is their consequence."""
        return self._causes.get(alarm, [])


def _process(alarm: Alarm) -> bool:
    return alarm.kind not in {"stale", "bad", "late", "clock"}


def _milder(grave: Alarm, point: Point) -> tuple[str, ...]:
    if grave.setpoint is None or grave.kind not in {"high", "low"}:
        return ()
    outward = 1 if grave.kind == "high" else -1
    return tuple(
        one.id
        for one in point.alarms
        if one.kind == grave.kind and one.setpoint is not None and outward * (grave.setpoint - one.setpoint) > 0
    )
