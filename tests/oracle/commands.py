"""Why a command cannot be done, in the contract's order of asking.

It changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Command
from pipeline.site import Alarm
from tests.oracle.lifecycle import Life

FIRST = ("acknowledge", "reset")
WHOLE = (*FIRST, "shelve", "unshelve", "out_of_service", "in_service", "bypass", "mode")
NOTED = ("shelve", "bypass", "out_of_service", "mode")


@dataclass(frozen=True, slots=True)
class Known:
    """Whom and what a command may name; `modes` by equipment target."""

    people: frozenset[str]
    points: frozenset[str]
    modes: dict[str, tuple[str, ...]]
    whole: bool

    def about_target(self, asked: Command) -> bool:
        """Whether this command is about a point or equipment rather than an alarm."""
        return asked.command in ("bypass", "mode") or (
            asked.command in ("in_service", "out_of_service") and asked.alarm is None
        )

    def refusal(self, asked: Command, alarm: Alarm | None, lives: list[Life]) -> str | None:
        """The reason, or None. `lives` of the alarm, or of the point's alarms.

        An unknown target or alarm, then an unknown person, a missing note, another occurrence, then what the
        command itself cannot do (silent where exactly "a reset that cannot be" stands).
        """
        if self.about_target(asked):
            known = asked.target in self.modes if asked.command == "mode" else asked.target in self.points
            if not known and (self.whole or asked.target not in self.points | self.modes.keys()):
                return "unknown_target"
        elif alarm is None:
            return "unknown_alarm"
        if asked.by not in self.people:
            return "unknown_person"
        if asked.command not in (WHOLE if self.whole else FIRST):
            return "unknown_command" if self.whole else "not_supported"
        if asked.command in NOTED and not asked.note:
            return "note_missing"
        if alarm is not None and asked.occurrence is not None:
            named = str(lives[0].number) if lives[0].number else None
            if asked.occurrence != named:
                return "other_occurrence"  # silent: with none open, the last one may still be named
        return self._own_reason(asked, alarm, lives)

    def _own_reason(self, asked: Command, alarm: Alarm | None, lives: list[Life]) -> str | None:
        match asked.command:
            case "reset":
                return lives[0].reset_refused()
            case "shelve":
                assert alarm is not None
                if not alarm.shelving_allowed:
                    return "shelving_not_allowed"
                return "too_long" if (asked.for_ms or 0) > alarm.shelving_max_ms else None
            case "unshelve":
                return None if lives[0].shelf is not None else "not_shelved"
            case "out_of_service" | "bypass":
                return "for_missing" if asked.for_ms is None else None
            case "in_service":
                return None if any(one.out_until is not None for one in lives) else "not_out_of_service"
            case "mode":
                return None if asked.mode in self.modes.get(asked.target or "", ()) else "unknown_mode"
            case _:
                return None
