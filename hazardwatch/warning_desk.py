"""What the engine owes the alarm log about its installation's graded warning: changes with their place. Pure."""

from __future__ import annotations

import msgspec

from alerting.grading import Grader
from alerting.warning import InstallationWarning, WarningState
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Event, WarningAct, WarningEvent
from pipeline.records import Kind
from pipeline.site import Site

FIRST_ORDINAL = 2**30
"""Changes of a record's warning come behind all of its events."""


class WarningDesk:
    """One installation. `take` follows the engine, record by record; `second`: the newest that `state` has seen."""

    def __init__(self, installation: str, state: WarningState | None = None, second: int = 0) -> None:
        self._installation = installation
        self._site: Site | None = None
        self._second = second
        self._warning = InstallationWarning(
            installation, Grader((), None), frozenset(), state if state is not None else WarningState()
        )

    @property
    def state(self) -> WarningState:
        """What a snapshot keeps."""
        return self._warning.state

    def take(
        self, entry: Entry, events: list[Event], act: WarningAct | None, site: Site | None, second: int
    ) -> list[WarningEvent]:
        """What changes because of one record: `events` came of it, `act` it is, seconds up to `second` are judged."""
        if site is None:
            return []
        if site is not self._site:
            self._use(site)
        found = []
        # Seconds are judged before the record itself: time must not go back for a rule that asks how long.
        for event in events:
            found += self._warning.event(event) if event.decided <= second else []
        if second > self._second:
            self._second = second
            found += self._warning.passed(second)
        for event in events:
            found += self._warning.event(event) if event.decided > second else []
        if act is not None:
            found += self._warning.act(act, entry.stamp)
        return [
            msgspec.structs.replace(change, position=entry.position, ordinal=FIRST_ORDINAL + number)
            for number, change in enumerate(found)
        ]

    def _use(self, site: Site) -> None:
        self._site = site
        grader = Grader(site.warnings.rules, site.installation(self._installation))
        self._warning.use(grader, frozenset(person.id for person in site.people))


def act_of(entry: Entry) -> WarningAct | None:
    """What a person said of a warning; None for any other record. Raises BadRecord."""
    if entry.data[:1] != bytes([Kind.WARNING_ACT]):
        return None
    act = records.decode(entry.data)
    assert isinstance(act, WarningAct)
    return act
