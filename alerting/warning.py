"""The life of an installation's graded warning: issued, signed, verified, disposed of, fed back, cleared. Pure.

A warning (zh-CN 预警) is not an alarm (报警): it says how grave the standing alarms are together. Taking a causing
alarm signs it; only red and orange ask for a verdict and a cause before they are cleared.
"""

from __future__ import annotations

import hashlib

import msgspec

from alerting.grading import Grade, Grader, Standing
from pipeline.model import Event, WarningAct, WarningEvent
from pipeline.site import WARNING_LEVELS

CLEARED_AFTER_MS = 600_000
"""No rule has held for so long: values are back for good (the 10 min of the default rule table)."""
VERDICTS = ("true", "false", "maintenance")
NAMED = 20
"""So many of the alarms that make a level are named in its record."""


class Warning_(msgspec.Struct, kw_only=True):  # noqa: N801  # `Warning` is Python's own
    """One that is not cleared. `gravest` is the highest level it had; `quiet` since when no rule holds (ms)."""

    id: str
    level: str
    gravest: str
    alarms: tuple[str, ...]
    issued: int
    signed_by: str | None = None
    verdict: str | None = None
    cause: str | None = None
    disposed: str | None = None
    fed_back: str | None = None
    quiet: int | None = None

    @property
    def asks_verdict(self) -> bool:
        """Whether it cannot be cleared before a person gave verdict and cause."""
        return self.gravest in {"red", "orange"} and self.verdict is None


class WarningState(msgspec.Struct, kw_only=True):
    """What a snapshot keeps of one installation's warning. `number` counts warnings, `seq` their changes."""

    standing: Standing = msgspec.field(default_factory=Standing)
    warning: Warning_ | None = None
    number: int = 0
    seq: int = 0


class InstallationWarning:
    """Fed with one installation's events, seconds and acts in log order; each call returns what changed."""

    def __init__(self, installation: str, grader: Grader, people: frozenset[str], state: WarningState) -> None:
        self._installation = installation
        self._people = people
        self._grader = grader
        self.state = state

    def use(self, grader: Grader, people: frozenset[str]) -> None:
        """From now on these rules and people; the grade follows with the next event or second."""
        self._grader, self._people = grader, people

    def event(self, event: Event) -> list[WarningEvent]:
        """One more event of an alarm."""
        if not self.state.standing.event(event):
            return []
        found = self._graded(event.decided)
        warning = self.state.warning
        if warning is not None and event.event == "acknowledged" and event.alarm in warning.alarms:
            found += self._sign(warning, event.actor, event.decided)
        return found

    def passed(self, second: int) -> list[WarningEvent]:
        """A second was judged."""
        warning = self.state.warning
        if warning is None and not (self._grader.timed and self.state.standing.on):
            return []
        found = self._graded(second)
        warning = self.state.warning
        if warning is None or warning.quiet is None or warning.asks_verdict:
            return found
        if second - warning.quiet >= CLEARED_AFTER_MS:
            self.state.warning = None
            found.append(self._say(warning, "cleared", second, level=None))
        return found

    def act(self, act: WarningAct, now: int) -> list[WarningEvent]:
        """What a person says of the warning; refused with the reason where it cannot be."""
        warning = self.state.warning
        reason = self._refusal(act, warning)
        if warning is None or reason is not None:
            unknown = Warning_(id=act.warning, level="", gravest="", alarms=(), issued=now)
            level = {} if warning else {"from_level": None, "level": None}
            return [self._say(warning or unknown, "refused", now, **_said(act) | level | {"reason": reason})]
        found = self._sign(warning, act.by, now)
        if act.act == "verify":
            warning.verdict, warning.cause = act.verdict, act.cause
            return [*found, self._say(warning, "verified", now, **_said(act))]
        if act.act == "dispose":
            warning.disposed = act.note
            return [*found, self._say(warning, "disposed", now, **_said(act))]
        warning.fed_back = act.note
        return [*found, self._say(warning, "fed_back", now, **_said(act))]

    def _refusal(self, act: WarningAct, warning: Warning_ | None) -> str | None:
        if warning is None or warning.id != act.warning:
            return "unknown_warning"
        if act.by not in self._people:
            return "unknown_person"
        if act.act == "verify" and act.verdict not in VERDICTS:
            return "unknown_verdict"
        if act.act == "verify" and not act.cause and warning.gravest in {"red", "orange"}:
            return "cause_missing"
        if act.act in {"dispose", "feed_back"} and not act.note:
            return "note_missing"
        return None

    def _graded(self, now: int) -> list[WarningEvent]:
        grade = self._grader.grade(self.state.standing.on, now)
        warning = self.state.warning
        if warning is None:
            return self._issue(grade, now) if grade.level is not None else []
        if grade.level is None:
            warning.quiet = now if warning.quiet is None else warning.quiet
            return []
        warning.quiet = None
        warning.alarms = grade.alarms
        if grade.level == warning.level:
            return []
        before, warning.level = warning.level, grade.level
        if _rank(grade.level) > _rank(before):
            return [self._say(warning, "lowered", now, from_level=before)]
        warning.gravest = min(warning.gravest, grade.level, key=_rank)
        warning.signed_by = warning.verdict = warning.cause = None  # graver than what was signed and judged
        return [self._say(warning, "raised", now, from_level=before), *self._signed_before(warning, now)]

    def _issue(self, grade: Grade, now: int) -> list[WarningEvent]:
        assert grade.level is not None
        self.state.number += 1
        digest = hashlib.sha256(f"{self._installation}\n{self.state.number}\n{now}".encode()).hexdigest()
        warning = Warning_(id=digest[:32], level=grade.level, gravest=grade.level, alarms=grade.alarms, issued=now)
        self.state.warning = warning
        return [self._say(warning, "issued", now, from_level=None), *self._signed_before(warning, now)]

    def _signed_before(self, warning: Warning_, now: int) -> list[WarningEvent]:
        """Where a person took a causing alarm before the level was reached, nobody is asked to click again."""
        taken = [self.state.standing.on[alarm].taken_by for alarm in warning.alarms]
        who = next((one for one in taken if one is not None), None)
        return self._sign(warning, who, now)

    def _sign(self, warning: Warning_, who: str | None, now: int) -> list[WarningEvent]:
        if warning.signed_by is not None or who is None:
            return []
        warning.signed_by = who
        return [self._say(warning, "signed", now, actor=who)]

    def _say(self, warning: Warning_, what: str, now: int, **facts: str | None) -> WarningEvent:
        """`facts`: further fields of the record, by name; from and to the same level unless they say otherwise."""
        self.state.seq += 1
        told = WarningEvent(
            warning=warning.id,
            seq=self.state.seq,
            time=now,
            event=what,
            from_level=warning.level,
            level=warning.level,
            alarms=warning.alarms[:NAMED],
        )
        return msgspec.structs.replace(told, **facts) if facts else told


def _said(act: WarningAct) -> dict[str, str | None]:
    return {"actor": act.by, "verdict": act.verdict, "cause": act.cause, "note": act.note}


def _rank(level: str) -> int:
    """0 is the gravest."""
    return WARNING_LEVELS.index(level)
