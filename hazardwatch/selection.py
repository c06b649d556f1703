"""Which points and alarms are asked for: by installation, equipment, gateway, class, priority, preset, text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.site import PRIORITIES, Alarm, Installation, Point, Text
from pipeline.sitefile.fault import listing, nearest


class Selection(NamedTuple):
    """None asks for everything. Equipment may be named with its installation before it."""

    installation: str | None = None
    equipment: str | None = None
    gateway: str | None = None
    alarm_class: str | None = None
    priority: str | None = None
    preset: str | None = None
    text: str | None = None

    def points(self, installations: Iterable[Installation]) -> Iterator[tuple[Installation, Point]]:
        """Those asked for, in their order; by class and priority those with such an alarm."""
        for here in self._asked(installations):
            for point in here.points:
                ranked = any(self._ranks(alarm) for alarm in point.alarms) or not point.alarms
                if self._is_at(here, [point]) and ranked and self._says(f"{here.id}/{point.id}", _about(point)):
                    yield here, point

    def alarms(self, installations: Iterable[Installation]) -> Iterator[tuple[Point | None, Alarm]]:
        """Those asked for, in the order of the site."""
        for here in self._asked(installations):
            for point in here.points:
                yield from ((point, alarm) for alarm in point.alarms if self.takes(here, point, alarm))
            yield from ((None, alarm) for alarm in here.alarms if self.takes(here, None, alarm))

    def takes(self, here: Installation, point: Point | None, alarm: Alarm) -> bool:
        """Whether an alarm is asked for; one over several points (None) is where any of them is."""
        if not self._ranks(alarm) or self.installation not in (None, here.id):
            return False
        if point is not None:
            return self._is_at(here, [point]) and self._says(alarm.id, [*_about(point), *_texts(alarm)])
        of = [one for one in here.points if one.id in alarm.judged_from]
        return self._is_at(here, of) and self._says(alarm.id, [here.name, *_texts(alarm)])

    def misnamed(self, installations: Iterable[Installation]) -> str | None:
        """What is asked for and is nowhere, in words; None where all of it is there."""
        everywhere = list(installations)
        here = list(self._asked(everywhere))
        points = [point for one in here for point in one.points]
        alarms = [alarm for one in here for alarm in one.alarms] + [alarm for one in points for alarm in one.alarms]
        asked = (
            ("installation", self.installation, [one.id for one in everywhere]),
            (
                "equipment",
                self.equipment,
                [name for one in here for each in one.equipment for name in _names(one, each.id)],
            ),
            ("gateway", self.gateway, [point.gateway for point in points]),
            ("alarm class", self.alarm_class, [alarm.alarm_class for alarm in alarms]),
            ("priority", self.priority, PRIORITIES),
            ("preset", self.preset, [point.preset for point in points]),
        )
        wrong = [_unknown(what, name, known) for what, name, known in asked if name is not None and name not in known]
        return "; ".join(wrong) or None

    def _asked(self, installations: Iterable[Installation]) -> Iterator[Installation]:
        return (one for one in installations if self.installation in (None, one.id))

    def _is_at(self, here: Installation, points: Sequence[Point]) -> bool:
        def at(name: str | None, ids: Iterable[str | None]) -> bool:
            return name is None or any(id_ is not None and name in _names(here, id_) for id_ in ids)

        return (
            at(self.equipment, (one.equipment for one in points))
            and at(self.gateway, (one.gateway for one in points))
            and at(self.preset, (one.preset for one in points))
        )

    def _ranks(self, alarm: Alarm) -> bool:
        return self.alarm_class in (None, alarm.alarm_class) and self.priority in (None, alarm.priority)

    def _says(self, id_: str, texts: Iterable[Text | str | None]) -> bool:
        if self.text is None:
            return True
        said = [id_]
        for one in texts:
            said += (one.en, one.zh) if isinstance(one, Text) else (one or "",)
        return any(self.text.casefold() in each.casefold() for each in said)


def _about(point: Point) -> tuple[Text | str | None, ...]:
    return point.name, point.alias, point.equipment


def _texts(alarm: Alarm) -> tuple[Text | None, ...]:
    return alarm.cause, alarm.consequence, alarm.action


def _names(here: Installation, id_: str) -> tuple[str, str]:
    return id_, f"{here.id}/{id_}"


def _unknown(what: str, name: str, known: Iterable[str | None]) -> str:
    names = list(dict.fromkeys(one for one in known if one is not None))
    meant = nearest(name, names)
    return f"there is no {what} {name}: {listing(names)}" + (f" (did you mean {meant}?)" if meant else "")
