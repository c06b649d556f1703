"""Modes of equipment are counted as they change, so that what is shown of them is never an older one."""

from __future__ import annotations

from alerting.modes import Mode, Modes
from pipeline.site import Equipment, Text


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
