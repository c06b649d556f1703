"""An installation's graded warning as the alarm log tells it, folded change by change. It grades nothing."""

from __future__ import annotations

import msgspec

from pipeline.model import WarningEvent

RECENT = 100
"""Changes remembered, so that who acts hears what came of it; all of them are in the history."""


class WarningNow(msgspec.Struct, kw_only=True):
    """The warning that is not cleared. Times are log time, ms."""

    id: str
    level: str
    since: int
    alarms: tuple[str, ...] = ()
    signed_by: str | None = None
    verdict: str | None = None
    cause: str | None = None
    disposed: str | None = None
    fed_back: str | None = None


class WarningPanel(msgspec.Struct, kw_only=True):
    """One installation. `seen`: plant position and ordinal of the newest change; older ones are repeats."""

    seen: tuple[int, int] = (-1, -1)
    now: WarningNow | None = None
    recent: list[WarningEvent] = msgspec.field(default_factory=list)

    def take(self, change: WarningEvent) -> None:
        """One more change."""
        if (change.position, change.ordinal) <= self.seen:
            return
        self.seen = (change.position, change.ordinal)
        self.recent = [*self.recent[1 - RECENT :], change]
        if change.event == "refused":
            return
        if change.level is None:
            self.now = None
            return
        if self.now is None or self.now.id != change.warning:
            self.now = WarningNow(id=change.warning, level=change.level, since=change.time)
        _apply(self.now, change)


def _apply(now: WarningNow, change: WarningEvent) -> None:
    now.level, now.alarms = change.level or now.level, change.alarms
    match change.event:
        case "raised":
            now.signed_by = now.verdict = now.cause = None
        case "signed":
            now.signed_by = change.actor
        case "verified":
            now.verdict, now.cause = change.verdict, change.cause
        case "disposed":
            now.disposed = change.note
        case "fed_back":
            now.fed_back = change.note
