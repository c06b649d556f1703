"""Modes of equipment: what is in force where a judge begins anew, and that no change of them is overlooked."""

from __future__ import annotations

from alerting.modes import Mode, Modes
from pipeline.site import Equipment, Installation, ModeSettings, Text
from tests.oracle.sites import alarm, point


def test_every_mode_that_is_set_or_ends_is_a_change() -> None:
    tank = Equipment(id="T-1", name=Text(en="Tank", zh="罐"), modes=("normal", "filling", "cleaning"))
    modes = Modes((tank,))
    seen = [modes.changes]
    for mode in (Mode("filling"), Mode("filling", timed="cleaning", until=5_000), Mode("normal")):
        modes.set("T-1", mode)
        seen.append(modes.changes)
    modes.set("T-1", Mode("normal", timed="cleaning", until=9_000))
    assert modes.ended(8_999) == {}
    assert modes.ended(9_000) == {"T-1": 9_000}
    assert [*seen, modes.changes] == [0, 1, 2, 3, 5]
    assert modes.now("T-1") == "normal"


def test_a_judge_that_begins_while_a_mode_holds_is_given_the_setpoints_of_that_mode() -> None:
    high = alarm("LT", "H", "high", setpoint=12.5, deadband=0.2, by_mode={"cleaning": ModeSettings(setpoint=14.0)})
    tank = Equipment(id="T-1", name=Text(en="Tank", zh="罐"), modes=("normal", "cleaning"))
    here = Installation(
        id="TF1", name=Text(en="Farm", zh="区"), points=(point("LT", (high,), equipment="T-1"), point("FT"))
    )
    modes = Modes((tank,))
    assert modes.in_force(here) is here
    modes.set("T-1", Mode("cleaning"))
    held = modes.in_force(here)
    assert [(one.name, one.setpoint, one.deadband) for one in held.points[0].alarms if one.kind == "high"] == [
        ("H", 14.0, 0.2)
    ]
    assert len(held.points[0].alarms) == len(here.points[0].alarms)
    assert held.points[1] is here.points[1]
