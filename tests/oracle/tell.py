"""The book of events: every event gets its running number and the fields of the contract.

It decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.site import Alarm
from tests.oracle.lifecycle import Life, Step
from tests.oracle.records import Cause, Told

INSTRUMENT_KINDS = ("stale", "bad", "late", "clock")


@dataclass(slots=True)
class Book:
    """Events told so far, in order."""

    told: list[Told] = field(default_factory=list)

    def tell(self, alarm: Alarm, steps: list[Step], cause: Cause) -> None:
        """Events of one alarm; setpoint and priority are those in force now."""
        setpoint = None if alarm.kind in INSTRUMENT_KINDS else alarm.setpoint
        for step in steps:
            self._append(step, cause, alarm.id, setpoint, alarm.priority)

    def refuse(self, alarm: Alarm, life: Life, cause: Cause) -> None:
        """A command that could not be done: `from` = `state`."""
        state = life.state()
        self.tell(alarm, [Step("refused", state, state, life.occurrence)], cause)

    def refuse_unknown(self, name: str | None, cause: Cause) -> None:
        """About something that is no alarm: there are no states."""
        self._append(Step("refused", None, None, None), cause, name, None, None)

    def _append(
        self, step: Step, cause: Cause, alarm: str | None, setpoint: float | None, priority: str | None
    ) -> None:
        self.told.append(
            {
                "event": step.event,
                "alarm": alarm,
                "time": cause.time,
                "decided": cause.decided,
                "from": step.before and step.before.value,
                "state": step.after and step.after.value,
                "value": cause.value,
                "setpoint": setpoint,
                "reason": cause.reason,
                "priority": priority,
                "actor": cause.actor,
                "note": cause.note,
                "time_left_s": cause.left_s,
                "occurrence": step.occurrence,
                "seq": len(self.told) + 1,
            }
        )
