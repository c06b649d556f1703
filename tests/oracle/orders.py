"""What commands do to an installation.

Why one cannot be done stands in `commands`.
"""

from __future__ import annotations

from pipeline.model import Command
from pipeline.site import Site
from tests.oracle import suppressing
from tests.oracle.commands import Known
from tests.oracle.lifecycle import Step
from tests.oracle.plant import Plant
from tests.oracle.records import Cause, Commanded
from tests.oracle.sensor import Turn, Watched


class Orders:
    """Carries out the commands of the log on one plant."""

    def __init__(self, site: Site, installation: str, plant: Plant, *, whole: bool) -> None:
        found = site.installation(installation)
        assert found is not None
        self.plant = plant
        self.known = Known(
            people=frozenset(person.id for person in site.people),
            points=frozenset(f"{found.id}/{point}" for point in plant.by_point),
            modes={f"{found.id}/{one.id}": one.modes for one in found.equipment},
            whole=whole,
        )

    def command(self, record: Commanded) -> None:
        """Done, refused with its reason, or nothing where nothing is needed."""
        asked, now = record.command, record.received
        about_target = self.known.about_target(asked)
        one = None if about_target else self.plant.alarms.get(asked.alarm or "")
        aimed = [one] if one is not None else self._aimed(asked.target) if about_target else []
        alarm = one.now if one is not None else None
        reason = self.known.refusal(asked, alarm, [each.life for each in aimed])
        if reason is not None:
            value = self.plant.value(one) if one is not None else None
            cause = Cause(now, now, value, reason, asked.by, asked.note)
            if one is not None:
                self.plant.book.refuse(one.now, one.life, cause)
            else:
                name = asked.target if about_target else asked.alarm or asked.target
                self.plant.book.refuse_unknown(name, cause)
            return
        moments = dict.fromkeys([each.now.id for each in aimed], now)
        if asked.command == "mode":
            moments = self._set_mode(asked, now)
        for each in aimed:
            self._do(each, asked, now)
        if about_target and asked.command in ("bypass", "in_service"):
            self._bypass(asked, now)
        self.plant.settle([], now, now, moments=moments)

    def _aimed(self, target: str | None) -> list[Watched]:
        sensor = self.plant.by_point.get((target or "").partition("/")[2])
        return sensor.watched if sensor is not None else []

    def _set_mode(self, asked: Command, now: int) -> dict[str, int]:
        equipment = (asked.target or "").partition("/")[2]
        assert asked.mode is not None
        self.plant.modes[equipment].set(asked.mode, None if asked.for_ms is None else now + asked.for_ms)
        self.plant.apply_modes(equipment)
        return {equipment: now}

    def _bypass(self, asked: Command, now: int) -> None:
        point = (asked.target or "").partition("/")[2]
        if asked.command == "in_service":
            self.plant.bypassed.pop(point, None)
        else:
            self.plant.bypassed[point] = max(self.plant.bypassed.get(point, 0), now + (asked.for_ms or 0))

    def _do(self, one: Watched, asked: Command, now: int) -> None:
        life, until = one.life, now + (asked.for_ms if asked.for_ms is not None else one.now.shelving_max_ms)
        steps: list[Step] = []
        match asked.command:
            case "acknowledge":
                steps = life.acknowledge(now)
            case "reset":
                steps = life.reset()
            case "shelve":
                steps = suppressing.shelve(life, until, one_shot=asked.one_shot)
            case "unshelve":
                steps = suppressing.unshelve(life, one.now)
            case "out_of_service" | "bypass":
                steps = suppressing.take_out(life, until)
                self.plant.across.turn(one.now.id, Turn(now, "out"))
            case "in_service" if life.out_until is not None:
                steps = suppressing.put_back(life, one.now)
                self.plant.across.turn(one.now.id, Turn(now, "back"))
        self.plant.tell(one, steps, now, now, None, actor=asked.by, note=asked.note)
