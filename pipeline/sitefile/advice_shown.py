"""Hints for people: one line for all of a kind, so that they do not drown the faults. Finds none itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.sitefile.fault import Fault

SHOWN = 3
WORDS = {
    "guidance": "{n} alarms do not tell the operator enough",
    "late_silence": "{n} alarms whose point may be silent for longer than their response time",
    "no_alarm": "{n} points have no alarm but those of every point",
    "no_vote": "{n} gas detectors are in no vote",
    "close_levels": "{n} alarms are no further than a deadband from the level before them",
    "nobody_told": "{n} alarms fit no escalation: nobody is told of them",
    "told_late": "{n} alarms of which the first person is told later than their response time",
    "no_owner": "{n} installations have no owner whom somebody fills: nobody has them on duty",
    "no_relief": "{n} positions on a route are filled by one person alone: nobody is there when that one is off duty",
    "preset": "{n} values of presets were changed",
    "unused": "{n} templates or presets of included files are not used, and not checked",
}
"""What there is {n} of; a hint of another kind stands for itself."""


def hint_lines(hints: Iterable[Fault]) -> list[str]:
    """One line a kind, in the order in which they come first."""
    kinds: dict[str, list[Fault]] = {}
    for hint in hints:
        kinds.setdefault(hint.kind, []).append(hint)
    return [line for kind, alike in kinds.items() for line in _lines(kind, alike)]


def _lines(kind: str, alike: list[Fault]) -> list[str]:
    names = [name for hint in alike for name in hint.of] or [hint.found for hint in alike]
    if kind not in WORDS or (len(alike) == 1 and len(names) == 1):
        return [_alone(hint) for hint in alike]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    which = f" ({_missing(alike)})" if kind == "guidance" else ""
    return [f"{WORDS[kind].format(n=len(names))}{which}: {', '.join(names[:SHOWN])}{more}"]


def _missing(alike: list[Fault]) -> str:
    """No action 12, no cause 20 ..."""
    count: Counter[str] = Counter()
    for hint in alike:
        count.update(dict.fromkeys(hint.found.split(", "), len(hint.of)))
    return ", ".join(f"{what}: {number}" for what, number in sorted(count.items()))


def _alone(hint: Fault) -> str:
    where = f"{hint.file}:{hint.line}: " if hint.path else ""
    name = f"{hint.of[0]}: " if hint.path and hint.of else ""
    return f"{where}{name}{hint.found}"
