"""Why a command cannot be done, in the contract's order of asking. Pure; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerting.facts import Facts
from alerting.transitions import cannot_reset
from pipeline.model import Command
from pipeline.site import Alarm, Installation, Site

COMMANDS = frozenset({"acknowledge", "reset", "shelve", "unshelve", "out_of_service", "in_service", "bypass", "mode"})
_OF_TARGETS = frozenset({"bypass", "mode"})
_OF_ALARM_OR_POINT = frozenset({"in_service", "out_of_service"})
_NOTED = frozenset({"shelve", "bypass", "out_of_service", "mode"})
"""Whoever silences something, or changes what counts, says why."""


def of_target(command: Command) -> bool:
    """Whether it is about a point or equipment rather than one alarm."""
    return command.command in _OF_TARGETS or (command.command in _OF_ALARM_OR_POINT and command.alarm is None)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom and what a command may name: people; alarms of each enabled point; modes of each equipment, by target."""

    people: frozenset[str]
    points: dict[str, tuple[str, ...]]
    modes: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, site: Site, here: Installation) -> Known:
        """Of one installation."""
        return cls(
            people=frozenset(person.id for person in site.people),
            points={
                f"{here.id}/{point.id}": tuple(alarm.id for alarm in point.alarms)
                for point in here.points
                if point.enabled
            },
            modes={f"{here.id}/{one.id}": one.modes for one in here.equipment},
        )

    def refusal(self, command: Command, alarm: Alarm | None, facts: Sequence[Facts]) -> str | None:
        """The reason, or None. `facts` of the alarm, or of all alarms of the point."""
        if of_target(command):
            if command.target not in (self.modes if command.command == "mode" else self.points):
                return "unknown_target"
        elif alarm is None:
            return "unknown_alarm"
        if command.by not in self.people:
            return "unknown_person"
        if command.command not in COMMANDS:
            return "unknown_command"
        if command.command in _NOTED and not (command.note or "").strip():
            return "note_missing"
        if alarm is not None and command.occurrence is not None:
            [one] = facts
            if command.occurrence != (one.occurrence or one.last_occurrence):
                return "other_occurrence"
        return self._own(command, alarm, facts)

    def _own(self, command: Command, alarm: Alarm | None, facts: Sequence[Facts]) -> str | None:
        """What the command itself cannot do."""
        match command.command:
            case "reset":
                return cannot_reset(facts[0])
            case "shelve" if alarm is not None:
                return _cannot_shelve(command, alarm)
            case "unshelve":
                return None if facts[0].shelf is not None else "not_shelved"
            case "out_of_service" | "bypass":
                return "for_missing" if command.for_ms is None else None
            case "in_service":
                return None if any(one.out_of_service is not None for one in facts) else "not_out_of_service"
            case "mode":
                return None if command.mode in self.modes.get(command.target or "", ()) else "unknown_mode"
            case _:
                return None


def _cannot_shelve(command: Command, alarm: Alarm) -> str | None:
    if not alarm.shelving_allowed:
        return "shelving_not_allowed"
    return "too_long" if (command.for_ms or 0) > alarm.shelving_max_ms else None
