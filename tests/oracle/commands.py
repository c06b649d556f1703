"""Why a command cannot be done, in the contract's order of asking.

It changes nothing.
"""

from __future__ import annotations

from pipeline.model import Command
from tests.oracle.lifecycle import Life

DONE = ("acknowledge", "reset")
OF_TARGETS = ("bypass", "mode")
OF_EITHER = ("in_service", "out_of_service")


def refusal(asked: Command, life: Life | None, people: set[str], targets: set[str]) -> str | None:
    """The reason, or None. `life` is that of the alarm named, None where there is none of that name.

    An unknown alarm or target, then an unknown person, a missing note, another occurrence, then what the
    command itself cannot do (silent where exactly "a reset that cannot be" and what is not built stand).
    """
    if asked.command in OF_TARGETS or (asked.command in OF_EITHER and asked.alarm is None):
        if asked.target not in targets:
            return "unknown_target"
    elif life is None:
        return "unknown_alarm"
    if asked.by not in people:
        return "unknown_person"
    if asked.command not in DONE or life is None:
        return "not_supported"
    if asked.occurrence is not None and (life.number == 0 or asked.occurrence != str(life.number)):
        return "other_occurrence"  # silent: with none open, the last one may still be named
    return life.reset_refused() if asked.command == "reset" else None
