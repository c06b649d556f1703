"""Modes of equipment: which holds, and which attributes an alarm has in it.

It suppresses nothing and tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from pipeline.site import Alarm, Equipment


@dataclass(slots=True)
class Mode:
    """`lasting`: the last one set without an end; `timed`: one that holds until its end."""

    equipment: Equipment
    lasting: str
    timed: tuple[str, int] | None = None

    @property
    def now(self) -> str:
        """The mode that holds."""
        return self.timed[0] if self.timed is not None else self.lasting

    def set(self, mode: str, until: int | None) -> None:
        """From a command; without an end it also replaces what a timed one would have returned to."""
        if until is None:
            self.lasting, self.timed = mode, None
        else:
            self.timed = (mode, until)

    def second(self, second: int) -> int | None:
        """Its end, when a timed mode ends at this second."""
        if self.timed is None or second < self.timed[1]:
            return None
        end, self.timed = self.timed[1], None
        return end


def in_mode(alarm: Alarm, mode: str) -> Alarm:
    """The alarm with the attributes `by_mode` gives it in this mode; what is None stays its own."""
    settings = alarm.by_mode.get(mode)
    if settings is None:
        return alarm
    given = {name: value for name, value in msgspec.structs.asdict(settings).items() if value is not None}
    return msgspec.structs.replace(alarm, **given)
